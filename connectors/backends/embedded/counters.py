"""Numbers that shoppers are told: a prefix, the day, a serial number; each is given once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import case
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
from connectors.backends.embedded.database import upsert

PREFIXES = {
    "return": "RMA",
    "exchange": "EX",
    "refund": "RF",
    "intercept": "IC",
    "invoice": "INV",
    "price_claim": "PP",
    "ticket": "TS",
    "feedback": "FB",
}
"""What is counted, and how its numbers begin."""


async def next_number(connection: AsyncConnection, kind: str, now: datetime) -> str:
    """The next free number of ``kind`` (a key of ``PREFIXES``) of the day of ``now``."""
    day = f"{now:%y%m%d}"
    serial = await _raise(connection, f"{kind}:{day}", 0)
    return f"{PREFIXES[kind]}{day}{serial:04d}"


async def count_on(connection: AsyncConnection, kind: str, numbers: Iterable[str]) -> None:
    """Let the counters of ``kind`` go on behind ``numbers`` that came from elsewhere."""
    pattern = re.compile(rf"{PREFIXES[kind]}(\d{{6}})(\d{{4}})")
    counted: dict[str, int] = {}
    for number in numbers:
        match = pattern.fullmatch(number)
        if match:
            day, serial = match.groups()
            counted[day] = max(counted.get(day, 0), int(serial))
    for day, serial in sorted(counted.items()):
        await _raise(connection, f"{kind}:{day}", serial)


async def _raise(connection: AsyncConnection, name: str, at_least: int) -> int:
    """Count one further; with ``at_least``, only make sure of that number.

    One statement, so that two at the same moment never get the same number.
    """
    counters = tables.counters
    raised = (
        case((counters.c.value < at_least, at_least), else_=counters.c.value)
        if at_least
        else counters.c.value + 1
    )
    statement = (
        upsert(connection, counters)
        .values(name=name, value=at_least or 1)
        .on_conflict_do_update(index_elements=[counters.c.name], set_={"value": raised})
        .returning(counters.c.value)
    )
    return int((await connection.execute(statement)).scalar_one())
