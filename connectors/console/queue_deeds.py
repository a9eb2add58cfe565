"""Presence, offers, and passing conversations on: what the queue needs of agents."""

from __future__ import annotations

from aiohttp import web

from connectors.console.ports import Outbox
from connectors.console.requests import (
    bad_request,
    body_of,
    optional_text_of,
    text_of,
    texts_of,
)
from connectors.console.sessions import access_agent
from connectors.console.views import Views
from desk.errors import NotAllowed
from desk.model import Agent, AgentState, Conversation, Role
from desk.reports.model import Dimension
from desk.service import Desk

_LONGEST_ID = 200
_LONGEST_NOTE = 2000
# Of the line and of promises in danger the wall shows the first.
_SHOWN = 50


class QueueDeeds:
    """Everything here asks for a session; the desk decides who may."""

    def __init__(self, desk: Desk, views: Views, gate: Outbox) -> None:
        self._desk = desk
        self._views = views
        self._gate = gate

    def add_to(self, app: web.Application) -> None:
        """Mount the requests."""
        add = app.router
        add.add_get("/duty", self.duty)
        add.add_post("/presence", self.set_presence)
        add.add_post("/alarms/seen", self.alarms_seen)
        add.add_post("/conversations/{id}/decline", self.decline)
        add.add_post("/conversations/{id}/pass_on", self.pass_on)
        add.add_post("/conversations/{id}/assign", self.assign)
        add.add_post("/conversations/{id}/called", self.called)
        add.add_get("/wall", self.wall)

    async def duty(self, request: web.Request) -> web.Response:
        """How this agent stands: present or not, and what is held out to them now.

        ``alarms``: what a supervisor is called for and has not seen yet.
        """
        agent = await access_agent(self._desk, request)
        own = await self._desk.presence_of(agent.id)
        offers = await self._desk.offers_to(agent.id)
        supervises = agent.role is Role.SUPERVISOR
        alarms = await self._desk.alarms.unseen(agent.id, _SHOWN) if supervises else []
        return web.json_response(
            {
                "presence": self._views.presence(own) if own else None,
                "offers": [
                    {
                        "conversation": await self._views.conversation(one),
                        "until": one.offer and one.offer.until.isoformat(),
                    }
                    for one in offers
                ],
                "alarms": [await self._views.alarm(one) for one in alarms],
            }
        )

    async def alarms_seen(self, request: web.Request) -> web.Response:
        """This supervisor knows of ``alarms``; others are still told."""
        agent, body = await self._supervisor(request), await body_of(request)
        await self._desk.alarms.seen(agent.id, texts_of(body, "alarms", _LONGEST_ID, _SHOWN))
        return web.json_response({})

    async def set_presence(self, request: web.Request) -> web.Response:
        """Come, pause (keeps what one holds) or go (everything returns to the queue)."""
        agent, body = await access_agent(self._desk, request), await body_of(request)
        try:
            state = AgentState(text_of(body, "state", 20))
        except ValueError as error:
            raise bad_request() from error
        await self._desk.set_presence(agent.id, state)
        return web.json_response({})

    async def decline(self, request: web.Request) -> web.Response:
        """Let an offer pass; the shopper is the head of the line again."""
        agent = await access_agent(self._desk, request)
        await self._desk.decline(request.match_info["id"], agent.id)
        return web.json_response({})

    async def pass_on(self, request: web.Request) -> web.Response:
        """Back to the queue with its place, for somebody else (with ``skill``), with a note."""
        agent, body = await access_agent(self._desk, request), await body_of(request)
        skill = optional_text_of(body, "skill", 64)
        # With a skill that nobody has it would wait for nobody.
        if skill is not None and skill not in await self._desk.skills():
            raise bad_request()
        conversation_id = request.match_info["id"]
        note = text_of(body, "note", _LONGEST_NOTE, "").strip()
        moved = await self._desk.pass_on(conversation_id, agent.id, skill=skill, note=note)
        if note:
            await self._desk.notes.add(conversation_id, agent.id, note)
        return await self._moved(moved)

    async def assign(self, request: web.Request) -> web.Response:
        """Give a conversation to ``agent``; supervisors anything, agents what they hold."""
        agent, body = await access_agent(self._desk, request), await body_of(request)
        to = text_of(body, "agent", _LONGEST_ID)
        return await self._moved(await self._desk.assign(request.match_info["id"], to, agent.id))

    async def called(self, request: web.Request) -> web.Response:
        """The number that the shopper left was called."""
        agent = await access_agent(self._desk, request)
        called = await self._desk.calls.made(request.match_info["id"], agent.id)
        return web.json_response({"conversation": await self._views.conversation(called)})

    async def wall(self, request: web.Request) -> web.Response:
        """The desk at this moment: who waits how long, who is there, which promise is at risk.

        ``today``: how soon people answered in the cases that have closed since midnight.
        """
        await self._supervisor(request)
        now = self._desk.now()
        day = now.astimezone(self._desk.cases.zone).date().isoformat()
        today = (await self._desk.days.report(day, day, Dimension.TOTAL))["total"]
        waiting, since = await self._desk.line_now()
        at_risk = [
            {"conversation": await self._views.conversation(conversation), **clock}
            for conversation in await self._desk.in_danger(_SHOWN)
            for clock in self._views.clocks(conversation)
            if clock["at_risk"] or clock["breached"]
        ]
        return web.json_response(
            {
                "at": now.isoformat(),
                "waiting": waiting,
                "longest_wait": (now - since).total_seconds() if since else 0,
                "queue": [
                    {
                        "conversation": await self._views.conversation(entry.conversation),
                        "position": entry.position,
                        "waiting_since": entry.waiting_since.isoformat(),
                    }
                    for entry in await self._desk.queue(_SHOWN)
                ],
                "agents": [self._views.presence(one) for one in await self._desk.presences()],
                "today": {name: today[name] for name in ("reply_asked", "reply_shares")},
                "at_risk": sorted(at_risk, key=lambda one: one["due_at"] or "")[:_SHOWN],
            }
        )

    async def _moved(self, conversation: Conversation) -> web.Response:
        self._gate.wake_outbox()
        return web.json_response({"conversation": await self._views.conversation(conversation)})

    async def _supervisor(self, request: web.Request) -> Agent:
        agent = await access_agent(self._desk, request)
        if agent.role is not Role.SUPERVISOR:
            raise NotAllowed("supervisors only")
        return agent
