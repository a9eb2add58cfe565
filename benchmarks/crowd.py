"""A desk with many agents and a long line, made within seconds: a few by deeds, the rest by rows.

What a conversation leaves in the tables is what the desk's own deeds leave: 30 shoppers join one
after the other while the keeper does its rounds, and one is served; their rows are then copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from desk import tables
from desk.model import Agent, AgentState, Handoff, HandoffReason, Incoming, Role
from desk.rulebook import read_rules
from desk.rules import DeskRules
from desk.service import Desk
from kernel.clock import SetClock
from kernel.content import Content

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
CAPACITY = 6
_RULES = {
    "queue": {"assignment": "offer", "capacity": CAPACITY, "grace_seconds": 300},
    "sla": {
        "policies": [
            {"name": "urgent", "priority_from": 2, "first_response_minutes": 2},
            {
                "name": "everybody",
                "first_response_minutes": 3,
                "next_response_minutes": 5,
                "resolution_minutes": 480,
            },
        ]
    },
}
_PATTERNS = 30
_STEP = timedelta(seconds=30)
_AT_ONCE = 2000
_COPIED: tuple[Table, ...] = (
    tables.conversation,
    tables.message,
    tables.owner_change,
    tables.promise,
    tables.sla_event,
)

Rows = dict[Table, list[dict[str, Any]]]


@dataclass(frozen=True)
class Crowd:
    """Who is at the desk: agents, and the shoppers of ``held`` with what each is held by."""

    agents: list[Agent]
    held: list[str]


def rules() -> DeskRules:
    """What the crowded desk goes by: offers, and promises that fall due while people wait."""
    return read_rules(_RULES, {})


async def gather(engine: AsyncEngine, agents: int, waiting: int, each: int, seed: int = 5) -> Crowd:
    """Fill an empty, migrated database: ``each`` conversations an agent, ``waiting`` in line.

    The last shopper joined a moment ago, the first 15 minutes ago; what is promised falls due
    evenly over the next 15 minutes, as it would with agents who keep working.
    """
    random = Random(seed)
    clock = SetClock(datetime.now(UTC) - _PATTERNS * _STEP)
    desk = Desk(engine, clock, hasher=HASHER, rules=rules())
    people = await _agents(engine, desk, agents)
    served = await _serve(desk, people[0])
    lines: list[str] = []
    for number in range(_PATTERNS):
        lines.append(await join(desk, f"pattern{number}"))
        clock.advance(_STEP)
        await desk.beat({people[0].id})
        while await desk.keep_order():
            pass
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.presence).values(
                state=AgentState.ONLINE.value, seen_at=clock.now(), busy_at=clock.now()
            )
        )
        await connection.execute(update(tables.delivery).values(state="delivered"))
        patterns = [await _rows_of(connection, one) for one in (served, *lines)]
        copies: Rows = {table: [] for table in _COPIED}
        shoppers = []
        for number in range(agents * each - 1):
            shopper = f"held{number}"
            agent = people[(number + 1) % agents]
            _copy(copies, patterns[0], random, {"shopper_id": shopper, "agent_id": agent.id})
            shoppers.append(shopper)
        for number in range(max(0, waiting - _PATTERNS)):
            pattern = patterns[1 + number % _PATTERNS]
            due_at = clock.now() + random.random() * _PATTERNS * _STEP
            _copy(copies, pattern, random, {"shopper_id": f"waiting{number}"}, due_at)
        for table, rows in copies.items():
            for start in range(0, len(rows), _AT_ONCE):
                await connection.execute(insert(table), rows[start : start + _AT_ONCE])
    return Crowd(people, ["served", *shoppers])


async def join(desk: Desk, shopper: str) -> str:
    """Let a shopper write and wait for a person; the conversation's id."""
    incoming = Incoming("web", shopper, "first", Content(text="a person please"), language="en")
    conversation = (await desk.record(incoming)).conversation
    handoff = Handoff(HandoffReason.ASKED, {}, desk.now())
    await desk.hand_off(conversation.id, conversation.epoch, handoff)
    return conversation.id


async def _agents(engine: AsyncEngine, desk: Desk, number: int) -> list[Agent]:
    """The first is made by deeds; whoever else has the same row but for the names."""
    first = await desk.add_agent("agent0", "Agent 0", "pass word", Role.AGENT)
    await desk.set_presence(first.id, AgentState.AWAY)
    async with engine.begin() as connection:
        for table in (tables.agent, tables.presence):
            found = await connection.execute(select(table))
            row = dict(found.mappings().one())
            rows = []
            for one in range(1, number):
                key = f"{one:032x}"
                if table is tables.agent:
                    rows.append({**row, "id": key, "login": f"agent{one}", "name": f"Agent {one}"})
                else:
                    rows.append({**row, "agent_id": key})
            if rows:
                await connection.execute(insert(table), rows)
    return sorted(await desk.agents(), key=lambda agent: int(agent.login.removeprefix("agent")))


async def _serve(desk: Desk, agent: Agent) -> str:
    conversation_id = await join(desk, "served")
    await desk.take(conversation_id, agent.id)
    await desk.reply(conversation_id, agent.id, Content(text="How can I help?"), "r1")
    return conversation_id


async def _rows_of(connection: AsyncConnection, conversation_id: str) -> Rows:
    rows: Rows = {}
    for table in _COPIED:
        key = table.c.id if table is tables.conversation else table.c.conversation_id
        found = await connection.execute(select(table).where(key == conversation_id))
        rows[table] = [dict(row) for row in found.mappings()]
    return rows


def _copy(
    copies: Rows,
    pattern: Rows,
    random: Random,
    changes: Mapping[str, Any],
    due_at: datetime | None = None,
) -> None:
    """The same conversation with somebody else, a little later."""
    own = f"{random.getrandbits(128):032x}"
    later = random.random() * _STEP
    for table, rows in pattern.items():
        for row in rows:
            copy = dict(row)
            if "id" in copy:
                copy["id"] = f"{random.getrandbits(128):032x}"
            if table is tables.conversation:
                copy |= {"id": own, **changes}
                if copy["place_at"] is not None:
                    copy["place_at"] += later
            else:
                copy["conversation_id"] = own
                if copy.get("agent_id") is not None and "agent_id" in changes:
                    copy["agent_id"] = changes["agent_id"]
            if table is tables.promise and copy["outcome"] is None and due_at is not None:
                copy["due_at"] = due_at
            copies[table].append(copy)


async def waiting_now(engine: AsyncEngine) -> int:
    """How many conversations wait for a person."""
    column = tables.conversation.c
    async with engine.connect() as connection:
        found = await connection.execute(
            select(func.count()).select_from(tables.conversation).where(column.owner == "queue")
        )
        return int(found.scalar_one())
