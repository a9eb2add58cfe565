"""Calendars, promises and the queue's rules: shown, checked, saved with history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web

from connectors.console.ports import RulesRefused, RulesText
from connectors.console.requests import Refused, bad_request, body_of, text_of, texts_of
from connectors.console.sessions import access_agent
from connectors.console.views import Views
from desk.errors import NotAllowed
from desk.model import Agent, Role
from desk.office.model import Deed
from desk.rule_fields import RulesPart
from desk.rulebook import DaysThatDiffer
from desk.service import Desk

_LONGEST_RULES = 100_000
_LONGEST_NOTE = 500
_MOST_HOURS, _LONGEST_HOURS = 10, 20
_MOST_WORKING, _ISO_DATE = 10, 10


class RulesEditor:
    """Every version stays; going back is saving an earlier one again."""

    def __init__(self, desk: Desk, views: Views, rules: RulesText) -> None:
        self._desk = desk
        self._views = views
        self._rules = rules

    def add_to(self, app: web.Application) -> None:
        """Mount the requests."""
        app.router.add_get("/rules", self.show)
        app.router.add_post("/rules", self.save)
        app.router.add_post("/rules/check", self.check)
        app.router.add_post("/rules/days", self.put_days)
        app.router.add_post("/rules/put", self.put)

    async def show(self, request: web.Request) -> web.Response:
        """The rules as text, and every version that was saved, newest first."""
        await self._supervisor(request)
        versions = await self._desk.rules_history()
        text_of_version = self._rules.text_of
        text = text_of_version(versions[0].content) if versions else self._rules.at_first()
        content = self._checked(text)
        return web.json_response(
            {
                "text": text,
                "calendars": self._rules.calendars(content),
                "forms": self._forms(content),
                "versions": [
                    {
                        "number": one.number,
                        "at": one.at.isoformat(),
                        "agent": await self._views.agent_of(one.agent_id),
                        "note": one.note,
                        "text": text_of_version(one.content),
                    }
                    for one in versions
                ],
            }
        )

    async def check(self, request: web.Request) -> web.Response:
        """Whether the rules make sense; nothing is saved."""
        await self._supervisor(request)
        self._checked(text_of(await body_of(request), "text", _LONGEST_RULES))
        return web.json_response({})

    async def put_days(self, request: web.Request) -> web.Response:
        """The given text with days that differ from its calendar's week; nothing is saved.

        ``first`` to ``last`` have ``hours`` or are closed; the days of ``working`` are worked in
        exchange.
        """
        await self._supervisor(request)
        body = await body_of(request)
        text = text_of(body, "text", _LONGEST_RULES)
        hours = texts_of(body, "hours", _LONGEST_HOURS, _MOST_HOURS)
        working = texts_of(body, "working", _ISO_DATE, _MOST_WORKING)
        first = text_of(body, "first", _ISO_DATE)
        last = text_of(body, "last", _ISO_DATE, "") or first
        try:
            days = [date.fromisoformat(day) for day in (first, last, *working)]
        except ValueError as error:
            raise bad_request() from error
        differ = DaysThatDiffer(days[0], days[1], hours, days[2:])
        with _told():
            after = self._rules.with_days(text, text_of(body, "calendar", 100), differ)
        return web.json_response({"text": after})

    async def put(self, request: web.Request) -> web.Response:
        """The given text with other values for rules of a part, and all forms; not saved."""
        await self._supervisor(request)
        body = await body_of(request)
        part, values = body.get("part"), body.get("values")
        if part not in list(RulesPart) or not isinstance(values, dict):
            raise bad_request()
        text = text_of(body, "text", _LONGEST_RULES)
        with _told():
            after, content = self._rules.with_values(text, RulesPart(part), values)
        return web.json_response({"text": after, "forms": self._forms(content)})

    async def save(self, request: web.Request) -> web.Response:
        """Save a version; the desk goes by it within seconds."""
        agent, body = await self._supervisor(request), await body_of(request)
        content = self._checked(text_of(body, "text", _LONGEST_RULES))
        note = text_of(body, "note", _LONGEST_NOTE, "").strip()
        number = await self._desk.save_rules(content, agent.id, note)
        await self._desk.audit.note(agent.id, Deed.RULES_CHANGED, str(number), note=note)
        return web.json_response({"number": number})

    def _forms(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return asdict(self._rules.forms(content))

    def _checked(self, text: str) -> dict[str, object]:
        with _told():
            return self._rules.check(text)

    async def _supervisor(self, request: web.Request) -> Agent:
        agent = await access_agent(self._desk, request)
        if agent.role is not Role.SUPERVISOR:
            raise NotAllowed("supervisors only")
        return agent


@contextmanager
def _told() -> Iterator[None]:
    """Say in the console's way why rules make no sense."""
    try:
        yield
    except RulesRefused as error:
        raise Refused(400, "bad_rules", why=error.why) from error
