"""What words say of a product's options: which are wanted, which not, what stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from actions.choosing_mentions import Mention, Thing, mentions_in
from actions.choosing_properties import counted, properties_said
from connectors.backends.catalogue.model import Product, Variant

_ORDERED = frozenset({"size", "bed size", "capacity", "storage", "pack", "diameter", "weight"})
_SIZE_WORDS = {
    "S": ("small", "小号", "小码"),
    "M": ("medium", "中号", "中码"),
    "L": ("large", "大号", "大码"),
    "XL": ("extra large", "加大", "加大码", "特大号"),
}
# What shoppers call a shade, by the colour with which its Chinese name ends.
_SHADES = {
    "棕": ("brown", "咖啡色", "咖色"),
    "粉": ("pink", "粉红"),
    "黄": ("yellow",),
    "绿": ("green",),
    "蓝": ("blue",),
    "灰": ("grey",),
    "白": ("white",),
    "黑": ("black",),
    "红": ("red",),
    "紫": ("purple", "violet"),
}
_COLOUR = "colour"
_ANY_COLOUR = re.compile(
    r"[红橙黄绿青蓝紫黑白灰粉棕金银](?:色|的(?![\u4e00-\u9fff])|款)"
    r"|\b(?:in|be|want|like|to|for|an?|the) (?:red|orange|yellow|green|blue|purple|violet"
    r"|black|white|grey|pink|brown|beige|gold|silver)\b(?! (?:tea|friday|cards?))"
)
_COLOURS = ("black", "white", "green", "blue", "pink", "brown", "yellow", "purple", "grey")
_NO_SLIP = frozenset({"back", "lack", "whit", "pin", "ink", "brow"})
_WORD = re.compile(r"\b[a-z]{3,7}\b")
_COLOUR_IN_LETTERS = re.compile(r"(?<=[红橙黄绿青蓝紫黑白灰粉棕])se(?![a-z])")
_SIZE_SAID = re.compile(
    r"(?<![\da-z])(\d{2,3}(?:\.5)?|x{0,3}[sml])(?:号|码|号码)"
    r"|\b(?:size|in an?|an?(?= x*[sml]\b)) (\d{2,3}(?:\.5)?|x{0,3}[sml])\b"
    r"(?! ?(?:yuan|rmb|%|percent|days?|minutes?|hours?))"
)
# "焦糖棕" is "焦糖色" as well; of "深灰" there is no "深色".
_SHORT_SHADE = 2
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_CAPACITY = re.compile(r"(\d+(?:\.\d+)?)\s*(ml|毫升|gb|kg|g|公斤|米|m\b)", re.IGNORECASE)

_STEPS = {"一": 1, "1": 1, "one": 1, "a": 1, "两": 2, "二": 2, "2": 2, "two": 2}
_STEPS |= {"三": 3, "3": 3, "three": 3}
_BIGGER = re.compile(
    r"大(?P<zh>[一两二三1-3])个?[号码]|大一?[点些]|再大|更大|(?<![\u4e00-\u9fff])大的|[换要]个?大的"
    r"|\b(?:(?P<en>one|two|three|a|[1-3]) )?sizes? (?:up|bigger|larger)\b|\bbigger\b|\blarger\b"
)
_SMALLER = re.compile(
    r"小(?P<zh>[一两二三1-3])个?[号码]|小一?[点些]|再小|更小|(?<![\u4e00-\u9fff])小的|[换要]个?小的"
    r"|\b(?:(?P<en>one|two|three|a|[1-3]) )?sizes? (?:down|smaller)\b|\bsmaller\b"
)
_BIGGEST = re.compile(r"最大|\b(?:bigg|larg)est\b")
_SMALLEST = re.compile(r"最小|\bsmallest\b")
_BETWEEN = re.compile(r"之间|中间|介于|\b(?:in )?between\b")
_AND_MORE = re.compile(r" ?(?:码|号)?(?:以上|或者?更?大)| or (?:bigger|larger|up)\b")
_AND_LESS = re.compile(r" ?(?:码|号)?(?:以下|或者?更?小)| or smaller\b")

_NOT_BEFORE = re.compile(
    r"(?:不要|不想要|别要|别给我|不是|除了?|除[去开]|不喜欢)(?:这个|那个|要|是)?$"
    r"|\b(?:not|(?:any|every|all)\w*(?: \w+){0,2} but|except(?: for)?|other than|rather than"
    r"|instead of|without|no|don'?t (?:want|like|need))(?: (?:the|an?|in|size|any))* ?$"
)
_NOT_AFTER = re.compile(r"色?的?[码号款]?(?:除外|不要(?!紧)|不行|以外|之外|不喜欢)")
_LIKEWISE = re.compile(r"\s*(?:色?的?(?:或者?|和|跟|、|也不要)|,? ?(?:or|nor|and))\s*(?:in |the )?")
# What stands between what the shopper has and what it shall become.
_BECOMES = re.compile(r"换|改|要|→|->|\b(?:to|for|into|in|with|want|like)\b")

_AXIS_WORDS = {
    "size": (r"尺[码寸]|码数?|大小|[鞋衣]?号", "size"),
    _COLOUR: ("颜色|色", "colou?r"),
}
_KEPT_ZH = (
    r"(?:{0})[都也]?(?:不变|不用变|不换|照旧|一样|别变|不动)"
    r"|(?:同样?的?|原来的|保持|我这个?|我的)(?:{0})"
)
_KEPT_EN = (
    r"(?<!not )(?<!n't )\b(?:same|keep(?:ing)?|my|leave|own)(?: the| my| own)? {0}\b"
    r"|\b{0} (?:stays?|unchanged|can stay|the same|as it is)\b"
)
_OTHER_ZH = r"(?:换一?[个种]?|另一?[个种]|别的|其[他它]|不同的?|只换|只改|改一?[个种])(?:{0})"
_OTHER_EN = r"\b(?:another|different|other|change|only|just|new)(?: the| an?| my)? {0}s?\b"


@dataclass(frozen=True)
class OptionWish:
    """By property the values that come into question; ``unknown``: it does not come like that.

    ``only_kept`` says that the words name what stays and leave open what becomes otherwise.
    """

    values: Mapping[str, set[str]] = field(default_factory=dict)
    unknown: bool = False
    only_kept: bool = False
    free: frozenset[str] = frozenset()


def option_wish(
    text: str, product: Product, has: Variant | None, base: Variant | None
) -> OptionWish:
    """What ``text``, folded, says of the options of ``product``.

    ``has`` is the variant that the shopper has, ``base`` the one that what is said is said of.
    """
    axes = axes_of(product)
    heard = properties_said(_mended(_not_the(text)), product, axes)
    text = heard.text
    own = values_of(has) if has is not None else {}
    start = values_of(base) if base is not None else own
    wanted: dict[str, set[str]] = {}
    named: dict[str, set[str]] = {}
    barred: dict[str, set[str]] = {}
    kept: dict[str, set[str]] = {}
    unknown = False
    for axis, values in axes_of(product).items():
        found = list(_mentions(text, values))
        if axis in own:
            found = _without_given_up(text, found, own[axis])
        refused = _refused(text, found)
        barred[axis] = {key for one in refused for key in one.ids}
        said = {key for one in found if one not in refused for key in one.ids} - barred[axis]
        said = _span(text, found, values) or said
        if not said and axis in _ORDERED:
            moved = _moved(text, list(values), start.get(axis))
            unknown = unknown or moved is None
            said = moved or set()
        said = said or heard.values.get(axis, set())
        if said == {own.get(axis)}:
            named[axis] = said
        elif said:
            wanted[axis] = said
        elif axis in start and (axis in heard.kept or _speaks(text, axis, _KEPT_ZH, _KEPT_EN)):
            kept[axis] = {start[axis]}
        elif _speaks(text, axis, _OTHER_ZH, _OTHER_EN) and axis in own:
            barred[axis].add(own[axis])
        if not said and axis == _COLOUR and not refused and _ANY_COLOUR.search(text):
            unknown = True
    for axis, values in axes_of(product).items():
        allowed = set(values) - barred[axis]
        if not barred[axis] or axis in wanted or not allowed:
            continue
        stays = start.get(axis) in allowed
        if not stays or not wanted:
            # Without another wish "anything but pink" wants another one than one has.
            named.pop(axis, None)
            others = allowed - {own.get(axis, "")} if not wanted else allowed
            if others:
                wanted[axis] = others
            else:
                kept[axis] = allowed
    if wanted and base == has:
        # What one has says which line is meant: "the grey pair in 41".
        named = {}
    return OptionWish(
        {**kept, **named, **wanted},
        unknown or _names_unknown_size(text, product),
        not wanted and not named,
        heard.free,
    )


def values_of(variant: Variant) -> dict[str, str]:
    """The English value of each property of ``variant``."""
    return {option.name.en.casefold(): option.value.en for option in variant.options}


def axes_of(product: Product) -> dict[str, dict[str, str]]:
    """The values of each property, English to Chinese, in the catalogue's order."""
    axes: dict[str, dict[str, str]] = {}
    for variant in product.variants:
        for option in variant.options:
            axes.setdefault(option.name.en.casefold(), {})[option.value.en] = option.value.zh
    return axes


def _mentions(text: str, values: Mapping[str, str]) -> Iterator[Mention]:
    things = [Thing(id=en, names=(), marks=_spellings(en, zh)) for en, zh in values.items()]
    # "Off-white" is a longer match than "white": the shortest span of text says nothing more.
    found = (one for one in mentions_in(text, things) if one.narrows)
    # What all of them are called ("filter", "neck") tells nothing.
    yield from (one for one in found if len(one.ids) < len(values) or len(values) == 1)


def _without_given_up(text: str, found: Sequence[Mention], own: str) -> list[Mention]:
    """``found`` without the value that one has, where another one is wanted for it."""
    return [
        one
        for one in found
        if one.ids != (own,)
        or not any(
            own not in other.ids
            and one.end <= other.start
            and _BECOMES.search(text[one.end : other.start])
            and not _NOT_BEFORE.search(text[: other.start])
            for other in found
        )
    ]


def _refused(text: str, found: Sequence[Mention]) -> list[Mention]:
    """Those that are named only to be left out: "anything but black or grey"."""
    refused: list[Mention] = []
    for one in found:
        likewise = refused and _LIKEWISE.fullmatch(text[refused[-1].end : one.start])
        before, after = text[: one.start], text[one.end :]
        if likewise or _NOT_BEFORE.search(before) or _NOT_AFTER.match(after):
            refused.append(one)
    return refused


def _span(text: str, found: Sequence[Mention], values: Mapping[str, str]) -> set[str]:
    """The values between two that are named, or from one on: "between S and L", "L or bigger"."""
    order = list(values)
    places = [order.index(one.ids[0]) for one in found if len(one.ids) == 1]
    if len(places) > 1 and _BETWEEN.search(text):
        low, high = min(places), max(places)
        return set(order[low + 1 : high] or order[low : high + 1])
    if len(places) == 1:
        after = text[found[0].end :]
        if _AND_MORE.match(after):
            return set(order[places[0] :])
        if _AND_LESS.match(after):
            return set(order[: places[0] + 1])
    return set()


def _moved(text: str, order: Sequence[str], own: str | None) -> set[str] | None:
    """Sizes up or down from ``own``, or the last ones; None if there is none."""
    if _BIGGEST.search(text) or _SMALLEST.search(text):
        return {order[-1 if _BIGGEST.search(text) else 0]}
    bigger, smaller = _BIGGER.search(text), _SMALLER.search(text)
    match = bigger or smaller
    if match is None or own is None:
        return set()
    step = _STEPS.get(match["zh"] or match["en"] or "", 1) * (1 if bigger else -1)
    place = order.index(own) + step
    return {order[place]} if 0 <= place < len(order) else None


def _speaks(text: str, axis: str, zh: str, en: str) -> bool:
    """Whether ``text`` says of ``axis`` what the patterns ``zh`` and ``en`` say."""
    words = _AXIS_WORDS.get(axis)
    if words is None:
        return bool(re.search(en.format(re.escape(axis)), text))
    return bool(re.search(zh.format(words[0]), text) or re.search(en.format(words[1]), text))


def _mended(text: str) -> str:
    """``text`` with one slip in each of its English colours mended, and 黑se for 黑色."""
    return _WORD.sub(lambda match: _meant(match.group()), _COLOUR_IN_LETTERS.sub("色", text))


def _meant(word: str) -> str:
    if word in _COLOURS or word in _NO_SLIP:
        return word
    return next((one for one in _COLOURS if word in _slips(one)), word)


def _slips(word: str) -> set[str]:
    """``word`` with one letter dropped, or two neighbours in each other's place."""
    dropped = {word[:i] + word[i + 1 :] for i in range(len(word))}
    return dropped | {
        word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)
    }


def _names_unknown_size(text: str, product: Product) -> bool:
    """Whether a size is asked for that the product does not come in."""
    axes = axes_of(product)
    known = {value.casefold() for values in axes.values() for value in values}
    said = [match[1] or match[2] for match in _SIZE_SAID.finditer(text)]
    return bool(said) and not any(size in known for size in said)


def _not_the(text: str) -> str:
    """``text`` without what the shopper has now: "from S to L", "from black to white"."""
    text = re.sub(r"\bfrom (?:the |a |size )?[\w-]+(?: [\w-]+)?? (?=to\b|into\b)", "", text)
    return re.sub(r"(?:从|由)[^换改,，]{1,8}(?=换|改)", "", text)


def _spellings(en: str, zh: str) -> tuple[str, ...]:
    spellings = [en, zh, zh.replace(" ", ""), en.replace(" ", "")]
    spellings += _SIZE_WORDS.get(en, ())
    spellings += _SHADES.get(zh[-1:], ())
    if zh[-1:] in _SHADES and len(zh) > _SHORT_SHADE:
        spellings.append(f"{zh[:-1]}色")
    elif len(zh) > _SHORT_SHADE and _HAN.fullmatch(zh):
        # 钢带 for 钢表带.
        spellings.append(zh[0] + zh[-1])
    spellings += counted(en)
    number = _CAPACITY.search(en)
    if number:
        # "The 1.8", "the 64"; 1 kg is no "one".
        spellings += [f"{number[1]}{number[2]}", *([number[1]] if len(number[1]) > 1 else [])]
    return tuple(dict.fromkeys(spellings))
