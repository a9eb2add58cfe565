"""Several orders named together, each served by itself: one after the other, and said so."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from actions.base import Outcome, ShopAction, Turn
from actions.invoice import InvoicedOrders
from actions.modify_wish import wanted_of
from actions.orders import UNSENT
from actions.several_orders import CheckOrderOrAll, SeveralOrders, SortOrders
from actions.waiting_orders import others_wait
from actions.wording import listing
from connectors.backends.orders.model import OrderStatus


class OneByOne(SeveralOrders):
    """What the actions share that find out with which of several orders to begin."""

    def begun(self, turn: Turn, numbers: Sequence[str]) -> dict[str, Any]:
        """Say which comes first and which wait; the values that hold them.

        They come in the order in which they were named.
        """
        named = f"{turn.frame.said} {turn.text}".upper()
        first, *rest = sorted(numbers, key=lambda one: (one not in named, named.find(one)))
        told = {"number": first, "others": listing(rest, turn.language)}
        turn.say("utter_orders_one_by_one", told)
        return {"order_number": first, "orders_left": rest, "orders": None}


class SortOneByOne(OneByOne, SortOrders):
    """Which orders are meant; where they are several, they wait their turn.

    Outcome: ``ok`` (with the values ``order_number`` and ``orders_left`` where they are said).
    """

    @abstractmethod
    def name(self) -> str:
        """(see parent class for full docstring)"""

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        outcome = await SortOrders.serve(self, turn)
        numbers = (outcome.values or {}).get("orders")
        if not numbers:
            number = (outcome.values or {}).get("order_number")
            return Outcome("ok", values={"order_number": number} if number else None)
        return Outcome("ok", values=self.begun(turn, numbers))


class CheckOneByOne(OneByOne, CheckOrderOrAll):
    """Takes the order, or the first of all of those that were offered.

    Outcomes: those of ``ActionCheckOrder``.
    """

    @abstractmethod
    def name(self) -> str:
        """(see parent class for full docstring)"""

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        outcome = await CheckOrderOrAll.serve(self, turn)
        if outcome.word != "all_of_them" or outcome.values is None:
            return outcome
        return Outcome("ok", values=self.begun(turn, outcome.values["orders"]))


class ActionSortChangedOrders(SortOneByOne):
    """With which of several orders a change begins."""

    states = frozenset({OrderStatus.UNPAID}) | UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_changed_orders"


class ActionCheckChangedOrder(CheckOneByOne):
    """The order that shall be changed, or the first of all of them."""

    states = frozenset({OrderStatus.UNPAID}) | UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_changed_order"


class ActionSortInvoicedOrders(InvoicedOrders, SortOneByOne):
    """With which of several orders' invoices to begin."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_invoiced_orders"


class ActionCheckInvoicedOrder(InvoicedOrders, CheckOneByOne):
    """The order whose invoice is meant, or the first of all of them."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_invoiced_order"


class ActionLeaveForPerson(ShopAction):
    """Notes that a person may help with the order that was just served. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_leave_for_person"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        return Outcome("ok", values={"for_person": True})


class NextOrder(ShopAction):
    """Goes on with the next of the orders that wait.

    Outcomes: ``more``, ``person`` (none waits; a person may help with one of them), ``left`` (those
    that wait are the caller's), ``none``.
    """

    of_one_order: ClassVar[tuple[str, ...]]

    def kept(self, turn: Turn, number: str) -> dict[str, Any]:
        """What is known of the next order from those before it."""
        return {}

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        waiting = turn.frame.values.get("orders_left") or []
        if not waiting:
            if turn.frame.values.get("for_person"):
                return Outcome("person")
            return Outcome("left" if others_wait(turn) else "none")
        number, *rest = waiting
        turn.say("utter_next_order", {"number": number})
        values = {**dict.fromkeys(self.of_one_order), **self.kept(turn, number)}
        values |= {"order_number": number, "orders_left": rest}
        return Outcome("more", values=values, learned={"order_number": number})


class ActionNextChangedOrder(NextOrder):
    """Goes on with the next order to be changed: another time or tender is the same for all."""

    of_one_order = (
        *("wanted", "read_first", "change", "line", "variant", "slot_day", "slot_hours"),
        *("pay_with", "tender", "draft_id"),
    )

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_next_changed_order"

    def kept(self, turn: Turn, number: str) -> dict[str, Any]:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        wanted = wanted_of(values.get("wanted"), values["order_number"])
        same = None if wanted is None else wanted.for_order(number)
        return {} if same is None else {"wanted": same.told()}


class ActionNextInvoicedOrder(NextOrder):
    """Goes on with the next order's invoice: what stands on it is the same."""

    of_one_order = ("invoice_step", "invoice_part", "said_the_same", "draft_id")

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_next_invoiced_order"
