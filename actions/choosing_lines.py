"""Which lines of an order a shopper means, and how many of each, in free words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.choosing import Choice, Thing, choose
from connectors.backends.orders.model import OrderLine

# Wider words than any product's name, by category of the shop.
_CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    "clothing": ("衣服", "clothes", "clothing", "garment", "garments"),
    "shoes": ("鞋", "鞋子", "shoes", "footwear"),
    "bags": ("包包", "bags", "luggage"),
    "kitchen": ("厨具", "kitchen things", "kitchenware"),
    "home": ("床品", "bedding", "home textiles"),
    "electronics": ("电器", "数码", "电子产品", "electronics", "gadget", "gadgets"),
    "food": ("吃的", "食品", "零食", "food"),
    "stationery": ("文具", "stationery"),
    "digital": ("软件", "software"),
}


def line_thing(line: OrderLine, units: int | None = None) -> Thing:
    """``line`` as something to choose; ``units`` of it come into question, all by default."""
    return Thing(
        id=line.id,
        names=(line.product_name.zh, line.product_name.en),
        kind=line.product_id,
        marks=tuple(side for option in line.options for side in (option.value.zh, option.value.en)),
        kinds=_CATEGORY_WORDS.get(line.category, ()),
        codes=(line.sku, line.variant_id, line.id),
        price=line.unit_price.minor,
        units=line.quantity if units is None else units,
    )


def choose_lines(
    text: str,
    lines: Sequence[OrderLine],
    *,
    units: Mapping[str, int] | None = None,
    before: Mapping[str, int | None] | None = None,
) -> Choice | None:
    """The ``lines`` that ``text`` names, with how many; None if it names none.

    ``units`` is how many of a line come into question (all of it by default), ``before`` what was
    chosen earlier. See ``actions.choosing.choose``.
    """
    things = [line_thing(line, (units or {}).get(line.id)) for line in lines]
    return choose(text, things, before)


def lines_named(text: str, lines: Sequence[OrderLine], units: Mapping[str, int]) -> tuple[str, ...]:
    """The ids of the ``lines`` that ``text`` names; none where it leaves open which are meant."""
    choice = choose_lines(text, lines, units=units)
    return tuple(choice.units) if choice is not None and choice.is_clear else ()
