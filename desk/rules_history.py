"""The desk's rules as supervisors have changed them: every version, who and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from desk import tables
from desk.work import Work

_VERSION = tables.rules_version.c


@dataclass(frozen=True)
class RulesVersion:
    """``content`` has the keys of desk.rulebook.DeskBook; numbers count from 1."""

    number: int
    content: dict[str, Any]
    agent_id: str
    note: str | None
    at: datetime


async def save(work: Work, content: dict[str, Any], agent_id: str, note: str | None) -> int:
    """(see Desk.save_rules)"""
    found = await work.connection.execute(select(func.max(_VERSION.number)))
    number = (found.scalar() or 0) + 1
    await work.connection.execute(
        insert(tables.rules_version).values(
            number=number, content=content, agent_id=agent_id, note=note, at=work.now
        )
    )
    return number


async def history(work: Work, limit: int) -> list[RulesVersion]:
    """(see Desk.rules_history)"""
    found = await work.connection.execute(
        select(tables.rules_version).order_by(_VERSION.number.desc()).limit(limit)
    )
    return [RulesVersion(**row) for row in found.mappings()]
