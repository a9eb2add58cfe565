"""Who works at the desk: roles, teams, and agents who have left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from desk import tables as desk_tables
from desk.agents import find_agent
from desk.errors import BadIncoming, NotAllowed
from desk.model import Agent, Role
from desk.office import tables
from desk.office.audit import note_deed
from desk.office.model import Deed
from desk.rows import agent_from
from desk.work import Transaction

LONGEST_TEAM = 80

_AGENT = desk_tables.agent.c
_MEMBER = tables.member.c
_SESSION = desk_tables.agent_session.c


@dataclass(frozen=True)
class Member:
    """An agent in a team ("" for none); who is not active cannot sign in."""

    agent: Agent
    team: str
    active: bool


class Team:
    """Reads and changes who works here; only supervisors change it."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def members(self) -> list[Member]:
        """Everybody, those who have left included, by name."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(desk_tables.agent, _MEMBER.team, _MEMBER.active)
                .outerjoin(tables.member, _MEMBER.agent_id == _AGENT.id)
                .order_by(_AGENT.name, _AGENT.id)
            )
            return [
                Member(agent_from(row), row["team"] or "", row["active"] is not False)
                for row in found.mappings()
            ]

    async def change(
        self,
        by_id: str,
        agent_id: str,
        *,
        role: Role,
        team: str,
        active: bool,
        skills: Collection[str] = (),
        languages: Collection[str] = (),
        capacity: int | None = None,
    ) -> None:
        """Give an agent a role, a team and what they do, or let them go: their sessions end then.

        ``skills``, ``languages`` and ``capacity`` are as desk.model.Agent has them. Raises
        NotAllowed for whoever is no supervisor, and when a supervisor would lock themselves out;
        NoSuchAgent, BadIncoming.
        """
        if len(team) > LONGEST_TEAM:
            raise BadIncoming("a team's name is too long")
        async with self._transaction() as work:
            if (await find_agent(work.connection, by_id)).role is not Role.SUPERVISOR:
                raise NotAllowed("supervisors change the team")
            agent = await find_agent(work.connection, agent_id)
            if agent_id == by_id and (role is not Role.SUPERVISOR or not active):
                raise NotAllowed("nobody locks themselves out")
            await work.connection.execute(
                update(desk_tables.agent)
                .where(_AGENT.id == agent_id)
                .values(
                    role=role.value,
                    skills=sorted(skills) or None,
                    languages=sorted(languages) or None,
                    capacity=capacity,
                )
            )
            values = {"team": team.strip(), "active": active}
            if not await work.insert_unless_there(tables.member, {"agent_id": agent_id, **values}):
                await work.connection.execute(
                    update(tables.member).where(_MEMBER.agent_id == agent_id).values(**values)
                )
            if not active:
                await work.connection.execute(
                    delete(desk_tables.agent_session).where(_SESSION.agent_id == agent_id)
                )
            does = {
                "skills": sorted(skills),
                "languages": sorted(languages),
                "capacity": capacity,
            }
            changed = {"role": role.value, **values, **does}
            await note_deed(work, by_id, Deed.AGENT_CHANGED, agent.login, **changed)
