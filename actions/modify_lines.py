"""Choosing which line of an order changes, and which variant it becomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions.base import Outcome, Turn
from actions.choosing_lines import lines_named
from actions.facts import asks_of_goods
from actions.modify_order import ModifyAction
from actions.modify_reading import Reading, read_bare_quantity, read_lines_changed
from actions.modify_wish import Open
from actions.orders import line_choices, line_name
from actions.other_orders import with_other_orders
from actions.product_question import say_facts
from actions.vocabulary import ANOTHER_COUNT
from connectors.backends.catalogue.model import Variant
from connectors.backends.orders.model import OrderLine

_OFFERED = 10
# Begins the id of a choice that leaves the variant as it is.
_UNITS = "units:"


class ActionChoicesModifyLines(ModifyAction):
    """Offers the lines between which it is open which one is meant. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_modify_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        which = self.wanted(turn, found).which
        lines = [line for line in found.lines if line.id in which]
        choices = line_choices(turn, lines, found.units)
        return Outcome("ok", choices=choices, read=True)


class ActionCheckModifyLine(ModifyAction):
    """Takes the line, and what was said of it before. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_modify_line"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        lines = [line for line in found.lines if line.id in wanted.which]
        value = str(turn.frame.values["line"])
        meant = (value,) if value in wanted.which else lines_named(turn.text, lines, found.units)
        if not meant:
            turn.say("utter_cancel_line_unknown")
            return Outcome("invalid")
        products = await self.products(found)
        left = replace(wanted, which=(), words="")
        for line in lines:
            if line.id in meant:
                reading = read_lines_changed(wanted.words, [line], found.units, products)
                self.say_in_vain(turn, found, reading)
                left = left.with_lines(reading, "") if reading else left.without_line(line.id)
        return Outcome("ok", values={"wanted": left.told()})


class ActionChoicesModifyVariants(ModifyAction):
    """Offers what the line can become. Outcomes: ``ok``, ``sold_out`` (nothing, says so)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_modify_variants"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        asked = self.wanted(turn, found).open[0]
        line = found.order.line(asked.line_id)
        if line is None:
            return Outcome("sold_out")
        product = await self._shop.catalogue.product(line.product_id)
        offered = [one for one in product.variants if one.stock > 0 and one.id != line.variant_id]
        offered = [one for one in offered if one.id in asked.offered] or offered
        counts = _counts(turn, found.units[line.id]) if asked == Open(line.id) else []
        if not offered and not (counts and len(product.variants) == 1):
            turn.say("utter_exchange_nothing_left", {"line": line_name(line, turn.language)})
            return Outcome("sold_out")
        choices = [*(_variant(turn, line, one) for one in offered[:_OFFERED]), *counts]
        return Outcome("ok", choices=choices, read=True)


def _variant(turn: Turn, line: OrderLine, variant: Variant) -> dict[str, Any]:
    title = variant.options_text(turn.language) or variant.sku
    if variant.price != line.unit_price:
        title = f"{title} · {variant.price}"
    return {"id": variant.id, "title": title, "words": [variant.sku]}


def _counts(turn: Turn, units: int) -> list[dict[str, Any]]:
    """One unit less and one more, as choices; other numbers are said in words."""
    return [
        {"id": f"{_UNITS}{count}", "title": ANOTHER_COUNT.of(turn.language).format(count=count)}
        for count in (units - 1, units + 1)
        if count > 0
    ]


class ActionCheckModifyVariant(ModifyAction):
    """Turns the shopper's words into a variant or a quantity of the line.

    Outcomes: ``ok``, ``open`` (sold out, one of several, or a question: asked again), ``invalid``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_modify_variant"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        line = found.order.line(wanted.open[0].line_id)
        if line is None:
            return Outcome("invalid")
        products = await self.products(found)
        if not turn.pressed and asks_of_goods(turn.text):
            say_facts(turn, products[line.product_id])
            return Outcome("open", values={"variant": None})
        value = str(turn.frame.values["variant"])
        ids = [one.id for one in products[line.product_id].variants]
        text = value if turn.pressed and value in ids else turn.text
        text = await with_other_orders(self._shop, turn, text, products)
        reading = read_lines_changed(text, [line], found.units, products)
        if not reading and value.startswith(_UNITS):
            reading = read_bare_quantity(value.removeprefix(_UNITS), line, found.units[line.id])
        if not reading and not turn.pressed:
            reading = read_bare_quantity(text, line, found.units[line.id])
        if not reading and value in ids:
            reading = read_lines_changed(value, [line], found.units, products)
        if not reading:
            turn.say("utter_exchange_variant_unknown", {"line": line_name(line, turn.language)})
            return Outcome("invalid")
        self.say_in_vain(turn, found, reading)
        reading = _as_many_as_asked(reading, wanted.open[0], found.units[line.id])
        told = wanted.with_lines(reading, "").told()
        word = "open" if reading.open else "ok"
        return Outcome(word, values={"wanted": told, **({"variant": None} if reading.open else {})})


def _as_many_as_asked(reading: Reading, asked: Open, units: int) -> Reading:
    """``reading`` with the numbers that were settled before the variant was asked anew."""
    if asked.taken is None or asked.given is None or len(reading.wishes) != 1:
        return reading
    wish = reading.wishes[0]
    if (wish.taken, wish.given) != (units, units):
        return reading
    return Reading((replace(wish, taken=asked.taken, given=asked.given),))
