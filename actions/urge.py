"""Hurrying: what is known of the order, what was promised, and a person where it is late."""

from __future__ import annotations

from datetime import timedelta

from actions.base import Outcome, ShopAction, Turn
from actions.human_agent import requests_open
from actions.order_status import say_order
from connectors.backends.orders.model import OrderStatus

_UNSENT = frozenset({OrderStatus.PAID, OrderStatus.PREPARING})


class ActionCheckUrge(ShopAction):
    """Whether the shopper hurries us in the middle of something. Outcomes: ``busy``, ``order``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_urge"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if requests_open(turn.tracker) > 1:
            turn.say("utter_urge_busy")
            return Outcome("busy")
        return Outcome("order")


class ActionShowUrgedOrder(ShopAction):
    """Says where the hurried order stands and what was promised.

    Outcomes: ``shipped`` (its parcel tells more), ``late``, ``too_late`` (a person must see to
    it), ``in_time``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_urged_order"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        learned = {"order_number": order.number}
        if order.parcels:
            return Outcome("shipped", learned=learned)
        say_order(turn, order)
        overdue = order.promised_by is not None and order.promised_by < turn.now
        if order.status in _UNSENT:
            turn.say("utter_urge_late" if overdue else "utter_urge_in_time")
            patience = timedelta(days=self._rules.tracking.person_after_days)
            if order.promised_by is not None and order.promised_by + patience < turn.now:
                return Outcome("too_late", learned=learned)
            return Outcome("late" if overdue else "in_time", learned=learned)
        return Outcome("shown", learned=learned)
