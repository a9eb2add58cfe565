"""Who waits meets who is free: offers, what becomes of them, and conversations that come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from desk import line, presence, tables
from desk.errors import ConversationMoved
from desk.events import Offered, OfferEnded, QueueChanged
from desk.held import HeldConversation, hold
from desk.model import Conversation, Move, Offer, Owner
from desk.routing import Match, matches
from desk.rows import CONVERSATION, conversation_from
from desk.work import Work

# So many of those who wait are looked at for one round of matching.
_LOOK_AHEAD = 500
_JUST_BEFORE = timedelta(milliseconds=1)


async def find_matches(work: Work) -> list[Match]:
    """Who should get whom now, in the order of the line."""
    people = await presence.free_agents(work)
    if not people:
        return []
    found = await work.connection.execute(
        select(tables.conversation)
        .where(CONVERSATION.owner == Owner.QUEUE.value, CONVERSATION.offered_to.is_(None))
        .order_by(CONVERSATION.place_at, CONVERSATION.id)
        .limit(_LOOK_AHEAD)
    )
    waiting = [conversation_from(row) for row in found.mappings()]
    return matches(waiting, people, work.rules.queue, work.now)


async def somebody_waits(work: Work) -> bool:
    """Whether there is anybody in line who is not held out to an agent."""
    found = await work.connection.execute(
        select(CONVERSATION.id)
        .where(CONVERSATION.owner == Owner.QUEUE.value, CONVERSATION.offered_to.is_(None))
        .limit(1)
    )
    return found.first() is not None


async def offer(work: Work, found: list[Match]) -> int:
    """Hold each conversation out to its agent, unless it has moved meanwhile; how many were."""
    until = work.now + work.rules.queue.offer_time
    made = 0
    for match in found:
        conversation = match.conversation
        result = await work.connection.execute(
            update(tables.conversation)
            .where(
                CONVERSATION.id == conversation.id,
                CONVERSATION.epoch == conversation.epoch,
                CONVERSATION.offered_to.is_(None),
            )
            .values(offered_to=match.agent_id, offer_until=until)
        )
        if result.rowcount:
            made += 1
            held_out = Offer(match.agent_id, until)
            work.events.append(Offered(replace(conversation, offer=held_out), held_out))
    return made


async def held_out_to(work: Work, agent_id: str) -> list[Conversation]:
    """(see Desk.offers_to)"""
    found = await work.connection.execute(
        select(tables.conversation)
        .where(CONVERSATION.offer_until > work.now, CONVERSATION.offered_to == agent_id)
        .order_by(CONVERSATION.offer_until)
    )
    return [conversation_from(row) for row in found.mappings()]


async def expired(work: Work, limit: int) -> list[str]:
    """Conversations whose offer nobody has taken in time."""
    found = await work.connection.execute(
        select(CONVERSATION.id).where(CONVERSATION.offer_until <= work.now).limit(limit)
    )
    return list(found.scalars())


async def expire(work: Work, conversation_id: str) -> None:
    """End an offer that was not taken in time; the conversation goes to the head of the line."""
    held = await hold(work, conversation_id)
    held_out = held.conversation.offer
    if held_out is not None and held_out.until <= work.now:
        await _end_offer(work, held, held_out.agent_id)
        await presence.note_missed_offer(work, held_out.agent_id)


async def decline(work: Work, conversation_id: str, agent_id: str) -> None:
    """(see Desk.decline)"""
    held = await hold(work, conversation_id)
    held_out = held.conversation.offer
    if held_out is None or held_out.agent_id != agent_id:
        raise ConversationMoved(held.conversation)
    await _end_offer(work, held, agent_id)


async def _end_offer(work: Work, held: HeldConversation, agent_id: str) -> None:
    passed_by = dict.fromkeys((*held.conversation.passed_by, agent_id))
    held.update(offer=None, passed_by=tuple(passed_by))
    await to_head(work, held)
    await held.save()
    work.events += [OfferEnded(held.conversation, agent_id), QueueChanged()]


async def to_head(work: Work, held: HeldConversation) -> None:
    """Put a waiting conversation before everybody else."""
    found = await work.connection.execute(
        select(func.min(CONVERSATION.place_at)).where(
            CONVERSATION.owner == Owner.QUEUE.value, CONVERSATION.id != held.conversation.id
        )
    )
    first = found.scalar()
    place_at = held.conversation.place_at
    if first is not None and place_at is not None and first <= place_at:
        held.update(place_at=first - _JUST_BEFORE)


async def take_back(work: Work, conversation_id: str) -> Conversation | None:
    """Agent who is gone → queue, with the place it had; None if they are there after all."""
    held = await hold(work, conversation_id)
    agent_id = held.conversation.agent_id
    if agent_id is None or not await presence.is_gone(work, agent_id):
        return None
    return await give_up(work, held, note="agent_gone", by_id=None)


async def give_up(
    work: Work,
    held: HeldConversation,
    *,
    note: str,
    by_id: str | None,
    skill: str | None = None,
) -> Conversation:
    """Agent → queue, before everybody who came later; not offered to the same agent first."""
    agent_id = held.conversation.agent_id
    if agent_id is None:
        raise ConversationMoved(held.conversation)
    if skill is not None:
        held.update(skill=skill)
    if held.conversation.place_at is None:
        held.update(place_at=work.now)
    await line.join(work, held, Move.RETURN, note=note, by_id=by_id)
    held.update(passed_by=(agent_id,))
    await held.save()
    return held.conversation
