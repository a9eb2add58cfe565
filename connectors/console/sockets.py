"""Tells agents' pages at once what happens at the desk; everything they do goes over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any

import socketio
import structlog
from aiohttp import web

from connectors.console.ports import Signs
from connectors.console.sessions import COOKIE, access_agent, is_own_origin
from connectors.console.views import HEAD_OF_LINE, Views
from desk.alarms import is_alarm
from desk.errors import NoSession, NoSuchConversation
from desk.events import (
    Annotated,
    DeskEvent,
    MessageAppended,
    MessageRewritten,
    Offered,
    OfferEnded,
    OwnerChanged,
    PresenceChanged,
    SlaChanged,
)
from desk.model import Agent, Conversation, Message, Owner, Role
from desk.office.model import Reader
from desk.service import Desk

log = structlog.get_logger()

NAMESPACE = "/console"
_SUPERVISORS = "supervisors"
# What everybody is told is told to so many groups, one after the other: a message to one agent
# must not wait until hundreds of pages have been written to. Groups are filled one by one.
_GROUPS = 10
_GROUP_FILLED = 20
# Between two rounds of what all pages or all supervisors are told: the more pages, the longer.
_SHORTEST_REST, _LONGEST_REST = 0.2, 2.0
_LISTS_SECONDS_EACH = 0.004
# An agent's own lists are told of so long after their first change, for a change seldom comes
# alone; and those of two agents apart, so that not all their pages fetch in the same moment.
_OWN_LISTS_SECONDS, _BETWEEN_AGENTS_SECONDS = 0.2, 0.02


class ConsoleSockets:
    """A namespace that only agents may enter.

    Events to the page: ``queue`` ``{waiting, lines, gone}`` (how many wait, who of the head of the
    line is new there or has changed, and who left the line), ``overview`` (its own lists have
    changed: fetch them), ``message`` ``{conversation, message}`` for conversations it watches or
    holds, and for those it watches ``margin`` ``{conversation}`` (notes, tags, …: fetch them),
    ``present`` ``{conversation, agent, state}`` of colleagues who look at the same one,
    ``shopper_typing`` and ``shopper_read``. From the page: ``watch`` with a conversation's id or
    null, ``here`` with what this agent does in the watched one ("viewing" or "writing"), and again
    every now and then.
    """

    def __init__(
        self,
        sio: socketio.AsyncServer,
        desk: Desk,
        signs: Signs | None = None,
        check_every: float = 30.0,
    ) -> None:
        """``check_every``: seconds for which an ended session may still hear things.

        ``signs`` shows shoppers that an agent writes.
        """
        self._sio = sio
        self._desk = desk
        self._signs = signs
        self._agents: dict[str, Agent] = {}
        self._check_every = check_every
        self._views = Views(desk)
        self._watched: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._groups: list[set[str]] = [set() for _ in range(_GROUPS)]
        self._head: Collection[str] | None = None
        self._waiting = -1
        self._next_check = 0.0
        self._touched: set[str] = set()
        self._supervisors_concerned = False
        # Whether supervisors are to look at their alarms.
        self._alarmed = False
        self._lists_are_told = False
        # Rooms of agents whose own lists have changed, with the time at which they hear of it.
        self._concerned: dict[str, float] = {}
        self._own_lists_are_told = False
        self._tasks: set[asyncio.Task[None]] = set()
        sio.on("connect", self._connect, namespace=NAMESPACE)
        sio.on("disconnect", self._disconnect, namespace=NAMESPACE)
        sio.on("watch", self._watch, namespace=NAMESPACE)
        sio.on("here", self._here, namespace=NAMESPACE)

    def observe(self, event: DeskEvent) -> None:
        """A listener of the desk."""
        match event:
            case MessageAppended(conversation, message):
                self._later(self._tell_message("message", conversation, message))
                self._touch(conversation)
            case MessageRewritten(conversation, message):
                self._later(self._tell_message("rewritten", conversation, message))
            case OwnerChanged(conversation, before):
                self._touch(conversation, before)
            case Offered(_, offered):
                self._later(self._tell_duty(offered.agent_id))
            case OfferEnded(conversation, agent_id):
                self._later(self._tell_duty(agent_id))
                self._touch(conversation)
            case PresenceChanged(agent_id):
                self._later(self._tell_duty(agent_id))
            case SlaChanged(conversation, change):
                self._alarmed |= is_alarm(change)
                self._touch(conversation)
            case Annotated(conversation_id, note):
                self._later(self._tell_margin(conversation_id))
                for agent_id in note.mentions if note else ():
                    self._later(self._tell_mentioned(agent_id, conversation_id))

    def _touch(self, conversation: Conversation, before: Owner | None = None) -> None:
        """Let the pages whose lists show ``conversation``, or did, learn how it is now."""
        owners = {conversation.owner, before}
        if Owner.QUEUE in owners:
            self._touched.add(conversation.id)
        if Owner.AGENT in owners:
            self._supervisors_concerned = True
            whose = [conversation.agent_id]
            whose += [conversation.last_agent_id] if before is Owner.AGENT else []
            due = asyncio.get_running_loop().time() + _OWN_LISTS_SECONDS
            for agent_id in whose:
                if agent_id:
                    self._concerned.setdefault(_room_of_agent(agent_id), due)
        if not self._lists_are_told and self._has_news():
            self._lists_are_told = True
            self._later(self._tell_lists())
        if not self._own_lists_are_told and self._concerned:
            self._own_lists_are_told = True
            self._later(self._tell_own_lists())

    def _has_news(self) -> bool:
        return bool(self._touched) or self._supervisors_concerned or self._alarmed

    async def keep_beating(self, every: float = 15.0) -> None:
        """Say every so many seconds whose pages are open, until cancelled.

        An agent of whom the desk hears nothing for the grace period is taken for gone, and what
        they hold returns to the queue.
        """
        while True:
            await asyncio.sleep(every)
            try:
                await self._desk.beat({agent.id for agent in self._agents.values()})
            except Exception as error:
                log.error("console.beat.failed", exc_info=error)

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        try:
            agent = await access_agent(self._desk, request)
        except NoSession as error:
            raise socketio.exceptions.ConnectionRefusedError("no_session") from error
        if not is_own_origin(request):
            raise socketio.exceptions.ConnectionRefusedError("foreign_page")
        self._tokens[sid] = request.cookies[COOKIE]
        self._agents[sid] = agent
        await self._desk.connected(agent.id)
        number = self._group_with_room()
        self._groups[number].add(sid)
        await self._sio.enter_room(sid, _room_of_group(number), namespace=NAMESPACE)
        await self._sio.enter_room(sid, _room_of_agent(agent.id), namespace=NAMESPACE)
        if agent.role is Role.SUPERVISOR:
            await self._sio.enter_room(sid, _SUPERVISORS, namespace=NAMESPACE)

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        await self._leave(sid)
        self._tokens.pop(sid, None)
        self._agents.pop(sid, None)
        for group in self._groups:
            group.discard(sid)

    def _group_with_room(self) -> int:
        for number, group in enumerate(self._groups):
            if len(group) < _GROUP_FILLED:
                return number
        return min(range(_GROUPS), key=lambda number: len(self._groups[number]))

    async def _watch(self, sid: str, conversation_id: object = None) -> None:
        await self._leave(sid)
        if isinstance(conversation_id, str):
            self._watched[sid] = conversation_id
            await self._sio.enter_room(sid, _room_of(conversation_id), namespace=NAMESPACE)
            await self._tell_present(sid, "came")

    async def _leave(self, sid: str) -> None:
        if sid in self._watched:
            await self._tell_present(sid, "left")
            before = self._watched.pop(sid)
            await self._sio.leave_room(sid, _room_of(before), namespace=NAMESPACE)

    async def _here(self, sid: str, state: object = None) -> None:
        watched, agent = self._watched.get(sid), self._agents.get(sid)
        if watched is None or agent is None or state not in ("viewing", "writing"):
            return
        await self._tell_present(sid, str(state))
        if self._signs is not None:
            await self._show_shopper(self._signs, agent, watched, on=state == "writing")

    async def _show_shopper(
        self, signs: Signs, agent: Agent, conversation_id: str, *, on: bool
    ) -> None:
        try:
            conversation = await self._desk.conversation(conversation_id)
        except NoSuchConversation:
            return
        if conversation.owner is Owner.AGENT and conversation.agent_id == agent.id:
            await signs.typing(conversation, on=on)

    async def _tell_present(self, sid: str, state: str) -> None:
        """Tell colleagues in the same conversation; those who hear ``came`` say ``here``."""
        conversation_id, agent = self._watched[sid], self._agents[sid]
        told = {
            "conversation": conversation_id,
            "agent": self._views.agent(agent),
            "state": state,
        }
        await self._sio.emit(
            "present", told, room=_room_of(conversation_id), skip_sid=sid, namespace=NAMESPACE
        )

    async def shopper_typing(self, conversation: Conversation, *, on: bool) -> None:
        """The shopper is writing, or stopped."""
        told = {"conversation": conversation.id, "on": on}
        await self._sio.emit(
            "shopper_typing", told, room=_room_of(conversation.id), namespace=NAMESPACE
        )

    async def shopper_read(self, conversation: Conversation, seq: int) -> None:
        """The shopper has read up to message ``seq``."""
        seq = min(seq, conversation.last_seq)
        if await self._desk.reads.reached(conversation.id, Reader.SHOPPER.value, seq):
            told = {"conversation": conversation.id, "seq": seq}
            await self._sio.emit(
                "shopper_read", told, room=_room_of(conversation.id), namespace=NAMESPACE
            )

    async def _tell_margin(self, conversation_id: str) -> None:
        told = {"conversation": conversation_id}
        await self._sio.emit("margin", told, room=_room_of(conversation_id), namespace=NAMESPACE)
        self._touch(await self._desk.conversation(conversation_id))

    async def _tell_duty(self, agent_id: str) -> None:
        """Let an agent's pages ask how they stand: offers, presence; supervisors' also alarms."""
        await self._sio.emit("duty", room=_room_of_agent(agent_id), namespace=NAMESPACE)

    async def _tell_mentioned(self, agent_id: str, conversation_id: str) -> None:
        told = {"conversation": conversation_id}
        for event, *more in (("mentioned", told), ("overview",)):
            await self._sio.emit(event, *more, room=_room_of_agent(agent_id), namespace=NAMESPACE)

    async def _tell_message(self, what: str, conversation: Conversation, message: Message) -> None:
        rooms = [_room_of(conversation.id)]
        if conversation.agent_id:
            rooms.append(_room_of_agent(conversation.agent_id))
        told = {
            "conversation": await self._views.conversation(conversation),
            "message": await self._views.message(message),
        }
        # A page in both rooms hears it twice; messages are numbered, so it notices.
        for room in rooms:
            await self._sio.emit(what, told, room=room, namespace=NAMESPACE)

    async def _tell_lists(self) -> None:
        """At once, and then once for all that happens meanwhile.

        Supervisors, who see what everybody holds, are told to fetch their lists; what happened to
        the line goes to every page, the same for all, group by group.
        """
        now = asyncio.get_running_loop().time
        try:
            while self._has_news():
                touched, self._touched = self._touched, set()
                oversee, self._supervisors_concerned = self._supervisors_concerned, False
                alarmed, self._alarmed = self._alarmed, False
                share = len(self._agents) * _LISTS_SECONDS_EACH
                until = now() + min(max(share, _SHORTEST_REST), _LONGEST_REST)
                try:
                    await self._dismiss_ended()
                    if alarmed:
                        await self._sio.emit("duty", room=_SUPERVISORS, namespace=NAMESPACE)
                    if oversee:
                        await self._sio.emit("overview", room=_SUPERVISORS, namespace=NAMESPACE)
                    if touched:
                        await self._tell_queue(touched, until)
                except BaseException:
                    # It is told with what happens next.
                    self._touched |= touched
                    self._supervisors_concerned |= oversee
                    self._alarmed |= alarmed
                    raise
                await asyncio.sleep(max(0.0, until - now()))
        finally:
            self._lists_are_told = False

    async def _tell_own_lists(self) -> None:
        """Agents whose own lists have changed are told to fetch them, one after the other."""
        now = asyncio.get_running_loop().time
        try:
            while self._concerned:
                room, due = next(iter(self._concerned.items()))
                await asyncio.sleep(max(due - now(), _BETWEEN_AGENTS_SECONDS))
                del self._concerned[room]
                try:
                    await self._sio.emit("overview", room=room, namespace=NAMESPACE)
                except BaseException:
                    # They are told with what happens next.
                    self._concerned.setdefault(room, now())
                    raise
        finally:
            self._own_lists_are_told = False

    async def _tell_queue(self, touched: set[str], until: float) -> None:
        """What has become of the head of the line; the last pages hear it at ``until``."""
        changes = await self._desk.line_changes(HEAD_OF_LINE, touched, self._head)
        if not (changes.lines or changes.gone or changes.waiting != self._waiting):
            return
        told = {
            "waiting": changes.waiting,
            "lines": await self._views.queue(changes.lines),
            "gone": changes.gone,
        }
        pause = (until - asyncio.get_running_loop().time()) / _GROUPS
        for number, group in enumerate(self._groups):
            await self._sio.emit("queue", told, room=_room_of_group(number), namespace=NAMESPACE)
            if group:
                await asyncio.sleep(max(0.0, pause))
        self._head, self._waiting = frozenset(changes.head), changes.waiting

    async def _dismiss_ended(self) -> None:
        """Close the sockets whose session has ended since; looked at now and then only."""
        now = asyncio.get_running_loop().time()
        if now < self._next_check:
            return
        self._next_check = now + self._check_every
        living = await self._desk.sessions(set(self._tokens.values()))
        for sid in [sid for sid, token in self._tokens.items() if token not in living]:
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


def _room_of_group(number: int) -> str:
    return f"agents:{number}"


def _room_of(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def _room_of_agent(agent_id: str) -> str:
    return f"agent:{agent_id}"
