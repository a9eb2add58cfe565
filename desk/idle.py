"""Ends conversations with the bot in which nothing has been said for long."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, or_, select

from desk.held import hold
from desk.model import Conversation, Move, Owner, TurnState
from desk.rows import CONVERSATION, MESSAGE
from desk.work import Work


async def idle_with_bot(work: Work, rest: timedelta, limit: int) -> list[str]:
    """Conversations of the bot at rest for ``rest``, to which it owes nothing; oldest first."""
    owes = exists().where(
        MESSAGE.conversation_id == CONVERSATION.id,
        MESSAGE.turn_state == TurnState.PENDING.value,
    )
    found = await work.connection.execute(
        select(CONVERSATION.id)
        .where(
            CONVERSATION.owner == Owner.BOT.value,
            CONVERSATION.updated_at <= work.now - rest,
            CONVERSATION.last_seq > 0,
            or_(CONVERSATION.lease_until.is_(None), CONVERSATION.lease_until <= work.now),
            ~owes,
        )
        .order_by(CONVERSATION.updated_at)
        .limit(limit)
    )
    return list(found.scalars())


async def expire(work: Work, conversation_id: str, rest: timedelta) -> Conversation | None:
    """(see Desk.expire) None when the shopper has written or somebody took it meanwhile."""
    held = await hold(work, conversation_id)
    conversation = held.conversation
    if conversation.owner is not Owner.BOT or held.is_leased:
        return None
    if conversation.updated_at > work.now - rest:
        return None
    held.move(Move.EXPIRE)
    await held.save()
    return held.conversation
