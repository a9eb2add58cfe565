"""The agents' HTTP API: log in, see the queue, take, read, reply, hand back, close."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web

from connectors.console.agents_tools import AgentsTools
from connectors.console.orders import Orders
from connectors.console.pictures import picture_in
from connectors.console.ports import (
    LoginLimiter,
    OrderDeeds,
    Outbox,
    PictureRefused,
    Pictures,
    RulesText,
    Signs,
)
from connectors.console.queue_deeds import QueueDeeds
from connectors.console.requests import (
    Refused,
    body_of,
    demand_own_page,
    number_of,
    optional_text_of,
    text_of,
    texts_of,
)
from connectors.console.rules import RulesEditor
from connectors.console.sessions import COOKIE, access_agent, forget_session, set_session
from connectors.console.suggestions import Passages, Suggestions
from connectors.console.supervision import Supervision
from connectors.console.views import HEAD_OF_LINE, Views
from desk.errors import (
    AlreadyTaken,
    BadCredentials,
    BadIncoming,
    ConversationMoved,
    LoginTaken,
    NoSession,
    NoSuchAgent,
    NoSuchConversation,
    NotAllowed,
    RateLimited,
    TooManyAttempts,
)
from desk.model import Agent, Conversation, Role
from desk.office.canned import NoSuchCanned, ShortcutTaken
from desk.office.model import Deed, Shelf
from desk.service import Desk
from kernel.content import Attachment, Content
from kernel.errors import ConnectorError

log = structlog.get_logger()

_PAGE = 50
_LONGEST_PAGE = 200
_LONGEST_CLIENT_ID = 100
_LONGEST_NOTE = 2000
_LONGEST_NUMBER = 64
_LONGEST_ID = 200
_MOST_PICTURES = 5
# As many conversations as one agent's list shows at once.
_MOST_HELD = 500
# The newest of what colleagues hold: the shelf of all has the rest.
_MOST_OTHERS = 100

Facts = Callable[[Conversation], Awaitable[dict[str, Any]]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    NoSuchConversation: (404, "no_such_conversation"),
    NoSuchAgent: (404, "no_such_agent"),
    NoSuchCanned: (404, "no_such_canned"),
    ShortcutTaken: (409, "shortcut_taken"),
    NotAllowed: (403, "not_allowed"),
    BadIncoming: (400, "bad_request"),
    NoSession: (401, "no_session"),
    LoginTaken: (409, "login_taken"),
    BadCredentials: (401, "bad_credentials"),
}


@dataclass(frozen=True)
class ConsoleSettings:
    """``secure_cookies`` wherever the console is reached over HTTPS only; ``shop``: its names."""

    message_characters: int = 4000
    secure_cookies: bool = False
    limiter: LoginLimiter | None = None
    shop: dict[str, str] | None = None


@dataclass(frozen=True)
class ConsoleParts:
    """What stands behind the console: the desk, the way out, facts, pictures, signs."""

    desk: Desk
    gate: Outbox
    facts: Facts
    pictures: Pictures
    signs: Signs | None = None
    passages: Passages | None = None
    rules: RulesText | None = None
    orders: OrderDeeds | None = None


def make_console(parts: ConsoleParts, settings: ConsoleSettings) -> web.Application:
    """The application to mount under ``/console/api``.

    ``facts`` tells what the shop knows of a conversation's verified customer, as JSON:
    ``{"customer": {"id", "name", "level", …} | None, "orders": [order cards]}``.
    """
    console = _Console(parts, settings)
    app = web.Application(middlewares=[console.translate_errors])
    app.router.add_post("/login", console.log_in)
    app.router.add_post("/logout", console.log_out)
    app.router.add_get("/me", console.me)
    app.router.add_get("/overview", console.overview)
    app.router.add_get("/conversations/{id}", console.conversation)
    app.router.add_get("/conversations/{id}/facts", console.facts)
    app.router.add_post("/conversations/{id}/take", console.take)
    app.router.add_post("/conversations/{id}/reply", console.reply)
    app.router.add_post("/conversations/{id}/picture", console.picture)
    app.router.add_post("/conversations/{id}/hand_back", console.hand_back)
    app.router.add_post("/conversations/{id}/close", console.close)
    app.router.add_post("/conversations/{id}/transfer", console.transfer)
    AgentsTools(parts.desk, console.views, parts.signs).add_to(app)
    Suggestions(parts.desk, parts.passages).add_to(app)
    QueueDeeds(parts.desk, console.views, parts.gate).add_to(app)
    Supervision(parts.desk, console.views).add_to(app)
    if parts.orders is not None:
        Orders(parts.desk, parts.orders).add_to(app)
    if parts.rules is not None:
        RulesEditor(parts.desk, console.views, parts.rules).add_to(app)
    return app


class _Console:
    def __init__(self, parts: ConsoleParts, settings: ConsoleSettings) -> None:
        self._desk = parts.desk
        self._gate = parts.gate
        self._facts = parts.facts
        self._pictures = parts.pictures
        self._settings = settings
        self.views = Views(parts.desk)

    @property
    def translate_errors(self) -> Any:
        @web.middleware
        async def translate(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                if request.method == "POST":
                    demand_own_page(request)
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

    async def _refusal_of(self, error: Exception) -> Refused | None:
        """What to answer to ``error``, or None if it is a bug."""
        match error:
            case Refused():
                return error
            case AlreadyTaken():
                current = await self.views.conversation(error.current)
                by = self.views.agent(error.agent)
                return Refused(409, "taken", agent=by, conversation=current)
            case ConversationMoved():
                current = await self.views.conversation(error.current)
                return Refused(409, "moved", conversation=current)
            case RateLimited():
                wait = max(1, math.ceil(error.retry_after.total_seconds()))
                return Refused(429, "too_many_attempts", retry_after=wait)
            case ConnectorError():
                log.warning("console.facts.unavailable", error=type(error).__name__)
                return Refused(503, "backend_unavailable")
            case PictureRefused():
                return Refused(400, error.code, **error.more)
            case _:
                known = _REFUSALS.get(type(error))
                return Refused(*known) if known else None

    # -- sessions -------------------------------------------------------------------------------

    async def log_in(self, request: web.Request) -> web.Response:
        """Exchange login and password for a cookie."""
        body = await body_of(request)
        login, password = text_of(body, "login", 200), text_of(body, "password", 1024)
        if self._settings.limiter is not None:
            wait = await self._settings.limiter.take(f"console-login:{request.remote}")
            if wait:
                raise TooManyAttempts(timedelta(seconds=wait))
        agent = await self._desk.authenticate(login, password)
        token = await self._desk.open_session(agent.id)
        await self._desk.audit.note(agent.id, Deed.SIGNED_IN, agent.login)
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
        return {
            "agent": self.views.agent(agent),
            "message_characters": self._settings.message_characters,
            "shop": self._settings.shop,
        }

    # -- reading --------------------------------------------------------------------------------

    async def overview(self, request: web.Request) -> web.Response:
        """Who waits, what this agent holds and, for supervisors, what everybody else holds.

        Of a long line the first are shown; ``waiting`` is how many there are. ``?queue=no`` leaves
        the line out, for pages that keep it by what the socket tells.
        """
        agent = await self._agent(request)
        desk = self._desk
        mine, snoozed = await desk.inbox.own(agent.id, _MOST_HELD)
        others = []
        if agent.role is Role.SUPERVISOR:
            others = await desk.inbox.shelf(agent.id, Shelf.OTHERS, _MOST_OTHERS)
        own = {
            "mine": [await self.views.entry(entry) for entry in mine],
            "others": [await self.views.entry(entry) for entry in others],
            "snoozed": [await self.views.entry(entry) for entry in snoozed],
            "mentions": await desk.notes.unseen(agent.id),
            "calls": await desk.calls.count_open(),
        }
        if request.query.get("queue") == "no":
            return web.json_response(own)
        queue = await self.views.queue(await desk.queue(HEAD_OF_LINE))
        waiting = (await desk.line_now())[0] if len(queue) == HEAD_OF_LINE else len(queue)
        return web.json_response({"queue": queue, "waiting": waiting, **own})

    async def conversation(self, request: web.Request) -> web.Response:
        """A conversation and a page of its messages: the newest, or those around a number.

        ``?before=SEQ`` gives the page before a message, ``?after=SEQ`` what came after one,
        ``?around=SEQ`` half a page on either side. ``more``: there are further ones that way;
        ``later``: there are newer ones than these.
        """
        await self._agent(request)
        conversation = await self._desk.conversation(request.match_info["id"])
        after, around = number_of(request, "after"), number_of(request, "around")
        if after is not None:
            messages = await self._desk.messages_after(conversation.id, after, _LONGEST_PAGE)
            more = len(messages) == _LONGEST_PAGE
        else:
            before = number_of(request, "before")
            if around is not None:
                before = around + _PAGE // 2
            messages = await self._desk.messages_before(conversation.id, before, _PAGE)
            more = bool(messages) and messages[0].seq > 1
        last = messages[-1].seq if messages else conversation.last_seq
        return web.json_response(
            {
                "conversation": await self.views.conversation(conversation),
                "messages": [await self.views.message(message) for message in messages],
                "more": more,
                "later": last < conversation.last_seq,
                # Whether what the agent is about to write can go out.
                "reach": await self.views.reach(conversation),
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
        agent, body = await self._agent(request), await body_of(request)
        force = body.get("force") is True
        taken = await self._desk.take(request.match_info["id"], agent.id, force=force)
        if force:
            await self._desk.audit.note(agent.id, Deed.TAKEN_BY_FORCE, taken.id)
        return await self._moved(taken)

    async def reply(self, request: web.Request) -> web.Response:
        """Say ``text`` to the shopper; the same ``client_id`` again changes nothing."""
        agent, body = await self._agent(request), await body_of(request)
        text = text_of(body, "text", self._settings.message_characters, "").strip()
        client_id = text_of(body, "client_id", _LONGEST_CLIENT_ID)
        pictures = texts_of(body, "attachments", _LONGEST_ID, _MOST_PICTURES)
        conversation_id = request.match_info["id"]
        content = Content(text=text, attachments=await self._kept(conversation_id, pictures))
        if not content.text and not content.attachments:
            raise Refused(400, "empty")
        message = await self._desk.reply(conversation_id, agent.id, content, client_id)
        self._gate.wake_outbox()
        return web.json_response({"message": await self.views.message(message)})

    async def _kept(self, conversation_id: str, ids: list[str]) -> tuple[Attachment, ...]:
        if not ids:
            return ()
        conversation = await self._desk.conversation(conversation_id)
        found = [await self._pictures.find(conversation, picture_id) for picture_id in ids]
        kept = tuple(picture for picture in found if picture is not None)
        if len(kept) < len(ids):
            raise Refused(400, "no_such_attachment")
        return kept

    async def picture(self, request: web.Request) -> web.Response:
        """Keep a picture that a reply in this conversation may carry."""
        agent = await self._agent(request)
        conversation = await self._desk.conversation(request.match_info["id"])
        if conversation.agent_id != agent.id:
            raise ConversationMoved(conversation)
        name, data = await picture_in(request, self._pictures.max_bytes)
        kept = await self._pictures.save(conversation, name, data)
        about = {"id": kept.id, "media_type": kept.media_type, "size": kept.size, "name": kept.name}
        return web.json_response({"attachment": about})

    async def hand_back(self, request: web.Request) -> web.Response:
        """Give the conversation to the bot; ``note`` is for colleagues, who find it on the margin.

        ``agreed`` is told the shopper and known to the bot, and that it is about ``order``.
        """
        agent, body = await self._agent(request), await body_of(request)
        conversation_id = request.match_info["id"]
        note = text_of(body, "note", _LONGEST_NOTE, "").strip()
        agreed = text_of(body, "agreed", _LONGEST_NOTE, "").strip()
        order = optional_text_of(body, "order", _LONGEST_NUMBER)
        moved = await self._desk.hand_back(
            conversation_id,
            agent.id,
            note,
            agreed=agreed,
            facts={"order_number": order} if order else None,
        )
        if note:
            await self._desk.notes.add(conversation_id, agent.id, note)
        return await self._moved(moved)

    async def close(self, request: web.Request) -> web.Response:
        """End the conversation."""
        agent = await self._agent(request)
        return await self._moved(await self._desk.close(request.match_info["id"], agent.id))

    async def transfer(self, request: web.Request) -> web.Response:
        """Pass the conversation on to ``agent``; ``note`` becomes a note that calls them."""
        agent, body = await self._agent(request), await body_of(request)
        conversation_id = request.match_info["id"]
        colleague = text_of(body, "agent", _LONGEST_ID)
        note = text_of(body, "note", _LONGEST_NOTE, "").strip()
        moved = await self._desk.transfer(conversation_id, agent.id, colleague, note)
        if note:
            await self._desk.notes.add(conversation_id, agent.id, note, (colleague,))
        return await self._moved(moved)

    async def _moved(self, conversation: Conversation) -> web.Response:
        self._gate.wake_outbox()
        return web.json_response({"conversation": await self.views.conversation(conversation)})

    async def _agent(self, request: web.Request) -> Agent:
        return await access_agent(self._desk, request)
