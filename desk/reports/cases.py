"""Turns closed conversations into cases: one row each, from the messages and changes of owner.

Cases are made after closing, away from any turn, and made anew when something more is learned of
them: an answered survey, a shopper who comes back. The days they lie on are then counted anew.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, delete, func, insert, or_, select, update

from desk import tables as desk_tables
from desk.model import Author, Move, Owner
from desk.office import tables as office_tables
from desk.reports import tables
from desk.reports.marks import mark
from desk.reports.model import Outcome
from desk.reports.replies import asks, counted
from desk.rows import CONVERSATION, MESSAGE, message_from
from desk.work import Transaction, Work

CAME_BACK_WITHIN = timedelta(hours=72)
_CHANGE = desk_tables.owner_change.c
_CASE = tables.case.c
_SURVEY = tables.survey.c
_STALE = tables.stale_case.c
_PROGRESS = office_tables.progress.c
_NAME = "cases"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SETTLED = timedelta(seconds=2)
_TICK = timedelta(microseconds=1)
_READ_MESSAGES = 500
_REQUEST_CHARACTERS = 200
_CARD_JOURNEYS = {
    "order": "order_status",
    "shipment": "track_shipment",
    "return": "return_request",
    "refund": "refund_status",
    "payment": "payment_failed",
}
# Flows that serve others: they say nothing about what a shopper came for.
_MEANS = frozenset({"identify", "prove", "human_agent", "answers", "small_talk"})


class Cases:
    """Follows the closings; ``zone`` says on which day and hour a case lies."""

    def __init__(self, transaction: Transaction, reading: Transaction, zone: ZoneInfo) -> None:
        self._transaction = transaction
        self._reading = reading
        self.zone = zone

    async def fold(self, limit: int = 200) -> int:
        """Make the cases of what has closed or reopened since, and stale ones; how many."""
        async with self._transaction() as work:
            await work.insert_unless_there(office_tables.progress, {"name": _NAME, "at": _LONG_AGO})
            since = await work.connection.execute(
                select(_PROGRESS.at).where(_PROGRESS.name == _NAME)
            )
            found = await work.connection.execute(
                select(_CHANGE.conversation_id, _CHANGE.epoch, _CHANGE.after, _CHANGE.at)
                .where(
                    or_(_CHANGE.after == Owner.CLOSED.value, _CHANGE.move == Move.REOPEN.value),
                    _CHANGE.at > since.scalar_one(),
                    # Deeds of one moment may commit in another order: what is younger waits.
                    _CHANGE.at <= work.now - _SETTLED,
                )
                .order_by(_CHANGE.at)
                .limit(limit)
            )
            rows = found.all()
            stale = await work.connection.execute(select(tables.stale_case).limit(limit))
            stale_rows = stale.all()
        for row in rows:
            # A shopper who is back says something about the case that closed before.
            epoch = row.epoch if row.after == Owner.CLOSED.value else row.epoch - 1
            async with self._transaction() as work:
                await self._make(work, row.conversation_id, epoch)
        for row in stale_rows:
            async with self._transaction() as work:
                await work.connection.execute(
                    delete(tables.stale_case).where(
                        _STALE.conversation_id == row.conversation_id, _STALE.epoch == row.epoch
                    )
                )
                await self._make(work, row.conversation_id, row.epoch)
        if rows:
            # Several closings may share the last moment: all but those of it are done.
            until = rows[-1].at if len(rows) < limit else rows[-1].at - _TICK
            async with self._transaction() as work:
                await work.connection.execute(
                    update(office_tables.progress).where(_PROGRESS.name == _NAME).values(at=until)
                )
        return len(rows) + len(stale_rows)

    async def _make(self, work: Work, conversation_id: str, epoch: int) -> None:
        values = await self._read(work, conversation_id, epoch)
        await work.connection.execute(
            delete(tables.case).where(
                _CASE.conversation_id == conversation_id, _CASE.epoch == epoch
            )
        )
        if values is None:
            return
        await work.connection.execute(insert(tables.case).values(values))
        await mark(work, tables.stale_day, values["day"])

    async def _read(self, work: Work, conversation_id: str, epoch: int) -> dict[str, Any] | None:
        changes = await _changes(work, conversation_id, epoch)
        closing = changes[-1]
        starts = max((row["epoch"] for row in changes[:-1] if row["after"] == "closed"), default=0)
        since = next((row["at"] for row in changes if row["epoch"] == starts), None)
        own = [row for row in changes if row["epoch"] > starts]
        found = await work.connection.execute(
            select(desk_tables.message)
            .where(
                MESSAGE.conversation_id == conversation_id,
                MESSAGE.epoch >= max(starts, 1),
                MESSAGE.epoch < epoch,
            )
            .order_by(MESSAGE.seq)
            .limit(_READ_MESSAGES)
        )
        messages = [message_from(row) for row in found.mappings()]
        said = [message for message in messages if message.author is Author.SHOPPER]
        if not said and since is None:
            return None
        conversation = await work.connection.execute(
            select(CONVERSATION.channel, CONVERSATION.language).where(
                CONVERSATION.id == conversation_id
            )
        )
        channel, language = conversation.one()
        survey = await _survey_of(work, conversation_id, epoch)
        opened_at = said[0].created_at if said else closing["at"]
        local = opened_at.astimezone(self.zone)
        times = _times(own, messages, closing["at"])
        handed_off = next((row for row in own if row["after"] == "queue"), None)
        agent = next((row["agent_id"] for row in reversed(own) if row["after"] == "agent"), None)
        return {
            "conversation_id": conversation_id,
            "epoch": epoch,
            "opened_at": opened_at,
            "closed_at": closing["at"],
            "day": local.date().isoformat(),
            "hour": local.hour,
            "channel": channel,
            "language": language,
            "journey": _journey(messages),
            "agent_id": agent,
            "outcome": await _outcome(work, conversation_id, epoch, own, survey),
            "sla_kept": 0,
            "sla_missed": 0,
            "promise": None,
            "score": survey["score"] if survey else None,
            "solved": survey["solved"] if survey else None,
            "reasons": survey["reasons"] if survey else [],
            "request": _request(said),
            "call_asked": sum(row["call_asked_at"] is not None for row in own),
            "call_made": sum(row["call_made_at"] is not None for row in own),
            **counted(asks(own, messages)),
            **times,
            **await self._kept(work, conversation_id, opened_at, closing["at"], handed_off),
        }

    async def _kept(
        self,
        work: Work,
        conversation_id: str,
        opened_at: datetime,
        closed_at: datetime,
        handed_off: Any,
    ) -> dict[str, Any]:
        """What was promised about times in this case, and what came of it."""
        if handed_off is None:
            return {}
        event = desk_tables.sla_event.c
        found = await work.connection.execute(
            select(event.kind, event.metric, event.spent_s, event.target_s).where(
                event.conversation_id == conversation_id,
                event.at >= opened_at,
                event.at <= closed_at,
                event.kind == "fulfilled",
            )
        )
        rows = found.all()
        kept = sum(row.spent_s <= row.target_s for row in rows)
        promise = desk_tables.promise.c
        first = await work.connection.execute(
            select(promise.outcome).where(
                promise.conversation_id == conversation_id,
                promise.epoch == handed_off["epoch"],
                promise.number == 1,
            )
        )
        return {
            "sla_kept": kept,
            "sla_missed": len(rows) - kept,
            "promise": first.scalar_one_or_none(),
        }


async def mark_stale(work: Work, conversation_id: str, epoch: int) -> None:
    """Let a case be made anew, because more is known of it now."""
    await work.insert_unless_there(
        tables.stale_case, {"conversation_id": conversation_id, "epoch": epoch}
    )


async def _changes(work: Work, conversation_id: str, epoch: int) -> list[RowMapping]:
    found = await work.connection.execute(
        select(desk_tables.owner_change)
        .where(_CHANGE.conversation_id == conversation_id, _CHANGE.epoch <= epoch)
        .order_by(_CHANGE.epoch)
    )
    return list(found.mappings())


async def _survey_of(work: Work, conversation_id: str, epoch: int) -> RowMapping | None:
    found = await work.connection.execute(
        select(_SURVEY.score, _SURVEY.solved, _SURVEY.reasons).where(
            _SURVEY.conversation_id == conversation_id,
            _SURVEY.epoch == epoch,
            _SURVEY.answered_at.is_not(None),
        )
    )
    return found.mappings().first()


async def _outcome(
    work: Work, conversation_id: str, epoch: int, own: list[RowMapping], survey: Any
) -> str:
    served = any(row["after"] == "agent" for row in own)
    waited = any(row["after"] == "queue" for row in own)
    if waited and not served:
        return Outcome.ABANDONED.value
    reopened = await work.connection.execute(
        select(func.min(_CHANGE.at)).where(
            _CHANGE.conversation_id == conversation_id,
            _CHANGE.epoch > epoch,
            _CHANGE.move == Move.REOPEN.value,
        )
    )
    again = reopened.scalar_one()
    if again is not None and again <= own[-1]["at"] + CAME_BACK_WITHIN:
        return Outcome.CAME_BACK.value
    if survey and survey["solved"] is not None:
        return (Outcome.CONFIRMED if survey["solved"] else Outcome.UNSOLVED).value
    return (Outcome.HANDED_OFF if served else Outcome.SILENT).value


def _times(own: list[RowMapping], messages: list[Any], closed_at: datetime) -> dict[str, Any]:
    """Seconds: waited for a person, until a person's first words, until the end (of people)."""
    queued = next((row["at"] for row in own if row["after"] == "queue"), None)
    taken = next((row["at"] for row in own if row["after"] == "agent"), None)
    began = queued or taken
    if began is None:
        opened = messages[0].created_at if messages else closed_at
        last = messages[-1].created_at if messages else closed_at
        bot_s = max(0.0, (last - opened).total_seconds())
        return {"waited_s": None, "first_response_s": None, "resolution_s": bot_s}
    spoke = next(
        (m.created_at for m in messages if m.author is Author.AGENT and m.created_at >= began), None
    )
    # What people have given back to the bot is done, however long the conversation then lies open.
    ended = next((row["at"] for row in reversed(own) if row["before"] == "agent"), closed_at)
    return {
        "waited_s": (taken - queued).total_seconds() if queued and taken else None,
        "first_response_s": (spoke - began).total_seconds() if spoke else None,
        "resolution_s": (ended - began).total_seconds(),
    }


def _journey(messages: list[Any]) -> str:
    """The last thing that the shopper came for, by what the bot did about it."""
    for message in reversed(messages):
        if message.author is not Author.BOT:
            continue
        content = message.content
        if content.ask is not None and content.ask.flow not in _MEANS:
            return str(content.ask.flow)
        if content.card and content.card.get("type") in _CARD_JOURNEYS:
            return _CARD_JOURNEYS[content.card["type"]]
    spoke = any(message.author is Author.BOT for message in messages)
    return "question" if spoke else "other"


def _request(said: list[Any]) -> str:
    """What the shopper wrote first, in short."""
    first = next((message.content.text for message in said if message.content.text), "")
    return str(first)[:_REQUEST_CHARACTERS]
