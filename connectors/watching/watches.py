"""Which parcels are watched and when each is seen to next, in the database for all replicas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.carriers.model import ParcelUnderWay
from connectors.watching import tables
from kernel.clock import Clock
from kernel.database import insert_into, reading

_PARCEL = tables.parcel.c


class WatchState(StrEnum):
    """Where we stand with one parcel."""

    NEW = "new"
    SUBSCRIBED = "subscribed"
    ASKED = "asked"
    """Asked about again and again."""
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    """Its tracker has ended too many subscriptions of it."""


@dataclass(frozen=True)
class Watch:
    """One watched parcel; ``failures``: how often in a row nobody answered."""

    tracking_number: str
    order_number: str
    carrier: str
    state: WatchState
    announced_at: datetime
    next_at: datetime
    failures: int
    subscriptions: int
    code: str


class Watches:
    """A parcel that is taken to be seen to is due again only later, also if its taker dies."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def add(self, parcels: Sequence[ParcelUnderWay]) -> int:
        """Watch ``parcels`` from now on; those that are watched stay as they are. How many new."""
        if not parcels:
            return 0
        numbers = [one.tracking_number for one in parcels]
        async with reading(self._engine).connect() as connection:
            known = await connection.scalars(
                select(_PARCEL.tracking_number).where(_PARCEL.tracking_number.in_(numbers))
            )
            missing = set(numbers) - set(known)
        if not missing:
            return 0
        rows = [
            {
                "tracking_number": one.tracking_number,
                "order_number": one.order_number,
                "carrier": one.carrier,
                "state": WatchState.NEW.value,
                "announced_at": one.announced_at,
                "next_at": self._clock.now(),
                "failures": 0,
                "subscriptions": 0,
                "code": "",
            }
            for one in parcels
            if one.tracking_number in missing
        ]
        async with self._engine.begin() as connection:
            added = await connection.execute(
                insert_into(connection, tables.parcel).values(rows).on_conflict_do_nothing()
            )
        return int(added.rowcount)

    async def due(self) -> list[str]:
        """The carriers with parcels to be seen to, the one that waits longest first."""
        async with reading(self._engine).connect() as connection:
            found = await connection.scalars(
                select(_PARCEL.carrier)
                .where(_PARCEL.next_at <= self._clock.now())
                .group_by(_PARCEL.carrier)
                .order_by(func.min(_PARCEL.next_at))
            )
            return list(found)

    async def take(self, carrier: str, at_most: int, hold: timedelta) -> list[Watch]:
        """Parcels of ``carrier`` to be seen to now, by us alone; due again after ``hold``."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            found = await connection.execute(
                select(tables.parcel)
                .where(_PARCEL.carrier == carrier, _PARCEL.next_at <= now)
                .order_by(_PARCEL.next_at, _PARCEL.tracking_number)
                .limit(at_most)
                .with_for_update(skip_locked=True)
            )
            taken = [_watch(row) for row in found.mappings()]
            if taken:
                await connection.execute(
                    update(tables.parcel)
                    .where(_PARCEL.tracking_number.in_([one.tracking_number for one in taken]))
                    .values(next_at=now + hold)
                )
        return taken

    async def settle(self, tracking_number: str, **values: Any) -> None:
        """Note what came of it."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.parcel)
                .where(_PARCEL.tracking_number == tracking_number)
                .values(**values)
            )

    async def forget(self, tracking_number: str) -> None:
        """Watch it no longer."""
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(tables.parcel).where(_PARCEL.tracking_number == tracking_number)
            )

    async def find(self, tracking_number: str) -> Watch | None:
        """How a parcel is watched, None if it is not."""
        async with reading(self._engine).connect() as connection:
            found = await connection.execute(
                select(tables.parcel).where(_PARCEL.tracking_number == tracking_number)
            )
            row = found.mappings().first()
        return _watch(row) if row else None


def _watch(row: Any) -> Watch:
    return Watch(**{**row, "state": WatchState(row["state"])})
