"""Where several orders stand at once: a line for each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from actions.base import Outcome, ShopAction, Turn
from actions.cancel_orders import sums_text
from actions.choosing_mentions import fold
from actions.choosing_orders import asks_contents
from actions.goods_named import goods_named
from actions.modify_order import noon
from actions.modify_reading import read_span
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
from connectors.backends.text import Bilingual
from kernel.errors import NotFound

_PLURAL = re.compile(
    r"(?:包裹|快递|物流|货物?|东西|单子|订单)[^,，。?？]{0,4}都"
    r"|(?:所有|全部|每个|两个|几个|这些|那些)的?(?:包裹|快递|物流)"
    r"|\b(?:parcels|packages|orders|deliveries|shipments|purchases)\b"
)
_AND = re.compile(r"[和跟与、&,，]|还有|以及|\band\b")
_SPENT = re.compile(
    r"(?:一共|总共|总计|合计|加起来|累计)[^,，。?？]{0,6}(?:花|付(?!款)|消费|多少钱)|(?:花|消费)了?多少钱?"
    r"|\b(?:how much|what) (?:have|did) i (?:spen[dt]|pa(?:y|id))\b"
    r".*\b(?:all|altogether|total|everything|so far|with you)\b"
    r"|\b(?:total|sum) (?:of|for) (?:all|everything|my)\b|\badd(?:ed)? up\b"
)
# Of a time that is named: "what did I spend last month".
_SPENT_THEN = re.compile(
    r"(?:花|付|消费)[^,，。?？]{0,3}(?:多少|几)"
    r"|\b(?:how much|what) (?:have|did) i (?:spen[dt]|pa(?:y|id))\b"
)
_ASKS_WHICH = re.compile(
    r"哪[些几个]|[几多][少个]|有没有|还有[^,，。]{0,8}[吗么?？]|\b(?:which|how many|any)\b"
)
_OF_ORDERS = re.compile(
    r"订单|单子|包裹|快递|[几多][个少]单|\b(?:orders?|parcels?|purchases?|packages?)\b"
)
_S = OrderStatus
# Kinds of orders that are asked for together: "how many are still open".
_KINDS = (
    (
        re.compile(r"取消|关闭|关掉|\bcancel+ed\b|\bclosed\b"),
        Bilingual("已取消", "cancelled"),
        frozenset({_S.CANCELLED}),
    ),
    (
        re.compile(
            r"[没未待](?:有|完成)?(?:付|支付)|\bunpaid\b|\bnot (?:yet )?(?:been )?paid\b|\bto pay\b"
            r"|\bhaven'?t (?:i )?paid\b|\bneed(?:s)? paying\b|\bto be paid\b"
        ),
        Bilingual("还没付款", "not paid yet"),
        frozenset({_S.UNPAID}),
    ),
    (
        re.compile(
            r"[没未]发|待发|\bnot (?:yet )?(?:been )?(?:sent|shipped)\b|\b(?:unsent|unshipped)\b"
            r"|\bhaven'?t (?:been )?(?:sent|shipped)\b"
        ),
        Bilingual("付了款还没全部发出", "paid and not all sent"),
        UNSENT,
    ),
    (
        re.compile(
            r"[没未](?:有)?(?:到|收到|送到|签收)|在路上"
            r"|\bnot (?:yet )?(?:arrived|come|been delivered)\b"
            r"|\bon (?:its|the|their) way\b|\bstill (?:to come|coming|outstanding)\b"
            r"|\bhaven'?t (?:yet )?(?:arrived|come|got|received)\b"
        ),
        Bilingual("付了款还没到", "paid and not all delivered"),
        UNSENT | {_S.SHIPPED},
    ),
    (
        re.compile(
            r"[没未](?:有)?(?:完成|结束|完)|进行中|\bopen\b|\bongoing\b|\bunfinished\b|\brunning\b"
        ),
        Bilingual("还没完成", "still open"),
        UNSENT | {_S.UNPAID, _S.SHIPPED},
    ),
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
        words = fold(words_of(turn))
        named = turn.frame.sources.get("order_number", "product")
        if named == "product" and asks_contents(words):
            orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
            described = await described_orders(self._shop, turn, words, orders)
            found = () if described is None else described.numbers or described.unclear
            if len(found) > 1:
                return several(found, "several")
            if found:
                return Outcome("one", values={"order_number": found[0]})
        outcome = await super().serve(turn)
        if outcome.word != "one" or outcome.values:
            return outcome
        numbers: Sequence[str] = ()
        if _AND.search(words):
            orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
            # "The hoodie and the flask" lie in two orders: both are told, arrived or not.
            bought = [line for order in orders for line in order.lines]
            parts = goods_named(words, orders, bought, ()).parts
            numbers = [part.orders[0].number for part in parts if len(part.orders) == 1]
            described = await described_orders(self._shop, turn, words, orders)
            if len(numbers) < 2 and described is not None:
                numbers = described.unclear
        elif _PLURAL.search(words):
            numbers = [order.number for order in await self.suiting(turn)]
        return several(numbers, "several") if len(numbers) > 1 else outcome


class ActionSortStatus(SortOverview):
    """Whether it is asked where one order stands, where several do, or what all of them cost.

    Outcomes: ``one``, ``several``, ``told`` (what they cost, or that none is as asked).
    """

    states = frozenset(OrderStatus) - {OrderStatus.CANCELLED, OrderStatus.COMPLETED}

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_status"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if "order_number" in turn.frame.values or turn.entities("product"):
            return await super().serve(turn)
        words = fold(words_of(turn))
        spans = [span for span in map(read_span, turn.entities("date")) if span is not None]
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        if _SPENT.search(words) or (spans and _SPENT_THEN.search(words)):
            if self._say_spent(turn, orders, spans):
                return Outcome("told")
        elif _ASKS_WHICH.search(words) and _OF_ORDERS.search(words):
            asked = next((kind for kind in _KINDS if kind[0].search(words)), None)
            if asked is not None:
                _, name, states = asked
                numbers = [order.number for order in orders if order.status in states]
                if numbers:
                    values = {"orders": numbers, "kind": name.of(turn.language)}
                    return Outcome("several", values)
                turn.say("utter_orders_none_in_state", {"state": name.of(turn.language)})
                return Outcome("told")
        return await super().serve(turn)

    def _say_spent(
        self, turn: Turn, orders: Sequence[Order], spans: Sequence[tuple[date, date]]
    ) -> bool:
        """Say what was paid in all, or in the time that is named; False if nothing ever was."""
        paid = [order for order in orders if order.paid]
        if not paid:
            return False
        values: dict[str, str] = {}
        if spans:
            first, last = spans[0]
            today = turn.now.astimezone(turn.zone).date()
            days = {
                "first": turn.day(noon(turn, first)),
                "last": turn.day(noon(turn, min(last, today))),
            }
            paid = [
                one for one in paid if first <= one.placed_at.astimezone(turn.zone).date() <= last
            ]
            values = days
            if not paid:
                turn.say("utter_orders_spent_none", days)
                return True
        values |= {"count": str(len(paid)), "total": sums_text(turn, [one.paid for one in paid])}
        turn.say("utter_orders_spent_between" if spans else "utter_orders_spent", values)
        return True


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
        values = {"orders": "\n".join(told)}
        kind = turn.frame.values.get("kind")
        if kind:
            values |= {"state": kind, "count": str(len(turn.frame.values["orders"]))}
        response = "utter_orders_in_state" if kind else "utter_orders_overview"
        turn.say(response, values, buttons=buttons[:_BUTTONS])
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
