"""SQLite for asyncio with one trip to the database's thread a statement, instead of four.

SQLAlchemy's own dialect visits the thread to open a cursor, to execute, to fetch and to close. The
visits cost more than most statements, so this dialect makes them in one, and does not roll back
where no transaction is open. Nothing else differs.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util import await_only

DRIVER = "sqlite+onetrip"


def register() -> None:
    """Make ``sqlite+onetrip`` known to SQLAlchemy; doing it again changes nothing."""
    registry.register("sqlite.onetrip", "kernel.sqlite", "OneTripDialect")


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    def execute(self, operation: Any, parameters: Any = None) -> Any:
        """(see parent class)"""
        self._visit(lambda cursor: cursor.execute(operation, parameters or ()))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        """(see parent class)"""
        self._visit(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def _visit(self, work: Callable[[sqlite3.Cursor], object]) -> None:
        # The driver's own door for work in its thread, the one its public methods go through.
        connection: Any = self._connection

        def in_thread() -> tuple[Any, list[Any], int | None, int]:
            cursor = connection._conn.cursor()
            try:
                work(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, rows, cursor.lastrowid, cursor.rowcount
            finally:
                cursor.close()

        try:
            outcome = self.await_(connection._execute(in_thread))
        except Exception as error:  # noqa: BLE001 the adapter translates what the driver means
            self._adapt_connection._handle_exception(error)
        self.description, rows, self.lastrowid, self.rowcount = outcome
        self._rows = deque(rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        """(see parent class)"""
        return super().cursor(server_side=True) if server_side else _Cursor(self)

    def rollback(self) -> None:
        """(see parent class)"""
        connection: aiosqlite.Connection = self._connection  # type: ignore[assignment]
        # The pool rolls back whatever it takes back, most often after a commit.
        if connection.in_transaction:
            super().rollback()


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        """(see parent class)"""
        connection = self.aiosqlite.connect(*arguments, **options)
        # A connection nobody closed must not keep the process alive.
        connection._thread.daemon = True
        return _Connection(self, await_only(connection))


class OneTripDialect(SQLiteDialect_aiosqlite):
    """The dialect behind ``sqlite+onetrip://``."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> AsyncAdapt_aiosqlite_dbapi:
        """(see parent class)"""
        return _Driver(aiosqlite, sqlite3)
