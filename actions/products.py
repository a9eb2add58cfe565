"""Which products a message speaks of: named in it, or spoken of before."""

from __future__ import annotations

import re

from actions.base import Turn
from connectors.backends.catalogue.model import Product
from connectors.backends.shop import Shop
from kernel.errors import NotFound

LOOKED_AT_PRODUCTS = 500
_SEVERAL = 3


async def products_meant(shop: Shop, turn: Turn, *, learned: bool = True) -> tuple[Product, ...]:
    """The products that the latest message names, in its order; else the one spoken of before."""
    ids: list[str] = []
    words: list[str] = []
    for entity in (turn.tracker.latest_message or {}).get("entities") or ():
        if entity.get("entity") != "product":
            continue
        known = entity.get("product_ids")
        if known:
            ids += [str(one) for one in known]
        elif entity.get("value"):
            words.append(str(entity["value"]))
    found = [await _product(shop, one) for one in dict.fromkeys(ids)]
    for word in words:
        found += await shop.catalogue.search(word, _SEVERAL if not found else 1)
    if not found and (shown := _shown_at(turn)):
        found = [await _product(shop, shown)]
    unique = {one.id: one for one in found if one is not None}
    if not unique and learned and (before := turn.frame.learned.get("product_id")):
        product = await _product(shop, str(before))
        return (product,) if product is not None else ()
    return tuple(unique.values())


def _shown_at(turn: Turn) -> str | None:
    """Which of the products that were shown last "the second one" is."""
    shown = turn.frame.learned.get("shown_products") or []
    place = turn.entity("ordinal") or ""
    if not re.fullmatch(r"-?\d+", place) or not 0 < abs(int(place)) <= len(shown):
        return None
    return str(shown[int(place) - 1 if int(place) > 0 else int(place)])


async def _product(shop: Shop, product_id: str) -> Product | None:
    try:
        return await shop.catalogue.product(product_id)
    except NotFound:
        # Sold out for good since the words of the catalogue were read.
        return None
