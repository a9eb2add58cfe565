"""Rasa's REST channel: one request, and its answer is the list of replies."""

from __future__ import annotations

import dataclasses
import hmac
import json
import uuid
from typing import Any

from aiohttp import web

from connectors.channels.incoming import Arrival, Intake, clean
from connectors.channels.ports import Gate
from connectors.channels.refusals import Refusal, RefusalCode, known_language
from connectors.channels.tokens import BadToken, CustomerTokens
from desk.line_words import as_json
from desk.model import FIRST_EPOCH, Author, Conversation, Delivery, Message, Owner, Recorded
from desk.service import Desk
from kernel.content import to_builtins

CHANNEL = "rest"
_MAX_SENDER_CHARACTERS = 120
# How far back we look for what an agent wrote since the sender last asked.
_LOOK_BACK = 50

Reply = dict[str, Any]

_WAITING = {
    Owner.QUEUE: {
        "zh": "您的消息已转给人工客服，正在排队，客服会尽快回复。",
        "en": "Your message is with our team: you are in the queue and a person will answer soon.",
    },
    Owner.AGENT: {
        "zh": "您的消息已送达人工客服，请稍候。",
        "en": "Your message has reached the person who looks after you. Please wait a moment.",
    },
    Owner.BOT: {
        "zh": "您的消息已收到，还在处理，请稍后再问一次。",
        "en": "Your message is stored and we are still working on it."
        " Please ask again in a moment.",
    },
}


class BadRequest(Exception):
    """The request is not what Rasa's REST channel takes; the message says what is wrong."""


class RestChannel:
    """Answers ``POST /webhooks/rest/webhook``."""

    def __init__(
        self,
        gate: Gate,
        desk: Desk,
        intake: Intake,
        customers: CustomerTokens,
        *,
        reply_timeout: float = 15.0,
        api_token: str | None = None,
    ) -> None:
        self._gate = gate
        self._desk = desk
        self._intake = intake
        self._customers = customers
        self._reply_timeout = reply_timeout
        self._api_token = api_token

    def add_to(self, app: web.Application) -> None:
        """Mount the channel's two doors."""
        app.router.add_get("/webhooks/rest/", self._health)
        app.router.add_post("/webhooks/rest/webhook", self._webhook)

    async def deliver(self, delivery: Delivery) -> None:
        """Nothing to send: who uses this channel fetches replies with the request itself.

        What an agent writes in between comes with the answer to the sender's next message.
        """

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.Response:
        if not self._is_authorised(request):
            return _error(401, "unauthorised", "a valid bearer token is needed")
        try:
            body = await _read(request)
            sender, arrival = self._arrival(body)
        except BadRequest as error:
            return _error(400, "bad_request", str(error))
        except web.HTTPRequestEntityTooLarge:
            return _error(413, "too_large", "the request is too large")
        notices: list[Reply] = []
        metadata = body.get("metadata") or {}
        customer = None
        if metadata.get("customer_token") is not None:
            try:
                customer = self._customers.verify(metadata["customer_token"])
            except BadToken:
                refusal = Refusal(RefusalCode.BAD_CUSTOMER_TOKEN)
                notices.append(_refused(sender, refusal, arrival.language))
        recorded = await self._intake.take(_with_customer(arrival, customer))
        if isinstance(recorded, Refusal):
            reply = _refused(sender, recorded, arrival.language)
            if recorded.code is RefusalCode.RATE_LIMITED:
                headers = {"Retry-After": str(reply["custom"]["refused"]["retry_after"])}
                return web.json_response([reply], status=429, headers=headers)
            return web.json_response([*notices, reply])
        return web.json_response(notices + await self._replies(sender, recorded, arrival.language))

    def _is_authorised(self, request: web.Request) -> bool:
        if self._api_token is None:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        expected = self._api_token.encode()
        return scheme == "Bearer" and hmac.compare_digest(
            given.encode(errors="surrogatepass"), expected
        )

    def _arrival(self, body: dict[str, Any]) -> tuple[str, Arrival]:
        sender, message, metadata = body.get("sender"), body.get("message"), body.get("metadata")
        if not isinstance(sender, str) or not clean(sender):
            raise BadRequest('"sender" must be a string that is not empty')
        if len(sender) > _MAX_SENDER_CHARACTERS:
            raise BadRequest(f'"sender" may have at most {_MAX_SENDER_CHARACTERS} characters')
        if clean(sender) != sender:
            raise BadRequest('"sender" may not hold control characters or spaces around it')
        if not isinstance(message, str):
            raise BadRequest('"message" must be a string')
        if metadata is not None and not isinstance(metadata, dict):
            raise BadRequest('"metadata" must be an object')
        metadata = metadata or {}
        message_id = metadata.get("message_id", uuid.uuid4().hex)
        if not isinstance(message_id, str) or not message_id:
            raise BadRequest('"metadata.message_id" must be a string that is not empty')
        return sender, Arrival(
            channel=CHANNEL,
            shopper_id=sender,
            message_id=message_id,
            text=message,
            # A pressed button comes back as its payload, in the place of a text.
            payload=message if message.startswith("/") else "",
            language=known_language(metadata.get("language"), message[:200]),
        )

    async def _replies(self, sender: str, recorded: Recorded, language: str | None) -> list[Reply]:
        replies = await self._missed(sender, recorded)
        conversation = None
        if recorded.conversation.owner is Owner.BOT or recorded.duplicate:
            with_bot = recorded.conversation.owner is Owner.BOT
            wait = self._reply_timeout if with_bot else 0
            answer = await self._gate.answered(recorded.message, wait)
            replies += [_reply(sender, reply) for reply in answer.replies]
            conversation = answer.conversation
        if conversation is None:
            conversation = await self._desk.conversation(recorded.conversation.id)
        if not replies or conversation.owner in {Owner.QUEUE, Owner.AGENT}:
            where = await self._owner(conversation)
            if replies:
                replies[-1].setdefault("custom", {}).update(where)
            else:
                words = _WAITING.get(conversation.owner, _WAITING[Owner.BOT])
                text = words["en" if (conversation.language or language) == "en" else "zh"]
                replies = [{"recipient_id": sender, "text": text, "custom": where}]
        return replies

    async def _missed(self, sender: str, recorded: Recorded) -> list[Reply]:
        """What people wrote after the sender's message before this one."""
        if recorded.conversation.epoch == FIRST_EPOCH:
            # It never left the bot, so nobody else can have written.
            return []
        before = await self._desk.messages_before(
            recorded.conversation.id, recorded.message.seq, _LOOK_BACK
        )
        missed: list[Message] = []
        for message in reversed(before):
            if message.author is Author.SHOPPER:
                break
            if message.author is Author.AGENT:
                missed.insert(0, message)
        replies = []
        for message in missed:
            name = (await self._desk.agent(message.agent_id)).name if message.agent_id else None
            reply = _reply(sender, message)
            reply.setdefault("custom", {}).update({"author": Author.AGENT.value, "agent": name})
            replies.append(reply)
        return replies

    async def _owner(self, conversation: Conversation) -> dict[str, Any]:
        where: dict[str, Any] = {"owner": conversation.owner.value}
        if conversation.owner is Owner.AGENT and conversation.agent_id:
            where["agent"] = (await self._desk.agent(conversation.agent_id)).name
        if conversation.owner is Owner.QUEUE:
            place = await self._desk.place(conversation.id)
            where |= as_json(place) if place else {"position": None}
        return where


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except (ValueError, LookupError, RecursionError) as error:
        # Not JSON, not text in the charset of its header, or nested without end.
        raise BadRequest("the body must be JSON") from error
    if not isinstance(body, dict):
        raise BadRequest('send {"sender": "...", "message": "..."}')
    return body


def _with_customer(arrival: Arrival, customer: dict[str, str] | None) -> Arrival:
    return arrival if customer is None else dataclasses.replace(arrival, customer=customer)


def _reply(sender: str, message: Message) -> Reply:
    content = message.content
    reply: Reply = {"recipient_id": sender}
    if content.text:
        reply["text"] = content.text
    if content.buttons:
        reply["buttons"] = [{"title": one.title, "payload": one.payload} for one in content.buttons]
    if content.image:
        reply["image"] = content.image
    whole = to_builtins(content)
    custom = dict(content.custom or {})
    custom |= {name: whole[name] for name in ("card", "ask", "attachments") if name in whole}
    if custom:
        reply["custom"] = custom
    return reply


def _refused(sender: str, refusal: Refusal, language: str | None) -> Reply:
    error = refusal.as_error(language)
    return {"recipient_id": sender, "text": error["message"], "custom": {"refused": error}}


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
