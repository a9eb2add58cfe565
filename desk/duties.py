"""Which replica does the scheduled work: one at a time a duty, another if it dies."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, update

from desk import tables
from desk.work import Work

_DUTY = tables.duty.c


async def claim(work: Work, name: str, worker: str, lease: timedelta) -> bool:
    """(see Desk.claim_duty)"""
    until = work.now + lease
    values = {"name": name, "worker": worker, "until": until}
    if await work.insert_unless_there(tables.duty, values):
        return True
    result = await work.connection.execute(
        update(tables.duty)
        .where(_DUTY.name == name, or_(_DUTY.worker == worker, _DUTY.until <= work.now))
        .values(worker=worker, until=until)
    )
    return result.rowcount == 1


async def give_up(work: Work, name: str, worker: str) -> None:
    """(see Desk.give_up_duty)"""
    await work.connection.execute(
        update(tables.duty).where(_DUTY.name == name, _DUTY.worker == worker).values(until=work.now)
    )
