"""Who did what at the desk, for those who answer for it; written in the deed's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, insert, or_, select

from desk.office import tables
from desk.office.model import Audited, Deed
from desk.work import Transaction, Work

_AUDIT = tables.audit.c
_SUBJECT_CHARACTERS = 200


async def note_deed(
    work: Work, agent_id: str | None, deed: Deed, subject: str = "", **detail: Any
) -> None:
    """Remember that ``agent_id`` (None: the system) did ``deed`` to ``subject``."""
    await work.connection.execute(
        insert(tables.audit).values(
            id=uuid4().hex,
            at=work.now,
            agent_id=agent_id,
            deed=deed.value,
            subject=subject[:_SUBJECT_CHARACTERS],
            detail=detail,
        )
    )


class Audit:
    """Reads the log, newest first."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def note(
        self, agent_id: str | None, deed: Deed, subject: str = "", **detail: Any
    ) -> None:
        """Remember a deed that is no transaction of the desk itself."""
        async with self._transaction() as work:
            await note_deed(work, agent_id, deed, subject, **detail)

    async def page(
        self,
        limit: int,
        before: tuple[datetime, str] | None = None,
        *,
        agent_id: str | None = None,
        deed: Deed | None = None,
    ) -> list[Audited]:
        """The newest ``limit`` lines, older than the line ``before`` (its time and id)."""
        query = select(tables.audit).order_by(_AUDIT.at.desc(), _AUDIT.id.desc()).limit(limit)
        if before is not None:
            at, line_id = before
            query = query.where(or_(_AUDIT.at < at, and_(_AUDIT.at == at, _AUDIT.id < line_id)))
        if agent_id is not None:
            query = query.where(_AUDIT.agent_id == agent_id)
        if deed is not None:
            query = query.where(_AUDIT.deed == deed.value)
        async with self._reading() as work:
            found = await work.connection.execute(query)
            return [Audited(**row) for row in found.mappings()]
