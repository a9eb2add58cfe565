"""Brings a database to the newest shape of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from kernel.database import make_engine, reading
from kernel.errors import SettingsError

_SCRIPTS = Path(__file__).parent / "migrations"
# Any constant does, as long as every replica uses the same one and nobody else does.
_LOCK = 5_338_421_975


async def upgrade(url: str) -> None:
    """Run every missing migration on the database at ``url``, all of them or none.

    Several replicas may call this at the same moment: one migrates, the others wait and find
    nothing left to do. On SQLite the transaction itself (BEGIN IMMEDIATE) is that lock; it begins
    with its first statement.
    Raises SettingsError when nobody answers at ``url``.
    """
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            else:
                await connection.execute(text("SELECT 1"))
            await connection.run_sync(_to_head)
    except OSError as error:
        told = error.strerror or str(error) or type(error).__name__
        raise SettingsError(f"no database answers at DATABASE_URL: {told}") from error
    finally:
        await engine.dispose()


def _to_head(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
