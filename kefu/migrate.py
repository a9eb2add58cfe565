"""Brings a database to the newest shape of the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import make_engine, reading
from kernel.errors import SettingsError

_SCRIPTS = Path(__file__).parent / "migrations"
# Any constant does, as long as every replica uses the same one and nobody else does.
_LOCK = 5_338_421_975


async def upgrade(url: str) -> None:
    """Run every missing migration on the database at ``url``, all of them or none.

    Several replicas may call this at the same moment: one migrates, the others wait and find
    nothing left to do. On SQLite the transaction itself (BEGIN IMMEDIATE) is that lock; it begins
    with its first statement. A table that is made anew there is not the end of the rows that point
    at it: what they point at is looked at once all is done.
    Raises SettingsError when nobody answers at ``url``.
    """
    engine = make_engine(url)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", let_references_be)
    try:
        async with engine.begin() as connection:
            if is_sqlite:
                await connection.execute(text("SELECT 1"))
            else:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            # Nearly every start finds nothing to do, and looks at no row.
            if await connection.run_sync(_is_behind):
                await connection.run_sync(_to_head)
                if is_sqlite:
                    await _check_references(connection)
    except OSError as error:
        told = error.strerror or str(error) or type(error).__name__
        raise SettingsError(f"no database answers at DATABASE_URL: {told}") from error
    finally:
        await engine.dispose()


def let_references_be(connection: Any, _record: Any) -> None:
    """A listener for new connections of SQLite, on which tables are to be made anew."""
    # SQLite knows no such switch within a transaction.
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


async def _check_references(connection: AsyncConnection) -> None:
    lost = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if lost is not None:
        raise SettingsError(f"a row of {lost[0]} points at a row of {lost[2]} that is not there")


def _to_head(connection: Connection) -> None:
    command.upgrade(config_for(connection), "head")


def config_for(connection: Connection) -> Config:
    """What Alembic's commands need to move the database behind ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def pending(url: str) -> bool:
    """Whether the database at ``url`` lacks a migration; changes nothing."""
    engine = make_engine(url)
    try:
        async with reading(engine).connect() as connection:
            return await connection.run_sync(_is_behind)
    finally:
        await engine.dispose()


def _is_behind(connection: Connection) -> bool:
    heads = set(ScriptDirectory(str(_SCRIPTS)).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) != heads
