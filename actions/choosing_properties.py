"""What words say of properties by their names: the same, any, with, without.

A shop names its properties as it likes: everything is read with its own names and values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actions.choosing_mentions import fold, stem
from connectors.backends.catalogue.model import Product

Axes = Mapping[str, Mapping[str, str]]
"""The values of each property by its English name: English to Chinese, in the shop's order."""

# Other words for properties that most shops have, and words of names that name none alone.
_OTHER_NAMES = {
    "colour": ("color", "颜色"),
    "color": ("colour", "颜色"),
    "size": ("尺码", "尺寸", "大小", "码数"),
}
_NO_NAME = frozenset(
    {"type", "types", "source", "level", "kind", "style", "option", "set", "range"}
)
_SHORTEST_NAME = 3
# A name of a property in the text: which one it is, and what was said.
_NAME = "\x01\\d+\x03[^\x02]*\x02"
_PLACE, _SPOKEN = re.compile("\x01(\\d+)"), re.compile("\x01\\d+\x03([^\x02]*)\x02")
_AND_EN = r"(?:[ ,]|\band\b|\bor\b|\bthe\b|\bmy\b|\bits\b|\bboth\b|\bof\b|\bas\b)*"
_AND_ZH = r"[的和跟与及、都也 ]*"
_NAMES_EN = rf"{_NAME}(?:{_AND_EN}{_NAME})*"
_NAMES_ZH = rf"{_NAME}(?:{_AND_ZH}{_NAME})*"
_KEPT = re.compile(
    rf"\b(?:same|identical|keep(?:ing)?|retain(?:ing)?)\b{_AND_EN}{_NAMES_EN}"
    rf"|{_NAME}(?: and (?:the )?{_NAME})*,? (?:(?:can|should|must|to|is|are|all|both|be) )*"
    r"(?:stays?|remains?|unchanged|the same|as (?:it is|before|now))\b"
    rf"|(?:同样的?|相同的?|一样的|保持|保留|原来的){_NAMES_ZH}"
    rf"|{_NAMES_ZH}(?:都|也|要|保持|[跟和](?:原来|现在)的?|还是)*(?:不变|一样|相同|照旧|不动|原样|不用?[变换])"
)
_FREE = re.compile(
    r"\b(?:any|whatever|whichever|no matter (?:the|what|which)|regardless of"
    rf"|don'?t care (?:about|which|what)){_AND_EN}{_NAMES_EN}(?: (?:will|would) do\b)?"
    rf"|{_NAMES_EN} (?:does not|doesn'?t|do not|don'?t) matter"
    rf"|(?:任意|任何|随便什么|不管什么|不限){_NAMES_ZH}|什么{_NAME}(?:都行|都可以|都好)"
    rf"|{_NAMES_ZH}(?:随便|随意|无所谓|都行|都可以|不限|不挑|任意|没要求)"
    r"|(?:(?:\bnot|n't) (?:have|need) to (?:be |have )?|\bneedn'?t (?:be |have )?|不一定要?)"
    rf"{_NAME}"
)
_NOT_BEFORE = re.compile(
    r"(?:\bnot|n't|\bno|\bnon|\bwithout)(?: an?| the| any| be| have)*[ -]*$"
    r"|(?:不带|不要|不用|不需要|没有|不|无|没|非)$"
)
_NEGATIVE = re.compile(r"no|none|off|(?:no|not|without) .+|non-.+")

_COUNTED = re.compile(r"(?P<count>\d+(?:\.\d+)?)[ -]?(?P<unit>[a-z]+)")
_UNITS = (
    ("person", "people", "persons", "人"),
    ("litre", "litres", "liter", "liters", "l", "升"),
    ("inch", "inches", "英寸", "寸"),
    ("ft", "foot", "feet", "英尺"),
    ("cm", "centimetre", "centimeter", "厘米", "公分"),
    ("mm", "millimetre", "millimeter", "毫米"),
    ("hour", "hours", "hrs", "h", "小时"),
    ("piece", "pieces", "pcs", "件"),
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Said:
    """What is said of a product's properties, by their English names.

    ``text`` is what is left without that. ``values`` are those that naming a property alone means;
    ``kept`` shall stay as they are, ``free``
    may be anything.
    """

    text: str
    values: Mapping[str, set[str]]
    kept: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()


def properties_said(text: str, product: Product, axes: Axes) -> Said:
    """What ``text``, folded, says of the properties of ``product``, whose values are ``axes``."""
    names = list(axes)
    called = {word: names.index(axis) for axis, word in _names(product, names)}
    marked = text
    if called:
        # A value that holds a name is taken whole: 钢表带 is no 表带 that stays.
        sides = (fold(one) for known in axes.values() for side in known.items() for one in side)
        whole = {one for one in sides if any(word in one for word in called)} - set(called)
        longest = sorted({*called, *whole}, key=len, reverse=True)
        pattern = "|".join(_whole(word) for word in longest)
        marked = re.sub(pattern, lambda match: _mark(called, match.group()), text)
    kept, marked = _taken(_KEPT, marked, names)
    free, marked = _taken(_FREE, marked, names)
    values: dict[str, set[str]] = {}
    for match in re.finditer(_NAME, marked):
        axis = names[int(_PLACE.findall(match.group())[0])]
        denied = _NOT_BEFORE.search(marked[: match.start()])
        value = _with_or_without(axes[axis], denied is not None)
        if value is not None:
            values[axis] = {value}
    plain = _SPOKEN.sub(r"\1", marked)
    return Said(plain, values, frozenset(kept), frozenset(free))


def _names(product: Product, axes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What each property is called: its names, and words of them that no other has."""
    zh = {
        option.name.en.casefold(): fold(option.name.zh)
        for variant in product.variants
        for option in variant.options
    }
    words = [word for axis in axes for word in axis.split()]
    for axis in axes:
        yield axis, axis
        yield axis, zh[axis]
        for other in _OTHER_NAMES.get(axis, ()):
            if other not in zh.values():
                yield axis, other
        for word in axis.split():
            if len(word) >= _SHORTEST_NAME and word not in _NO_NAME and words.count(word) == 1:
                yield axis, word


def _whole(word: str) -> str:
    pattern = re.escape(word)
    return rf"(?<![a-z0-9]){pattern}(?:e?s)?(?![a-z0-9])" if word[-1].isascii() else pattern


def _mark(called: Mapping[str, int], said: str) -> str:
    for word in (said, said.removesuffix("s"), said.removesuffix("es")):
        if word in called:
            return f"\x01{called[word]}\x03{said}\x02"
    return said


def _taken(pattern: re.Pattern[str], marked: str, names: Sequence[str]) -> tuple[set[str], str]:
    """The properties of which ``pattern`` is said, and the text without that."""
    found = {
        names[int(place)]
        for match in pattern.finditer(marked)
        for place in _PLACE.findall(match.group())
    }
    return found, pattern.sub(" ", marked)


def _with_or_without(values: Mapping[str, str], denied: bool) -> str | None:
    """The value that naming the property alone means: "waterproof", "without a lid"."""
    negative = [en for en in values if _NEGATIVE.fullmatch(en.casefold())]
    if len(negative) != 1:
        return None
    positive = [en for en in values if en not in negative]
    if denied:
        return negative[0]
    return positive[0] if len(positive) == 1 else None


def counted(en: str) -> list[str]:
    """ "4-person" as "4 people", "1.5 litres" as "1.5 l", "12 inch" as "12-inch"."""
    match = _COUNTED.fullmatch(fold(en))
    if match is None:
        return []
    count, unit = match["count"], stem(match["unit"])
    units = next((same for same in _UNITS if unit in same), (unit, f"{unit}s"))
    return [f"{count}{between}{one}" for one in units for between in (" ", "-", "")]
