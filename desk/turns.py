"""The way of a shopper's message: recorded, claimed by one worker, answered once or dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from desk import line, reaching, tables
from desk.errors import NoSuchMessage
from desk.events import MessageRewritten
from desk.held import HeldConversation, hold, hold_or_create
from desk.identifiers import check_identifier
from desk.model import (
    Author,
    Dropped,
    Finished,
    Handoff,
    Incoming,
    Lease,
    Message,
    Move,
    Owner,
    PendingTurn,
    Recorded,
    TurnState,
)
from desk.office import search
from desk.rows import CONVERSATION, MESSAGE, message_from
from desk.work import Work
from kernel.content import Content, to_builtins

_IS_PENDING = MESSAGE.turn_state == TurnState.PENDING.value
# Built once, like those of desk/held.py.
_SAID = select(tables.message).where(
    MESSAGE.conversation_id == bindparam("conversation_id"),
    MESSAGE.author == bindparam("author"),
    MESSAGE.external_id == bindparam("external_id"),
)
_WAITING = select(
    exists().where(MESSAGE.conversation_id == bindparam("conversation_id"), _IS_PENDING)
)
_OLDEST_PENDING = (
    select(tables.message)
    .where(MESSAGE.conversation_id == bindparam("conversation_id"), _IS_PENDING)
    .order_by(MESSAGE.seq)
    .limit(1)
)
_CHANGE_MESSAGE = update(tables.message).where(MESSAGE.id == bindparam("changed_id"))


async def record(work: Work, incoming: Incoming, lease: Lease | None) -> Recorded:
    """(see Desk.record)"""
    for identifier in (incoming.channel, incoming.shopper_id, incoming.external_id):
        check_identifier(identifier)
    held = await hold_or_create(work, incoming.channel, incoming.shopper_id, incoming.language)
    known = await find_said(work, held, Author.SHOPPER, incoming.external_id)
    if known is not None:
        return Recorded(held.conversation, known, duplicate=True)
    if incoming.allowance is not None:
        await reaching.open_allowance(work, held.conversation.id, incoming.allowance)
    if held.conversation.owner is Owner.CLOSED:
        held.move(Move.REOPEN)
    if incoming.customer is not None:
        held.update(customer=incoming.customer)
    if held.conversation.language is None:
        held.update(language=incoming.language)
    message = held.append(
        Author.SHOPPER,
        incoming.content,
        external_id=incoming.external_id,
        created_at=min(incoming.received_at or work.now, work.now),
    )
    turn = None
    if lease is not None and await _is_next(work, held):
        turn = held.begin_turn(message, 1, lease)
    await held.save()
    return Recorded(held.conversation, message, duplicate=False, turn=turn)


async def _is_next(work: Work, held: HeldConversation) -> bool:
    """Whether what the shopper says now is what the bot answers next."""
    if held.conversation.owner is not Owner.BOT or held.is_leased:
        return False
    return not await owes_answer(work, held.conversation.id)


async def owes_answer(work: Work, conversation_id: str) -> bool:
    """(see Desk.owes_answer)"""
    waiting = await work.connection.execute(_WAITING, {"conversation_id": conversation_id})
    return bool(waiting.scalar_one())


async def find_said(
    work: Work, held: HeldConversation, author: Author, external_id: str
) -> Message | None:
    """What ``author`` already said here under ``external_id``, if anything."""
    found = await work.connection.execute(
        _SAID,
        {
            "conversation_id": held.conversation.id,
            "author": author.value,
            "external_id": external_id,
        },
    )
    row = found.mappings().first()
    return message_from(row) if row else None


async def claim_turn(work: Work, conversation_id: str, lease: Lease) -> PendingTurn | None:
    """(see Desk.claim_turn)"""
    held = await hold(work, conversation_id)
    if held.conversation.owner is not Owner.BOT or held.is_leased:
        return None
    found = await work.connection.execute(_OLDEST_PENDING, {"conversation_id": conversation_id})
    row = found.mappings().first()
    if row is None:
        return None
    attempt = row["turn_attempts"] + 1
    await _update_message(work, row["id"], turn_attempts=attempt)
    turn = held.begin_turn(message_from(row), attempt, lease)
    await held.save()
    return turn


async def finish_turn(
    work: Work,
    claim: PendingTurn,
    replies: Sequence[Content],
    *,
    handoff: Handoff | None,
    language: str | None,
    customer: dict[str, Any] | None,
    sender: Lease | None,
    heard: str | None,
) -> Finished | Dropped:
    """(see Desk.finish_turn)"""
    held = await hold(work, claim.conversation.id)
    if heard is not None and heard != claim.message.content.text:
        await _rewrite(work, held, claim.message, heard)
    if held.conversation.epoch != claim.conversation.epoch or held.lease_token != claim.lease_token:
        return Dropped(held.conversation)
    for reply in replies:
        held.append(Author.BOT, reply, in_reply_to=claim.message.id)
    await _update_message(work, claim.message.id, turn_state=TurnState.ANSWERED.value)
    if language is not None:
        held.update(language=language)
    # The channel may have verified somebody else while the turn ran: then the turn is outdated.
    if held.conversation.customer == claim.conversation.customer:
        held.update(customer=customer)
    held.end_turn()
    if sender is not None:
        held.send_by(sender)
    if handoff is not None:
        await line.join(work, held, Move.HAND_OFF, handoff=handoff)
    await held.save()
    more = held.has_shopper_words_after(claim.message)
    return Finished(held.appended, held.conversation, more, held.deliveries)


async def _rewrite(work: Work, held: HeldConversation, message: Message, heard: str) -> None:
    kept = replace(message, content=msgspec.structs.replace(message.content, text=heard))
    await _update_message(work, message.id, content=to_builtins(kept.content))
    await search.index_anew(work, message)
    work.events.append(MessageRewritten(held.conversation, kept))


async def release_turn(work: Work, claim: PendingTurn) -> None:
    """(see Desk.release_turn)"""
    held = await hold(work, claim.conversation.id)
    if held.lease_token == claim.lease_token:
        held.end_turn()
        await held.save()


async def unanswered(work: Work, older_than: timedelta, limit: int) -> list[str]:
    """(see Desk.unanswered)"""
    waiting_since = func.min(MESSAGE.created_at)
    found = await work.connection.execute(
        select(MESSAGE.conversation_id)
        .join(tables.conversation, CONVERSATION.id == MESSAGE.conversation_id)
        .where(
            _IS_PENDING,
            MESSAGE.created_at <= work.now - older_than,
            CONVERSATION.owner == Owner.BOT.value,
            or_(CONVERSATION.lease_until.is_(None), CONVERSATION.lease_until <= work.now),
        )
        .group_by(MESSAGE.conversation_id)
        .order_by(waiting_since, MESSAGE.conversation_id)
        .limit(limit)
    )
    return list(found.scalars())


async def replies_to(connection: AsyncConnection, message_id: str) -> list[Message]:
    """(see Desk.replies_to)"""
    found = await connection.execute(
        select(tables.message).where(MESSAGE.in_reply_to == message_id).order_by(MESSAGE.seq)
    )
    return [message_from(row) for row in found.mappings()]


async def is_answered(connection: AsyncConnection, message_id: str) -> bool:
    """(see Desk.is_answered)"""
    found = await connection.execute(select(MESSAGE.turn_state).where(MESSAGE.id == message_id))
    row = found.first()
    if row is None:
        raise NoSuchMessage(message_id)
    return bool(row.turn_state != TurnState.PENDING.value)


async def _update_message(work: Work, message_id: str, **values: Any) -> None:
    await work.connection.execute(_CHANGE_MESSAGE, {"changed_id": message_id, **values})
