"""Presence, offers, and passing conversations on: what the queue needs of agents."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from connectors.console.ports import Outbox
from connectors.console.requests import bad_request, body_of, optional_text_of, text_of
from connectors.console.sessions import access_agent
from connectors.console.views import Views
from desk.errors import NotAllowed
from desk.model import Agent, AgentState, Conversation, Role
from desk.service import Desk

_LONGEST_ID = 200
_LONGEST_NOTE = 2000


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
        add.add_post("/conversations/{id}/decline", self.decline)
        add.add_post("/conversations/{id}/pass_on", self.pass_on)
        add.add_post("/conversations/{id}/assign", self.assign)
        add.add_get("/wall", self.wall)

    async def duty(self, request: web.Request) -> web.Response:
        """How this agent stands: present or not, and what is held out to them now."""
        agent = await access_agent(self._desk, request)
        own = [one for one in await self._desk.presences() if one.agent.id == agent.id]
        offers = await self._desk.offers_to(agent.id)
        return web.json_response(
            {
                "presence": self._views.presence(own[0]) if own else None,
                "offers": [
                    {
                        "conversation": await self._views.conversation(one),
                        "until": one.offer and one.offer.until.isoformat(),
                    }
                    for one in offers
                ],
            }
        )

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
        """Back to the queue with its place, for somebody else (with ``skill``)."""
        agent, body = await access_agent(self._desk, request), await body_of(request)
        moved = await self._desk.pass_on(
            request.match_info["id"],
            agent.id,
            skill=optional_text_of(body, "skill", 64),
            note=text_of(body, "note", _LONGEST_NOTE, ""),
        )
        return await self._moved(moved)

    async def assign(self, request: web.Request) -> web.Response:
        """Give a conversation to ``agent``; supervisors anything, agents what they hold."""
        agent, body = await access_agent(self._desk, request), await body_of(request)
        to = text_of(body, "agent", _LONGEST_ID)
        return await self._moved(await self._desk.assign(request.match_info["id"], to, agent.id))

    async def wall(self, request: web.Request) -> web.Response:
        """The desk at this moment: who waits how long, who is there, which promise is at risk."""
        await self._supervisor(request)
        places = await self._desk.places()
        now = self._desk.now()
        people = await self._desk.presences()
        at_risk: list[dict[str, Any]] = []
        open_ones = [conversation for conversation, _ in places]
        for one in people:
            open_ones += await self._desk.conversations_of_agent(one.agent.id)
        for conversation in open_ones:
            at_risk += [
                {"conversation": await self._views.conversation(conversation), **clock}
                for clock in self._views.clocks(conversation)
                if clock["at_risk"] or clock["breached"]
            ]
        waits = [
            (now - conversation.queued_at).total_seconds()
            for conversation, _ in places
            if conversation.queued_at
        ]
        return web.json_response(
            {
                "at": now.isoformat(),
                "waiting": len(places),
                "longest_wait": max(waits, default=0),
                "queue": [
                    {
                        "conversation": await self._views.conversation(conversation),
                        "position": place.position,
                        "waiting_since": conversation.queued_at
                        and conversation.queued_at.isoformat(),
                    }
                    for conversation, place in places[:50]
                ],
                "agents": [self._views.presence(one) for one in people],
                "at_risk": sorted(at_risk, key=lambda one: one["due_at"] or "")[:50],
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
