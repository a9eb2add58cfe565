"""Callbacks as they came, stored before they are acknowledged, worked on once, by whoever lives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.channels import tables
from kernel.clock import Clock
from kernel.database import insert_into, reading

_INBOX = tables.inbox.c
_AT_ONCE = 100
_KEPT_AT_ONCE = 1000
# A platform repeats within seconds; whoever repeats after days is refused as a replay.
_MEMORY = timedelta(days=3)


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

    Writes that arrive together share a transaction, so a crowd costs little more than one.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        channel: str,
        worker: str,
        lease: timedelta = timedelta(seconds=20),
        urgent: AsyncEngine | None = None,
    ) -> None:
        """``urgent``: an engine for what a platform waits for; see kernel.database.make_engine."""
        self._engine = engine
        self._urgent = urgent or engine
        self._clock = clock
        self._channel = channel
        self._worker = worker
        self._lease = lease
        self._puts: list[tuple[Callback, asyncio.Future[Put]]] = []
        self._done: list[str] = []
        self._writing: asyncio.Task[None] | None = None

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
        while self._writing is not None:
            await asyncio.wait([self._writing])

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

    async def held_by_others(self, shopper_ids: Sequence[str]) -> set[str]:
        """Of which of these shoppers somebody else still holds a callback."""
        async with reading(self._engine).connect() as connection:
            return await self._held_by_others(connection, list(shopper_ids))

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
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._puts or self._done:
                puts, self._puts = self._puts[:_AT_ONCE], self._puts[_AT_ONCE:]
                done, self._done = self._done[:_AT_ONCE], self._done[_AT_ONCE:]
                try:
                    answers = await self._write_once([callback for callback, _ in puts], done)
                except Exception as error:  # noqa: BLE001 whoever waits is told, whatever it is
                    # Not acknowledged: the platform sends it again. What is done comes again too
                    # when its lease ends, and the desk knows it then.
                    for _, future in puts:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), answer in zip(puts, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        finally:
            self._writing = None
            if self._puts or self._done:
                self._write_soon()

    async def _write_once(self, callbacks: list[Callback], done: list[str]) -> list[Put]:
        async with self._urgent.begin() as connection:
            if done:
                await connection.execute(
                    update(tables.inbox)
                    .where(_INBOX.channel == self._channel, _INBOX.id.in_(done))
                    .values(payload=None, lease_worker=None, lease_until=None)
                )
            if not callbacks:
                return []
            fresh = await self._insert(connection, callbacks)
            known = [one.id for one in callbacks if one.id not in fresh]
            first_at = await self._first_seen(connection, known) if known else {}
            held = await self._held_by_others(connection, [one.shopper_id for one in callbacks])
        answers = []
        for one in callbacks:
            is_fresh = one.id in fresh
            # The same one twice in a crowd: the second is the repeat.
            fresh.discard(one.id)
            first = None if is_fresh else first_at.get(one.id, self._clock.now())
            answers.append(Put(first, one.shopper_id in held))
        return answers

    async def _insert(self, connection: AsyncConnection, callbacks: list[Callback]) -> set[str]:
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
        statement = insert_into(connection, tables.inbox).on_conflict_do_nothing()
        inserted = await connection.execute(statement.returning(_INBOX.id), rows)
        return set(inserted.scalars())

    async def _first_seen(self, connection: AsyncConnection, ids: list[str]) -> dict[str, datetime]:
        found = await connection.execute(
            select(_INBOX.id, _INBOX.received_at).where(
                _INBOX.channel == self._channel, _INBOX.id.in_(ids)
            )
        )
        return {row.id: row.received_at for row in found}

    async def _held_by_others(self, connection: AsyncConnection, shoppers: list[str]) -> set[str]:
        found = await connection.execute(
            select(_INBOX.shopper_id).where(
                _INBOX.channel == self._channel,
                _INBOX.shopper_id.in_(shoppers),
                _INBOX.payload.is_not(None),
                _INBOX.lease_worker != self._worker,
            )
        )
        return set(found.scalars())
