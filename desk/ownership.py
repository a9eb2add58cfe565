"""Who owns a conversation: handing off, taking, replying, handing back, closing."""

from __future__ import annotations

from typing import Any

from desk import line, offers, presence
from desk.agents import find_agent
from desk.errors import AlreadyTaken, BadIncoming, ConversationMoved, NotAllowed
from desk.held import HeldConversation, hold
from desk.identifiers import check_identifier
from desk.model import (
    Agent,
    Agreement,
    Author,
    Conversation,
    Handoff,
    Message,
    Move,
    Owner,
    Role,
)
from desk.notices import agreement
from desk.office.audit import note_deed
from desk.office.model import Deed
from desk.turns import find_said
from desk.work import Work
from kernel.content import Content


async def hand_off(work: Work, conversation_id: str, epoch: int, handoff: Handoff) -> Conversation:
    """(see Desk.hand_off)"""
    held = await hold(work, conversation_id)
    if held.conversation.epoch != epoch:
        raise ConversationMoved(held.conversation)
    await line.join(work, held, Move.HAND_OFF, handoff=handoff)
    await held.save()
    return held.conversation


async def take(work: Work, conversation_id: str, agent_id: str, *, force: bool) -> Conversation:
    """(see Desk.take)"""
    agent = await find_agent(work.connection, agent_id)
    if force and agent.role is not Role.SUPERVISOR:
        raise NotAllowed("only a supervisor takes a conversation from an agent")
    held = await hold(work, conversation_id)
    holder = held.conversation.agent_id
    if holder == agent_id:
        return held.conversation
    if holder is not None and not force:
        raise AlreadyTaken(held.conversation, await find_agent(work.connection, holder))
    return await _give(work, held, agent)


async def give(work: Work, conversation: Conversation, agent_id: str) -> Conversation:
    """Queue → ``agent_id``, if the conversation has not moved; raises ConversationMoved."""
    agent = await find_agent(work.connection, agent_id)
    held = await hold(work, conversation.id)
    if held.conversation.epoch != conversation.epoch or held.conversation.offer is not None:
        raise ConversationMoved(held.conversation)
    return await _give(work, held, agent)


async def assign(work: Work, conversation_id: str, agent_id: str, by_id: str) -> Conversation:
    """(see Desk.assign)"""
    agent = await find_agent(work.connection, agent_id)
    held = await hold(work, conversation_id)
    await _demand_say(work, held, by_id)
    if held.conversation.agent_id == agent_id:
        return held.conversation
    return await _give(work, held, agent, by_id=by_id)


async def pass_on(
    work: Work, conversation_id: str, by_id: str, skill: str | None, note: str
) -> Conversation:
    """(see Desk.pass_on)"""
    held = await hold(work, conversation_id)
    if held.conversation.owner is not Owner.AGENT:
        raise ConversationMoved(held.conversation)
    await _demand_say(work, held, by_id)
    return await offers.give_up(work, held, note=note, by_id=by_id, skill=skill)


async def _give(
    work: Work, held: HeldConversation, agent: Agent, by_id: str | None = None
) -> Conversation:
    before = held.conversation.agent_id
    held.move(Move.TAKE, agent_id=agent.id, agent_name=agent.name, by_id=by_id)
    await held.save()
    if by_id is None:
        await presence.note_work(work, agent.id)
    if before is not None:
        await presence.note_end(work, before)
    return held.conversation


async def _demand_say(work: Work, held: HeldConversation, by_id: str) -> None:
    """Raise NotAllowed unless ``by_id`` holds the conversation or is a supervisor."""
    by = await find_agent(work.connection, by_id)
    if by.role is not Role.SUPERVISOR and held.conversation.agent_id != by_id:
        raise NotAllowed("only a supervisor decides about a conversation of somebody else")


async def reply(
    work: Work, conversation_id: str, agent_id: str, content: Content, client_id: str
) -> Message:
    """(see Desk.reply)"""
    held = await hold(work, conversation_id)
    check_identifier(client_id)
    known = await find_said(work, held, Author.AGENT, client_id)
    if known is not None and known.agent_id == agent_id:
        return known
    demand_holder(held, agent_id)
    if known is not None:
        raise BadIncoming(f"another agent has used {client_id!r} here")
    message = held.append(Author.AGENT, content, agent_id=agent_id, external_id=client_id)
    await held.save()
    return message


async def hand_back(
    work: Work,
    conversation_id: str,
    agent_id: str,
    note: str,
    agreed: str,
    facts: dict[str, Any],
) -> Conversation:
    """(see Desk.hand_back)"""
    held = await hold(work, conversation_id)
    demand_holder(held, agent_id)
    held.move(Move.HAND_BACK, agent_id=agent_id, note=note or None)
    if agreed or facts:
        held.update(agreed=Agreement(agreed, agent_id, work.now, facts))
    if agreed:
        held.append(Author.SYSTEM, agreement(agreed, held.conversation.language))
    await held.save()
    await presence.note_end(work, agent_id)
    return held.conversation


async def close(work: Work, conversation_id: str, agent_id: str) -> Conversation:
    """(see Desk.close)"""
    held = await hold(work, conversation_id)
    demand_holder(held, agent_id)
    held.move(Move.CLOSE, agent_id=agent_id)
    await held.save()
    await presence.note_end(work, agent_id)
    return held.conversation


async def transfer(
    work: Work, conversation_id: str, agent_id: str, to_agent_id: str, note: str
) -> Conversation:
    """(see Desk.transfer)"""
    colleague = await find_agent(work.connection, to_agent_id)
    held = await hold(work, conversation_id)
    demand_holder(held, agent_id)
    if colleague.id == agent_id:
        return held.conversation
    held.move(Move.TRANSFER, agent_id=colleague.id, agent_name=colleague.name, note=note or None)
    await held.save()
    await presence.note_end(work, agent_id)
    await note_deed(work, agent_id, Deed.TRANSFERRED, conversation_id, to=colleague.name)
    return held.conversation


async def leave_queue(work: Work, conversation_id: str) -> Conversation:
    """(see Desk.leave_queue)"""
    held = await hold(work, conversation_id)
    held.move(Move.LEAVE_QUEUE)
    await held.save()
    return held.conversation


def demand_holder(held: HeldConversation, agent_id: str) -> None:
    """Raise ConversationMoved unless this agent has the conversation."""
    conversation = held.conversation
    if conversation.owner is not Owner.AGENT or conversation.agent_id != agent_id:
        raise ConversationMoved(conversation)
