"""The widget's protocol on Socket.IO: every request is acknowledged, every gap can be filled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import socketio
import structlog

from connectors.channels.incoming import Arrival, Intake, clean, message_id_of
from connectors.channels.limits import address_of
from connectors.channels.ports import RateLimiter, ShopperSigns
from connectors.channels.refusals import Refusal, RefusalCode, known_language
from connectors.channels.tokens import BadToken, CustomerTokens, Sessions
from connectors.channels.web.uploads import UploadStore
from desk.errors import BadContact, BadIncoming, ConversationMoved
from desk.events import DeskEvent, MessageAppended, OwnerChanged, PlaceChanged
from desk.line_words import as_json
from desk.model import Author, Conversation, Delivery, InLine, Message, Owner, QueuePlace
from desk.reports.model import Reason
from desk.reports.surveys import SurveyGone
from desk.service import Desk
from kernel.content import Attachment, to_builtins

log = structlog.get_logger()

CHANNEL = "web"
NAMESPACE = "/widget"
_PAGE = 50
_CATCH_UP = 200
# What a browser has no use for.
_INTERNAL = frozenset({"response", "custom"})

Answer = dict[str, Any]
_NOWHERE: Answer = {
    "position": None,
    "wait": None,
    "opens_at": None,
    "calls_back": False,
    "contact": None,
}
_MESSAGES = "messages"


@dataclass
class _Visit:
    """One open socket: from where, and whom it speaks for once it has said hello."""

    address: str
    shopper_id: str | None = None
    customer: dict[str, str] | None = None
    language: str | None = None
    # Requests of one socket are carried out in the order in which they came.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class WebChannel:
    """Takes requests from widgets and tells them what happens in their conversations."""

    def __init__(
        self,
        sio: socketio.AsyncServer,
        desk: Desk,
        intake: Intake,
        sessions: Sessions,
        customers: CustomerTokens,
        uploads: UploadStore,
        new_sessions: RateLimiter,
        *,
        proxies: int = 0,
    ) -> None:
        """``new_sessions`` bounds sessions of an address, ``proxies`` of ours stand in front."""
        self._sio = sio
        self._desk = desk
        self._intake = intake
        self._sessions = sessions
        self._customers = customers
        self._uploads = uploads
        self._new_sessions = new_sessions
        self._proxies = proxies
        self._visits: dict[str, _Visit] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._signs: ShopperSigns | None = None
        sio.on("connect", self._connect, namespace=NAMESPACE)
        sio.on("disconnect", self._disconnect, namespace=NAMESPACE)
        for event, handler in (
            ("hello", self._hello),
            ("send", self._send),
            ("history", self._history),
            ("leave_queue", self._leave_queue),
            ("keep_place", self._keep_place),
            ("typing", self._shopper_typing),
            ("read", self._shopper_read),
            ("rate", self._rate),
        ):
            sio.on(event, self._in_turn(handler), namespace=NAMESPACE)

    async def deliver(self, delivery: Delivery) -> None:
        """Send one message to every open window of its shopper; closed ones catch up later."""
        await self._tell_message(delivery.conversation, delivery.message)

    def observe(self, event: DeskEvent) -> None:
        """A listener of the desk: tells shoppers who has their conversation and their place."""
        match event:
            case MessageAppended(conversation, message) if (
                conversation.channel == CHANNEL and message.author is Author.SHOPPER
            ):
                # The shopper's other windows learn of it; everything else is delivered.
                self._later(self._tell_message(conversation, message))
            case OwnerChanged(conversation) if conversation.channel == CHANNEL:
                self._later(self._tell_owner(conversation))
            case PlaceChanged(conversation, place) if conversation.channel == CHANNEL:
                self._later(self._tell_place(conversation, place))
            case _:
                return

    def show_signs_to(self, signs: ShopperSigns) -> None:
        """Tell ``signs`` when a shopper whom an agent serves is writing, or has read."""
        self._signs = signs

    async def read(self, conversation: Conversation, seq: int) -> None:
        """Show the shopper that the agent has read up to ``seq``."""
        if conversation.channel == CHANNEL:
            await self._emit(conversation.shopper_id, "read", {"seq": seq})

    async def typing(self, conversation: Conversation, *, on: bool) -> None:
        """Show the shopper that whoever has the conversation is writing, or stopped."""
        if conversation.channel != CHANNEL:
            return
        agent = await self._agent(conversation)
        sign = {"author": conversation.owner.value, "agent": agent, "on": on}
        await self._emit(conversation.shopper_id, "typing", sign)

    # Requests

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> None:
        self._visits[sid] = _Visit(address_of(environ["aiohttp.request"], self._proxies))

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self._visits.pop(sid, None)

    def _in_turn(
        self, handler: Callable[[str, _Visit, dict[str, Any]], Awaitable[Answer | Refusal]]
    ) -> Callable[..., Awaitable[Answer]]:
        async def handle(sid: str, data: object = None, *_more: object) -> Answer:
            visit = self._visits.get(sid) or _Visit(address="")
            if not isinstance(data, dict):
                answer: Answer | Refusal = Refusal(RefusalCode.BAD_REQUEST)
            else:
                async with visit.turn:
                    answer = await handler(sid, visit, data)
            if isinstance(answer, Refusal):
                return {"ok": False, "error": answer.as_error(visit.language)}
            return {"ok": True, **answer}

        return handle

    async def _hello(self, sid: str, visit: _Visit, data: dict[str, Any]) -> Answer | Refusal:
        visit.language = known_language(data.get("language"))
        if data.get("token") is not None:
            try:
                shopper_id = self._sessions.open(data["token"])
            except BadToken:
                return Refusal(RefusalCode.NO_SESSION)
        elif wait := await self._new_sessions.take(visit.address):
            return Refusal(RefusalCode.TOO_MANY_SESSIONS, seconds=wait)
        else:
            shopper_id = self._sessions.new_shopper()
        answer: Answer = {}
        customer = None
        if data.get("customer_token") is not None:
            try:
                customer = self._customers.verify(data["customer_token"])
            except BadToken:
                refused = Refusal(RefusalCode.BAD_CUSTOMER_TOKEN)
                answer["notice"] = refused.as_error(visit.language)
        conversation = await self._desk.conversation_of(CHANNEL, shopper_id)
        if customer and conversation and _is_of_another(conversation, customer):
            # Somebody else signed in at this browser: they must not read on in a stranger's words.
            shopper_id, conversation = self._sessions.new_shopper(), None
            answer["fresh"] = True
        if visit.shopper_id and visit.shopper_id != shopper_id:
            await self._sio.leave_room(sid, _room(visit.shopper_id), namespace=NAMESPACE)
        visit.shopper_id, visit.customer = shopper_id, customer
        # First the room, then the past: what is said in between comes twice, never not at all.
        await self._sio.enter_room(sid, _room(shopper_id), namespace=NAMESPACE)
        answer["token"] = self._sessions.issue(shopper_id)
        answer["customer"] = customer["name"] if customer else None
        if conversation is None:
            nothing: Answer = {"conversation": None, _MESSAGES: [], "more": False, "last_seq": 0}
            return {**answer, **nothing, "owner": Owner.BOT.value, "agent": None, **_NOWHERE}
        past = await self._past(conversation, data)
        if isinstance(past, Refusal):
            return past
        return {
            **answer,
            **past,
            **await self._state(conversation),
            "conversation": conversation.id,
            "last_seq": conversation.last_seq,
        }

    async def _send(self, _sid: str, visit: _Visit, data: dict[str, Any]) -> Answer | Refusal:
        if visit.shopper_id is None:
            return Refusal(RefusalCode.NO_SESSION)
        visit.language = known_language(data.get("language")) or visit.language
        given = {name: data.get(name) or "" for name in ("client_id", "text", "payload")}
        if not all(isinstance(value, str) for value in given.values()):
            return Refusal(RefusalCode.BAD_REQUEST)
        attachments: tuple[Attachment, ...] = ()
        if data.get("attachment"):
            upload = await self._uploads.find(str(data["attachment"]))
            if upload is None or upload.shopper_id != visit.shopper_id:
                return Refusal(RefusalCode.NO_SUCH_ATTACHMENT)
            attachments = (upload.attachment,)
        recorded = await self._intake.take(
            Arrival(
                channel=CHANNEL,
                shopper_id=visit.shopper_id,
                message_id=given["client_id"],
                text=given["text"],
                payload=given["payload"],
                attachments=attachments,
                customer=visit.customer,
                language=visit.language,
            )
        )
        if isinstance(recorded, Refusal):
            return recorded
        if recorded.conversation.owner is Owner.BOT and not recorded.duplicate:
            self._later(self.typing(recorded.conversation, on=True))
        return {
            "seq": recorded.message.seq,
            "at": recorded.message.created_at.isoformat(),
            "text": recorded.message.content.text,
            "owner": recorded.conversation.owner.value,
            "duplicate": recorded.duplicate,
        }

    async def _history(self, _sid: str, visit: _Visit, data: dict[str, Any]) -> Answer | Refusal:
        if visit.shopper_id is None:
            return Refusal(RefusalCode.NO_SESSION)
        conversation = await self._desk.conversation_of(CHANNEL, visit.shopper_id)
        if conversation is None:
            return {_MESSAGES: [], "more": False}
        return await self._past(conversation, data)

    async def _leave_queue(
        self, _sid: str, visit: _Visit, _data: dict[str, Any]
    ) -> Answer | Refusal:
        if visit.shopper_id is None:
            return Refusal(RefusalCode.NO_SESSION)
        conversation = await self._desk.conversation_of(CHANNEL, visit.shopper_id)
        if conversation is None or conversation.owner is not Owner.QUEUE:
            return Refusal(RefusalCode.NOT_IN_QUEUE)
        try:
            await self._desk.leave_queue(conversation.id)
        except ConversationMoved:
            return Refusal(RefusalCode.NOT_IN_QUEUE)
        return {}

    async def _shopper_typing(
        self, _sid: str, visit: _Visit, data: dict[str, Any]
    ) -> Answer | Refusal:
        if self._signs and (conversation := await self._with_agent(visit)):
            await self._signs.shopper_typing(conversation, on=data.get("on") is True)
        return {}

    async def _shopper_read(
        self, _sid: str, visit: _Visit, data: dict[str, Any]
    ) -> Answer | Refusal:
        seq = data.get("seq")
        if not isinstance(seq, int) or not _is_seq(seq):
            return Refusal(RefusalCode.BAD_REQUEST)
        if self._signs and (conversation := await self._with_agent(visit)):
            await self._signs.shopper_read(conversation, seq)
        return {}

    async def _rate(self, _sid: str, visit: _Visit, data: dict[str, Any]) -> Answer | Refusal:
        score, solved = data.get("score"), data.get("solved")
        given = (data.get("survey"), data.get("comment") or "")
        reasons = data.get("reasons") or []
        if not isinstance(score, int) or not _is_seq(score) or not isinstance(reasons, list):
            return Refusal(RefusalCode.BAD_REQUEST)
        if not all(isinstance(text, str) for text in given) or visit.shopper_id is None:
            return Refusal(RefusalCode.BAD_REQUEST)
        try:
            await self._desk.surveys.answer(
                str(given[0]),
                score,
                solved=solved if isinstance(solved, bool) else None,
                reasons=tuple(Reason(reason) for reason in reasons),
                comment=str(given[1]),
                shopper=(CHANNEL, visit.shopper_id),
            )
        except (SurveyGone, BadIncoming, ValueError):
            return Refusal(RefusalCode.BAD_REQUEST)
        return {}

    async def _with_agent(self, visit: _Visit) -> Conversation | None:
        """The visitor's conversation, if an agent has it: nobody else looks at signs."""
        if visit.shopper_id is None:
            return None
        conversation = await self._desk.conversation_of(CHANNEL, visit.shopper_id)
        return conversation if conversation and conversation.owner is Owner.AGENT else None

    async def _keep_place(self, _sid: str, visit: _Visit, data: dict[str, Any]) -> Answer | Refusal:
        contact = data.get("contact") or ""
        if visit.shopper_id is None:
            return Refusal(RefusalCode.NO_SESSION)
        if not isinstance(contact, str):
            return Refusal(RefusalCode.BAD_REQUEST)
        conversation = await self._desk.conversation_of(CHANNEL, visit.shopper_id)
        if conversation is None or conversation.owner is not Owner.QUEUE:
            return Refusal(RefusalCode.NOT_IN_QUEUE)
        try:
            place = await self._desk.keep_place(conversation.id, clean(contact) or None)
        except ConversationMoved:
            return Refusal(RefusalCode.NOT_IN_QUEUE)
        except BadContact:
            return Refusal(RefusalCode.BAD_CONTACT)
        return as_json(place)

    async def _past(self, conversation: Conversation, data: dict[str, Any]) -> Answer | Refusal:
        """Messages after ``after``, else the page before ``before``, else the newest page."""
        after, before = data.get("after"), data.get("before")
        if not all(seq is None or _is_seq(seq) for seq in (after, before)):
            return Refusal(RefusalCode.BAD_REQUEST)
        if after is not None:
            found = await self._desk.messages_after(conversation.id, after, _CATCH_UP)
            more = bool(found) and found[-1].seq < conversation.last_seq
        else:
            before = conversation.last_seq + 1 if before is None else before
            found = await self._desk.messages_before(conversation.id, before, _PAGE)
            more = bool(found) and found[0].seq > 1
        names: dict[str, str] = {}
        for message in found:
            if message.agent_id and message.agent_id not in names:
                names[message.agent_id] = (await self._desk.agent(message.agent_id)).name
        return {
            _MESSAGES: [_on_wire(one, names.get(one.agent_id or "")) for one in found],
            "more": more,
        }

    # What widgets are told

    async def _tell_message(self, conversation: Conversation, message: Message) -> None:
        name = None
        if message.agent_id:
            name = (await self._desk.agent(message.agent_id)).name
        await self._emit(conversation.shopper_id, "message", _on_wire(message, name))

    async def _tell_owner(self, conversation: Conversation) -> None:
        await self._emit(conversation.shopper_id, "owner", await self._state(conversation))

    async def _tell_place(self, conversation: InLine, place: QueuePlace) -> None:
        state = {"owner": Owner.QUEUE.value, "agent": None, **as_json(place)}
        await self._emit(conversation.shopper_id, "owner", state)

    async def _state(self, conversation: Conversation) -> Answer:
        waits = conversation.owner is Owner.QUEUE
        place = await self._desk.place(conversation.id) if waits else None
        return {
            "owner": conversation.owner.value,
            "agent": await self._agent(conversation),
            **(as_json(place) if place else _NOWHERE),
        }

    async def _agent(self, conversation: Conversation) -> str | None:
        if conversation.owner is not Owner.AGENT or conversation.agent_id is None:
            return None
        agent = await self._desk.agent(conversation.agent_id)
        return agent.name

    async def _emit(self, shopper_id: str, event: str, data: Answer) -> None:
        await self._sio.emit(event, data, room=_room(shopper_id), namespace=NAMESPACE)

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # Nothing is lost: widgets read the record when they next say hello.
            log.error("web.tell.failed", exc_info=error)


def _is_seq(value: object) -> bool:
    # True and False are integers to Python.
    return type(value) is int and 0 <= value < 2**31


def _room(shopper_id: str) -> str:
    return f"shopper:{shopper_id}"


def _is_of_another(conversation: Conversation, customer: dict[str, str]) -> bool:
    known = conversation.customer
    return known is not None and known.get("id") != customer["id"]


def _on_wire(message: Message, agent_name: str | None) -> Answer:
    content = to_builtins(message.content)
    custom = message.content.custom or {}
    if custom.get("event") == "survey":
        content["survey"] = {"id": custom.get("survey"), "expires_at": custom.get("expires_at")}
    return {
        "seq": message.seq,
        "author": message.author.value,
        "agent": agent_name,
        "at": message.created_at.isoformat(),
        "client_id": message_id_of(message),
        "content": {name: value for name, value in content.items() if name not in _INTERNAL},
    }
