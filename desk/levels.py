"""Promises watched: what is broken is noted, what is in danger gets its remedy, snoozes end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from desk import offers, tables
from desk.held import HeldConversation, hold
from desk.model import ClockReading, Conversation, Owner
from desk.presence import free_agents
from desk.routing import eligible
from desk.rows import CONVERSATION, conversation_from
from desk.rules import DeskRules
from desk.sla.clocks import remaining_at, spent_at
from desk.sla.policies import Remedy
from desk.work import Work


async def to_check(work: Work, limit: int) -> list[str]:
    """Conversations whose clocks somebody must look at, the most urgent first."""
    found = await work.connection.execute(
        select(CONVERSATION.id)
        .where(CONVERSATION.sla_check_at < work.now)
        .order_by(CONVERSATION.sla_check_at)
        .limit(limit)
    )
    return list(found.scalars())


async def in_danger(work: Work, limit: int) -> list[Conversation]:
    """(see Desk.in_danger)"""
    found = await work.connection.execute(
        select(tables.conversation)
        .where(CONVERSATION.sla_risk_at <= work.now)
        .order_by(CONVERSATION.sla_risk_at)
        .limit(limit)
    )
    return [conversation_from(row) for row in found.mappings()]


async def check(work: Work, conversation_id: str) -> None:
    """Note what is broken or in danger in one conversation, and do something about it."""
    held = await hold(work, conversation_id)
    remedies = held.escalate(work.rules.sla.escalations)
    for remedy in remedies:
        match remedy:
            case Remedy.RAISE_PRIORITY:
                raised = held.conversation.priority + 1
                held.prioritise(min(raised, work.rules.queue.highest_priority))
            case Remedy.REQUEUE:
                if await _requeue(work, held):
                    return
            case Remedy.TELL_SUPERVISOR:
                # The event, which is stored, is what supervisors are told (desk.alarms).
                continue
    await held.save()


async def _requeue(work: Work, held: HeldConversation) -> bool:
    """Find somebody else for a shopper without an answer; whether that has saved everything."""
    if held.conversation.owner is Owner.QUEUE:
        await offers.to_head(work, held)
        return False
    if not await _somebody_else_is_free(work, held.conversation):
        return False
    await offers.give_up(work, held, note="sla", by_id=None)
    return True


async def _somebody_else_is_free(work: Work, conversation: Conversation) -> bool:
    people = await free_agents(work)
    return any(
        one.agent.id != conversation.agent_id and one.load + conversation.weight <= one.capacity
        for one in eligible(people, conversation, work.rules.queue, work.now)
    )


async def snoozed_until_now(work: Work, limit: int) -> list[str]:
    """Conversations whose snooze is over."""
    found = await work.connection.execute(
        select(CONVERSATION.id).where(CONVERSATION.snoozed_until <= work.now).limit(limit)
    )
    return list(found.scalars())


async def wake(work: Work, conversation_id: str) -> None:
    """End a snooze that is over."""
    held = await hold(work, conversation_id)
    until = held.conversation.snoozed_until
    if until is not None and until <= work.now:
        held.snooze(None)
        await held.save()


def readings(conversation: Conversation, rules: DeskRules, now: datetime) -> list[ClockReading]:
    """(see Desk.clocks)"""
    applied = conversation.sla
    if applied is None:
        return []
    calendar = rules.calendar(applied.calendar)
    first = rules.sla.danger_from
    return [
        ClockReading(
            metric=clock.metric.value,
            policy=applied.policy,
            target=clock.target,
            due_at=clock.due_at,
            remaining=remaining_at(clock, calendar, now),
            running=clock.running_since is not None,
            at_risk=spent_at(clock, calendar, now) >= first * clock.target,
            breached=clock.breached or (clock.due_at is not None and now > clock.due_at),
        )
        for clock in applied.clocks
    ]
