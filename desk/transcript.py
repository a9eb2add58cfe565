"""Reading: conversations, their messages, the queue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from desk import tables
from desk.errors import NoSuchConversation
from desk.identifiers import is_storable
from desk.model import Conversation, LineChanges, Message, Owner, QueueEntry
from desk.rows import CONVERSATION, MESSAGE, conversation_from, labelled, message_from
from desk.work import Work

_WAITING = (
    select(*labelled(tables.conversation, "conversation_"), *labelled(tables.message, "message_"))
    .outerjoin(
        tables.message,
        and_(
            MESSAGE.conversation_id == CONVERSATION.id,
            MESSAGE.seq == CONVERSATION.last_shopper_seq,
        ),
    )
    .where(CONVERSATION.owner == Owner.QUEUE.value)
    .order_by(CONVERSATION.place_at, CONVERSATION.id)
)

_IN_LINE = select(CONVERSATION.id).where(CONVERSATION.owner == Owner.QUEUE.value)
_HOW_MANY = select(func.count()).where(CONVERSATION.owner == Owner.QUEUE.value)


async def conversation(connection: AsyncConnection, conversation_id: str) -> Conversation:
    """(see Desk.conversation)"""
    found = None
    if is_storable(conversation_id):
        found = await _first(connection, CONVERSATION.id == conversation_id)
    if found is None:
        raise NoSuchConversation(conversation_id)
    return found


async def conversation_of(
    connection: AsyncConnection, channel: str, shopper_id: str
) -> Conversation | None:
    """(see Desk.conversation_of)"""
    if not is_storable(shopper_id):
        return None
    return await _first(
        connection, and_(CONVERSATION.channel == channel, CONVERSATION.shopper_id == shopper_id)
    )


async def _first(connection: AsyncConnection, condition: Any) -> Conversation | None:
    found = await connection.execute(select(tables.conversation).where(condition))
    row = found.mappings().first()
    return conversation_from(row) if row else None


async def messages_after(
    connection: AsyncConnection, conversation_id: str, seq: int, limit: int
) -> list[Message]:
    """(see Desk.messages_after)"""
    found = await connection.execute(
        select(tables.message)
        .where(MESSAGE.conversation_id == conversation_id, MESSAGE.seq > seq)
        .order_by(MESSAGE.seq)
        .limit(limit)
    )
    return [message_from(row) for row in found.mappings()]


async def messages_before(
    connection: AsyncConnection, conversation_id: str, seq: int | None, limit: int
) -> list[Message]:
    """(see Desk.messages_before)"""
    query = select(tables.message).where(MESSAGE.conversation_id == conversation_id)
    if seq is not None:
        query = query.where(MESSAGE.seq < seq)
    found = await connection.execute(query.order_by(MESSAGE.seq.desc()).limit(limit))
    return [message_from(row) for row in found.mappings()][::-1]


async def queue(
    work: Work,
    limit: int | None,
    among: Collection[str] | None = None,
    after: tuple[datetime, str] | None = None,
) -> list[QueueEntry]:
    """(see Desk.queue); ``among``: of these only."""
    query = _WAITING if among is None else _WAITING.where(CONVERSATION.id.in_(among))
    if after is not None:
        place_at, of = after
        query = query.where(
            CONVERSATION.place_at >= place_at,
            or_(CONVERSATION.place_at > place_at, CONVERSATION.id > of),
        )
    found = await work.connection.execute(query.limit(limit))
    entries = []
    for position, row in enumerate(found.mappings(), start=1):
        waiting = conversation_from(row, "conversation_")
        if waiting.queued_at is None:
            raise RuntimeError(f"conversation {waiting.id} waits since no time")
        last = message_from(row, "message_") if row["message_id"] else None
        entries.append(QueueEntry(waiting, position, waiting.queued_at, last))
    return entries


async def line_changes(
    work: Work, limit: int, touched: Collection[str], known: Collection[str] | None
) -> LineChanges:
    """(see Desk.line_changes)"""
    connection = work.connection
    first = _IN_LINE.order_by(CONVERSATION.place_at, CONVERSATION.id).limit(limit)
    head = list((await connection.execute(first)).scalars())
    still = set((await connection.execute(_IN_LINE.where(CONVERSATION.id.in_(touched)))).scalars())
    waiting = (await connection.execute(_HOW_MANY)).scalar_one()
    known = head if known is None else known
    changed = {one for one in head if one in touched or one not in known}
    lines = await queue(work, None, changed) if changed else []
    return LineChanges(waiting, head, lines, sorted(set(touched) - still))


async def conversations_of_agent(connection: AsyncConnection, agent_id: str) -> list[Conversation]:
    """(see Desk.conversations_of_agent)"""
    found = await connection.execute(
        select(tables.conversation)
        .where(CONVERSATION.agent_id == agent_id, CONVERSATION.owner == Owner.AGENT.value)
        .order_by(CONVERSATION.updated_at.desc(), CONVERSATION.id)
    )
    return [conversation_from(row) for row in found.mappings()]
