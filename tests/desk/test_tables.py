"""The tables in the code, the tables of the migrations and the plans of the queries agree."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text

from desk import tables
from desk.model import Agent, Incoming, Lease
from desk.reach import Allowance, ReachState
from kefu import migrate
from kernel.content import Content
from kernel.database import make_engine
from tests.desk.conftest import LEASE, TestDesk


def is_the_desks(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or str(name).startswith("desk_")


async def test_migrations_build_what_the_code_expects(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"include_name": is_the_desks, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.metadata))

    def indexes(connection: Connection) -> set[str]:
        found = inspect(connection)
        names = (found.get_indexes(table) for table in tables.metadata.tables)
        return {str(index["name"]) for each in names for index in each}

    engine = make_engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        migrated = await connection.run_sync(indexes)
        expected = {i.name for table in tables.metadata.tables.values() for i in table.indexes}
        assert expected <= migrated
    await engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_replicas_that_start_together_migrate_once_postgresql(database_url: str) -> None:
    await _empty(database_url)
    await asyncio.gather(*(migrate.upgrade(database_url) for _ in range(4)))
    await _assert_migrated(database_url)


async def test_replicas_that_start_together_migrate_once_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    await asyncio.gather(*(migrate.upgrade(url) for _ in range(4)))
    await _assert_migrated(url)


async def _empty(url: str) -> None:
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()


async def _assert_migrated(url: str) -> None:
    engine = make_engine(url)
    async with engine.connect() as connection:
        versions = await connection.execute(text("SELECT count(*) FROM alembic_version"))
        assert versions.scalar_one() == 1
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    await engine.dispose()
    assert set(tables.metadata.tables) <= set(names)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_step_reads_through_a_table_however_long_it_has_become(
    desk: TestDesk, lin: Agent, database_url: str
) -> None:
    statements: dict[str, Any] = {}
    engine = make_engine(database_url)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _remember(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and not many:
            statements[statement] = values

    watched = TestDesk(engine, desk.clock)
    recorded = await watched.hear("hello", "1")
    conversation_id = recorded.conversation.id
    await watched.hear("hello", "1")
    await watched.unanswered(timedelta(0), 10)
    claim = await watched.claim(conversation_id)
    assert claim
    await watched.finish_turn(claim, [Content(text="hi")], language="en", customer=None)
    await watched.replies_to(recorded.message.id)
    await watched.is_answered(recorded.message.id)
    await watched.waiting()
    await watched.queue()
    await watched.take(conversation_id, lin.id)
    await watched.conversations_of_agent(lin.id)
    reply = await watched.reply(conversation_id, lin.id, Content(text="hi"), "c1")
    await watched.messages_after(conversation_id, reply.seq - 1, 10)
    await watched.messages_before(conversation_id, reply.seq, 10)
    await watched.conversation_of("web", "ann")
    run = await watched.due(10, Lease("w1", LEASE))
    for delivery in run:
        await watched.failed(delivery.id, desk.clock.now(), "down")
        await watched.delivered(delivery.id)
    until = desk.clock.now() + LEASE
    allowance = Allowance("message", 5, desk.clock.now(), until)
    await watched.record(Incoming("web", "ann", "late", Content(text="hello"), allowance=allowance))
    await watched.begin(run, 1, via="api", spend=True)
    await watched.park(run, state=ReachState.QUOTA_USED)
    await watched.came_to_nothing(conversation_id, "passive")
    await watched.reach(conversation_id)
    await watched.session(await watched.open_session(lin.id))
    await watched.close(conversation_id, lin.id)
    plans = []
    async with engine.connect() as connection:
        for statement, values in statements.items():
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans += [(row[3], statement) for row in plan if row[3].startswith("SCAN")]
    await engine.dispose()
    assert len(statements) > 20
    # What waits is few, and so are agents: they may be read through; any other table never.
    waiting = (
        "ix_desk_delivery_due",
        "ix_desk_message_pending",
        "ix_desk_conversation_queue",
        "sqlite_autoindex_desk_agent_1",
        "SCAN desk_agent",
    )
    assert [plan for plan in plans if not plan[0].endswith(waiting)] == []
