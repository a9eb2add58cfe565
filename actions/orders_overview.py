"""Where several orders stand at once: a line for each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.base import Outcome, ShopAction, Turn
from actions.cancel_orders import sums_text
from actions.choosing_mentions import fold
from actions.order_status import ON_THE_ROAD, arrival
from actions.orders import LOOKED_AT, UNSENT, described_orders, title_of
from actions.several_orders import SortOrders, several, words_of
from actions.vocabulary import (
    EXPECTED_BY,
    ORDER_STATES,
    OVERVIEW_OF_ORDER,
    OVERVIEW_OF_PARCEL,
    PARCEL_STATES,
)
from actions.wording import button
from connectors.backends.carriers.model import Diagnosis, diagnose
from connectors.backends.orders.model import Order, OrderStatus, Parcel
from kernel.errors import NotFound

_PLURAL = re.compile(
    r"(?:包裹|快递|物流|货物?|东西|单子|订单)[^,，。?？]{0,4}都"
    r"|(?:所有|全部|每个|两个|几个|这些|那些)的?(?:包裹|快递|物流)"
    r"|\b(?:parcels|packages|orders|deliveries|shipments|purchases)\b"
)
_AND = re.compile(r"[和跟与、&]|还有|以及|\band\b")
_SPENT = re.compile(
    r"(?:一共|总共|总计|合计|加起来|累计)[^,，。?？]{0,6}(?:花|付|消费)(?!款)|(?:花|消费)了?多少钱?"
    r"|\b(?:how much|what) (?:have|did) i (?:spen[dt]|pa(?:y|id))\b"
    r".*\b(?:all|altogether|total|everything|so far|with you)\b"
    r"|\btotal of (?:all|everything)\b"
)
# What a person should look into.
_TROUBLE = frozenset({Diagnosis.STUCK, Diagnosis.OVERDUE, Diagnosis.LOST, Diagnosis.DAMAGED})
_TO_COME = frozenset(
    {Diagnosis.NOT_YET_SHIPPED, Diagnosis.MOVING, Diagnosis.OUT_FOR_DELIVERY, Diagnosis.CUSTOMS}
)
_BEING_PACKED = frozenset({OrderStatus.PAID, OrderStatus.PREPARING})
_SHOWN = 10
_BUTTONS = 5


class SortOverview(SortOrders):
    """Whether one order is asked about or several: nothing is done to them, so a plural says it."""

    asks_which = False

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        outcome = await super().serve(turn)
        words = fold(words_of(turn))
        if outcome.word != "one" or outcome.values:
            return outcome
        numbers: Sequence[str] = ()
        if _AND.search(words):
            orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
            described = await described_orders(self._shop, turn, words, orders)
            # "The hoodie and the flask" lie in two orders: both are told.
            numbers = described.unclear if described is not None else ()
        elif _PLURAL.search(words):
            numbers = [order.number for order in await self.suiting(turn)]
        return several(numbers, "several") if len(numbers) > 1 else outcome


class ActionSortStatus(SortOverview):
    """Whether it is asked where one order stands, where several do, or what all of them cost.

    Outcomes: ``one``, ``several``, ``spent`` (that has been said).
    """

    states = frozenset(OrderStatus) - {OrderStatus.CANCELLED, OrderStatus.COMPLETED}

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_status"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if "order_number" in turn.frame.values or not _SPENT.search(fold(words_of(turn))):
            return await super().serve(turn)
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        paid = [order.paid for order in orders if order.paid]
        if not paid:
            return await super().serve(turn)
        values = {"count": str(len(paid)), "total": sums_text(turn, paid)}
        turn.say("utter_orders_spent", values)
        return Outcome("spent")


class ActionSortTracking(SortOverview):
    """Whether one order's parcels are asked after or those of several that have not arrived."""

    states = UNSENT | {OrderStatus.SHIPPED}

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_tracking"


class ActionShowOrders(ShopAction):
    """Says where each of the orders stands, and offers each for more.

    Outcomes: ``shown``, ``late`` (a person should look into a parcel).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_orders"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        told: list[str] = []
        buttons: list[dict[str, str]] = []
        late: str | None = None
        for number in turn.frame.values["orders"][:_SHOWN]:
            order = await self.access(turn, number)
            state, is_late = await self._state(turn, order)
            late = late or (number if is_late else None)
            words = OVERVIEW_OF_ORDER.of(turn.language)
            told.append(words.format(order=title_of(turn, order), state=state))
            buttons.append(button(number, "order_status", order_number=number))
        turn.say("utter_orders_overview", {"orders": "\n".join(told)}, buttons=buttons[:_BUTTONS])
        if late is None:
            return Outcome("shown")
        return Outcome("late", learned={"order_number": late})

    async def _state(self, turn: Turn, order: Order) -> tuple[str, bool]:
        """Where the order stands, and whether a person should look into it."""
        if order.status in ON_THE_ROAD:
            told = [await self._parcel(turn, order, parcel) for parcel in order.parcels]
            return "".join(words for words, _ in told), any(late for _, late in told)
        state = ORDER_STATES[order.status].of(turn.language)
        if order.status not in _BEING_PACKED:
            return state, False
        comma = "，" if turn.language == "zh" else ", "
        return f"{state}{comma}{arrival(turn, order)}", False

    async def _parcel(self, turn: Turn, order: Order, parcel: Parcel) -> tuple[str, bool]:
        try:
            shipment = await self._shop.carriers.track(parcel.tracking_number)
        except NotFound:
            return ORDER_STATES[order.status].of(turn.language), False
        diagnosis = diagnose(shipment, turn.now, self._rules.tracking, order.promised_by)
        due = shipment.expected_by or order.promised_by
        expected = ""
        if diagnosis in _TO_COME and due is not None and due > turn.now:
            expected = EXPECTED_BY.of(turn.language).format(day=turn.day(due))
        words = OVERVIEW_OF_PARCEL.of(turn.language)
        told = words.format(
            carrier=shipment.carrier.name.of(turn.language),
            tracking=shipment.tracking_number,
            state=PARCEL_STATES[diagnosis].of(turn.language),
            expected=expected,
        )
        return told.rstrip(), diagnosis in _TROUBLE
