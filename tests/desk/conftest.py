"""A desk on each kind of database, a clock that stands still, and short ways to say things."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.events import DeskEvent
from desk.model import Agent, Handoff, HandoffReason, Incoming, Lease, PendingTurn, Recorded, Role
from desk.service import Desk
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Passwords of tests need no protection.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LEASE = timedelta(seconds=20)


class TestDesk(Desk):
    """A desk with a memory of its events and short ways to play a shopper and a bot."""

    __test__ = False

    def __init__(self, engine: AsyncEngine, clock: SetClock) -> None:
        self.events: list[DeskEvent] = []
        self.clock = clock
        super().__init__(engine, clock, self.events.append, CHEAP)

    async def hear(self, text: str, external_id: str, shopper: str = "ann") -> Recorded:
        """A shopper says something on the web."""
        return await self.record(Incoming("web", shopper, external_id, Content(text=text)))

    async def claim(self, conversation_id: str, worker: str = "w1") -> PendingTurn | None:
        """A worker asks for the next turn."""
        return await self.claim_turn(conversation_id, Lease(worker, LEASE))

    async def waiting(self, shopper: str = "ann", reason: str = "asked") -> str:
        """The id of a conversation that has just joined the queue."""
        recorded = await self.hear("a person please", "first", shopper)
        conversation = recorded.conversation
        handoff = Handoff(HandoffReason(reason), {"tried": ["order_status"]}, self.clock.now())
        await self.hand_off(conversation.id, conversation.epoch, handoff)
        return conversation.id

    async def texts(self, conversation_id: str) -> list[str]:
        """The whole transcript as ``author: text`` lines, system notices left out."""
        messages = await self.messages_after(conversation_id, 0, 1000)
        return [f"{m.author}: {m.content.text}" for m in messages if m.author != "system"]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
async def desk(database_url: str, clock: SetClock) -> AsyncIterator[TestDesk]:
    engine = make_engine(database_url, pool_size=10)
    yield TestDesk(engine, clock)
    await engine.dispose()


@pytest.fixture
async def lin(desk: TestDesk) -> Agent:
    return await desk.add_agent("lin", "小林", "correct horse", Role.AGENT)


@pytest.fixture
async def kim(desk: TestDesk) -> Agent:
    return await desk.add_agent("kim", "Kim", "battery staple", Role.AGENT)


@pytest.fixture
async def chief(desk: TestDesk) -> Agent:
    return await desk.add_agent("chief", "主管", "stapler correct", Role.SUPERVISOR)
