"""SQLite in one trip a statement behaves as SQLAlchemy's own dialect does."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel.database import alone, make_engine, reading

metadata = MetaData()
thing = Table(
    "thing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20), unique=True),
)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    opened = make_engine(f"sqlite:///{tmp_path}/things.db")
    async with opened.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(thing), [{"name": "a"}, {"name": "b"}, {"name": "c"}])
    yield opened
    await opened.dispose()


async def count(engine: AsyncEngine) -> int:
    async with reading(engine).connect() as connection:
        found = await connection.execute(select(func.count()).select_from(thing))
        return int(found.scalar_one())


async def test_rows_row_counts_and_new_keys_come_back(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        inserted = await connection.execute(insert(thing).values(name="d"))
        assert inserted.inserted_primary_key == (4,)
        changed = await connection.execute(
            update(thing).where(thing.c.id > 2).values(name=thing.c.name + "!")
        )
        assert changed.rowcount == 2
        returned = await connection.execute(
            update(thing).where(thing.c.id == 1).values(name="z").returning(thing.c.name)
        )
        assert returned.scalars().all() == ["z"]
        rows = await connection.execute(select(thing).order_by(thing.c.id))
        assert rows.fetchone() == (1, "z")
        assert [tuple(row) for row in rows.fetchmany(2)] == [(2, "b"), (3, "c!")]
        assert [tuple(row) for row in rows.fetchall()] == [(4, "d!")]


async def test_large_results_can_be_read_in_pieces(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        names = [{"name": f"n{number}"} for number in range(500)]
        many = await connection.execute(insert(thing), names)
        assert many.rowcount == 500
        stream = await connection.stream(select(thing.c.name))
        assert len([row async for row in stream]) == 503


async def test_what_fails_is_undone_and_said_in_sqlalchemys_words(engine: AsyncEngine) -> None:
    async def add(*names: str) -> None:
        async with engine.begin() as connection:
            for name in names:
                await connection.execute(insert(thing).values(name=name))

    async def read_nothing() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT * FROM nothing"))

    with pytest.raises(IntegrityError):
        await add("new", "a")
    with pytest.raises(OperationalError):
        await read_nothing()
    assert await count(engine) == 3


async def test_a_transaction_left_unfinished_holds_no_lock(
    engine: AsyncEngine,
) -> None:
    async def hang() -> None:
        async with engine.begin() as connection:
            await connection.execute(insert(thing).values(name="hanging"))
            await asyncio.sleep(60)

    hanging = asyncio.create_task(hang())
    await asyncio.sleep(0.1)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    async with engine.connect() as connection:
        # Left without a commit.
        await connection.execute(insert(thing).values(name="unfinished"))
    async with asyncio.timeout(30), engine.begin() as connection:
        await connection.execute(insert(thing).values(name="next"))
    assert await count(engine) == 4


async def test_writers_wait_for_each_other_and_readers_do_not_wait(engine: AsyncEngine) -> None:
    async def write(number: int) -> None:
        async with engine.begin() as connection:
            found = await connection.execute(select(func.max(thing.c.id)))
            await asyncio.sleep(0.01)
            highest = found.scalar_one()
            await connection.execute(insert(thing).values(id=highest + 1, name=f"w{number}"))

    async with asyncio.timeout(30):
        writing = asyncio.gather(*(write(number) for number in range(8)))
        assert await count(engine) >= 3
        await writing
    assert await count(engine) == 11


async def test_a_writer_who_gives_up_in_the_line_holds_it_for_nobody(engine: AsyncEngine) -> None:
    async def write(name: str, hold: asyncio.Event | None = None) -> None:
        async with engine.begin() as connection:
            await connection.execute(insert(thing).values(name=name))
            if hold is not None:
                await hold.wait()

    done = asyncio.Event()
    first = asyncio.create_task(write("first", done))
    await asyncio.sleep(0.1)
    impatient = asyncio.create_task(write("impatient"))
    await asyncio.sleep(0.1)
    impatient.cancel()
    done.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await impatient
    async with asyncio.timeout(30):
        await write("last")
    assert await count(engine) == 5


async def test_a_lock_of_another_process_is_waited_for_and_then_said(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    engine = make_engine(f"sqlite:///{path}")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")

    async def write(name: str) -> None:
        async with engine.begin() as connection:
            await connection.execute(insert(thing).values(name=name))

    waiting = asyncio.create_task(write("patient"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    stranger.execute("ROLLBACK")
    async with asyncio.timeout(30):
        await waiting
    assert await count(engine) == 1
    stranger.close()
    await engine.dispose()


async def test_a_transaction_without_a_statement_is_none(engine: AsyncEngine) -> None:
    async with engine.begin(), asyncio.timeout(30), engine.begin() as other:
        await other.execute(insert(thing).values(name="meanwhile"))
    assert await count(engine) == 4


async def test_a_statement_alone_is_stored_without_a_trip_more_and_lets_the_next_writer_go(
    engine: AsyncEngine,
) -> None:
    async with alone(engine).begin() as connection:
        await connection.execute(insert(thing).values(name="alone"))
        # Stored before its block ends, and nobody waits for this block.
        assert await count(engine) == 4
        async with asyncio.timeout(30), engine.begin() as other:
            await other.execute(insert(thing).values(name="other"))
    with pytest.raises(IntegrityError):
        async with alone(engine).begin() as connection:
            await connection.execute(insert(thing).values(name="alone"))
    async with asyncio.timeout(30), engine.begin() as other:
        await other.execute(insert(thing).values(name="after the failure"))
    assert await count(engine) == 6
