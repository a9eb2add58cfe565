"""The agents' HTTP API: log in, see the queue, take, read, reply, hand back, close."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import structlog
from aiohttp import web

from connectors.console.sessions import (
    COOKIE,
    HEADER,
    access_agent,
    forget_session,
    is_own_origin,
    set_session,
)
from connectors.console.views import Views
from desk.errors import (
    AlreadyTaken,
    BadCredentials,
    BadIncoming,
    ConversationMoved,
    NoSession,
    NoSuchConversation,
    NotAllowed,
    RateLimited,
    TooManyAttempts,
)
from desk.model import Agent, Conversation, Role
from desk.service import Desk
from kernel.content import Content
from kernel.errors import ConnectorError

log = structlog.get_logger()

_PAGE = 50
_LONGEST_PAGE = 200
_LONGEST_CLIENT_ID = 100
_LONGEST_NOTE = 2000

Facts = Callable[[Conversation], Awaitable[dict[str, Any]]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Outbox(Protocol):
    """What the console needs of the gate: that what agents say goes out at once."""

    def wake_outbox(self) -> None:
        """See to what waits to be sent."""


class LoginLimiter(Protocol):
    """Says whether an address may try to log in; the desk itself limits by login."""

    async def take(self, key: str) -> float:
        """Count one try of ``key``: 0.0 if it is allowed, else the seconds until one is."""


@dataclass(frozen=True)
class ConsoleSettings:
    """``secure_cookies`` wherever the console is reached over HTTPS only."""

    message_characters: int = 4000
    secure_cookies: bool = False
    limiter: LoginLimiter | None = None


class _Refused(Exception):
    """The request cannot be served; ``code`` is what the page has words for."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"code": code, **more}


def make_console(
    desk: Desk, gate: Outbox, facts: Facts, settings: ConsoleSettings
) -> web.Application:
    """The application to mount under ``/console/api``.

    ``facts`` tells what the shop knows of a conversation's verified customer, as JSON:
    ``{"customer": {"id", "name", "level", …} | None, "orders": [order cards]}``.
    """
    console = _Console(desk, gate, facts, settings)
    app = web.Application(middlewares=[console.translate_errors])
    app.router.add_post("/login", console.log_in)
    app.router.add_post("/logout", console.log_out)
    app.router.add_get("/me", console.me)
    app.router.add_get("/overview", console.overview)
    app.router.add_get("/conversations/{id}", console.conversation)
    app.router.add_get("/conversations/{id}/facts", console.facts)
    app.router.add_post("/conversations/{id}/take", console.take)
    app.router.add_post("/conversations/{id}/reply", console.reply)
    app.router.add_post("/conversations/{id}/hand_back", console.hand_back)
    app.router.add_post("/conversations/{id}/close", console.close)
    return app


class _Console:
    def __init__(self, desk: Desk, gate: Outbox, facts: Facts, settings: ConsoleSettings) -> None:
        self._desk = desk
        self._gate = gate
        self._facts = facts
        self._settings = settings
        self._views = Views(desk)

    @property
    def translate_errors(self) -> Any:
        @web.middleware
        async def translate(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                if request.method == "POST":
                    _demand_own_page(request)
                response = await handler(request)
            except Exception as error:
                refused = await self._refusal_of(error)
                if refused is None:
                    raise
                response = web.json_response({"error": refused.error}, status=refused.status)
                if wait := refused.error.get("retry_after"):
                    response.headers["Retry-After"] = str(wait)
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return translate

    async def _refusal_of(self, error: Exception) -> _Refused | None:
        """What to answer to ``error``, or None if it is a bug."""
        match error:
            case _Refused():
                return error
            case AlreadyTaken():
                current = await self._views.conversation(error.current)
                by = self._views.agent(error.agent)
                return _Refused(409, "taken", agent=by, conversation=current)
            case ConversationMoved():
                current = await self._views.conversation(error.current)
                return _Refused(409, "moved", conversation=current)
            case NoSuchConversation():
                return _Refused(404, "no_such_conversation")
            case NotAllowed():
                return _Refused(403, "not_allowed")
            case BadIncoming():
                return _Refused(400, "bad_request")
            case NoSession():
                return _Refused(401, "no_session")
            case BadCredentials():
                return _Refused(401, "bad_credentials")
            case RateLimited():
                wait = max(1, math.ceil(error.retry_after.total_seconds()))
                return _Refused(429, "too_many_attempts", retry_after=wait)
            case ConnectorError():
                log.warning("console.facts.unavailable", error=type(error).__name__)
                return _Refused(503, "backend_unavailable")
            case _:
                return None

    # -- sessions -------------------------------------------------------------------------------

    async def log_in(self, request: web.Request) -> web.Response:
        """Exchange login and password for a cookie."""
        body = await _body(request)
        login, password = _text(body, "login", 200), _text(body, "password", 1024)
        if self._settings.limiter is not None:
            wait = await self._settings.limiter.take(f"console-login:{request.remote}")
            if wait:
                raise TooManyAttempts(timedelta(seconds=wait))
        agent = await self._desk.authenticate(login, password)
        token = await self._desk.open_session(agent.id)
        response = web.json_response(self._introduction(agent))
        set_session(response, token, secure=self._settings.secure_cookies)
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        """Make the cookie worthless, and forget it."""
        if token := request.cookies.get(COOKIE):
            await self._desk.end_session(token)
        response = web.json_response({})
        forget_session(response)
        return response

    async def me(self, request: web.Request) -> web.Response:
        """Who is logged in here, and how long a reply may be."""
        return web.json_response(self._introduction(await self._agent(request)))

    def _introduction(self, agent: Agent) -> dict[str, Any]:
        most = self._settings.message_characters
        return {"agent": self._views.agent(agent), "message_characters": most}

    # -- reading --------------------------------------------------------------------------------

    async def overview(self, request: web.Request) -> web.Response:
        """Who waits, what this agent holds and, for supervisors, what everybody else holds."""
        agent = await self._agent(request)
        queue = [await self._views.waiting(entry) for entry in await self._desk.queue()]
        mine = await self._held_by(agent)
        others: list[dict[str, Any]] = []
        if agent.role is Role.SUPERVISOR:
            for colleague in await self._desk.agents():
                if colleague.id != agent.id:
                    others += await self._held_by(colleague)
        return web.json_response({"queue": queue, "mine": mine, "others": others})

    async def _held_by(self, agent: Agent) -> list[dict[str, Any]]:
        held = await self._desk.conversations_of_agent(agent.id)
        return [await self._views.held(conversation) for conversation in held]

    async def conversation(self, request: web.Request) -> web.Response:
        """A conversation and a page of its messages: the newest, or those around a number.

        ``?before=SEQ`` gives the page before a message, ``?after=SEQ`` what came after one.
        """
        await self._agent(request)
        conversation = await self._desk.conversation(request.match_info["id"])
        after = _number(request, "after")
        if after is not None:
            messages = await self._desk.messages_after(conversation.id, after, _LONGEST_PAGE)
            more = len(messages) == _LONGEST_PAGE
        else:
            before = _number(request, "before")
            messages = await self._desk.messages_before(conversation.id, before, _PAGE)
            more = bool(messages) and messages[0].seq > 1
        return web.json_response(
            {
                "conversation": await self._views.conversation(conversation),
                "messages": [await self._views.message(message) for message in messages],
                "more": more,
                # Whether what the agent is about to write can go out.
                "reach": await self._views.reach(conversation),
            }
        )

    async def facts(self, request: web.Request) -> web.Response:
        """What the shop knows of the conversation's verified customer."""
        await self._agent(request)
        conversation = await self._desk.conversation(request.match_info["id"])
        return web.json_response(await self._facts(conversation))

    # -- deeds ----------------------------------------------------------------------------------

    async def take(self, request: web.Request) -> web.Response:
        """Make the conversation this agent's; ``force`` pulls it from a colleague."""
        agent, body = await self._agent(request), await _body(request)
        force = body.get("force") is True
        taken = await self._desk.take(request.match_info["id"], agent.id, force=force)
        return await self._moved(taken)

    async def reply(self, request: web.Request) -> web.Response:
        """Say ``text`` to the shopper; the same ``client_id`` again changes nothing."""
        agent, body = await self._agent(request), await _body(request)
        text = _text(body, "text", self._settings.message_characters).strip()
        client_id = _text(body, "client_id", _LONGEST_CLIENT_ID)
        if not text:
            raise _Refused(400, "empty")
        message = await self._desk.reply(
            request.match_info["id"], agent.id, Content(text=text), client_id
        )
        self._gate.wake_outbox()
        return web.json_response({"message": await self._views.message(message)})

    async def hand_back(self, request: web.Request) -> web.Response:
        """Give the conversation to the bot; ``note`` stays at the desk."""
        agent, body = await self._agent(request), await _body(request)
        note = _text(body, "note", _LONGEST_NOTE) if "note" in body else ""
        return await self._moved(
            await self._desk.hand_back(request.match_info["id"], agent.id, note)
        )

    async def close(self, request: web.Request) -> web.Response:
        """End the conversation."""
        agent = await self._agent(request)
        return await self._moved(await self._desk.close(request.match_info["id"], agent.id))

    async def _moved(self, conversation: Conversation) -> web.Response:
        self._gate.wake_outbox()
        return web.json_response({"conversation": await self._views.conversation(conversation)})

    async def _agent(self, request: web.Request) -> Agent:
        return await access_agent(self._desk, request)


def _demand_own_page(request: web.Request) -> None:
    """Refuse what another site's page might have made the browser send."""
    if HEADER not in request.headers or not is_own_origin(request):
        raise _Refused(403, "foreign_page")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise _Refused(400, "bad_request") from error
    if not isinstance(body, dict):
        raise _Refused(400, "bad_request")
    return body


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not _is_storable(value):
        raise _Refused(400, "bad_request")
    if len(value) > longest:
        raise _Refused(400, "too_long", most=longest)
    return value


def _is_storable(text: str) -> bool:
    """Whether every database can keep ``text``: no NUL, no half of a character."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _number(request: web.Request, name: str) -> int | None:
    value = request.query.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise _Refused(400, "bad_request")
    return int(value)
