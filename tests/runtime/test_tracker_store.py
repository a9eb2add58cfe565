"""Trackers in the database: exact, bounded, safe among several processes, forgotten on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import read_endpoint_config
from sqlalchemy import func, select

from bot.runtime.tables import tracker_events
from bot.runtime.tracker_store import SqlTrackerStore, TrackerConflict
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.conftest import Databases
from tests.runtime.test_tracker import _CONVERSATIONS, DOMAIN, state_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def stores(database_url: str) -> AsyncIterator[tuple[SqlTrackerStore, SqlTrackerStore]]:
    """Two processes' stores over one database."""
    pair = tuple(SqlTrackerStore(DOMAIN, host=database_url, kept_events=8) for _ in range(2))
    yield pair[0], pair[1]
    for store in pair:
        await store.close()


def turn(text: str, number: int) -> list[Event]:
    """A short turn that counts."""
    return [
        UserUttered(text, {"name": "ask"}, message_id=f"m{number}"),
        ActionExecuted("action_a"),
        SlotSet("seen", number),
        BotUttered(f"that is {number}"),
        ActionExecuted("action_listen"),
    ]


async def say(store: SqlTrackerStore, number: int, conversation_id: str = "c") -> None:
    """One turn: read, add, save."""
    tracker = await store.get_or_create_tracker(conversation_id)
    tracker.update_with_events(turn("hello", number), DOMAIN)
    await store.save(tracker)


async def test_a_tracker_comes_back_as_it_was_saved(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    here, there = stores
    assert await here.retrieve("c") is None
    for number in range(30):
        await say(here, number)
    mine, theirs = await here.retrieve("c"), await there.retrieve("c")
    assert mine is not None
    assert theirs is not None
    assert mine is not theirs
    assert state_of(mine) == state_of(theirs)
    assert list(mine.events) == list(theirs.events)
    assert len(theirs.events) <= 16 + 5


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(conversation=_CONVERSATIONS)
@pytest.mark.parametrize("kind", ["sqlite"])
async def test_the_bounded_tail_equals_a_full_replay(
    databases: Databases, kind: str, conversation: list[list[Event]]
) -> None:
    url = databases.make(kind)
    here = SqlTrackerStore(DOMAIN, host=url, kept_events=6)
    everything = DialogueStateTracker("c", DOMAIN.slots)
    try:
        for events in conversation:
            tracker = await here.get_or_create_tracker("c", append_action_listen=False)
            for event in events:
                tracker.update(event)
                everything.update(event)
            await here.save(tracker)
        cold = SqlTrackerStore(DOMAIN, host=url, kept_events=6)
        tail, full = await cold.retrieve("c"), await cold.retrieve_full_tracker("c")
        await cold.close()
        assert tail is not None
        assert full is not None
        assert state_of(tail) == state_of(everything)
        assert state_of(full) == state_of(everything)
        assert [event.as_dict() for event in full.events] == [
            event.as_dict() for event in everything.events
        ]
    finally:
        await here.close()
        databases.drop(url)


async def test_a_kept_tracker_is_not_used_when_another_process_went_on(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    here, there = stores
    for number in range(1, 21):
        await say(here if number % 2 else there, number)
    for store in stores:
        tracker = await store.retrieve("c")
        assert tracker is not None
        assert tracker.get_slot("seen") == 20


async def test_two_saves_from_one_version_do_not_both_succeed(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    here, there = stores
    await say(here, 1)
    mine, theirs = await here.retrieve("c"), await there.retrieve("c")
    assert mine is not None
    assert theirs is not None
    mine.update_with_events(turn("mine", 2), DOMAIN)
    theirs.update_with_events(turn("theirs", 3), DOMAIN)
    await here.save(mine)
    with pytest.raises(TrackerConflict):
        await there.save(theirs)
    for store in stores:
        found = await store.retrieve("c")
        assert found is not None
        assert found.get_slot("seen") == 2


async def test_two_beginnings_of_one_conversation_do_not_both_succeed(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    trackers = [store.init_tracker("c") for store in stores]
    for number, tracker in enumerate(trackers):
        tracker.update_with_events(turn("hello", number), DOMAIN)
    await stores[0].save(trackers[0])
    with pytest.raises(TrackerConflict):
        await stores[1].save(trackers[1])


async def test_a_tracker_changed_but_never_saved_leaves_no_trace(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    here, _ = stores
    await say(here, 1)
    abandoned = await here.retrieve("c")
    assert abandoned is not None
    abandoned.update_with_events(turn("lost", 99), DOMAIN)
    found = await here.retrieve("c")
    assert found is not None
    assert found.get_slot("seen") == 1


async def test_events_are_only_added_and_numbered_without_gaps(
    stores: tuple[SqlTrackerStore, SqlTrackerStore], database_url: str
) -> None:
    here, _ = stores
    for number in range(12):
        await say(here, number)
    engine = make_engine(database_url)
    async with engine.connect() as connection:
        numbers = list(
            (
                await connection.execute(
                    select(tracker_events.c.seq).order_by(tracker_events.c.seq)
                )
            ).scalars()
        )
    await engine.dispose()
    assert numbers == list(range(1, 12 * 5 + 2))  # and one action_listen at the beginning


async def test_the_events_of_one_turn_are_found_by_its_message(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    here, _ = stores
    for number in range(20):
        await say(here, number)
    events = await here.events_of_turn("c", "m3")
    assert events is not None
    assert [event.text for event in events if isinstance(event, BotUttered)] == ["that is 3"]
    last = await here.events_of_turn("c", "m19")
    assert last is not None
    assert len(last) == 5
    assert await here.events_of_turn("c", "unknown") is None
    assert await here.events_of_turn("another", "m3") is None


async def test_the_kept_trackers_are_bounded(database_url: str) -> None:
    store = SqlTrackerStore(DOMAIN, host=database_url, cached_trackers=3)
    for number in range(10):
        await say(store, number, f"c{number}")
    for number in range(10):
        tracker = await store.retrieve(f"c{number}")
        assert tracker is not None
        assert tracker.get_slot("seen") == number
    assert sorted(await store.keys()) == [f"c{number}" for number in range(10)]
    await store.close()


async def test_retention_forgets_idle_conversations_and_only_those(database_url: str) -> None:
    clock = SetClock(NOON)
    store = SqlTrackerStore(DOMAIN, host=database_url, clock=clock)
    await say(store, 1, "old")
    await say(store, 1, "kept alive")
    clock.advance(timedelta(days=20))
    await say(store, 2, "kept alive")
    assert await store.forget_idle_since(NOON + timedelta(days=10)) == 1
    assert await store.retrieve("old") is None
    assert await store.events_of_turn("old", "m1") is None
    assert await store.exists("kept alive")
    assert not await store.exists("old")
    await store.forget("kept alive")
    assert list(await store.keys()) == []
    await store.close()


async def test_a_conversation_may_begin_again_after_it_was_forgotten(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    here, _ = stores
    await say(here, 1)
    await here.forget("c")
    await say(here, 2)
    tracker = await here.retrieve_full_tracker("c")
    assert tracker is not None
    assert len(tracker.events) == 6


async def test_reading_touches_as_many_rows_at_any_length(database_url: str) -> None:
    store = SqlTrackerStore(DOMAIN, host=database_url, kept_events=8, cached_trackers=0)
    held = []
    for number in range(60):
        await say(store, number)
        tracker = await store.retrieve("c")
        assert tracker is not None
        held.append(len(tracker.events))
    assert max(held) <= 2 * 8
    engine = make_engine(database_url)
    async with engine.connect() as connection:
        stored = (
            await connection.execute(select(func.count()).select_from(tracker_events))
        ).scalar()
    await engine.dispose()
    assert stored == 60 * 5 + 1
    await store.close()


async def test_numbers_of_numpy_and_chinese_text_survive(
    stores: tuple[SqlTrackerStore, SqlTrackerStore],
) -> None:
    import numpy as np

    here, there = stores
    tracker = await here.get_or_create_tracker("c")
    intent: dict[str, Any] = {"name": "ask", "confidence": np.float32(0.5)}
    tracker.update(UserUttered("我的订单在哪里？🙂", intent, parse_data={"intent": intent}), DOMAIN)
    await here.save(tracker)
    found = await there.retrieve("c")
    assert found is not None
    assert found.latest_message is not None
    assert found.latest_message.text == "我的订单在哪里？🙂"
    assert found.latest_message.intent["confidence"] == 0.5


async def test_rasa_makes_the_store_that_endpoints_yml_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/fresh.db")
    root = Path(__file__).parents[2]
    endpoint = read_endpoint_config(str(root / "endpoints.yml"), "tracker_store")
    store = TrackerStore.create(endpoint, DOMAIN)
    assert isinstance(store, SqlTrackerStore)
    await say(store, 1)  # on a database without any table
    await store.close()
    assert (tmp_path / "fresh.db").exists()
