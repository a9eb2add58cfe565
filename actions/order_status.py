"""Where an order stands and what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.base import Outcome, ShopAction, Turn
from actions.cards import order_card
from actions.choosing_orders import asks_why_closed
from actions.news import news_buttons
from actions.order_facts import say_facts
from actions.orders import items_of, line_name
from actions.vocabulary import (
    ARRIVAL_LATE,
    ARRIVAL_UNKNOWN,
    ARRIVES_BY,
    DEEDS,
    NOTHING_WAS_PAID,
    PARCELS_MANY,
    PARCELS_ONE,
    REFUND_OF_CANCELLED,
)
from actions.wording import button, listing, quantity
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.payments.model import PaymentCause, explain

_DEEDS: Mapping[OrderStatus, tuple[str, ...]] = {
    OrderStatus.UNPAID: ("payment_failed", "cancel_order"),
    OrderStatus.PAID: ("modify_order", "cancel_order"),
    OrderStatus.PREPARING: ("modify_order", "cancel_order"),
    OrderStatus.PARTLY_SHIPPED: ("track_shipment",),
    OrderStatus.SHIPPED: ("track_shipment",),
    OrderStatus.DELIVERED: ("return_request", "exchange_request"),
    OrderStatus.CANCELLED: ("refund_status",),
}
ON_THE_ROAD = frozenset({OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED})


def arrival(turn: Turn, order: Order) -> str:
    """When the order should be there, as a phrase inside a sentence."""
    if order.promised_by is None:
        return ARRIVAL_UNKNOWN.of(turn.language)
    promised = turn.day(order.promised_by)
    if order.promised_by < turn.now:
        return ARRIVAL_LATE.of(turn.language).format(day=promised)
    return ARRIVES_BY.of(turn.language).format(day=promised)


def refund_of_cancelled(turn: Turn, order: Order) -> str:
    """What becomes of the money of a cancelled order, as a sentence."""
    if not order.paid:
        return NOTHING_WAS_PAID.of(turn.language)
    return REFUND_OF_CANCELLED.of(turn.language).format(amount=order.paid)


def _state(turn: Turn, order: Order) -> tuple[str, dict[str, str]]:
    """The response for the order's state, with the values that only this state needs."""
    response = f"utter_order_{order.status.value}"
    match order.status:
        case OrderStatus.UNPAID if order.pay_by is None:
            return "utter_order_unpaid_open", {}
        case OrderStatus.UNPAID if order.pay_by is not None:
            return response, {"pay_by": turn.moment(order.pay_by)}
        case OrderStatus.CANCELLED if order.cancelled_at is not None:
            cancelled = turn.day(order.cancelled_at)
            return response, {"cancelled": cancelled, "refund": refund_of_cancelled(turn, order)}
        case OrderStatus.CANCELLED:
            return "utter_order_cancelled_undated", {"refund": refund_of_cancelled(turn, order)}
        case OrderStatus.DELIVERED:
            times = [parcel.delivered_at for parcel in order.parcels if parcel.delivered_at]
            if not times:
                return "utter_order_delivered_undated", {}
            return response, {"delivered": turn.day(max(times))}
    return response, {"arrival": arrival(turn, order), **_parcels(turn, order)}


def _parcels(turn: Turn, order: Order) -> dict[str, str]:
    count = len(order.parcels)
    parcels = (PARCELS_ONE if count == 1 else PARCELS_MANY).of(turn.language).format(count=count)
    waiting = [
        quantity(part.quantity, line_name(line, turn.language), turn.language)
        for part in order.unsent()
        if (line := order.line(part.line_id)) is not None
    ]
    return {"parcels": parcels, "unsent": listing(waiting, turn.language)}


def say_order(turn: Turn, order: Order, buttons: Sequence[Mapping[str, str]] = ()) -> None:
    """Show the order's card and say where it stands."""
    response, values = _state(turn, order)
    turn.say(
        response,
        {
            "number": order.number,
            "items": items_of(order, turn.language),
            "total": str(order.total),
            **values,
        },
        card=order_card(order, turn.language),
        buttons=buttons,
    )


def _deed_buttons(turn: Turn, order: Order) -> list[dict[str, str]]:
    """What shoppers mostly want of an order in this state."""
    return [
        button(DEEDS[intent].of(turn.language), intent, order_number=order.number)
        for intent in _DEEDS.get(order.status, ())
    ]


class ActionShowOrder(ShopAction):
    """Says where the order stands, with the value ``order_status``, and offers what can be done.

    Outcomes: ``shown``, ``late`` (on its way and past the promised time).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_order"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        learned = {"order_number": order.number}
        words = turn.frame.own or turn.frame.said
        if await say_facts(self._shop, turn, order, words):
            return Outcome("shown", {"order_status": order.status.value}, learned=learned)
        news = await news_buttons(self._shop, turn, order)
        say_order(turn, order, (*news, *_deed_buttons(turn, order)))
        if order.status is OrderStatus.CANCELLED and asks_why_closed(words):
            await self._say_why_closed(turn, order)
        late = (
            order.status in ON_THE_ROAD
            and order.promised_by is not None
            and order.promised_by < turn.now
        )
        return Outcome(
            "late" if late else "shown",
            values={"order_status": order.status.value},
            learned=learned,
        )

    async def _say_why_closed(self, turn: Turn, order: Order) -> None:
        attempts = await self._shop.payments.attempts_of(order.number)
        found = explain(order, attempts, turn.now, self._rules.payments, self._rules.refunds)
        if found.cause is PaymentCause.CLOSED_BY_TIMEOUT:
            turn.say("utter_payment_closed_by_timeout", {"number": order.number})
