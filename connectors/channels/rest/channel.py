"""Rasa's REST channel: one request, and its answer is the list of replies."""

from __future__ import annotations

import dataclasses
import hmac
from typing import Any

from aiohttp import web

from connectors.channels.incoming import Arrival, Intake
from connectors.channels.limits import address_of
from connectors.channels.ports import Gate, RateLimiter
from connectors.channels.rasa_http import BadRequest, Reply, read_arrival, read_body, reply_of
from connectors.channels.refusals import Refusal, RefusalCode
from connectors.channels.tokens import BadToken, CustomerTokens
from desk.line_words import as_json
from desk.model import FIRST_EPOCH, Author, Conversation, Delivery, Message, Owner, Recorded
from desk.service import Desk

CHANNEL = "rest"
# How far back we look for what an agent wrote since the sender last asked.
_LOOK_BACK = 50

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
        addresses: RateLimiter | None = None,
        proxies: int = 0,
    ) -> None:
        """``addresses`` bounds what one network address may ask, unless it has the token.

        ``proxies`` of ours stand in front.
        """
        self._addresses = addresses
        self._proxies = proxies
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
        if self._addresses is not None and self._api_token is None:
            address = address_of(request, self._proxies)
            if wait := await self._addresses.take(f"rest:{address}"):
                return _too_fast(wait)
        try:
            body = await read_body(request)
            sender, arrival = read_arrival(body, CHANNEL)
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

    async def _replies(self, sender: str, recorded: Recorded, language: str | None) -> list[Reply]:
        replies = await self._missed(sender, recorded)
        conversation = None
        if recorded.conversation.owner is Owner.BOT or recorded.duplicate:
            with_bot = recorded.conversation.owner is Owner.BOT
            wait = self._reply_timeout if with_bot else 0
            answer = await self._gate.answered(recorded.message, wait)
            replies += [reply_of(sender, reply) for reply in answer.replies]
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
            reply = reply_of(sender, message)
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


def _with_customer(arrival: Arrival, customer: dict[str, str] | None) -> Arrival:
    return arrival if customer is None else dataclasses.replace(arrival, customer=customer)


def _refused(sender: str, refusal: Refusal, language: str | None) -> Reply:
    error = refusal.as_error(language)
    return {"recipient_id": sender, "text": error["message"], "custom": {"refused": error}}


def _too_fast(wait: float) -> web.Response:
    refusal = Refusal(RefusalCode.RATE_LIMITED, seconds=wait)
    reply = _refused("", refusal, None)
    headers = {"Retry-After": str(reply["custom"]["refused"]["retry_after"])}
    return web.json_response([reply], status=429, headers=headers)


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
