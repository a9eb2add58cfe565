"""Complaints: what it is about, filed under a number with dates, and a person behind it."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.vocabulary import COMPENSATION, TICKET_TOPICS
from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.tickets.model import Complaint, TicketRefusal, TicketTopic
from kernel.errors import NotFound, Refused

_ABOUT_AN_ORDER = frozenset({TicketTopic.LATE_DELIVERY, TicketTopic.COURIER, TicketTopic.PRODUCT})
# "I want to complain about your courier" tells nothing yet.
_AROUND_A_STORY = re.compile(
    r"我们?|要|想|必须|给|对|向|你们?|您|这个|那个|家|的|了|一下|投诉|举报|差评|快递员?|派送员|物流|客服|商家|店家?|服务|态度|商品|质量|订单|单"
    r"|\b(?:i|we|d|like|want|need|have|must|would|going|wish|to|make|file|lodge|raise|put|in|an?|the|your|my|this|that|of|about|against|with"
    r"|complain(?:t|ing)?|couriers?|drivers?|delivery|service|shop|store|staff|agents?|support|order|products?|quality|please|formal|hi|hello)\b"
    r"|\b[a-z]{0,4}\d{5,}\b|[\W_]",
    re.IGNORECASE,
)
_SHORTEST_STORY = 4
_WHEN = re.compile(
    r"(?:多久|什么时候|何时|几天|几号)[^,，。]{0,6}(?:答复|回复|处理|结果|解决|联系)|(?:答复|回复|处理|结果|解决|联系)[^,，。]{0,6}(?:多久|什么时候|几天|几号)"
    r"|\b(?:when|how long|how soon)\b.*\b(?:hear|answer|repl(?:y|ies)|result|contact|call|respond|response|resolved?|solved?|dealt)\b",
    re.IGNORECASE,
)
_SHORTEST_DETAIL = 4
_STEERS = frozenset(
    {"affirm", "deny", "stop", "wait", "repeat", "thanks", "greet", "goodbye", "human_agent"}
)
_NO_DETAIL = re.compile(
    r"[?？]\s*$|[吗嘛呢]\s*[。.!！~～]*$|^\W*(?:no\b|nope\b|not? that|wrong|不是|不对|错了|取消|算了|确认|yes\b|ok\b|okay\b|好的?[,，。 ]|是的?[,，。 ])"
    r"|^\W*(?:what|how|when|where|which|who|why|do|does|can|could|will|is|are)\b",
    re.IGNORECASE,
)
_ABOUT_COMPLAINTS = re.compile(
    r"投诉.{0,8}(?:多久|几天|什么时候|怎么处理|流程|有用吗|有什么用)"
    r"|\bhow (?:long|soon|many days|are|is)\b.{0,30}\bcomplaints?\b"
    r"|\bcomplaints? (?:procedure|process)\b",
    re.IGNORECASE,
)
_PREPARE_AGAIN = frozenset({DraftRefusal.DRAFT_EXPIRED.value, DraftRefusal.TERMS_CHANGED.value})


class ActionSortComplaint(ShopAction):
    """Whether somebody complains, or asks how complaints are dealt with.

    Outcomes: ``question``, ``complaint``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_complaint"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        return Outcome("question" if _ABOUT_COMPLAINTS.search(turn.frame.said) else "complaint")


class ActionReadComplaint(ShopAction):
    """Whether the order matters to the complaint, and its story if it was told already.

    Outcome: ``ok`` (with the values ``about_an_order`` and ``story``).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_complaint"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        topic = TicketTopic(turn.frame.values["topic"])
        # What it is about may have been said in words that tell more than the topic.
        texts = [said] if turn.pressed else [said, turn.text]
        told = [one for one in texts if len(_AROUND_A_STORY.sub("", one)) >= _SHORTEST_STORY]
        values: dict[str, Any] = {"about_an_order": topic in _ABOUT_AN_ORDER}
        if told and "story" not in turn.frame.values:
            values["story"] = told[0]
        return Outcome("ok", values=values)


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
        named = turn.frame.sources.get("order_number") == "order_number"
        wanted = topic in _ABOUT_AN_ORDER or named
        number = values.get("order_number") if wanted else None
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
        told = {
            "told_answer_by": turn.moment(draft.answer_by),
            "told_resolve_by": turn.last_day(draft.resolve_by),
        }
        return Outcome("ready", values={"draft_id": draft.id, **told})

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


class ActionHearComplaint(ShopAction):
    """Adds what is told at the summary to the story, or says by when it is answered.

    A question, a no, or words that steer the talk are none of the story. Outcomes: ``changed``,
    ``answered``, ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_complaint"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.text.strip()
        intent = ((turn.tracker.latest_message or {}).get("intent") or {}).get("name")
        values = turn.frame.values
        if _WHEN.search(said):
            dates = {"answer_by": values["told_answer_by"], "resolve_by": values["told_resolve_by"]}
            turn.say("utter_complaint_dates", dates)
            return Outcome("answered")
        if intent in _STEERS or _NO_DETAIL.search(said) or len(said) < _SHORTEST_DETAIL:
            return Outcome("none")
        story = str(values["story"])
        if said in story:
            return Outcome("none")
        return Outcome("changed", values={"story": f"{story}\n{said}"})


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
