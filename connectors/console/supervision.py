"""What supervisors see and decide: live wall, reports, quality, team, rules, audit log."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from datetime import date
from typing import Any

from aiohttp import web

from connectors.console.requests import (
    Refused,
    asked_for,
    bad_request,
    body_of,
    moment_of,
    number_of,
    text_of,
    whole_of,
)
from connectors.console.sessions import access_agent
from connectors.console.views import Views
from desk.agents import LONGEST_PASSWORD, SHORTEST_PASSWORD
from desk.errors import NotAllowed
from desk.model import Agent, Role
from desk.office.model import Deed
from desk.office.team import LONGEST_TEAM
from desk.reports.measures import COUNTS
from desk.reports.model import Dimension
from desk.reports.quality import CRITERIA, LONGEST_COMMENT, MOST
from desk.service import Desk

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_RANGE_DAYS = 1100
_AUDIT_PAGE = 100
_MOST_SAMPLES = 50
_LAST_EPOCH = 2**31 - 1


class Supervision:
    """Every door here asks for a supervisor."""

    def __init__(self, desk: Desk, views: Views) -> None:
        self._desk = desk
        self._views = views

    def add_to(self, app: web.Application) -> None:
        """Mount the requests."""
        add = app.router
        add.add_get("/reports", self.report)
        add.add_get("/reports.csv", self.export)
        add.add_get("/leaderboard", self.leaderboard)
        add.add_get("/quality/sample", self.sample)
        add.add_get("/quality/scores", self.scores)
        add.add_post("/quality/scores", self.score)
        add.add_get("/team", self.team)
        add.add_post("/team", self.add_agent)
        add.add_post("/team/{id}", self.change_agent)
        add.add_get("/audit", self.audit)

    # -- reports --------------------------------------------------------------------------------

    async def report(self, request: web.Request) -> web.Response:
        """Numbers of a range of days, told apart by ``by``."""
        await self._supervisor(request)
        first, last = _range(request)
        dimension = _dimension(request)
        found = await self._desk.days.report(first, last, dimension)
        if dimension is Dimension.AGENT:
            await self._name(found["keys"])
        unsolved = await self._desk.days.unsolved(first, last)
        return web.json_response({"from": first, "to": last, **found, "unsolved": unsolved})

    async def export(self, request: web.Request) -> web.Response:
        """The same numbers as a table for a spreadsheet; whoever takes them out is noted."""
        agent = await self._supervisor(request)
        first, last = _range(request)
        dimension = _dimension(request)
        found = await self._desk.days.report(first, last, dimension)
        if dimension is Dimension.AGENT:
            await self._name(found["keys"])
        out = io.StringIO()
        # Spreadsheets read UTF-8 only with this mark.
        out.write("\ufeff")
        table = csv.writer(out)
        shares, times = _shares(found["total"]), found["total"]["times"]
        heads = [f"{name}_{part}" for name in shares for part in ("share", "low", "high")]
        seconds = [f"{name}_{part}_seconds" for name in times for part in times[name]]
        table.writerow([dimension.value, *COUNTS, *heads, *seconds, "csat"])
        lines = [("total", found["total"]), *((row["name"], row) for row in _named(found["keys"]))]
        for name, row in lines:
            parts = [part for share in _shares(row).values() for part in (share or ("", "", ""))]
            table.writerow(
                [
                    _harmless(str(name)),
                    *(row[count] for count in COUNTS),
                    *parts,
                    *(row["times"][one][part] for one in times for part in times[one]),
                    row["csat"],
                ]
            )
        await self._desk.audit.note(agent.id, Deed.EXPORTED, f"{first} {last} {dimension.value}")
        return web.Response(
            text=out.getvalue(),
            content_type="text/csv",
            charset="utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="kefu-{first}-{last}-{dimension}.csv"'
            },
        )

    async def leaderboard(self, request: web.Request) -> web.Response:
        """Agents of a range of days, each with what they are best at: reasons to praise."""
        await access_agent(self._desk, request)
        first, last = _range(request)
        rows = (await self._desk.days.report(first, last, Dimension.AGENT))["keys"]
        rows = [row for row in rows if row["key"] != "-"]
        await self._name(rows)
        best = {name: max((_praise(row)[name] for row in rows), default=0) for name in _PRAISE}
        return web.json_response(
            {
                "agents": [
                    {
                        "id": row["key"],
                        "name": row["name"],
                        "volume": row["with_person"],
                        "csat": row["csat"],
                        "csat_count": row["csat_count"],
                        "confirmed": row["confirmed"],
                        "kind": row["kind"],
                        "first_response": row["times"]["first_response"]["p50"],
                        "praise": [
                            name
                            for name, value in _praise(row).items()
                            if value and value == best[name]
                        ],
                    }
                    for row in sorted(rows, key=lambda one: -(one["csat"] or 0) * 100)
                ]
            }
        )

    async def _name(self, keys: list[dict[str, Any]]) -> None:
        names = {agent.id: agent.name for agent in await self._desk.agents()}
        for row in keys:
            row["name"] = names.get(row["key"], row["key"])

    # -- quality --------------------------------------------------------------------------------

    async def sample(self, request: web.Request) -> web.Response:
        """Cases to look at; the same ``seed`` gives the same cases."""
        agent = await self._supervisor(request)
        first, last = _range(request)
        found = await self._desk.quality.sample(
            agent.id,
            first,
            last,
            min(number_of(request, "size") or 10, _MOST_SAMPLES),
            number_of(request, "seed") or 1,
            asked_for(request, "agent"),
        )
        return web.json_response(
            {
                "criteria": list(CRITERIA),
                "most": MOST,
                "samples": [
                    {
                        "conversation": await self._views.conversation(one.conversation),
                        "epoch": one.epoch,
                        "closed_at": one.closed_at.isoformat(),
                        "agent": await self._views.agent_of(one.agent_id),
                        "outcome": one.outcome,
                        "score": one.score,
                    }
                    for one in found
                ],
            }
        )

    async def score(self, request: web.Request) -> web.Response:
        """Keep a score sheet."""
        agent, body = await self._supervisor(request), await body_of(request)
        marks = body.get("marks")
        if not isinstance(marks, dict):
            raise bad_request()
        kept = await self._desk.quality.score(
            agent.id,
            text_of(body, "conversation", 200),
            whole_of(body, "epoch", 1, _LAST_EPOCH),
            {name: whole_of(marks, name, 0, MOST) for name in marks},
            text_of(body, "comment", LONGEST_COMMENT, ""),
        )
        return web.json_response({"id": kept.id})

    async def scores(self, request: web.Request) -> web.Response:
        """The newest score sheets: a supervisor sees all, an agent their own."""
        agent = await access_agent(self._desk, request)
        whose = asked_for(request, "agent") if agent.role is Role.SUPERVISOR else agent.id
        found = await self._desk.quality.scores(_AUDIT_PAGE, whose)
        return web.json_response(
            {
                "scores": [
                    {
                        "conversation": one.conversation_id,
                        "agent": await self._views.agent_of(one.agent_id),
                        "by": await self._views.agent_of(one.by_id),
                        "marks": dict(one.marks),
                        "points": sum(one.marks.values()),
                        "most": MOST * len(CRITERIA),
                        "comment": one.comment,
                        "at": one.at.isoformat(),
                    }
                    for one in found
                ]
            }
        )

    # -- team -----------------------------------------------------------------------------------

    async def team(self, request: web.Request) -> web.Response:
        """Everybody who works here, and who has left; which skills and capacity there are."""
        await self._supervisor(request)
        return web.json_response(
            {
                "members": [
                    {
                        **self._views.agent(member.agent),
                        "login": member.agent.login,
                        "team": member.team,
                        "active": member.active,
                        "skills": sorted(member.agent.skills),
                        "languages": sorted(member.agent.languages),
                        "capacity": member.agent.capacity,
                    }
                    for member in await self._desk.team.members()
                ],
                # How much the rules give one without a number.
                "skills": await self._desk.skills(),
                "capacity": self._desk.rules.queue.capacity,
            }
        )

    async def add_agent(self, request: web.Request) -> web.Response:
        """A new agent with a first password."""
        supervisor, body = await self._supervisor(request), await body_of(request)
        password = text_of(body, "password", LONGEST_PASSWORD)
        if len(password) < SHORTEST_PASSWORD:
            raise Refused(400, "password_too_short", least=SHORTEST_PASSWORD)
        agent = await self._desk.add_agent(
            text_of(body, "login", 200), text_of(body, "name", 200), password, _role(body)
        )
        await self._desk.audit.note(
            supervisor.id, Deed.AGENT_ADDED, agent.login, role=agent.role.value
        )
        return web.json_response({"agent": self._views.agent(agent)})

    async def change_agent(self, request: web.Request) -> web.Response:
        """Another role, another team, other skills, languages or capacity, or gone."""
        supervisor, body = await self._supervisor(request), await body_of(request)
        await self._desk.team.change(
            supervisor.id,
            request.match_info["id"],
            role=_role(body),
            team=text_of(body, "team", LONGEST_TEAM, ""),
            active=body.get("active") is not False,
            skills=_some_of(body, "skills", await self._desk.skills()),
            languages=_some_of(body, "languages", ("zh", "en")),
            capacity=None if body.get("capacity") is None else whole_of(body, "capacity", 1, 100),
        )
        return web.json_response({})

    async def audit(self, request: web.Request) -> web.Response:
        """A page of the audit log, newest first."""
        await self._supervisor(request)
        before = None
        if cursor := asked_for(request, "before"):
            at, _, line_id = cursor.partition("~")
            before = (moment_of(at), line_id)
        deed = asked_for(request, "deed")
        if deed is not None and deed not in set(Deed):
            raise bad_request()
        lines = await self._desk.audit.page(
            _AUDIT_PAGE,
            before,
            agent_id=asked_for(request, "agent"),
            deed=Deed(deed) if deed else None,
        )
        last = lines[-1] if len(lines) == _AUDIT_PAGE else None
        return web.json_response(
            {
                "lines": [
                    {
                        "at": line.at.isoformat(),
                        "agent": await self._views.agent_of(line.agent_id),
                        "deed": line.deed,
                        "subject": line.subject,
                        "detail": line.detail,
                    }
                    for line in lines
                ],
                "next": last and f"{last.at.isoformat()}~{last.id}",
            }
        )

    async def _supervisor(self, request: web.Request) -> Agent:
        agent = await access_agent(self._desk, request)
        if agent.role is not Role.SUPERVISOR:
            raise NotAllowed("supervisors only")
        return agent


def _shares(row: dict[str, Any]) -> dict[str, Any]:
    """Every share of a report's line by its name, with its interval; None without any case."""
    names = ("sla", "promise", "call", "csat")
    return {**row["shares"], **row["reply_shares"], **{one: row[f"{one}_share"] for one in names}}


_PRAISE = ("csat", "kind", "confirmed", "fast")


def _praise(row: dict[str, Any]) -> dict[str, float]:
    """What an agent may be praised for; more is better."""
    fast = row["times"]["first_response"]["p50"]
    enough = row["csat_count"] >= _ENOUGH_SCORES
    return {
        "csat": row["csat"] or 0 if enough else 0,
        "kind": row["kind"],
        "confirmed": row["confirmed"],
        "fast": 1 / fast if fast else 0,
    }


# Fewer scores are chance.
_ENOUGH_SCORES = 3


def _named(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": row["key"], **row} for row in keys]


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def _role(body: dict[str, Any]) -> Role:
    try:
        return Role(text_of(body, "role", 20))
    except ValueError as error:
        raise bad_request() from error


def _some_of(body: dict[str, Any], name: str, known: Collection[str]) -> list[str]:
    """The texts of the list ``name``, all of them ``known``; none where it is missing."""
    chosen = body.get(name, [])
    if not isinstance(chosen, list) or any(one not in known for one in chosen):
        raise bad_request()
    return chosen


def _dimension(request: web.Request) -> Dimension:
    try:
        return Dimension(request.query.get("by", Dimension.CHANNEL.value))
    except ValueError as error:
        raise bad_request() from error


def _range(request: web.Request) -> tuple[str, str]:
    """The first and the last day asked for."""
    days = [request.query.get(name, "") for name in ("from", "to")]
    if not all(_DAY.fullmatch(day) for day in days):
        raise bad_request()
    try:
        first, last = (date.fromisoformat(day) for day in days)
    except ValueError as error:
        raise bad_request() from error
    if not 0 <= (last - first).days <= _LONGEST_RANGE_DAYS:
        raise bad_request()
    return days[0], days[1]
