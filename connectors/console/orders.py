"""Orders from the side panel: whoever holds a conversation acts for its verified customer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from connectors.console.ports import OrderDeeds
from connectors.console.requests import Refused, bad_request, body_of, text_of, whole_of
from connectors.console.sessions import access_agent
from desk.errors import ConversationMoved
from desk.model import Agent, Conversation
from desk.office.model import Deed
from desk.service import Desk
from kernel.errors import NotFound
from kernel.errors import Refused as RefusedByRule

_LONGEST_ID = 200
_MOST_UNITS = 10_000
_MOST_LINES = 200
_LONGEST_DETAIL = 300
# Those that tell a story.
_LONGEST_STORY = 2000
_STORIES = frozenset({"story", "why"})


class Orders:
    """Preview, then confirm; the shop checks both times and carries out once."""

    def __init__(self, desk: Desk, deeds: OrderDeeds) -> None:
        self._desk = desk
        self._deeds = deeds

    def add_to(self, app: web.Application) -> None:
        """Mount the requests."""
        app.router.add_get("/conversations/{id}/orders/{number}", self.verbs)
        app.router.add_post("/conversations/{id}/orders/{number}/prepare", self.prepare)
        app.router.add_post("/conversations/{id}/orders/{number}/commit", self.commit)

    async def verbs(self, request: web.Request) -> web.Response:
        """What can be done to this order now, and why the rest cannot."""
        await access_agent(self._desk, request)
        conversation = await self._desk.conversation(request.match_info["id"])
        with _refusals():
            found = await self._deeds.verbs(_customer(conversation), request.match_info["number"])
        return web.json_response({"verbs": found})

    async def prepare(self, request: web.Request) -> web.Response:
        """What would happen exactly."""
        _, conversation = await self._holder(request)
        body = await body_of(request)
        units = body.get("units", {})
        if not isinstance(units, dict) or len(units) > _MOST_LINES:
            raise bad_request()
        wanted = {str(line_id): whole_of(units, line_id, 0, _MOST_UNITS) for line_id in units}
        with _refusals():
            preview = await self._deeds.prepare(
                _customer(conversation),
                request.match_info["number"],
                text_of(body, "verb", 40),
                wanted,
                text_of(body, "reason", 40, ""),
                _details(body),
            )
        return web.json_response({"preview": preview})

    async def commit(self, request: web.Request) -> web.Response:
        """Make the previewed deed happen; a repeat changes nothing.

        ``why`` stays with the audit log, and as a note with the conversation.
        """
        agent, conversation = await self._holder(request)
        body = await body_of(request)
        verb, why = text_of(body, "verb", 40), text_of(body, "why", _LONGEST_STORY, "").strip()
        with _refusals():
            done = await self._deeds.commit(
                _customer(conversation), verb, text_of(body, "draft", _LONGEST_ID), agent.id
            )
        more = {"why": why} if why else {}
        await self._desk.audit.note(
            agent.id, Deed.ORDER_CHANGED, done["order"], verb=verb, numbers=done["numbers"], **more
        )
        told = " ".join([*done["numbers"], why])
        if why and told not in {one.text for one in await self._desk.notes.of(conversation.id)}:
            await self._desk.notes.add(conversation.id, agent.id, told)
        return web.json_response({"done": done})

    async def _holder(self, request: web.Request) -> tuple[Agent, Conversation]:
        agent = await access_agent(self._desk, request)
        conversation = await self._desk.conversation(request.match_info["id"])
        if conversation.agent_id != agent.id:
            raise ConversationMoved(conversation)
        return agent, conversation


def _details(body: dict[str, Any]) -> dict[str, str]:
    details = body.get("details", {})
    if not isinstance(details, dict) or len(details) > _MOST_LINES:
        raise bad_request()
    longest = {name: _LONGEST_STORY if name in _STORIES else _LONGEST_DETAIL for name in details}
    return {str(name): text_of(details, name, longest[name], "") for name in details}


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in the console's way what the shop refuses."""
    try:
        yield
    except RefusedByRule as error:
        raise Refused(409, "refused", why=error.code, line=error.detail) from error
    except NotFound as error:
        raise Refused(404, "no_such_order") from error
    except ValueError as error:
        raise bad_request() from error


def _customer(conversation: Conversation) -> str:
    if conversation.customer is None:
        raise Refused(409, "not_verified")
    return str(conversation.customer["id"])
