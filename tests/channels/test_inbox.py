"""What channels remember: callbacks once and for whoever lives, one access token for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from connectors.channels.access_tokens import AccessTokens, Issued
from connectors.channels.binding import Bindings
from connectors.channels.inbox import Callback, Inbox
from connectors.channels.tokens import BadToken
from kernel.clock import SetClock
from kernel.database import make_engine
from kernel.errors import BackendRejected, BackendUnavailable

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=20)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database_url, pool_size=10)
    yield made
    await made.dispose()


def callback(number: int, shopper: str = "o1", second: int = 0) -> Callback:
    return Callback(f"m{number}", shopper, NOON + timedelta(seconds=second), {"n": number})


async def test_migrations_build_what_channels_expect(engine: AsyncEngine) -> None:
    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or str(name).startswith("channel_")

    def differences(connection: Connection) -> list[Any]:
        options = {"include_name": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_callback_is_fresh_once_also_in_a_crowd(
    engine: AsyncEngine, clock: SetClock
) -> None:
    inbox = Inbox(engine, clock, "wechat", "w1")
    crowd = [callback(number % 40) for number in range(120)]
    puts = await asyncio.gather(*(inbox.put(one) for one in crowd))
    assert sum(put.first_at is None for put in puts) == 40
    clock.advance(timedelta(seconds=5))
    again = await inbox.put(callback(3))
    assert again.first_at == NOON
    assert (await Inbox(engine, clock, "mini", "w1").put(callback(3))).first_at is None


async def test_what_a_dead_worker_held_is_taken_up_in_the_order_it_was_sent(
    engine: AsyncEngine, clock: SetClock
) -> None:
    dead = Inbox(engine, clock, "wechat", "w1", LEASE)
    await asyncio.gather(
        dead.put(callback(2, second=2)), dead.put(callback(1, second=1)), dead.put(callback(3))
    )
    dead.done("m3")
    await dead.flush()
    alive = Inbox(engine, clock, "wechat", "w2", LEASE)
    assert await alive.abandoned() == []
    assert (await alive.put(callback(4, second=4))).others_wait
    assert not (await alive.put(callback(5, "o2"))).others_wait
    clock.advance(LEASE)
    m4, m5 = (NOON + timedelta(seconds=4), "m4"), (NOON, "m5")
    assert await alive.held_by_others({"o1": m4, "o2": m5}) == {"o1"}
    assert [one.id for one in await alive.abandoned()] == ["m5", "m1", "m2", "m4"]
    assert await alive.abandoned() == []
    assert await alive.held_by_others({"o1": m4, "o2": m5}) == set()


async def test_of_two_who_hold_by_turns_each_waits_only_for_what_was_sent_before(
    engine: AsyncEngine, clock: SetClock
) -> None:
    one, other = (Inbox(engine, clock, "wechat", worker, LEASE) for worker in ("w1", "w2"))
    waits = [
        (await inbox.put(callback(number, second=number))).others_wait
        for number, inbox in ((1, one), (2, other), (3, one))
    ]
    assert waits == [False, True, True]
    first, second, third = ((NOON + timedelta(seconds=n), f"m{n}") for n in (1, 2, 3))
    assert await one.held_by_others({"o1": first}) == set()
    assert await other.held_by_others({"o1": second}) == {"o1"}
    one.done("m1")
    await one.flush()
    assert await other.held_by_others({"o1": second}) == set()
    assert await one.held_by_others({"o1": third}) == {"o1"}


async def test_what_is_done_is_forgotten_after_days_but_known_until_then(
    engine: AsyncEngine, clock: SetClock
) -> None:
    inbox = Inbox(engine, clock, "wechat", "w1")
    await inbox.put(callback(1))
    inbox.done("m1")
    await inbox.flush()
    clock.advance(timedelta(days=2))
    assert (await inbox.put(callback(1))).first_at == NOON
    assert await inbox.forget() == 0
    clock.advance(timedelta(days=2))
    assert await inbox.forget() == 1


class Platform:
    """Gives out tokens, slowly; counts."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.fails = False
        self.same = False

    async def issue(self, force: bool) -> Issued:
        self.asked.append(force)
        await asyncio.sleep(0.05)
        if self.fails:
            raise BackendUnavailable("down")
        number = 1 if self.same and not force else len(self.asked)
        return Issued(f"t{number}", timedelta(seconds=7200))


async def test_replicas_that_want_a_token_ask_once(engine: AsyncEngine, clock: SetClock) -> None:
    platform = Platform()
    replicas = [AccessTokens(engine, clock, "a", platform.issue) for _ in range(4)]
    got = await asyncio.gather(*(one.get() for one in replicas for _ in range(3)))
    assert set(got) == {"t1"}
    assert platform.asked == [False]
    clock.advance(timedelta(seconds=7200))
    assert {await one.get() for one in replicas} == {"t2"}


async def test_a_refused_token_is_replaced_and_if_need_be_forced(
    engine: AsyncEngine, clock: SetClock
) -> None:
    platform = Platform()
    first, second = (AccessTokens(engine, clock, "a", platform.issue) for _ in range(2))
    assert (await first.get(), await second.get()) == ("t1", "t1")
    assert await first.get(refused="t1") == "t2"
    assert await second.get(refused="t1") == "t2"
    platform.same = True
    pressing = AccessTokens(engine, clock, "b", platform.issue)
    assert await pressing.get(refused="t1") == "t4"
    assert platform.asked == [False, False, False, True]


async def test_a_platform_is_not_pressed_for_tokens_more_often_than_it_allows(
    engine: AsyncEngine, clock: SetClock
) -> None:
    platform = Platform()
    platform.same = True
    tokens = AccessTokens(engine, clock, "a", platform.issue)
    for _ in range(20):
        await tokens.get(refused="t1")
        with pytest.raises(BackendRejected):
            # What it gives out unpressed stays the one that it refuses.
            await tokens.get(refused=await tokens.get(refused=f"t{len(platform.asked)}"))
        clock.advance(timedelta(seconds=30))
    with pytest.raises(BackendRejected):
        await tokens.get(refused="t1")
    assert platform.asked.count(True) == 20
    clock.advance(timedelta(days=1))
    assert await tokens.get(refused="t1") != "t1"


async def test_a_platform_that_is_down_is_asked_again(engine: AsyncEngine, clock: SetClock) -> None:
    platform = Platform()
    tokens = AccessTokens(engine, clock, "a", platform.issue)
    platform.fails = True
    with pytest.raises(BackendUnavailable):
        await tokens.get()
    platform.fails = False
    assert await tokens.get() == "t2"


async def test_a_binding_holds_until_another_takes_its_place(
    engine: AsyncEngine, clock: SetClock
) -> None:
    bindings = Bindings(engine, clock, "a key of at least thirty-two bytes of tests")
    assert await bindings.customer_of("wechat", "o1") is None
    await bindings.bind("wechat", "o1", {"id": "C1", "name": "Ann"})
    await bindings.bind("wechat", "o1", {"id": "C2", "name": "Bo"})
    found = await bindings.customer_of("wechat", "o1")
    assert found == {"id": "C2", "name": "Bo", "proof": "bound_account"}
    assert await bindings.customer_of("miniprogram", "o1") is None
    await bindings.unbind("wechat", "o1")
    assert await bindings.customer_of("wechat", "o1") is None


async def test_a_ticket_is_good_for_its_step_and_its_time(
    engine: AsyncEngine, clock: SetClock
) -> None:
    bindings = Bindings(engine, clock, "a key of at least thirty-two bytes of tests")
    ticket = bindings.ticket("wechat", "link", "o1")
    assert bindings.subject_of(ticket, "wechat", "link") == "o1"
    for channel, step, given in (
        ("wechat", "login", ticket),
        ("mini", "link", ticket),
        ("wechat", "link", ticket + "x"),
        ("wechat", "link", ""),
    ):
        with pytest.raises(BadToken):
            bindings.subject_of(given, channel, step)
    clock.advance(timedelta(minutes=15))
    with pytest.raises(BadToken):
        bindings.subject_of(ticket, "wechat", "link")
