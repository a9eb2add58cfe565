"""A small crowd made as the benchmark makes a big one: what a look after it reads and tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from benchmarks.crowd import HASHER, gather, join, rules
from desk.events import DeskEvent, PlaceChanged
from desk.service import Desk
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.conftest import Databases

AGENTS, WAITING = 8, 90


async def test_a_look_after_a_long_line_reads_it_from_its_index_and_tells_what_is_new(
    databases: Databases,
) -> None:
    url = databases.make("sqlite")
    engine = make_engine(url)
    crowd = await gather(engine, AGENTS, WAITING, 2)
    assert (len(crowd.agents), len(crowd.held)) == (AGENTS, 2 * AGENTS)
    heard: list[DeskEvent] = []
    desk = Desk(engine, SystemClock(), heard.append, HASHER, rules())
    assert (await desk.line_now())[0] == WAITING
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    for _ in range(20):
        if not await desk.keep_order():
            break
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    assert await desk.keep_order() == 0
    told: dict[str, object] = {}
    await desk.tell_places(told)
    # However many wait, nothing is asked for each of them.
    assert len(asked) < 15
    await join(desk, "one more")
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    places = [one.place.position for one in heard if isinstance(one, PlaceChanged)]
    assert places == list(range(1, WAITING + 1))
    heard.clear()
    await desk.tell_places(told)
    places = [one.place.position for one in heard if isinstance(one, PlaceChanged)]
    assert WAITING + 1 in places
    async with engine.connect() as connection:
        for statement, parameters in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row[3] for row in plan]
            assert not [step for step in steps if step.startswith("SCAN desk_conversation")], plan
            if "GROUP BY desk_conversation.skill" in statement:
                assert "COVERING INDEX ix_desk_conversation_queue" in steps[0]
    await engine.dispose()
    databases.drop(url)
