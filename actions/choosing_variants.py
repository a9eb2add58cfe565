"""Which variant of a product a shopper wants instead of the one they have, in free words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.choosing import choose
from actions.choosing_mentions import Thing, fold, mentions_in
from actions.choosing_regions import superlative_in
from connectors.backends.catalogue.model import Product, Variant

_ELSE = re.compile(
    r"(?:要是|如果|若|实在)?(?:没有|没货|缺货)(?:了|的话)?[,，]?(?:就|的话就?|换|那就)?|否则|不然"
    r"|[,;]? ?(?:\bif (?:not|there is none|there isn'?t one|it'?s sold out|you don'?t have it),?"
    r"|\belse\b|\botherwise\b|\bor else\b)"
)
_SAME = re.compile(
    r"一样的|同款|同样的|原来的|换新|换一?[个件双只]新|\bsame\b|\ba new one\b|\breplacement\b"
)
# The same in everything but what is named then.
_BUT = re.compile(
    r"\bsame\b.*\b(?:but|except|only)\b|(?<!不)(?:一样|同款|同样).*(?:[要但]|只是|就是)"
)
_BIGGER = re.compile(
    r"大一[号码]|大[一1]个?码|大一?[点些]|再大|更大|(?<![\u4e00-\u9fff])大的|[换要]个?大的"
    r"|\b(?:one )?size (?:up|bigger|larger)\b|\bbigger\b|\blarger\b"
)
_SMALLER = re.compile(
    r"小一[号码]|小[一1]个?码|小一?[点些]|再小|更小|(?<![\u4e00-\u9fff])小的|[换要]个?小的"
    r"|\b(?:one )?size (?:down|smaller)\b|\bsmaller\b"
)
_CHEAPER = re.compile(r"便宜(?:一?点|些)?|\bcheaper\b|\bless expensive\b")
_ORDERED = frozenset({"size", "bed size", "capacity", "storage", "pack"})
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
    "灰": ("grey", "gray"),
    "白": ("white",),
    "黑": ("black",),
    "红": ("red",),
    "紫": ("purple", "violet"),
}
_SIZE_SAID = re.compile(
    r"(?<![\da-z])(\d{2,3}(?:\.5)?|x{0,3}[sml])(?:号|码|号码)"
    r"|\bsize (\d{2,3}(?:\.5)?|x{0,3}[sml])\b"
)
# "焦糖棕" is "焦糖色" as well; of "深灰" there is no "深色".
_SHORT_SHADE = 2
_CAPACITY = re.compile(r"(\d+(?:\.\d+)?)\s*(ml|毫升|gb|kg|g|公斤|米|m\b)", re.IGNORECASE)


@dataclass(frozen=True)
class VariantChoice:
    """The variant that is wanted, and those between which the words leave it open.

    ``sold_out`` is what was wanted and cannot be had; then ``open`` is what could be instead, and
    so it is where ``unknown`` options were wanted.
    """

    variant: Variant | None = None
    open: tuple[Variant, ...] = ()
    sold_out: Variant | None = None
    unknown: bool = False


def choose_variant(
    text: str, product: Product, has: Variant | None, wanted_before: Variant | None = None
) -> VariantChoice | None:
    """The variant of ``product`` that ``text`` asks for, or None if it asks for none.

    What is not said stays as it is in ``wanted_before``, which a correction starts from, else in
    ``has``, the variant that the shopper has. "Black if there is one, else blue" takes the first
    that is in stock.
    """
    wanted: VariantChoice | None = None
    for part in _ELSE.split(fold(text)):
        choice = _read(part, product, has, wanted_before or has)
        if choice is None:
            continue
        if choice.variant is None or choice.variant.stock > 0:
            return choice
        wanted = wanted or VariantChoice(
            sold_out=choice.variant,
            open=tuple(one for one in product.variants if one.stock > 0 and one != has),
        )
    return wanted


def alternatives(text: str) -> list[str]:
    """``text`` cut where it says what to take if the first cannot be had, folded."""
    return [part for part in _ELSE.split(fold(text)) if part.strip()]


def _read(
    text: str, product: Product, has: Variant | None, base: Variant | None
) -> VariantChoice | None:
    by_code = [
        one
        for one in product.variants
        # Its own number says which line is meant, not what it shall become.
        if one != has
        and (
            re.search(rf"(?<![a-z0-9-]){re.escape(fold(one.sku))}(?![a-z0-9])", text)
            or re.search(rf"(?<![a-z0-9-]){re.escape(fold(one.id))}(?![a-z0-9])", text)
        )
    ]
    if by_code:
        return VariantChoice(by_code[0])
    said = _values_said(text, product)
    moved = _moved(text, product, base)
    if not said and moved is None:
        if _names_unknown_size(text, product):
            return VariantChoice(open=tuple(one for one in product.variants if one.stock > 0))
        by_price = _by_price(text, product, has)
        if by_price is not None or has is None:
            return by_price
        if _BUT.search(text):
            # "The same but in linen", which it does not come in.
            return VariantChoice(open=tuple(open_variants(product, has)), unknown=True)
        return VariantChoice(has) if _SAME.search(text) else None
    said = {**said, **(moved or {})}
    if _names_unknown_size(text, product):
        return VariantChoice(open=tuple(one for one in product.variants if one.stock > 0))
    fitting = [one for one in product.variants if _has_values(one, said)]
    if not fitting:
        return None
    if base is not None:
        kept = {axis: value for axis, value in _values(base).items() if axis not in said}
        closest = [one for one in fitting if _has_values(one, {a: {v} for a, v in kept.items()})]
        fitting = closest or fitting
    if len(fitting) == 1:
        return VariantChoice(fitting[0])
    in_stock = tuple(one for one in fitting if one.stock > 0)
    return VariantChoice(open=in_stock or tuple(fitting))


def _names_unknown_size(text: str, product: Product) -> bool:
    """Whether a size is asked for that the product does not come in."""
    known = {fold(value) for values in _axes(product).values() for value in values}
    said = [match[1] or match[2] for match in _SIZE_SAID.finditer(_not_the(text))]
    return bool(said) and not any(size in known for size in said)


def _values(variant: Variant) -> dict[str, str]:
    return {option.name.en.casefold(): option.value.en for option in variant.options}


def _has_values(variant: Variant, wanted: dict[str, set[str]]) -> bool:
    has = _values(variant)
    return all(has.get(axis) in values for axis, values in wanted.items())


def _axes(product: Product) -> dict[str, dict[str, str]]:
    """The values of each property, English to Chinese, in the catalogue's order."""
    axes: dict[str, dict[str, str]] = {}
    for variant in product.variants:
        for option in variant.options:
            axes.setdefault(option.name.en.casefold(), {})[option.value.en] = option.value.zh
    return axes


def _values_said(text: str, product: Product) -> dict[str, set[str]]:
    said: dict[str, set[str]] = {}
    for axis, values in _axes(product).items():
        things = [Thing(id=en, names=(), marks=_spellings(en, zh)) for en, zh in values.items()]
        named = [one for one in mentions_in(_not_the(text), things) if one.narrows]
        # "Off-white" is a longer match than "white": the shortest span of text says nothing more.
        ids = {key for one in named for key in one.ids}
        if ids:
            said[axis] = ids
    return said


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
    number = _CAPACITY.search(en)
    if number:
        # "The 1.8", "the 64"; 1 kg is no "one".
        spellings += [f"{number[1]}{number[2]}", *([number[1]] if len(number[1]) > 1 else [])]
    return tuple(dict.fromkeys(spellings))


def _moved(text: str, product: Product, has: Variant | None) -> dict[str, set[str]] | None:
    """One size up or down from what the shopper has."""
    step = 1 if _BIGGER.search(text) else -1 if _SMALLER.search(text) else 0
    if not step or has is None:
        return None
    own = _values(has)
    for axis, values in _axes(product).items():
        if axis in _ORDERED and axis in own:
            order = list(values)
            place = order.index(own[axis]) + step
            if 0 <= place < len(order):
                return {axis: {order[place]}}
    return None


def _by_price(text: str, product: Product, has: Variant | None) -> VariantChoice | None:
    things = [Thing(id=one.id, names=(), price=one.price.minor) for one in product.variants]
    choice = choose(text, things)
    if choice is not None and (choice.units or choice.unclear):
        named = [one for one in product.variants if one.id in {*choice.units, *choice.unclear}]
        if len(named) < len(product.variants):
            return _closest(named, has)
        if superlative_in(text):
            # All of them cost the same: any other one may be meant.
            return VariantChoice(open=tuple(open_variants(product, has)))
    if has is not None and _CHEAPER.search(text):
        lower = [one for one in product.variants if one.price < has.price]
        dearest = max((one.price.minor for one in lower), default=0)
        return _closest([one for one in lower if one.price.minor == dearest], has)
    return None


def _closest(fitting: Sequence[Variant], has: Variant | None) -> VariantChoice | None:
    """Of several that fit, the one that differs least from what the shopper has."""
    if not fitting:
        return None
    own = _values(has) if has is not None else {}
    shared = [sum(_values(one).get(axis) == own[axis] for axis in own) for one in fitting]
    best = [one for one, count in zip(fitting, shared, strict=True) if count == max(shared)]
    return VariantChoice(best[0]) if len(best) == 1 else VariantChoice(open=tuple(best))


def open_variants(product: Product, has: Variant | None) -> Sequence[Variant]:
    """What can be offered instead of ``has``: everything else that is in stock."""
    return [one for one in product.variants if one.stock > 0 and (has is None or one.id != has.id)]
