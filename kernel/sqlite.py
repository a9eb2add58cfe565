"""SQLite for asyncio: few trips to the database's thread, and writers who wait in line.

SQLAlchemy's own dialect visits the thread to begin, to open a cursor, to execute, to fetch and to
close. The visits cost more than most statements, so this dialect makes them in one, and does not
roll back where no transaction is open.

SQLite has one write lock, and whoever finds it taken sleeps and tries again, longer each time, so
that a writer can be passed by for seconds. Writers of this process queue in front of it instead.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from weakref import WeakValueDictionary

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


class _Beginning(StrEnum):
    """The statement that opens a transaction."""

    READS = "BEGIN"
    WRITES = "BEGIN IMMEDIATE"


class _WriteLock:
    """What writers of one database in this process queue for: first come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_held = False
        self._line: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for it, at most ``timeout`` seconds; whether it is the caller's now."""
        turn = threading.Lock()
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return True
            turn.acquire()
            self._line.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn in self._line:
                self._line.remove(turn)
                return False
            # It was given in the very last moment.
            return True

    def release(self) -> None:
        """Give it to whoever is next."""
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._is_held = False


_write_locks: WeakValueDictionary[str, _WriteLock] = WeakValueDictionary()
_write_locks_guard = threading.Lock()


def _write_lock_of(database: str) -> _WriteLock:
    with _write_locks_guard:
        return _write_locks.setdefault(database, _WriteLock())


class QueueingConnection(sqlite3.Connection):
    """A connection of SQLite's own driver whose writing transactions wait for their turn.

    The queue only keeps writers from sleeping; SQLite's lock stays the one that decides. So a
    writer who has waited ``timeout`` seconds asks SQLite all the same.
    """

    def __init__(self, database: str, timeout: float = 5.0, **options: Any) -> None:
        """(see parent class)"""
        super().__init__(database, timeout=timeout, **options)
        self._timeout = timeout
        self._writers = _write_lock_of(database)
        self._is_first = False

    def begin(self, beginning: _Beginning) -> None:
        """Open a transaction."""
        if beginning is not _Beginning.READS:
            self._is_first = self._writers.acquire(self._timeout)
        try:
            self.execute(beginning)
        except BaseException:
            self._let_go()
            raise

    def commit(self) -> None:
        """(see parent class)"""
        try:
            super().commit()
        finally:
            self._let_go()

    def rollback(self) -> None:
        """(see parent class)"""
        try:
            super().rollback()
        finally:
            self._let_go()

    def close(self) -> None:
        """(see parent class)"""
        try:
            super().close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._is_first:
            self._is_first = False
            self._writers.release()


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
        adapted: Any = self._adapt_connection
        begin, ends = adapted.taken_beginning(), adapted.is_alone

        def in_thread() -> tuple[Any, list[Any], int | None, int]:
            if begin is not None:
                connection._conn.begin(begin)
            cursor = connection._conn.cursor()
            try:
                work(cursor)
                rows = cursor.fetchall() if cursor.description else []
                outcome = cursor.description, rows, cursor.lastrowid, cursor.rowcount
            except BaseException:
                if ends:
                    connection._conn.rollback()
                raise
            finally:
                cursor.close()
            if ends:
                connection._conn.commit()
            return outcome

        try:
            outcome = self.await_(connection._execute(in_thread))
        except Exception as error:  # noqa: BLE001 the adapter translates what the driver means
            self._adapt_connection._handle_exception(error)
        self.description, rows, self.lastrowid, self.rowcount = outcome
        self._rows = deque(rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("_beginning", "is_alone")

    def __init__(self, dbapi: Any, connection: Any) -> None:
        """(see parent class)"""
        super().__init__(dbapi, connection)
        self._beginning: _Beginning | None = None
        self.is_alone = False

    def begin(self, *, reads_only: bool, alone: bool) -> None:
        """Open a transaction along with the next statement; without one there is none.

        ``alone``: the transaction ends with that statement, in the same trip.
        """
        self.is_alone = alone
        self._beginning = _Beginning.READS if reads_only else _Beginning.WRITES

    def taken_beginning(self) -> _Beginning | None:
        """How the transaction is to be opened that is not yet; None if it is, or none is wanted."""
        beginning, self._beginning = self._beginning, None
        return beginning

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        """(see parent class)"""
        return super().cursor(server_side=True) if server_side else _Cursor(self)

    def commit(self) -> None:
        """(see parent class)"""
        connection: aiosqlite.Connection = self._connection  # type: ignore[assignment]
        if self.taken_beginning() is None and connection.in_transaction:
            super().commit()

    def rollback(self) -> None:
        """(see parent class)"""
        self._beginning = None
        connection: aiosqlite.Connection = self._connection  # type: ignore[assignment]
        # The pool rolls back whatever it takes back, most often after a commit.
        if connection.in_transaction:
            super().rollback()


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        """(see parent class)"""
        connection = self.aiosqlite.connect(*arguments, factory=QueueingConnection, **options)
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
