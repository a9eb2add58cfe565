"""Callbacks wait for no other writer, and nothing is lost when they move to a file of their own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from connectors.channels.inbox import Callback, Inbox
from connectors.channels.wecom.cursors import Cursors
from kefu.callbacks import open_callbacks
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.conftest import Databases

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(seconds=20)


async def test_a_callback_is_stored_while_somebody_writes_for_long(database_url: str) -> None:
    engine, callbacks = make_engine(database_url), await open_callbacks(database_url)
    inbox = Inbox(callbacks, SetClock(NOON), "wechat", "w1")
    cursors = Cursors(callbacks, SetClock(NOON), "wecom", "w1")
    async with engine.begin() as busy, asyncio.timeout(10):
        await busy.execute(text("DELETE FROM desk_note"))
        put = await inbox.put(Callback("m1", "o1", NOON, {"n": 1}))
        await cursors.nudge("kf1", "token")
    await inbox.flush()
    await engine.dispose()
    await callbacks.dispose()
    assert put.first_at is None


async def test_what_an_earlier_version_left_is_worked_on_and_known_again(
    databases: Databases,
) -> None:
    url, clock = databases.make("sqlite"), SetClock(NOON)
    engine = make_engine(url)
    before = Inbox(engine, clock, "wechat", "the version before", LEASE)
    for number in range(3):
        await before.put(Callback(f"m{number}", "o1", NOON, {"n": number}))
    before.done("m0")
    await before.flush()
    cursors = Cursors(engine, clock, "wecom", "the version before")
    await cursors.nudge("kf1", "")
    reading = await cursors.claim("kf1")
    assert reading is not None
    await cursors.advance(reading, "4711")
    await cursors.done(reading)
    await engine.dispose()

    clock.advance(LEASE)
    for start in range(2):
        callbacks = await open_callbacks(url)
        inbox = Inbox(callbacks, clock, "wechat", f"start {start}", LEASE)
        left = [one.id for one in await inbox.abandoned()]
        assert left == (["m1", "m2"] if start == 0 else [])
        assert (await inbox.put(Callback("m0", "o1", NOON, {"n": 0}))).first_at == NOON
        await inbox.flush()
        cursors = Cursors(callbacks, clock, "wecom", f"start {start}")
        await cursors.nudge("kf1", "")
        reading = await cursors.claim("kf1")
        assert reading is not None
        assert (reading.cursor, reading.nudges) == ("4711", start + 2)
        await cursors.done(reading)
        await callbacks.dispose()
