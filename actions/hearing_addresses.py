"""What a shopper answers about the addresses of several orders: which of them go where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.address_leads import speaks_of_orders
from actions.address_wishes import heard_wish, wants_another
from actions.addresses_apart import UNCHANGED, orders_named
from actions.base import Outcome, Turn
from actions.change_address import ANOTHER, ActionCheckAddress
from actions.change_addresses import AddressesAction, ReaddressedOrders
from actions.choosing_mentions import fold
from actions.choosing_regions import names_the_rest, regions_of
from actions.reading_addresses import AddressParts
from actions.several_orders import HearOrders
from connectors.backends.orders.model import Order


class ActionCheckAddresses(AddressesAction, ActionCheckAddress):
    """Turns a choice or free words into one address for all orders, or into one for each.

    Outcomes: those of ``ActionCheckAddress``, and ``rest`` (some are still without any).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if isinstance(turn.frame.values["new_address"], str) and not turn.pressed:
            numbers = turn.frame.values["orders"]
            orders = [await self.access(turn, number) for number in numbers]
            # Words for a stored address may be those for one of the orders.
            told = await self.apart(turn, turn.answer, orders)
            if told:
                own = turn.frame.values.get("wishes") or {}
                kept = {number: self.wish_for(turn, number) for number in own}
                return self.told_apart(turn, orders, {**kept, **told})
        return await ActionCheckAddress.serve(self, turn)


class ActionHearAddresses(ReaddressedOrders, HearOrders, AddressesAction):
    """Reads what the shopper says to the summary: other orders, or another address, name, phone.

    Outcomes: ``changed``, ``part`` (a part of an address is missing), ``rest``, ``other`` (another
    address, not said which), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        numbers: list[str] = turn.frame.values["orders"]
        orders = [await self.access(turn, number) for number in numbers]
        wishes = {number: self.wish_for(turn, number) for number in numbers}
        book = await self.book(turn)
        told = await self.apart(turn, turn.text, orders)
        if any(_goes_elsewhere(order, told.get(order.number), wishes) for order in orders):
            left = _left(turn.text, orders, told)
            return _heard(self.told_apart(turn, left, {**wishes, **told}), left)
        new = {
            order.number: heard_wish(turn.text, book, [order.address], wishes[order.number])
            for order in orders
        }
        values: dict[str, Any] = {}
        if any(new.values()):
            told = {number: one or wishes[number] for number, one in new.items()}
            outcome = _heard(self.told_apart(turn, orders, told), orders)
            if outcome.word != "changed":
                return outcome
            values |= outcome.values or {}
        # A street has numbers and names of its own.
        if not values or speaks_of_orders(turn.text):
            found = await HearOrders.serve(self, turn)
            values |= {"orders": found.values["orders"]} if found.values else {}
        if not values and wants_another(turn.text):
            return ANOTHER
        return Outcome("changed", values=values) if values else Outcome("none")


def _heard(outcome: Outcome, orders: Sequence[Order]) -> Outcome:
    values = {**(outcome.values or {}), "orders": [order.number for order in orders]}
    return Outcome("changed" if outcome.word == "ok" else outcome.word, values=values)


def _goes_elsewhere(
    order: Order, told: AddressParts | None, wishes: Mapping[str, AddressParts]
) -> bool:
    """Whether ``told`` is another place than the one that the summary shows for ``order``."""
    shown = wishes[order.number].address(order.address)
    return told is not None and told.address(order.address) != shown


def _left(text: str, orders: Sequence[Order], told: Mapping[str, AddressParts]) -> list[Order]:
    """Those of ``orders`` that still go elsewhere, where ``text`` says of some that they do not."""
    if UNCHANGED.search(text) and names_the_rest(fold(text)):
        return [order for order in orders if order.number in told]
    gone = {
        order.number
        for region in regions_of(fold(text))
        if region.negative
        for order in orders_named(region.text, orders)
    }
    return [order for order in orders if order.number in told or order.number not in gone]
