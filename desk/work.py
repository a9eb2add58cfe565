"""One transaction of the desk: its connection, its moment, and what to tell once it is over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.events import DeskEvent
from desk.rules import DeskRules
from desk.waiting import Measured


@dataclass
class Work:
    """What a deed needs while it runs; ``events`` are published only if it commits.

    ``measured`` is what waits are estimated from.
    """

    connection: AsyncConnection
    now: datetime
    rules: DeskRules
    measured: Measured
    events: list[DeskEvent] = field(default_factory=list)

    async def insert_unless_there(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert a row unless a unique constraint forbids it; whether it was inserted."""
        if self.connection.dialect.name == "postgresql":
            result = await self.connection.execute(
                postgresql.insert(table).values(values).on_conflict_do_nothing()
            )
        else:
            result = await self.connection.execute(
                sqlite.insert(table).values(values).on_conflict_do_nothing()
            )
        return result.rowcount == 1

    async def insert_or_update(
        self, table: Table, values: dict[str, Any], changes: dict[str, Any]
    ) -> None:
        """Insert a row, or make ``changes`` to the one with its primary key."""
        key = [column.name for column in table.primary_key]
        if self.connection.dialect.name == "postgresql":
            await self.connection.execute(
                postgresql.insert(table)
                .values(values)
                .on_conflict_do_update(index_elements=key, set_=changes)
            )
        else:
            await self.connection.execute(
                sqlite.insert(table)
                .values(values)
                .on_conflict_do_update(index_elements=key, set_=changes)
            )


Transaction = Callable[[], AbstractAsyncContextManager[Work]]
