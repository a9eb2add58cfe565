"""How every part opens the one database: SQLite in WAL mode, or PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import DateTime, Dialect, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator
from sqlalchemy.util import await_only

from kernel.sqlite import DRIVER, register

BUSY_TIMEOUT_MS = 15_000
_WAL_AGAIN_MS = 20
# Made once for every engine: making one copies all of its listeners.
_readers: WeakKeyDictionary[AsyncEngine, AsyncEngine] = WeakKeyDictionary()
_singles: WeakKeyDictionary[AsyncEngine, AsyncEngine] = WeakKeyDictionary()


class UtcDateTime(TypeDecorator[datetime]):
    """A column of aware UTC times; SQLite forgets time zones, this gives them back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return aware UTC times on every database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def async_url(url: str) -> str:
    """``url`` with the asynchronous driver that we install for its database."""
    parsed = make_url(url)
    register()
    drivers = {"sqlite": DRIVER, "postgresql": "postgresql+asyncpg"}
    backend = parsed.get_backend_name()
    return parsed.set(drivername=drivers[backend]).render_as_string(hide_password=False)


def make_engine(url: str, pool_size: int = 5) -> AsyncEngine:
    """An engine for ``sqlite:///path`` or ``postgresql://…``, tuned for many short transactions.

    On SQLite a transaction takes the write lock when it begins (BEGIN IMMEDIATE), so that two
    writers wait for each other instead of failing half-way; readers use ``reading(engine)``.
    Errors never quote the values of a statement: they are what shoppers wrote and who they are.
    """
    url = async_url(url)
    if not url.startswith("sqlite"):
        return create_async_engine(
            url, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True
        )
    # Every connection is a thread: to open one for a moment costs more than it is worth.
    engine = create_async_engine(
        url,
        pool_size=2 * pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: _begin does.
        connection.isolation_level = None
        cursor = connection.cursor()
        _turn_wal_on(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        options = connection.get_execution_options()
        connection.connection.dbapi_connection.begin(
            reads_only=options.get("reads_only", False),
            alone=options.get("alone", False),
        )

    return engine


def _turn_wal_on(cursor: Any) -> None:
    # Whoever does it first needs the file alone for a moment, and SQLite lets nobody wait for that.
    for _ in range(BUSY_TIMEOUT_MS // _WAL_AGAIN_MS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            await_only(asyncio.sleep(_WAL_AGAIN_MS / 1000))
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that only read: on SQLite they never wait for a writer."""
    reader = _readers.get(engine)
    if reader is None:
        reader = _readers[engine] = engine.execution_options(reads_only=True)
    return reader


def alone(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions of one statement: it is stored in one trip, or not at all.

    A second statement within ``begin()`` is a transaction of its own.
    """
    single = _singles.get(engine)
    if single is None:
        is_sqlite = engine.dialect.name == "sqlite"
        option = {"alone": True} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        single = _singles[engine] = engine.execution_options(**option)
    return single


def trouble_in(error: BaseException) -> str | None:
    """What the database or its driver says in ``error``, one line; None for any other error."""
    # asyncpg's own errors reach us when a connection is refused; SQLite needs no import of it.
    is_drivers_own = type(error).__module__.partition(".")[0] == "asyncpg"
    if not isinstance(error, SQLAlchemyError) and not is_drivers_own:
        return None
    told = getattr(error, "orig", None) or error
    return (str(told).splitlines() or [type(told).__name__])[0]


def insert_into(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that may say what happens on a conflict, in the words of either database."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table)
