"""Callbacks as they came, stored before they are acknowledged, worked on once, by whoever lives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Boolean, ColumnElement, bindparam, delete, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from kernel.clock import Clock
from kernel.database import alone, reading

log = structlog.get_logger()

_INBOX = tables.inbox.c
_AT_ONCE = 100
_KEPT_AT_ONCE = 1000
# A platform repeats within seconds; whoever repeats after days is refused as a replay.
_MEMORY = timedelta(days=3)
# In words, for within RETURNING the toolkit names no tables.
_HELD_BY_OTHERS: ColumnElement[bool] = literal_column(
    """EXISTS (
        SELECT 1 FROM channel_inbox AS held
        WHERE held.channel = channel_inbox.channel
            AND held.shopper_id = channel_inbox.shopper_id
            AND held.payload IS NOT NULL
            AND held.lease_worker != channel_inbox.lease_worker
            AND (held.sent_at, held.id) < (channel_inbox.sent_at, channel_inbox.id)
    )""",
    Boolean,
)
# Built once: building them costs more than SQLite takes to run them.
_INSERTS = {
    name: insert(tables.inbox).on_conflict_do_nothing().returning(_INBOX.id, _HELD_BY_OTHERS)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_END = (
    update(tables.inbox)
    .where(_INBOX.channel == bindparam("of"), _INBOX.id.in_(bindparam("ids", expanding=True)))
    .values(payload=None, lease_worker=None, lease_until=None)
)


@dataclass(frozen=True)
class Callback:
    """One push of a platform: ``id`` names it for ever, ``payload`` is what it says, as JSON."""

    id: str
    shopper_id: str
    sent_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class Put:
    """``first_at``: when the same callback came first, None if this is it.

    ``others_wait``: somebody else holds an older callback of this shopper that is not done.
    """

    first_at: datetime | None
    others_wait: bool


class Inbox:
    """The callbacks of one channel.

    Callbacks that arrive together are stored by one statement, so a crowd costs little more than
    one; what is done is noted beside them, for nobody waits for that.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        channel: str,
        worker: str,
        lease: timedelta = timedelta(seconds=20),
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._channel = channel
        self._worker = worker
        self._lease = lease
        self._puts: list[tuple[Callback, asyncio.Future[Put]]] = []
        self._done: list[str] = []
        self._putting: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    async def put(self, callback: Callback) -> Put:
        """Store ``callback`` for this process to work on, unless it is known; then it is safe."""
        future: asyncio.Future[Put] = asyncio.get_running_loop().create_future()
        self._puts.append((callback, future))
        self._write_soon()
        return await future

    def done(self, callback_id: str) -> None:
        """It is worked on. Written soon: until then a crash makes it come again."""
        self._done.append(callback_id)
        self._write_soon()

    async def flush(self) -> None:
        """Wait until everything is written."""
        while writing := [one for one in (self._putting, self._ending) if one is not None]:
            await asyncio.wait(writing)

    async def abandoned(self, limit: int = 200) -> list[Callback]:
        """Callbacks whose worker has died, now ours; in the order in which they were sent."""
        now = self._clock.now()
        waiting = [
            _INBOX.channel == self._channel,
            _INBOX.payload.is_not(None),
            _INBOX.lease_until <= now,
        ]
        async with self._engine.begin() as connection:
            found = await connection.execute(
                select(tables.inbox)
                .where(*waiting)
                .order_by(_INBOX.sent_at, _INBOX.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            rows = found.mappings().all()
            if rows:
                await connection.execute(
                    update(tables.inbox)
                    .where(
                        _INBOX.channel == self._channel,
                        _INBOX.id.in_([row["id"] for row in rows]),
                    )
                    .values(lease_worker=self._worker, lease_until=now + self._lease)
                )
        return [
            Callback(row["id"], row["shopper_id"], row["sent_at"], row["payload"]) for row in rows
        ]

    async def keep(self, callback_ids: Sequence[str]) -> None:
        """Still working on these: nobody else may take them up."""
        for start in range(0, len(callback_ids), _KEPT_AT_ONCE):
            some = callback_ids[start : start + _KEPT_AT_ONCE]
            async with self._engine.begin() as connection:
                await connection.execute(
                    update(tables.inbox)
                    .where(_INBOX.channel == self._channel, _INBOX.id.in_(some))
                    .values(lease_until=self._clock.now() + self._lease)
                )

    async def held_by_others(self, before: Mapping[str, tuple[datetime, str]]) -> set[str]:
        """Of which of these shoppers somebody else still holds a callback from before a place.

        A place is when the platform says a callback was sent, and its id. What comes later is not
        waited for: two who hold a shopper's callbacks by turns would wait for each other.
        """
        async with reading(self._engine).connect() as connection:
            found = await connection.execute(
                select(_INBOX.shopper_id, _INBOX.sent_at, _INBOX.id).where(
                    _INBOX.channel == self._channel,
                    _INBOX.shopper_id.in_(before),
                    _INBOX.payload.is_not(None),
                    _INBOX.lease_worker != self._worker,
                )
            )
            return {
                row.shopper_id for row in found if (row.sent_at, row.id) < before[row.shopper_id]
            }

    async def forget(self) -> int:
        """Remove what was done days ago; returns how many."""
        async with self._engine.begin() as connection:
            result = await connection.execute(
                delete(tables.inbox).where(
                    _INBOX.payload.is_(None), _INBOX.received_at < self._clock.now() - _MEMORY
                )
            )
        return int(result.rowcount)

    def _write_soon(self) -> None:
        if self._puts and self._putting is None:
            self._putting = asyncio.create_task(self._put_all())
        if self._done and self._ending is None:
            self._ending = asyncio.create_task(self._end_all())

    async def _put_all(self) -> None:
        try:
            while self._puts:
                puts, self._puts = self._puts[:_AT_ONCE], self._puts[_AT_ONCE:]
                try:
                    answers = await self._put_once([callback for callback, _ in puts])
                except Exception as error:  # noqa: BLE001 whoever waits is told, whatever it is
                    # Not acknowledged: the platform sends it again.
                    for _, future in puts:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), answer in zip(puts, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._putting = None
            self._write_soon()

    async def _end_all(self) -> None:
        try:
            while self._done:
                done, self._done = self._done[:_AT_ONCE], self._done[_AT_ONCE:]
                try:
                    async with alone(self._engine).begin() as connection:
                        await connection.execute(_END, {"of": self._channel, "ids": done})
                except (SQLAlchemyError, OSError) as error:
                    # It comes again when its lease ends, and the desk knows it then.
                    log.warning("inbox.done.failed", error=type(error).__name__)
        finally:
            self._ending = None
            self._write_soon()

    async def _put_once(self, callbacks: list[Callback]) -> list[Put]:
        fresh = await self._insert(callbacks)
        known = [one.id for one in callbacks if one.id not in fresh]
        first_at = await self._first_seen(known) if known else {}
        answers = []
        for one in callbacks:
            # The same one twice in a crowd: the second is the repeat.
            others_wait = fresh.pop(one.id, None)
            if others_wait is None:
                answers.append(Put(first_at.get(one.id, self._clock.now()), others_wait=False))
            else:
                answers.append(Put(None, others_wait))
        return answers

    async def _insert(self, callbacks: list[Callback]) -> dict[str, bool]:
        """Those that were not known, and whether somebody else holds one of the same shopper."""
        now = self._clock.now()
        rows = [
            {
                "channel": self._channel,
                "id": one.id,
                "shopper_id": one.shopper_id,
                "sent_at": one.sent_at,
                "received_at": now,
                "payload": one.payload,
                "lease_worker": self._worker,
                "lease_until": now + self._lease,
            }
            for one in {one.id: one for one in reversed(callbacks)}.values()
        ]
        # The platform waits for this: one statement is over soonest.
        async with alone(self._engine).begin() as connection:
            statement = _INSERTS[connection.dialect.name]
            return dict((await connection.execute(statement, rows)).tuples().all())

    async def _first_seen(self, ids: list[str]) -> dict[str, datetime]:
        async with reading(self._engine).connect() as connection:
            found = await connection.execute(
                select(_INBOX.id, _INBOX.received_at).where(
                    _INBOX.channel == self._channel, _INBOX.id.in_(ids)
                )
            )
            return {row.id: row.received_at for row in found}
