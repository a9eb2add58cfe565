"""Answers out of what the shop has written down for its shoppers."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from actions.order_status import say_order
from actions.vocabulary import GENERAL_TOPICS
from kernel.errors import NotFound


class KnowledgeAction(ShopAction):
    """What actions that look into the shop's articles share."""

    async def _answer(self, turn: Turn, response: str) -> Outcome:
        """Say the passage that answers the request best. Outcomes: ``answered``, ``unknown``."""
        label, said = turn.frame.intent, turn.frame.said or turn.text
        search = self._shop.knowledge.search
        passages = await search(said, turn.language, 1, label=label)
        if not passages and label in GENERAL_TOPICS:
            # "What is your return policy?" names no article; the label says which leads.
            topic = GENERAL_TOPICS[label].of(turn.language)
            passages = await search(topic, turn.language, 1, label=label)
        if not passages:
            turn.say("utter_knowledge_missing")
            return Outcome("unknown")
        turn.say(response, {"passage": passages[0].text})
        return Outcome("answered")


class ActionAnswerFromKnowledge(KnowledgeAction):
    """Answers a general question. Outcomes: ``answered``, ``unknown``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_from_knowledge"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        return await self._answer(turn, "utter_knowledge")


class ActionAnswerDeliveryTime(KnowledgeAction):
    """Says when the order spoken of arrives, or else how long delivery takes.

    Outcomes: ``answered``, ``unknown``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_delivery_time"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.learned.get("order_number")
        if turn.is_verified and number:
            try:
                order = await self.access(turn, str(number))
            except NotFound:
                return await self._answer(turn, "utter_knowledge_delivery")
            say_order(turn, order)
            return Outcome("answered")
        return await self._answer(turn, "utter_knowledge_delivery")
