"""Answers out of what the shop has written down for its shoppers."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from actions.general_questions import asks_when_we_deliver, asks_where_we_deliver
from actions.order_status import say_order
from actions.orders import LOOKED_AT, described_orders
from actions.vocabulary import GENERAL_TOPICS, WHERE_WE_DELIVER
from connectors.backends.orders.model import Order, OrderStatus
from kernel.errors import NotFound

_TO_COME = frozenset(
    {OrderStatus.PAID, OrderStatus.PREPARING, OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED}
)
_DELIVERY = "utter_knowledge_delivery"


class KnowledgeAction(ShopAction):
    """What actions that look into the shop's articles share."""

    async def _answer(self, turn: Turn, response: str) -> Outcome:
        """Say the passage that answers the request best. Outcomes: ``answered``, ``unknown``."""
        label, said = turn.frame.intent, turn.frame.said or turn.text
        # Articles name no country in particular: "do you ship to Canada?" would find the fees.
        asked = WHERE_WE_DELIVER.of(turn.language) if asks_where_we_deliver(said) else said
        passage = await self._passage(turn, asked)
        if not passage and label in GENERAL_TOPICS:
            # "What is your return policy?" names no article; the label says which leads.
            passage = await self._passage(turn, GENERAL_TOPICS[label].of(turn.language))
        if not passage:
            turn.say("utter_knowledge_missing")
            return Outcome("unknown")
        turn.say(response, {"passage": passage})
        return Outcome("answered")

    async def _passage(self, turn: Turn, words: str) -> str:
        """What answers ``words`` best in the articles labelled for the request; empty if none."""
        search = self._shop.knowledge.search
        found = await search(words, turn.language, 1, label=turn.frame.intent)
        return found[0].text if found else ""


class ActionAnswerFromKnowledge(KnowledgeAction):
    """Answers a general question. Outcomes: ``answered``, ``unknown``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_from_knowledge"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        return await self._answer(turn, "utter_knowledge")


class ActionAnswerAside(KnowledgeAction):
    """Answers what passes for small talk where an article is labelled for it: opening hours.

    Outcomes: ``answered``, ``unknown``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_aside"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        passage = await self._passage(turn, turn.frame.said)
        if not passage:
            return Outcome("unknown")
        turn.say("utter_knowledge", {"passage": passage})
        return Outcome("answered")


class ActionAnswerDeliveryTime(KnowledgeAction):
    """Says when the orders spoken of arrive, or else how long delivery takes.

    Outcomes: ``answered``, ``unknown``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_delivery_time"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if not turn.is_verified or asks_when_we_deliver(turn.frame.said):
            return await self._answer(turn, _DELIVERY)
        orders = await self._orders_of_goods(turn)
        number = turn.frame.learned.get("order_number")
        if not orders and number and not turn.entities("product"):
            try:
                orders = [await self.access(turn, str(number))]
            except NotFound:
                orders = []
        for order in orders:
            say_order(turn, order)
        return Outcome("answered") if orders else await self._answer(turn, _DELIVERY)

    async def _orders_of_goods(self, turn: Turn) -> list[Order]:
        """The orders that have the goods which are named, of those still to come if any is.

        None where it is open which of many is meant.
        """
        if not turn.entities("product"):
            return []
        latest = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        coming = [order for order in latest if order.status in _TO_COME]
        for among in (coming, latest):
            described = await described_orders(self._shop, turn, turn.frame.said, among)
            named = () if described is None else described.numbers or described.unclear
            if named:
                found = [order for order in among if order.number in named]
                return found if len(found) <= max(1, len(turn.entities("product"))) else []
        return []
