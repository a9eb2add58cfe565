"""Which variant of a product a shopper wants instead of the one they have, in free words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from actions.choosing import choose
from actions.choosing_mentions import Thing, fold
from actions.choosing_options import option_wish, values_of
from actions.choosing_regions import superlative_in
from connectors.backends.catalogue.model import Product, Variant

_ELSE = re.compile(
    r"(?:要是|如果|若|实在)?也?(?:没有|没货|缺货|卖完|卖光)(?:了|的话)?[,，]?(?:就|的话就?|换|那就)?|否则|不然"
    r"|[,;]? ?(?:(?:or )?\bif (?:not|there(?: is none| isn'?t(?: one)?|'s none)"
    r"|(?:it|that|they)(?:'s| is|'re| are) "
    r"(?:gone|sold out|not (?:available|there|in stock)|out of stock)"
    r"|you (?:don'?t|haven'?t) (?:have|got) (?:it|one|them|that)),?(?: then)?"
    r"|\belse\b|\botherwise\b|\bor else\b|\bfailing that\b)"
)
_LEAVE = re.compile(
    r"不换|不改|算了|保持原样|不动|留着"
    r"|\b(?:leave (?:it|them|that)|keep (?:it|them|mine|what i have|the one i have)|never ?mind"
    r"|forget (?:it|that)|don'?t (?:bother|exchange|change|swap)|skip it|no exchange)\b"
)
_REFUND = re.compile(
    r"退款|退钱|退货|退了|退掉|\brefund|\bmoney back\b"
    r"|\breturn (?:it|them)\b|\bsend (?:it|them) back\b"
)
_NO_DEARER = re.compile(
    r"(?:不(?:用|要|能)?|别)(?:加钱|加价|补钱|补差价)(?:才|就|的话)"
    r"|(?:加钱|加价|补钱|补差价|贵了?|更贵)(?:了|的话)?(?:我?就|那就)?(?=算了|不换|不改)"
    r"|\b(?:only if|as long as|provided|unless)\b[^,.;]{0,20}\b(?:more|dearer|extra)\b"
    r"|\bif (?:it|that|they) costs? (?:any )?(?:more|extra),? (?:then )?"
    r"(?=leave|forget|don'?t|never|skip|keep)"
)
_SAME = re.compile(
    r"一样的|同款|同样的|原来的|换新|换一?[个件双只]新|\bsame\b|\ba new one\b|\breplacement\b"
)
# The same in everything but what is named then.
_BUT = re.compile(
    r"\bsame\b.*\b(?:but|except|only)\b|(?<!不)(?:一样|同款|同样).*(?:[要但]|只是|就是)"
)
_CHEAPER = re.compile(r"便宜(?:一?点|些)?|\bcheaper\b|\bless expensive\b")
_SAME_PRICE = re.compile(
    r"同价|(?:价格|价钱)(?:一样|不变|相同)|一样的?(?:价格|价钱)|不(?:用|要|想)?(?:加钱|加价|补钱|补差价)"
    r"|\bsame price\b|\bwithout (?:paying|extra)\b|\bno extra (?:cost|charge)\b"
    r"|\bcosts? the same\b|\bequally priced\b"
)
_AMOUNT = r"(?P<{0}>\d+(?:\.\d\d?)?|[一二两三四五六七八九]?十)"
_CHEAPER_BY = re.compile(
    rf"(?:便宜|少){_AMOUNT.format('zh')}[块元]"
    rf"|\b{_AMOUNT.format('en')} ?(?:yuan|rmb|元)? (?:cheaper|less)\b"
)
_DEARER_BY = re.compile(
    rf"(?:贵|多){_AMOUNT.format('zh')}[块元]"
    rf"|\b{_AMOUNT.format('en')} ?(?:yuan|rmb|元)? (?:dearer|more(?: expensive)?)\b"
)


class Otherwise(StrEnum):
    """What shall become of a line if what is wanted for it cannot be had."""

    LEAVE = "leave"
    REFUND = "refund"
    TOO_DEAR = "too_dear"


@dataclass(frozen=True)
class VariantChoice:
    """The variant that is wanted, and those between which the words leave it open.

    ``sold_out`` is what was wanted and cannot be had; then ``open`` is what could be instead, and
    so it is where ``unknown`` options were wanted. ``otherwise`` is what shall happen then.
    """

    variant: Variant | None = None
    open: tuple[Variant, ...] = ()
    sold_out: Variant | None = None
    unknown: bool = False
    otherwise: Otherwise | None = None

    @property
    def is_in_vain(self) -> bool:
        """Whether what was wanted cannot be had."""
        return self.sold_out is not None or self.unknown


def choose_variant(
    text: str, product: Product, has: Variant | None, wanted_before: Variant | None = None
) -> VariantChoice | None:
    """The variant of ``product`` that ``text`` asks for, or None if it asks for none.

    What is not said stays as it is in ``wanted_before``, which a correction starts from, else in
    ``has``, the variant that the shopper has. "Black if there is one, else blue" takes the first
    that is in stock; "if there is none, leave it" says what happens otherwise.
    """
    wanted: VariantChoice | None = None
    folded = fold(text)
    for part in _ELSE.split(folded):
        choice = _read(part, product, has, wanted_before or has)
        if wanted is not None and choice is None:
            otherwise = _otherwise(part)
            if otherwise is not None:
                return replace(wanted, otherwise=otherwise)
        if choice is None:
            continue
        if choice.variant is not None and choice.variant.stock > 0:
            too_dear = has is not None and choice.variant.price > has.price
            if too_dear and _NO_DEARER.search(folded):
                return VariantChoice(sold_out=choice.variant, otherwise=Otherwise.TOO_DEAR)
            return choice
        if choice.variant is None and not choice.unknown:
            return choice
        wanted = wanted or VariantChoice(
            sold_out=choice.variant,
            open=_like(choice.variant, product, has),
            unknown=choice.unknown,
        )
    return wanted


def _like(wanted: Variant | None, product: Product, has: Variant | None) -> tuple[Variant, ...]:
    """What can be had instead of ``wanted``, what is most like it first.

    A value in which it differs from what the shopper has was asked for and counts for more.
    """
    own = values_of(has) if has is not None else {}
    asked = values_of(wanted) if wanted is not None else {}

    def likeness(one: Variant) -> tuple[int, int]:
        same = [axis for axis, value in values_of(one).items() if asked.get(axis) == value]
        return sum(own.get(axis) != asked[axis] for axis in same), len(same)

    return tuple(sorted(open_variants(product, has), key=likeness, reverse=True))


def _otherwise(part: str) -> Otherwise | None:
    """What shall happen if what was wanted before cannot be had."""
    if _LEAVE.search(part):
        return Otherwise.LEAVE
    return Otherwise.REFUND if _REFUND.search(part) else None


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
    wish = option_wish(text, product, has, base)
    others = tuple(open_variants(product, has))
    if wish.unknown:
        return VariantChoice(open=others, unknown=True)
    if not wish.values and not wish.free:
        by_price = _by_price(text, product.variants, has)
        if by_price is not None or has is None:
            return by_price
        if _BUT.search(text):
            # "The same but in linen", which it does not come in.
            return VariantChoice(open=others, unknown=True)
        return VariantChoice(has) if _SAME.search(text) else None
    fitting = [one for one in product.variants if _has_values(one, wish.values)]
    if not fitting:
        return None
    if wish.only_kept:
        fitting = [one for one in fitting if one != has] or fitting
    by_price = _by_price(text, fitting, has)
    if by_price is not None:
        return by_price
    if base is not None:
        kept = {
            axis: value
            for axis, value in values_of(base).items()
            if axis not in {*wish.values, *wish.free}
        }
        closest = [one for one in fitting if _has_values(one, {a: {v} for a, v in kept.items()})]
        fitting = closest or fitting
    if len(fitting) == 1:
        return VariantChoice(fitting[0])
    in_stock = tuple(one for one in fitting if one.stock > 0)
    return VariantChoice(open=in_stock or tuple(fitting))


def _has_values(variant: Variant, wanted: Mapping[str, set[str]]) -> bool:
    has = values_of(variant)
    return all(has.get(axis) in values for axis, values in wanted.items())


def _by_price(text: str, among: Sequence[Variant], has: Variant | None) -> VariantChoice | None:
    """What ``text`` chooses of ``among`` by what it costs; None if it says nothing of that."""
    there = [one for one in among if one.stock > 0 or not superlative_in(text)]
    things = [Thing(id=one.id, names=(), price=one.price.minor) for one in there]
    others = [one for one in among if one.stock > 0 and one != has]
    if has is not None and (wanted := _relative_price(text, has)) is not None:
        fitting = [one for one in others if one.price.minor == wanted]
        if not fitting:
            return VariantChoice(open=tuple(others), unknown=True)
        return _closest(fitting, has)
    choice = choose(text, things)
    if choice is not None and (choice.units or choice.unclear):
        named = [one for one in among if one.id in {*choice.units, *choice.unclear}]
        if len(named) < len(among):
            return _closest(named, has)
        if superlative_in(text):
            # All of them cost the same: any other one may be meant.
            return (
                VariantChoice(others[0]) if len(others) == 1 else VariantChoice(open=tuple(others))
            )
    if has is not None and _CHEAPER.search(text):
        lower = [one for one in among if one.price < has.price]
        dearest = max((one.price.minor for one in lower), default=0)
        return _closest([one for one in lower if one.price.minor == dearest], has)
    return None


def _relative_price(text: str, has: Variant) -> int | None:
    """The price that ``text`` names by that of ``has``: "the one 20 yuan cheaper"."""
    for words, sign in ((_CHEAPER_BY, -1), (_DEARER_BY, 1)):
        match = words.search(text)
        if match is not None:
            return has.price.minor + sign * _minor(match["zh"] or match["en"])
    return has.price.minor if _SAME_PRICE.search(text) else None


def _minor(amount: str) -> int:
    if amount.endswith("十"):
        return 1000 * ("一二三四五六七八九".find(amount[0]) + 1 or 1)
    return round(float(amount) * 100)


def _closest(fitting: Sequence[Variant], has: Variant | None) -> VariantChoice | None:
    """Of several that fit, the one that differs least from what the shopper has."""
    if not fitting:
        return None
    own = values_of(has) if has is not None else {}
    shared = [sum(values_of(one).get(axis) == own[axis] for axis in own) for one in fitting]
    best = [one for one, count in zip(fitting, shared, strict=True) if count == max(shared)]
    return VariantChoice(best[0]) if len(best) == 1 else VariantChoice(open=tuple(best))


def open_variants(product: Product, has: Variant | None) -> Sequence[Variant]:
    """What can be offered instead of ``has``: everything else that is in stock."""
    return [one for one in product.variants if one.stock > 0 and (has is None or one.id != has.id)]
