"""Hurrying several orders at once: one summary, one yes, a note at each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.base import Outcome, Turn
from actions.orders import UNSENT, items_of
from actions.several_orders import ChoicesOfOrders, HearOrders, SortOrders
from actions.urge import PREPARE_AGAIN, UrgeAction
from actions.vocabulary import URGED
from connectors.backends.orders.urging import UrgeRefusal
from kernel.errors import NotFound, Refused


class ActionSortUrge(SortOrders):
    """Whether one order is hurried or several."""

    states = UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_urge"


class ActionChoicesUrgedOrders(ChoicesOfOrders):
    """The orders that have not left the shop."""

    states = UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_urged_orders"


class ActionHearUrges(HearOrders):
    """Reads which of the orders need not be hurried, or which come to them."""

    states = UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_urges"


class ActionPrepareUrges(UrgeAction):
    """Shows what would be noted at each order; one that a rule refuses is named and left out.

    Outcomes: ``ready``, ``limit`` (none is left; a person may help), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_urges"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        drafts: dict[str, str] = {}
        said: list[str] = []
        limit = bool(turn.frame.values.get("limit"))
        for number in turn.frame.values["orders"]:
            try:
                draft = await self._shop.urging.prepare_urge(turn.customer_id, number)
            except NotFound:
                turn.say("utter_order_not_found")
                continue
            except Refused as refused:
                await self.say_refusal(turn, number, UrgeRefusal(refused.code))
                limit = limit or refused.code == UrgeRefusal.LIMIT_REACHED
                continue
            order = await self.access(turn, number)
            items, by = items_of(order, turn.language), turn.moment(draft.due_at)
            words = URGED[draft.terms.kind].of(turn.language)
            drafts[number] = draft.id
            said.append(words.format(number=number, items=items, by=by))
        if not drafts:
            return Outcome("limit" if limit else "none")
        turn.say("utter_urge_orders_preview", {"orders": "\n".join(said)})
        return Outcome("ready", values={"orders": list(drafts), "drafts": drafts, "limit": limit})


class ActionCommitUrges(UrgeAction):
    """Notes each of them, once. Outcomes: ``noted``, ``again`` (some are shown anew), ``limit``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_urges"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        drafts: Mapping[str, str] = turn.frame.values["drafts"]
        limit = bool(turn.frame.values.get("limit"))
        noted: list[str] = []
        again: list[str] = []
        refusals: dict[str, UrgeRefusal] = {}
        for number, draft_id in drafts.items():
            try:
                done = await self._shop.urging.commit_urge(turn.customer_id, draft_id)
            except NotFound:
                again.append(number)
                continue
            except Refused as refused:
                refusals[number] = UrgeRefusal(refused.code)
                continue
            order = await self.access(turn, number)
            by = turn.moment(done.note.due_at) if done.note.due_at else ""
            words = URGED[done.note.kind].of(turn.language)
            noted.append(words.format(number=number, items=items_of(order, turn.language), by=by))
        if noted:
            turn.say("utter_urged_orders", {"orders": "\n".join(noted)})
        for number, refusal in refusals.items():
            await self.say_refusal(turn, number, refusal)
            limit = limit or refusal is UrgeRefusal.LIMIT_REACHED
            if refusal in PREPARE_AGAIN:
                again.append(number)
        values: dict[str, Any] = {"limit": limit}
        if again:
            return Outcome("again", values={**values, "orders": again, "drafts": None})
        return Outcome("limit" if limit else "noted", values=values)
