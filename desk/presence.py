"""Which agents are there: heard of, away for a while, gone; and what each of them holds."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, and_, case, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from desk import tables
from desk.agents import find_agent
from desk.events import PresenceChanged
from desk.model import Agent, AgentState, Owner, Presence
from desk.routing import Kind
from desk.rows import CONVERSATION, agent_from, labelled
from desk.rules import QueueRules
from desk.work import Work

PRESENCE = tables.presence.c
_AGENT = tables.agent.c


async def connected(work: Work, agent_id: str) -> None:
    """(see Desk.connected)"""
    await find_agent(work.connection, agent_id)
    before = await _state_of(work.connection, agent_id)
    state = AgentState.ONLINE if before in (None, AgentState.OFFLINE) else before
    # Why somebody is away stays known until they are back: a page may open by itself.
    fresh = {} if state is AgentState.AWAY else {"missed_offers": 0}
    await _store(work, agent_id, state=state.value, seen_at=work.now, **fresh)
    if state is not before:
        await _change(work, agent_id, state)


async def beat(work: Work, agent_ids: Collection[str]) -> None:
    """(see Desk.beat)"""
    if agent_ids:
        await work.connection.execute(
            update(tables.presence)
            .where(PRESENCE.agent_id.in_(list(agent_ids)))
            .values(seen_at=work.now)
        )


async def set_state(work: Work, agent_id: str, state: AgentState) -> None:
    """(see Desk.set_presence)"""
    await find_agent(work.connection, agent_id)
    before = await _state_of(work.connection, agent_id)
    await _store(work, agent_id, state=state.value, seen_at=work.now, missed_offers=0)
    if state is not before:
        await _change(work, agent_id, state)


async def note_work(work: Work, agent_id: str) -> None:
    """An agent has taken a conversation: they are there, and have not idled until now.

    So is whoever was taken to be away for letting offers pass.
    """
    result = await work.connection.execute(
        update(tables.presence)
        .where(
            PRESENCE.agent_id == agent_id,
            PRESENCE.state == AgentState.AWAY.value,
            PRESENCE.missed_offers > 0,
        )
        .values(state=AgentState.ONLINE.value, changed_at=work.now)
    )
    if result.rowcount:
        work.events.append(PresenceChanged(agent_id, AgentState.ONLINE))
    await _store(work, agent_id, seen_at=work.now, busy_at=work.now, missed_offers=0)


async def note_end(work: Work, agent_id: str) -> None:
    """An agent has a conversation less: their idling begins."""
    await work.connection.execute(
        update(tables.presence).where(PRESENCE.agent_id == agent_id).values(busy_at=work.now)
    )


async def note_missed_offer(work: Work, agent_id: str) -> None:
    """Count an offer that an agent let pass; after some in a row they are taken to be away."""
    await work.connection.execute(
        update(tables.presence)
        .where(PRESENCE.agent_id == agent_id)
        .values(missed_offers=PRESENCE.missed_offers + 1)
    )
    result = await work.connection.execute(
        update(tables.presence)
        .where(
            PRESENCE.agent_id == agent_id,
            PRESENCE.missed_offers >= work.rules.queue.missed_offers,
            PRESENCE.state == AgentState.ONLINE.value,
        )
        .values(state=AgentState.AWAY.value, changed_at=work.now)
    )
    if result.rowcount:
        work.events.append(PresenceChanged(agent_id, AgentState.AWAY))


def _loads() -> tuple[Any, Any]:
    """What agents hold, and what is held out to them."""
    held = _weight_by(CONVERSATION.agent_id).where(
        CONVERSATION.owner == Owner.AGENT.value, CONVERSATION.snoozed_until.is_(None)
    )
    # Only who waits is held out to anybody: so says every change of owner.
    offered = _weight_by(CONVERSATION.offered_to).where(CONVERSATION.offered_to.is_not(None))
    return (
        held.group_by(CONVERSATION.agent_id).subquery("held"),
        offered.group_by(CONVERSATION.offered_to).subquery("offered"),
    )


async def kinds(work: Work) -> list[Kind]:
    """All agents, summed up by what they can do: few rows, however many they are."""
    loads, offers = _loads()
    capacity = func.coalesce(_AGENT.capacity, work.rules.queue.capacity)
    load = func.coalesce(loads.c.load, 0) + func.coalesce(offers.c.load, 0)
    seen_since = work.now - work.rules.queue.grace
    there = case(
        (
            and_(PRESENCE.state == AgentState.ONLINE.value, PRESENCE.seen_at >= seen_since),
            1,
        ),
        else_=0,
    )
    # Lists in JSON are told apart by their text: PostgreSQL compares nothing else.
    skills, languages = cast(_AGENT.skills, Text), cast(_AGENT.languages, Text)
    found = await work.connection.execute(
        select(
            skills.label("skills"),
            languages.label("languages"),
            there.label("is_there"),
            func.sum(capacity).label("slots"),
            func.sum(case((capacity > load, capacity - load), else_=0)).label("free"),
        )
        .select_from(tables.agent)
        .outerjoin(tables.presence, PRESENCE.agent_id == _AGENT.id)
        .outerjoin(loads, loads.c.agent_id == _AGENT.id)
        .outerjoin(offers, offers.c.agent_id == _AGENT.id)
        .group_by(skills, languages, there)
    )
    # The same skills in another order are another text.
    sums: dict[tuple[frozenset[str], frozenset[str], bool], tuple[int, int]] = {}
    for row in found:
        key = (_listed(row.skills), _listed(row.languages), bool(row.is_there))
        slots, free = sums.get(key, (0, 0))
        sums[key] = (slots + int(row.slots), free + int(row.free))
    return [Kind(*key, slots=slots, free=free) for key, (slots, free) in sums.items()]


def _listed(text: str | None) -> frozenset[str]:
    return frozenset(json.loads(text) or ()) if text else frozenset()


async def presences(work: Work) -> list[Presence]:
    """(see Desk.presences)"""
    return await _presences(work, _everybody()[0])


async def free_agents(work: Work) -> list[Presence]:
    """Those at the desk, by name, who can hold more than they do."""
    query, load = _everybody()
    return await _presences(
        work, query.where(func.coalesce(_AGENT.capacity, work.rules.queue.capacity) > load)
    )


async def presence_of(work: Work, agent_id: str) -> Presence | None:
    """(see Desk.presence_of)"""
    held = select(func.coalesce(func.sum(CONVERSATION.weight), 0)).where(
        CONVERSATION.owner == Owner.AGENT.value,
        CONVERSATION.agent_id == agent_id,
        CONVERSATION.snoozed_until.is_(None),
    )
    offered = select(func.coalesce(func.sum(CONVERSATION.weight), 0)).where(
        CONVERSATION.offered_to == agent_id
    )
    load = (held.scalar_subquery() + offered.scalar_subquery()).label("load")
    found = await _presences(work, _with_presence(load).where(_AGENT.id == agent_id))
    return found[0] if found else None


def _everybody() -> tuple[Any, Any]:
    """Everybody with presence and load, and the load."""
    loads, offers = _loads()
    load = func.coalesce(loads.c.load, 0) + func.coalesce(offers.c.load, 0)
    query = (
        _with_presence(load.label("load"))
        .outerjoin(loads, loads.c.agent_id == _AGENT.id)
        .outerjoin(offers, offers.c.agent_id == _AGENT.id)
        .order_by(_AGENT.name, _AGENT.id)
    )
    return query, load


def _with_presence(load: Any) -> Any:
    columns = (*labelled(tables.agent, ""), *labelled(tables.presence, "presence_"), load)
    return (
        select(*columns)
        .select_from(tables.agent)
        .outerjoin(tables.presence, PRESENCE.agent_id == _AGENT.id)
    )


async def _presences(work: Work, query: Any) -> list[Presence]:
    found = await work.connection.execute(query)
    return [_presence_from(row, work, agent_from(row)) for row in found.mappings()]


async def abandoned(work: Work, limit: int) -> list[str]:
    """The conversations of agents who have not been heard of for the grace period, or left."""
    lost_since = work.now - work.rules.queue.grace
    found = await work.connection.execute(
        select(CONVERSATION.id)
        .outerjoin(tables.presence, PRESENCE.agent_id == CONVERSATION.agent_id)
        .where(
            CONVERSATION.owner == Owner.AGENT.value,
            or_(
                PRESENCE.state == AgentState.OFFLINE.value,
                PRESENCE.seen_at < lost_since,
                and_(PRESENCE.agent_id.is_(None), CONVERSATION.owner_since < lost_since),
            ),
        )
        .order_by(CONVERSATION.place_at, CONVERSATION.id)
        .limit(limit)
    )
    return list(found.scalars())


async def is_gone(work: Work, agent_id: str) -> bool:
    """Whether an agent has left, or has not been heard of for the grace period."""
    found = await work.connection.execute(
        select(PRESENCE.state, PRESENCE.seen_at).where(PRESENCE.agent_id == agent_id)
    )
    row = found.first()
    if row is None:
        return True
    return bool(
        row.state == AgentState.OFFLINE.value or row.seen_at < work.now - work.rules.queue.grace
    )


def capacity_of(agent: Agent, rules: QueueRules) -> int:
    """How much weight an agent can hold."""
    return rules.capacity if agent.capacity is None else agent.capacity


def _weight_by(agent: Any) -> Any:
    weight = func.sum(CONVERSATION.weight).label("load")
    return select(agent.label("agent_id"), weight).select_from(tables.conversation)


def _presence_from(row: Any, work: Work, agent: Agent) -> Presence:
    rules = work.rules.queue
    state, seen_at = row["presence_state"], row["presence_seen_at"]
    return Presence(
        agent=agent,
        state=AgentState(state) if state else AgentState.OFFLINE,
        connected=seen_at is not None and seen_at >= work.now - rules.grace,
        seen_at=seen_at,
        changed_at=row["presence_changed_at"],
        busy_at=row["presence_busy_at"],
        missed_offers=row["presence_missed_offers"] or 0,
        load=int(row["load"]),
        capacity=capacity_of(agent, rules),
    )


async def _state_of(connection: AsyncConnection, agent_id: str) -> AgentState | None:
    found = await connection.execute(
        select(PRESENCE.state).where(PRESENCE.agent_id == agent_id).with_for_update()
    )
    state = found.scalar()
    return AgentState(state) if state else None


async def _change(work: Work, agent_id: str, state: AgentState) -> None:
    await work.connection.execute(
        update(tables.presence).where(PRESENCE.agent_id == agent_id).values(changed_at=work.now)
    )
    work.events.append(PresenceChanged(agent_id, state))


async def _store(work: Work, agent_id: str, **values: Any) -> None:
    new = {"state": AgentState.ONLINE.value, "changed_at": work.now, "missed_offers": 0}
    await work.insert_or_update(tables.presence, {"agent_id": agent_id} | new | values, values)
