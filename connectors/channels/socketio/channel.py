"""Rasa's Socket.IO events on the default namespace, so that stock Rasa web clients connect.

Stock clients decide what a message is by its exact set of keys: {text}, {text, quick_replies} or
{attachment}, never more.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import socketio

from connectors.channels.incoming import Arrival, Intake
from connectors.channels.limits import address_of
from connectors.channels.ports import RateLimiter
from connectors.channels.refusals import Refusal, RefusalCode, known_language
from connectors.channels.tokens import BadToken, CustomerTokens
from desk.model import Delivery, Message
from desk.service import Desk
from kernel.content import Content
from kernel.errors import KefuError

CHANNEL = "socketio"
_NAMESPACE = "/"

# A conversation belongs to whoever knows its session id, so an id that can be guessed will not do.
_UNGUESSABLE = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What stock clients send by themselves to open a conversation, without any button.
_OPENINGS = frozenset({"/get_started", "/greet", "/session_start", "/restart"})
_HELLO = {"zh": "你好", "en": "Hello"}


class NobodyThere(KefuError):
    """No window of the session is open, so that nobody would hear what is said."""


@dataclass
class _Visit:
    session_id: str | None = None
    address: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class SocketIOChannel:
    """Speaks ``session_request``, ``user_uttered`` and ``bot_uttered``."""

    def __init__(
        self,
        sio: socketio.AsyncServer,
        desk: Desk,
        intake: Intake,
        customers: CustomerTokens,
        *,
        addresses: RateLimiter | None = None,
        proxies: int = 0,
    ) -> None:
        """``addresses`` bounds what one network address may say; ``proxies`` of ours are before."""
        self._addresses = addresses
        self._proxies = proxies
        self._sio = sio
        self._desk = desk
        self._intake = intake
        self._customers = customers
        self._visits: dict[str, _Visit] = {}
        sio.on("connect", self._connect, namespace=_NAMESPACE)
        sio.on("disconnect", self._disconnect, namespace=_NAMESPACE)
        sio.on("session_request", self._session_request, namespace=_NAMESPACE)
        sio.on("user_uttered", self._user_uttered, namespace=_NAMESPACE)

    async def deliver(self, delivery: Delivery) -> None:
        """Send one message to every window of the session; raises NobodyThere if there is none.

        This protocol has no way to ask for what was missed: it stays in the outbox meanwhile.
        """
        room = _room(delivery.conversation.shopper_id)
        if not self._may_be_there(room):
            raise NobodyThere(f"no window of {delivery.conversation.id} is open")
        for utterance in _utterances(delivery.message):
            await self._utter(delivery.conversation.shopper_id, utterance)

    def _may_be_there(self, room: str) -> bool:
        manager = self._sio.manager
        if isinstance(manager, socketio.AsyncRedisManager):
            # Replicas share what is emitted, not who listens: the window may be another's.
            return True
        return any(True for _ in manager.get_participants(_NAMESPACE, room))

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> None:
        self._visits[sid] = _Visit(address=address_of(environ["aiohttp.request"], self._proxies))

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self._visits.pop(sid, None)

    async def _session_request(self, sid: str, data: object = None, *_more: object) -> None:
        visit = self._visits.setdefault(sid, _Visit())
        async with visit.turn:
            session_id = await self._open(sid, visit, data)
        await self._sio.emit("session_confirm", session_id, to=sid, namespace=_NAMESPACE)

    async def _user_uttered(self, sid: str, data: object = None, *_more: object) -> None:
        visit = self._visits.setdefault(sid, _Visit())
        async with visit.turn:
            if self._addresses is not None and (
                wait := await self._addresses.take(f"socketio:{visit.address}")
            ):
                refusal = Refusal(RefusalCode.RATE_LIMITED, seconds=wait)
                utterance = {"text": refusal.sentence(None)}
                await self._sio.emit("bot_uttered", utterance, to=sid, namespace=_NAMESPACE)
                return
            session_id = visit.session_id or await self._open(sid, visit, data)
            await self._take(session_id, data if isinstance(data, dict) else {})

    async def _open(self, sid: str, visit: _Visit, data: object) -> str:
        """Bind the socket to the session it asks for if that is unguessable, else to a new one."""
        wanted = data.get("session_id") if isinstance(data, dict) else None
        if visit.session_id and visit.session_id != wanted:
            await self._sio.leave_room(sid, _room(visit.session_id), namespace=_NAMESPACE)
        known = isinstance(wanted, str) and _UNGUESSABLE.fullmatch(wanted)
        session_id = str(wanted) if known else uuid.uuid4().hex
        if visit.session_id != session_id:
            conversation = await self._desk.conversation_of(CHANNEL, session_id)
            if conversation is not None:
                await self._desk.send_again(conversation.id)
        visit.session_id = session_id
        await self._sio.enter_room(sid, _room(session_id), namespace=_NAMESPACE)
        return session_id

    async def _take(self, session_id: str, data: dict[str, Any]) -> None:
        about = data.get("customData") or data.get("metadata")
        about = about if isinstance(about, dict) else {}
        message = data.get("message")
        text = message if isinstance(message, str) else ""
        language = known_language(about.get("language"), text[:200])
        if text in _OPENINGS:
            text = _HELLO["en" if language == "en" else "zh"]
        customer = None
        if about.get("customer_token") is not None:
            try:
                customer = self._customers.verify(about["customer_token"])
            except BadToken:
                # The conversation goes on as a stranger's, who is asked for proof when it matters.
                customer = None
        message_id = about.get("message_id")
        recorded = await self._intake.take(
            Arrival(
                channel=CHANNEL,
                shopper_id=session_id,
                message_id=message_id if isinstance(message_id, str) else uuid.uuid4().hex,
                text=text,
                # A pressed button comes back as its payload, in the place of a text.
                payload=text if text.startswith("/") else "",
                customer=customer,
                language=language,
            )
        )
        if isinstance(recorded, Refusal):
            await self._utter(session_id, {"text": recorded.sentence(language)})

    async def _utter(self, session_id: str, utterance: dict[str, Any]) -> None:
        await self._sio.emit("bot_uttered", utterance, room=_room(session_id), namespace=_NAMESPACE)


def _room(session_id: str) -> str:
    return f"session:{session_id}"


def _utterances(message: Message) -> list[dict[str, Any]]:
    content: Content = message.content
    utterances: list[dict[str, Any]] = []
    if content.image:
        image = {"type": "image", "payload": {"src": content.image, "title": content.text}}
        utterances.append({"attachment": image})
    if content.text or content.buttons:
        spoken: dict[str, Any] = {"text": content.text}
        if content.buttons:
            spoken["quick_replies"] = [
                {"content_type": "text", "title": one.title, "payload": one.payload}
                for one in content.buttons
            ]
        utterances.append(spoken)
    return utterances
