"""Hurrying: what is known of the order, what was promised, and a person where it is late."""

from __future__ import annotations

from datetime import timedelta

from actions.base import Outcome, ShopAction, Turn
from actions.human_agent import requests_open
from actions.order_status import say_order
from actions.orders import items_of
from connectors.backends.orders.model import NoteKind, OrderNote, OrderStatus
from connectors.backends.orders.urging import UrgeRefusal
from kernel.errors import NotFound, Refused

_UNSENT = frozenset({OrderStatus.PAID, OrderStatus.PREPARING})


class ActionCheckUrge(ShopAction):
    """Whether the shopper hurries us in the middle of something. Outcomes: ``busy``, ``order``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_urge"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        # Words of its own ask for something beside the other requests: "and chase up the kettle".
        own = turn.frame.own
        if requests_open(turn.tracker) > 1 and not own:
            turn.say("utter_urge_busy")
            return Outcome("busy")
        number = turn.entity("order_number")
        if own and number is not None and str(number).casefold() not in own:
            number = None
        return Outcome("order", values={"order_number": number} if number else None)


class ActionShowUrgedOrder(ShopAction):
    """Says where the hurried order stands and what was promised.

    Outcomes: ``shipped`` (its parcel tells more), ``late``, ``in_time``, ``shown``. The value
    ``too_late`` says that a person must see to it.
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
            too_late = order.promised_by is not None and order.promised_by + patience < turn.now
            values = {"too_late": too_late}
            return Outcome("late" if overdue else "in_time", values=values, learned=learned)
        return Outcome("shown", learned=learned)


PREPARE_AGAIN = frozenset({UrgeRefusal.DRAFT_EXPIRED, UrgeRefusal.TERMS_CHANGED})
_NOTE_KINDS = frozenset({NoteKind.EXPEDITE, NoteKind.ESCALATION})


class UrgeAction(ShopAction):
    """What preparing, noting and escalating share: how a refusal is told."""

    async def refused(self, turn: Turn, code: str) -> Outcome:
        """Name the rule that says no. Outcomes: ``again``, ``asked_already``, ``limit``,
        ``refused``."""
        refusal = UrgeRefusal(code)
        await self.say_refusal(turn, turn.frame.values["order_number"], refusal)
        if refusal in PREPARE_AGAIN:
            return Outcome("again", values={"draft_id": None})
        if refusal is UrgeRefusal.ASKED_ALREADY:
            return Outcome("asked_already")
        return Outcome("limit" if refusal is UrgeRefusal.LIMIT_REACHED else "refused")

    async def say_refusal(self, turn: Turn, number: str, refusal: UrgeRefusal) -> None:
        """Name the rule that says no to hurrying this order."""
        notes = await self._shop.urging.notes_of(turn.customer_id, number)
        values = {"number": number, "by": _due(turn, notes)}
        turn.say(f"utter_urge_refused_{refusal.value}", values)


def _due(turn: Turn, notes: tuple[OrderNote, ...]) -> str:
    due = next((one.due_at for one in notes if one.kind in _NOTE_KINDS), None)
    return turn.moment(due) if due is not None else ""


class ActionPrepareUrge(UrgeAction):
    """Shows what would be noted and by when it is seen to. Outcomes: ``ready``, and those of a
    refusal (see ``UrgeAction``)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_urge"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.values["order_number"]
        try:
            draft = await self._shop.urging.prepare_urge(turn.customer_id, number)
        except Refused as refused:
            return await self.refused(turn, refused.code)
        items = items_of(await self.order_of(turn), turn.language)
        values = {"number": number, "items": items, "by": turn.moment(draft.due_at)}
        turn.say("utter_urge_preview", values)
        return Outcome("ready", values={"draft_id": draft.id})


class ActionCommitUrge(UrgeAction):
    """Notes it, once. Outcomes: ``noted``, and those of a refusal (see ``UrgeAction``)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_urge"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            done = await self._shop.urging.commit_urge(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            return await self.refused(turn, refused.code)
        turn.say(
            f"utter_urge_noted_{done.note.kind.value}",
            {"number": done.order_number, "by": _due(turn, (done.note,))},
        )
        return Outcome("noted")


class ActionEscalateOrder(UrgeAction):
    """Escalates an order that is late, without asking: nothing is lost by it.

    Outcomes: ``noted``, and those of a refusal (see ``UrgeAction``).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_escalate_order"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.values["order_number"]
        try:
            draft = await self._shop.urging.prepare_urge(turn.customer_id, number)
            done = await self._shop.urging.commit_urge(turn.customer_id, draft.id)
        except Refused as refused:
            return await self.refused(turn, refused.code)
        turn.say(
            f"utter_urge_noted_{done.note.kind.value}",
            {"number": number, "by": _due(turn, (done.note,))},
        )
        return Outcome("noted")
