"""How far each account has been read, and by whom: one process at a time goes on from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from kernel.clock import Clock
from kernel.database import alone, insert_into

_CURSOR = tables.cursor.c
# WeCom's pages: a token of a callback opens sync_msg for ten minutes.
_TOKEN_LASTS = timedelta(minutes=9)


@dataclass(frozen=True)
class Reading:
    """The right to read one account: from ``cursor`` on, with ``token`` if it still holds.

    ``nudges``: how often the platform had called by then.
    """

    open_kfid: str
    cursor: str
    token: str
    nudges: int


class Cursors:
    """The accounts of one channel."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        channel: str,
        worker: str,
        lease: timedelta = timedelta(seconds=30),
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._channel = channel
        self._worker = worker
        self._lease = lease

    async def nudge(self, open_kfid: str, token: str) -> None:
        """The platform has called: there is something to read. Stored when this returns."""
        now = self._clock.now()
        async with alone(self._engine).begin() as connection:
            statement = insert_into(connection, tables.cursor).values(
                channel=self._channel,
                account=open_kfid,
                cursor="",
                token=token,
                token_at=now,
                nudges=1,
                read_nudges=0,
            )
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["channel", "account"],
                    set_={"token": token, "token_at": now, "nudges": _CURSOR.nudges + 1},
                )
            )

    async def claim(self, open_kfid: str) -> Reading | None:
        """Read ``open_kfid`` now, alone; None if somebody does, or there is nothing to read."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            found = await connection.execute(
                update(tables.cursor)
                .where(
                    _CURSOR.channel == self._channel,
                    _CURSOR.account == open_kfid,
                    _CURSOR.nudges > _CURSOR.read_nudges,
                    or_(_CURSOR.lease_until.is_(None), _CURSOR.lease_until <= now),
                )
                .values(lease_worker=self._worker, lease_until=now + self._lease)
                .returning(_CURSOR.cursor, _CURSOR.token, _CURSOR.token_at, _CURSOR.nudges)
            )
            row = found.first()
        if row is None:
            return None
        token = row.token if now - row.token_at < _TOKEN_LASTS else ""
        return Reading(open_kfid, row.cursor, token, row.nudges)

    async def advance(self, reading: Reading, cursor: str) -> bool:
        """Everything up to ``cursor`` is stored; False if another process has taken over."""
        return await self._change(
            reading, cursor=cursor, lease_until=self._clock.now() + self._lease
        )

    async def done(self, reading: Reading) -> None:
        """There is no more; what was called about since ``reading`` began is still to be read."""
        await self._change(reading, read_nudges=reading.nudges, lease_worker=None, lease_until=None)

    async def give_up(self, reading: Reading) -> None:
        """It could not be read to its end: somebody begins again from where it was stored."""
        await self._change(reading, lease_worker=None, lease_until=None)

    async def waiting(self) -> list[str]:
        """Accounts with something to read that nobody reads."""
        now = self._clock.now()
        async with self._engine.connect() as connection:
            found = await connection.execute(
                select(_CURSOR.account).where(
                    _CURSOR.channel == self._channel,
                    _CURSOR.nudges > _CURSOR.read_nudges,
                    or_(_CURSOR.lease_until.is_(None), _CURSOR.lease_until <= now),
                )
            )
            return list(found.scalars())

    async def _change(self, reading: Reading, **values: object) -> bool:
        async with self._engine.begin() as connection:
            result = await connection.execute(
                update(tables.cursor)
                .where(
                    _CURSOR.channel == self._channel,
                    _CURSOR.account == reading.open_kfid,
                    _CURSOR.lease_worker == self._worker,
                )
                .values(**values)
            )
        return bool(result.rowcount)
