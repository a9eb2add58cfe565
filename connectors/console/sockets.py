"""Tells agents' pages at once what happens at the desk; everything they do goes over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import socketio
import structlog
from aiohttp import web

from connectors.console.sessions import COOKIE, access_agent, is_own_origin
from connectors.console.views import Views
from desk.errors import NoSession
from desk.events import DeskEvent, MessageAppended, OwnerChanged, QueueChanged
from desk.model import Conversation, Message, Owner
from desk.service import Desk

log = structlog.get_logger()

NAMESPACE = "/console"
_EVERYBODY = "agents"


class ConsoleSockets:
    """A namespace that only agents may enter.

    Events to the page: ``overview`` (the lists have changed: fetch them), ``message``
    ``{conversation, message}`` for conversations it watches or holds. From the page: ``watch``
    with a conversation's id, or null.
    """

    def __init__(self, sio: socketio.AsyncServer, desk: Desk, check_every: float = 30.0) -> None:
        """``check_every``: seconds for which an ended session may still hear things."""
        self._sio = sio
        self._desk = desk
        self._check_every = check_every
        self._views = Views(desk)
        self._watched: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._next_check = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        sio.on("connect", self._connect, namespace=NAMESPACE)
        sio.on("disconnect", self._disconnect, namespace=NAMESPACE)
        sio.on("watch", self._watch, namespace=NAMESPACE)

    def observe(self, event: DeskEvent) -> None:
        """A listener of the desk."""
        match event:
            case MessageAppended(conversation, message):
                self._later(self._tell_message(conversation, message))
                if conversation.owner in (Owner.QUEUE, Owner.AGENT):
                    self._later(self._tell_overview())
            case OwnerChanged() | QueueChanged():
                self._later(self._tell_overview())

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        try:
            agent = await access_agent(self._desk, request)
        except NoSession as error:
            raise socketio.exceptions.ConnectionRefusedError("no_session") from error
        if not is_own_origin(request):
            raise socketio.exceptions.ConnectionRefusedError("foreign_page")
        self._tokens[sid] = request.cookies[COOKIE]
        await self._sio.enter_room(sid, _EVERYBODY, namespace=NAMESPACE)
        await self._sio.enter_room(sid, _room_of_agent(agent.id), namespace=NAMESPACE)

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self._watched.pop(sid, None)
        self._tokens.pop(sid, None)

    async def _watch(self, sid: str, conversation_id: object = None) -> None:
        before = self._watched.pop(sid, None)
        if before is not None:
            await self._sio.leave_room(sid, _room_of(before), namespace=NAMESPACE)
        if isinstance(conversation_id, str):
            self._watched[sid] = conversation_id
            await self._sio.enter_room(sid, _room_of(conversation_id), namespace=NAMESPACE)

    async def _tell_message(self, conversation: Conversation, message: Message) -> None:
        rooms = [_room_of(conversation.id)]
        if conversation.agent_id:
            rooms.append(_room_of_agent(conversation.agent_id))
        told = {
            "conversation": await self._views.conversation(conversation),
            "message": await self._views.message(message),
        }
        # A page in both rooms hears it twice; messages are numbered, so it notices.
        for room in rooms:
            await self._sio.emit("message", told, room=room, namespace=NAMESPACE)

    async def _tell_overview(self) -> None:
        await self._dismiss_ended()
        await self._sio.emit("overview", room=_EVERYBODY, namespace=NAMESPACE)

    async def _dismiss_ended(self) -> None:
        """Close the sockets whose session has ended since; looked at now and then only."""
        now = asyncio.get_running_loop().time()
        if now < self._next_check:
            return
        self._next_check = now + self._check_every
        for sid, token in list(self._tokens.items()):
            try:
                await self._desk.session(token)
            except NoSession:
                await self._sio.disconnect(sid, namespace=NAMESPACE)

    def _later(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(telling)
        self._tasks.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # The page notices the gap by the numbers and fetches what it missed.
            log.error("console.telling.failed", exc_info=error)


def _room_of(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def _room_of_agent(agent_id: str) -> str:
    return f"agent:{agent_id}"
