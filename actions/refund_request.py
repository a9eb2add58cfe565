"""Asking for money back: what the order's state makes of it."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from connectors.backends.orders.model import OrderStatus

_WORDS = {
    OrderStatus.UNPAID: "unpaid",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.PAID: "unsent",
    OrderStatus.PREPARING: "unsent",
}


class ActionShowRefundState(ShopAction):
    """Which way money can go back for the order.

    Outcomes: ``unpaid`` (says so), ``cancelled``, ``unsent`` (refunded at once with the order),
    ``travelling``, ``arrived``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_refund_state"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        arrived = any(one.delivered_at is not None for one in order.fulfilments)
        word = _WORDS.get(order.status) or ("arrived" if arrived else "travelling")
        if word == "unpaid":
            turn.say("utter_refund_unpaid")
        return Outcome(word, learned={"order_number": order.number})
