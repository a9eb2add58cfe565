"""Calls that shoppers wish for: an open wish outlives the hands that the conversation was in.

A number is kept as long as what was said with it is of use, and then forgotten.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import RowMapping, and_, bindparam, exists, func, or_, select, update

from desk import tables, transcript
from desk.errors import ConversationMoved
from desk.events import Annotated
from desk.held import HeldConversation, hold
from desk.model import Call, Conversation, Move, Owner
from desk.reports.cases import mark_stale
from desk.rows import CONVERSATION
from desk.work import Transaction, Work

_CHANGE = tables.owner_change.c
# As in the condition of the index. Whoever leaves the line waits for nothing any more, and nobody
# can call a number that was forgotten (said so that the index of known numbers, which is longer,
# is not taken for this).
_OPEN = and_(
    _CHANGE.call_asked_at.is_not(None),
    _CHANGE.call_made_at.is_(None),
    func.coalesce(_CHANGE.call_contact, "") != "",
    _CHANGE.move != Move.LEAVE_QUEUE.value,
)
STILL_OPEN = exists().where(_OPEN, _CHANGE.conversation_id == CONVERSATION.id)
"""Whether a conversation has gone on or closed before its shopper was called."""

_TABLE = tables.conversation.alias()
_CALLBACK = _TABLE.c.callback
WANTED = (
    select(_CHANGE.conversation_id)
    .where(_OPEN)
    .union(
        select(_TABLE.c.id).where(
            _TABLE.c.owner.in_([Owner.QUEUE.value, Owner.AGENT.value]),
            _CALLBACK.is_not(None),
            _CALLBACK["contact"].as_string().is_not(None),
            _CALLBACK["made_at"].as_string().is_(None),
        )
    )
)
"""The conversations in which somebody waits to be called, each found by an index."""


# Every overview asks these: put together once.
_OPEN_IN = select(_CHANGE.conversation_id).where(
    _OPEN, _CHANGE.conversation_id.in_(bindparam("of", expanding=True))
)
_COUNT_OPEN = select(func.count(_CHANGE.conversation_id.distinct())).where(_OPEN)


class Calls:
    """Numbers that were left, and who called them when."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def of(self, conversation_id: str) -> list[Call]:
        """All wishes of a conversation, the oldest first; without those that lapsed unfulfilled.

        Raises NoSuchConversation.
        """
        async with self._reading() as work:
            conversation = await transcript.conversation(work.connection, conversation_id)
            found = await work.connection.execute(
                select(tables.owner_change)
                .where(
                    _CHANGE.conversation_id == conversation_id,
                    _CHANGE.call_asked_at.is_not(None),
                    or_(_CHANGE.call_contact.is_not(None), _CHANGE.call_made_at.is_not(None)),
                )
                .order_by(_CHANGE.epoch)
            )
            calls = [_call_from(row) for row in found.mappings()]
        now = conversation.callback
        if now is not None and now.contact is not None:
            calls.append(Call(now.contact, now.at, now.made_at, now.made_by))
        return calls

    async def open_in(self, conversation_ids: Collection[str]) -> set[str]:
        """Those of these conversations that went on before their shopper was called."""
        if not conversation_ids:
            return set()
        async with self._reading() as work:
            found = await work.connection.execute(_OPEN_IN, {"of": list(conversation_ids)})
            return set(found.scalars())

    async def count_open(self) -> int:
        """In how many conversations a wish is open that was left behind."""
        async with self._reading() as work:
            return int((await work.connection.execute(_COUNT_OPEN)).scalar_one())

    async def made(self, conversation_id: str, agent_id: str) -> Conversation:
        """The number was called: by who has the conversation, or by anybody if nobody has it.

        A repeat changes nothing. Raises ConversationMoved while it waits or a colleague has it.
        """
        async with self._transaction() as work:
            held = await hold(work, conversation_id)
            now = held.conversation
            others = now.owner is Owner.AGENT and now.agent_id != agent_id
            if others or now.owner is Owner.QUEUE:
                raise ConversationMoved(now)
            is_new = await _settle(work, conversation_id, agent_id)
            if _called(work, held, agent_id):
                is_new = True
                await held.save()
            if is_new:
                work.events.append(Annotated(conversation_id))
            return held.conversation

    async def forget_idle_since(self, moment: datetime) -> int:
        """Forget the numbers of conversations that left people, or rest, since before ``moment``.

        How many they were. That there was a wish, and whether somebody called, stays known; a wish
        without its number is none to be fulfilled any more.
        """
        async with self._transaction() as work:
            over = await work.connection.execute(
                update(tables.owner_change)
                .where(_CHANGE.call_contact.is_not(None), _CHANGE.at < moment)
                .values(call_contact=None)
            )
        forgotten = int(over.rowcount)
        async with self._reading() as work:
            resting = await work.connection.execute(
                select(_TABLE.c.id).where(
                    _TABLE.c.owner.in_([Owner.QUEUE.value, Owner.AGENT.value]),
                    _TABLE.c.updated_at < moment,
                    _CALLBACK["contact"].as_string().is_not(None),
                )
            )
            ids = list(resting.scalars())
        for conversation_id in ids:
            async with self._transaction() as work:
                held = await hold(work, conversation_id)
                callback = held.conversation.callback
                if callback is None or callback.contact is None:
                    continue
                if held.conversation.updated_at >= moment:
                    continue
                held.update(callback=replace(callback, contact=None))
                await held.save()
                work.events.append(Annotated(conversation_id))
                forgotten += 1
        return forgotten


def _called(work: Work, held: HeldConversation, agent_id: str) -> bool:
    """Note that this agent called the number that was left; whether somebody waited for it."""
    callback = held.conversation.callback
    if callback is None or not callback.is_due:
        return False
    held.update(callback=replace(callback, made_at=work.now, made_by=agent_id))
    return True


async def _settle(work: Work, conversation_id: str, agent_id: str) -> bool:
    """Whether anything was open; what was counted of its cases is counted anew."""
    found = await work.connection.execute(
        update(tables.owner_change)
        .where(_OPEN, _CHANGE.conversation_id == conversation_id)
        .values(call_made_at=work.now, call_made_by=agent_id)
        .returning(_CHANGE.epoch)
    )
    epochs = list(found.scalars())
    for epoch in epochs:
        closed = await work.connection.scalar(
            select(func.min(_CHANGE.epoch)).where(
                _CHANGE.conversation_id == conversation_id,
                _CHANGE.epoch >= epoch,
                _CHANGE.after == Owner.CLOSED.value,
            )
        )
        if closed is not None:
            await mark_stale(work, conversation_id, closed)
    return bool(epochs)


def _call_from(row: RowMapping) -> Call:
    withdrawn = row["move"] == Move.LEAVE_QUEUE.value and row["call_made_at"] is None
    return Call(
        contact=row["call_contact"],
        asked_at=row["call_asked_at"],
        made_at=row["call_made_at"],
        made_by=row["call_made_by"],
        withdrawn_at=row["at"] if withdrawn else None,
    )
