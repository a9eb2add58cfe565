"""Whether an agent still works here; asked at every sign-in."""

from __future__ import annotations

from sqlalchemy import select

from desk.office import tables
from desk.work import Work

_MEMBER = tables.member.c


async def has_left(work: Work, agent_id: str) -> bool:
    """Whether this agent no longer works here."""
    found = await work.connection.execute(
        select(_MEMBER.active).where(_MEMBER.agent_id == agent_id)
    )
    return found.scalar_one_or_none() is False
