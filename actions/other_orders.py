"""Goods that are meant by what stands in another order: "the same one as in my other order"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions.base import Turn
from actions.choosing_mentions import fold
from actions.orders import LOOKED_AT, described_orders
from connectors.backends.catalogue.model import Variant
from connectors.backends.orders.model import OrderStatus
from connectors.backends.shop import Shop

_ORDER_ZH = (
    r"(?:另外?(?:那|的)?一?[个笔张]?(?:订单|单子|单)|别的(?:订单|单子|单)|其他(?:的)?(?:订单|单子|单)"
    r"|上(?:一|次)[个笔]?(?:订单|单子|单|买)|之前(?:那|的)?[个笔]?(?:订单|单子|单|买)|[a-z]{1,4}-?\d{6,})"
)
_ORDER_EN = (
    r"(?:(?:my|the|that|an?) (?:other|another|previous|earlier|last|first|older)"
    r" (?:order|purchase|one i bought)|another order(?: of mine)?|(?:order )?[a-z]{1,4}-?\d{6,}"
    r"|(?:i )?(?:bought|ordered|had|got) (?:last time|before|earlier))"
)
_BETWEEN = r"(?: (?:the|what|is|was|it|i|one|that|as|have|had|got|bought))*"
_AS_IN_ANOTHER = re.compile(
    rf"(?:跟|和|与|同|像)?我?(?:的)?{_ORDER_ZH}[^,，。;；]{{0,6}}?"
    r"(?:一样|相同|同款|同样)(?:的|[那]?款|[那]?[个件双只])*"
    rf"|{_ORDER_ZH}(?:里|中)?(?:的)?那?(?:款|种|个颜色|个尺码)"
    rf"|\b(?:the )?same(?: \w+)?(?: (?:as|like|that|which))?{_BETWEEN}"
    rf" ?(?:in|from|of|with)? ?{_ORDER_EN}"
    rf"|\b(?:as|like){_BETWEEN} (?:in|from|of) {_ORDER_EN}"
)
_COLOUR = re.compile(r"colou?r|色")
_SIZE = re.compile(r"size|码|号")


async def with_other_orders(shop: Shop, turn: Turn, text: str, product_ids: Iterable[str]) -> str:
    """``text`` with the article numbers of what it means by "as in my other order".

    ``product_ids`` are what the frame's order has. Where several variants of a product come into
    question the words are left out: it is asked which one is meant. Text that speaks of no other
    order is left as it is, and nothing is read for it.
    """
    folded = fold(text)
    match = _AS_IN_ANOTHER.search(folded)
    number = str(turn.frame.values["order_number"])
    if match is None or number.casefold() in match.group():
        return text
    orders = await shop.orders.latest_of(turn.customer_id, LOOKED_AT)
    others = [
        one for one in orders if one.number != number and one.status is not OrderStatus.CANCELLED
    ]
    described = await described_orders(shop, turn, match.group(), others)
    if described is not None:
        named = {*described.numbers, *described.unclear}
        others = [one for one in others if one.number in named]
    ids = {line.variant_id for one in others for line in one.lines}
    meant: list[str] = []
    for product_id in sorted(set(product_ids)):
        product = await shop.catalogue.product(product_id)
        found = {_said(one, match.group()) for one in product.variants if one.id in ids}
        meant += found if len(found) == 1 else ()
    return f"{folded[: match.start()]} {' '.join(meant)} {folded[match.end() :]}"


def _said(variant: Variant, phrase: str) -> str:
    """What ``phrase`` takes from ``variant``: its colour or its size alone, else all of it."""
    for words, name in ((_COLOUR, "colo"), (_SIZE, "size")):
        if words.search(phrase):
            return next(
                (one.value.en for one in variant.options if name in one.name.en.casefold()),
                variant.sku,
            )
    return variant.sku
