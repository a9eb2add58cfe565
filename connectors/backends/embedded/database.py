"""What all adapters of the embedded shop share: transactions, foreign errors, upserts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kernel.database import alone, reading, trouble_in
from kernel.errors import BackendTimeout, BackendUnavailable


@asynccontextmanager
async def read(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that only reads; raises BackendUnavailable when the database is away."""
    async with _translated(reading(engine).begin()) as connection:
        yield connection


@asynccontextmanager
async def read_once(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """The same for a single question: one trip to the database, its beginning and end included."""
    # Not begun here: the question itself is the transaction.
    async with _translated(alone(reading(engine)).connect()) as connection:
        yield connection


@asynccontextmanager
async def write(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that may write; raises BackendUnavailable when the database is away."""
    async with _translated(engine.begin()) as connection:
        yield connection


@asynccontextmanager
async def _translated(
    opened: AbstractAsyncContextManager[AsyncConnection],
) -> AsyncIterator[AsyncConnection]:
    try:
        async with opened as connection:
            yield connection
    except PoolTimeout as error:
        raise BackendTimeout("shop database") from error
    except (OperationalError, InterfaceError, OSError) as error:
        raise BackendUnavailable("shop database") from error
    except Exception as error:
        # SQLAlchemy passes on what asyncpg raises while it connects.
        if isinstance(error, SQLAlchemyError) or trouble_in(error) is None:
            raise
        raise BackendUnavailable("shop database") from error


def upsert(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that knows ``on_conflict_do_update``, in the dialect of ``connection``."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
