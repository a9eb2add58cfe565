"""Opens the database in which callbacks of platforms are stored before they are acknowledged."""

from __future__ import annotations

from sqlalchemy import Table, delete, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from kernel.database import insert_into, make_engine, reading

# What a platform waits for: what it has pushed, and what it has called about.
_TABLES = (tables.inbox, tables.cursor)
_BROUGHT_AT_ONCE = 500


async def open_callbacks(url: str) -> AsyncEngine:
    """An engine for callbacks alone, beside the database at ``url``, which is migrated already.

    SQLite has one write lock for a file, and a platform waits for no turn of the assistant: there
    they lie in a file of their own (``kefu.db``: ``kefu-callbacks.db``), and what an earlier
    version left in the other is brought over. PostgreSQL keeps them with the rest.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return make_engine(url, pool_size=1)
    stem, dot, ending = (parsed.database or "").rpartition(".")
    beside = parsed.set(database=f"{stem}-callbacks{dot}{ending}")
    engine = make_engine(beside.render_as_string(hide_password=False), pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all, tables=list(_TABLES))
    before = make_engine(url, pool_size=1)
    try:
        for table in _TABLES:
            await _bring_over(table, before, engine)
    finally:
        await before.dispose()
    return engine


async def _bring_over(table: Table, before: AsyncEngine, engine: AsyncEngine) -> None:
    while True:
        async with reading(before).connect() as connection:
            found = await connection.execute(select(table).limit(_BROUGHT_AT_ONCE))
            rows = [dict(row) for row in found.mappings()]
        if not rows:
            return
        async with engine.begin() as connection:
            kept = insert_into(connection, table).on_conflict_do_nothing()
            await connection.execute(kept, rows)
        # Stored there first: a crash in between brings them over once more.
        async with before.begin() as connection:
            for row in rows:
                which = [column == row[column.name] for column in table.primary_key]
                await connection.execute(delete(table).where(*which))
