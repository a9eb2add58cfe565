"""Asks shoppers after every closed case how it went, once, and keeps what they answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, select, update

from desk import line, reaching
from desk import tables as desk_tables
from desk.errors import BadIncoming, DeskError
from desk.held import HeldConversation, hold
from desk.model import (
    Author,
    Conversation,
    Handoff,
    HandoffReason,
    Incoming,
    Move,
    Owner,
    Recorded,
)
from desk.reports import survey_words, tables
from desk.reports.cases import mark_stale
from desk.reports.model import Reason, Survey
from desk.turns import find_said
from desk.work import Transaction, Work
from kernel.content import Content
from kernel.masking import without_secrets

LIFETIME = timedelta(days=7)
# So long after closing a survey may still be asked, should nobody have got round to it.
_ASKED_WITHIN = timedelta(hours=1)
# So long may the reasons follow the score.
_COMPLETED_WITHIN = timedelta(minutes=30)
LONGEST_COMMENT = 1000
LOW_SCORE = 2
_CLOSINGS = [Move.CLOSE.value, Move.EXPIRE.value]

_SURVEY = tables.survey.c
_CHANGE = desk_tables.owner_change.c

# The address at which a survey is answered, for channels that cannot show one; None: no address.
LinkMaker = Callable[[str, datetime], str | None]


class SurveyGone(DeskError):
    """The survey does not exist, has expired or was answered."""


class Surveys:
    """``link`` is set by the assembly, which knows the public address."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading
        self.link: LinkMaker = lambda _survey_id, _expires_at: None
        # Channels whose windows show the survey itself.
        self.shown_on: frozenset[str] = frozenset({"web"})
        # Channels with menus in their chats: the score is pressed there, the link is for reasons.
        self.pressed_on: frozenset[str] = frozenset({"wechat", "wecom"})

    async def ask_due(self, limit: int = 50) -> int:
        """Ask about the cases that have closed and nobody asked about; how many were asked."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(_CHANGE.conversation_id, _CHANGE.epoch)
                .outerjoin(
                    tables.survey,
                    (_SURVEY.conversation_id == _CHANGE.conversation_id)
                    & (_SURVEY.epoch == _CHANGE.epoch),
                )
                .where(
                    _CHANGE.after == Owner.CLOSED.value,
                    _CHANGE.move.in_(_CLOSINGS),
                    _CHANGE.at >= work.now - _ASKED_WITHIN,
                    _SURVEY.id.is_(None),
                )
                .order_by(_CHANGE.at)
                .limit(limit)
            )
            closed = found.all()
        asked = 0
        for row in closed:
            async with self._transaction() as work:
                asked += await self._ask(work, row.conversation_id, row.epoch)
        return asked

    async def _ask(self, work: Work, conversation_id: str, epoch: int) -> bool:
        held = await hold(work, conversation_id)
        conversation = held.conversation
        survey_id, expires_at = uuid4().hex, work.now + LIFETIME
        served = await work.connection.execute(
            select(_CHANGE.agent_id)
            .where(
                _CHANGE.conversation_id == conversation_id,
                _CHANGE.epoch <= epoch,
                _CHANGE.agent_id.is_not(None),
            )
            .order_by(_CHANGE.epoch.desc())
            .limit(1)
        )
        values: dict[str, Any] = {
            "id": survey_id,
            "conversation_id": conversation_id,
            "epoch": epoch,
            "agent_id": served.scalar_one_or_none(),
            "asked_at": work.now,
            "expires_at": expires_at,
            "reasons": [],
            "comment": "",
        }
        if not await work.insert_unless_there(tables.survey, values):
            return False
        content = self._content(conversation, survey_id, expires_at)
        # Whoever has written again since is being served: the question would only disturb.
        if conversation.epoch != epoch or content is None:
            return False
        held.append(Author.SYSTEM, content)
        await held.save()
        return True

    def _content(
        self, conversation: Conversation, survey_id: str, expires_at: datetime
    ) -> Content | None:
        text = survey_words.asked(conversation.language)
        custom = {"event": "survey", "survey": survey_id, "expires_at": expires_at.isoformat()}
        if conversation.channel in self.shown_on:
            return Content(text=text, custom=custom)
        if conversation.channel in self.pressed_on:
            buttons = survey_words.buttons(survey_id, conversation.language)
            return Content(text=text, buttons=buttons, custom=custom)
        link = self.link(survey_id, expires_at)
        return Content(text=f"{text}\n{link}", custom=custom) if link else None

    async def asked_about(self, conversation_id: str, epoch: int) -> bool:
        """Whether the shopper was asked about the case that was closed by this change of owner."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(_SURVEY.id).where(
                    _SURVEY.conversation_id == conversation_id, _SURVEY.epoch == epoch
                )
            )
            return found.first() is not None

    async def survey(self, survey_id: str) -> Survey:
        """One survey; raises SurveyGone."""
        async with self._reading() as work:
            return await _find(work, survey_id)

    async def answer(
        self,
        survey_id: str,
        score: int,
        *,
        solved: bool | None = None,
        reasons: tuple[Reason, ...] = (),
        comment: str = "",
        shopper: tuple[str, str] | None = None,
    ) -> Survey:
        """Keep a score of 1 to 5; the same answer may be completed with reasons a little later.

        ``shopper`` is ``(channel, shopper id)`` where only the shopper of the conversation may
        answer. A low score opens a follow-up case. Raises SurveyGone, BadIncoming.
        """
        if not 1 <= score <= 5 or len(comment) > LONGEST_COMMENT:
            raise BadIncoming("a score is 1 to 5")
        async with self._transaction() as work:
            held = await hold(work, (await _find(work, survey_id)).conversation_id)
            whose = (held.conversation.channel, held.conversation.shopper_id)
            if shopper not in (None, whose):
                raise SurveyGone(survey_id)
            if await _keep(
                work, held, survey_id, score, solved, reasons, without_secrets(comment.strip())
            ):
                await held.save()
            return await _find(work, survey_id)

    async def press(self, incoming: Incoming, survey_id: str, score: int) -> Recorded:
        """Keep a score that was pressed in the chat, and thank for it there.

        The press joins the record, but nobody owes it an answer and a closed conversation stays
        closed. Raises SurveyGone when the survey is not this shopper's.
        """
        async with self._transaction() as work:
            held = await hold(work, (await _find(work, survey_id)).conversation_id)
            conversation = held.conversation
            if (conversation.channel, conversation.shopper_id) != (
                incoming.channel,
                incoming.shopper_id,
            ):
                raise SurveyGone(survey_id)
            known = await find_said(work, held, Author.SHOPPER, incoming.external_id)
            if known is not None:
                return Recorded(conversation, known, duplicate=True)
            if incoming.allowance is not None:
                await reaching.open_allowance(work, conversation.id, incoming.allowance)
            message = held.append(
                Author.SHOPPER,
                incoming.content,
                external_id=incoming.external_id,
                is_answered=True,
            )
            try:
                survey = await _find(work, survey_id)
                if survey.answered_at is not None:
                    raise SurveyGone(survey_id)
                await _keep(work, held, survey_id, score, None, (), "", self._thanks(held, survey))
            except SurveyGone:
                held.append(Author.SYSTEM, Content(text=survey_words.gone(conversation.language)))
            await held.save()
            return Recorded(held.conversation, message, duplicate=False)

    def _thanks(self, held: HeldConversation, survey: Survey) -> Content:
        link = self.link(survey.id, survey.expires_at)
        return Content(text=survey_words.thanks(held.conversation.language, link))


async def _keep(
    work: Work,
    held: HeldConversation,
    survey_id: str,
    score: int,
    solved: bool | None,
    reasons: tuple[Reason, ...],
    comment: str,
    thanks: Content | None = None,
) -> bool:
    """Keep an answer, say ``thanks``, open a follow-up case for a low score; raises SurveyGone.

    Whether the conversation has changed and is to be saved.
    """
    survey = await _find(work, survey_id)
    if work.now >= survey.expires_at:
        raise SurveyGone(survey_id)
    if survey.answered_at is not None:
        completes = survey.score == score and not survey.reasons and not survey.comment
        if not completes or work.now > survey.answered_at + _COMPLETED_WITHIN:
            raise SurveyGone(survey_id)
    await work.connection.execute(
        update(tables.survey)
        .where(_SURVEY.id == survey_id)
        .values(
            answered_at=survey.answered_at or work.now,
            score=score,
            solved=survey.solved if solved is None else solved,
            reasons=[reason.value for reason in reasons],
            comment=comment,
        )
    )
    await mark_stale(work, survey.conversation_id, survey.epoch)
    if thanks is not None:
        held.append(Author.SYSTEM, thanks)
    is_first = survey.answered_at is None
    if score <= LOW_SCORE and is_first and held.conversation.owner is Owner.CLOSED:
        about = {"score": score, "comment": comment, "survey": survey_id}
        next_step = {"step": "ask_why", "order": None, "verb": None}
        summary = {"follow_up": about, "next_step": next_step}
        handoff = Handoff(HandoffReason.LOW_SCORE, summary, work.now)
        await line.join(work, held, Move.FOLLOW_UP, handoff=handoff)
        return True
    return thanks is not None


async def _find(work: Work, survey_id: str) -> Survey:
    found = await work.connection.execute(select(tables.survey).where(_SURVEY.id == survey_id))
    row = found.mappings().first()
    if row is None:
        raise SurveyGone(survey_id)
    return _survey_from(row)


def _survey_from(row: RowMapping) -> Survey:
    return Survey(**{**row, "reasons": tuple(row["reasons"])})
