"""Complaints: what it is about, filed under a number with dates, and a person behind it."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re

from actions.base import Outcome, ShopAction, Turn
from actions.vocabulary import COMPENSATION, TICKET_TOPICS
from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.tickets.model import Complaint, TicketRefusal, TicketTopic
from kernel.errors import NotFound, Refused

_ABOUT_AN_ORDER = frozenset({TicketTopic.LATE_DELIVERY, TicketTopic.COURIER, TicketTopic.PRODUCT})
_SHORTEST_STORY = 9
_BARE = re.compile(
    r"^\W*(?:我|我们)?(?:要|想|必须)?(?:给你们|对你们|向你们)?(?:投诉|举报|差评)(?:你们|一下)?\W*$"
    r"|^\W*(?:i (?:want|would like|'?d like|need|have) (?:to )?(?:make |file |lodge )?(?:a )?)?(?:complain(?:t)?)\W*$",
    re.IGNORECASE,
)
_PREPARE_AGAIN = frozenset({DraftRefusal.DRAFT_EXPIRED.value, DraftRefusal.TERMS_CHANGED.value})


class ActionReadComplaint(ShopAction):
    """Whether the order matters to the complaint, and whether its story was told already.

    Outcomes: ``order``, ``story``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_complaint"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        topic = TicketTopic(turn.frame.values["topic"])
        told = not _BARE.match(said) and len(said) >= _SHORTEST_STORY
        values = {"story": said} if told and "story" not in turn.frame.values else None
        return Outcome("order" if topic in _ABOUT_AN_ORDER else "story", values=values)


class ActionPrepareComplaint(ShopAction):
    """Prepares the complaint and shows it. Outcomes: ``ready``, ``open`` (there is one),
    ``again`` (it says nothing)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_complaint"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values, language = turn.frame.values, turn.language
        topic = TicketTopic(values["topic"])
        number = values.get("order_number") if topic in _ABOUT_AN_ORDER else None
        complaint = Complaint(topic, str(values["story"]), number)
        try:
            draft = await self._shop.tickets.prepare(turn.customer_id, complaint)
        except Refused as refused:
            return await self._refused(turn, refused)
        about = TICKET_TOPICS[draft.complaint.topic].of(language)
        if draft.complaint.order_number:
            separator = "，" if language == "zh" else ", "
            about = f"{about}{separator}{draft.complaint.order_number}"
        owed = ""
        if draft.compensation is not None:
            owed = COMPENSATION.of(language).format(amount=draft.compensation)
        turn.say(
            "utter_complaint_preview",
            {
                "about": about,
                "story": draft.complaint.text,
                "answer_by": turn.moment(draft.answer_by),
                "resolve_by": turn.last_day(draft.resolve_by),
                "compensation": owed,
            },
        )
        return Outcome("ready", values={"draft_id": draft.id})

    async def _refused(self, turn: Turn, refused: Refused) -> Outcome:
        values = {"number": refused.detail, "answer_by": "", "resolve_by": ""}
        if refused.code == TicketRefusal.ALREADY_OPEN:
            tickets = await self._shop.tickets.tickets_of(turn.customer_id)
            found = next((one for one in tickets if one.number == refused.detail), None)
            if found is not None:
                values["answer_by"] = turn.moment(found.answer_by)
                values["resolve_by"] = turn.last_day(found.resolve_by)
        turn.say(f"utter_complaint_refused_{TicketRefusal(refused.code).value}", values)
        if refused.code == TicketRefusal.SAYS_NOTHING:
            return Outcome("again", values={"story": None})
        return Outcome("open")


class ActionCommitComplaint(ActionPrepareComplaint):
    """Files the confirmed complaint, once. Outcomes: ``filed``, ``again``, ``open``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_complaint"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            ticket = await self._shop.tickets.commit(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            if refused.code not in _PREPARE_AGAIN:
                return await self._refused(turn, refused)
            turn.say(
                f"utter_complaint_refused_{refused.code}",
                {"number": "", "answer_by": "", "resolve_by": ""},
            )
            return Outcome("again", values={"draft_id": None})
        turn.say(
            "utter_complaint_filed",
            {
                "number": ticket.number,
                "answer_by": turn.moment(ticket.answer_by),
                "resolve_by": turn.last_day(ticket.resolve_by),
            },
        )
        if ticket.compensation is not None:
            turn.say(
                "utter_complaint_coupon",
                {
                    "amount": str(ticket.compensation),
                    "code": ticket.compensation_code or "",
                    "days": str(self._rules.late_delivery.coupon_days),
                },
            )
        return Outcome("filed", values={"ticket": ticket.number})
