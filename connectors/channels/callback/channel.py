"""Rasa's callback channel: answers at once, posts every reply to the address in the settings."""

from __future__ import annotations

import hmac

import aiohttp
from aiohttp import web

from connectors.channels.incoming import Intake
from connectors.channels.rasa_http import BadRequest, read_arrival, read_body, reply_of
from connectors.channels.refusals import Refusal, RefusalCode
from desk.model import Delivery
from kernel.errors import BackendUnavailable

CHANNEL = "callback"
_SECONDS = 8.0


class CallbackChannel:
    """Answers ``POST /webhooks/callback/webhook`` with ``success``; replies follow by POST."""

    def __init__(
        self,
        intake: Intake,
        session: aiohttp.ClientSession,
        *,
        url: str,
        api_token: str | None = None,
    ) -> None:
        """``url`` takes the replies; it is the operator's, never a shopper's."""
        self._intake = intake
        self._session = session
        self._url = url
        self._api_token = api_token

    def add_to(self, app: web.Application) -> None:
        """Mount the channel's two doors."""
        app.router.add_get("/webhooks/callback/", self._health)
        app.router.add_post("/webhooks/callback/webhook", self._webhook)

    async def deliver(self, delivery: Delivery) -> None:
        """Post one reply; raises BackendUnavailable unless the address takes it."""
        reply = reply_of(delivery.conversation.shopper_id, delivery.message)
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with self._session.post(self._url, json=reply, timeout=timeout) as answer:
                if not answer.ok:
                    raise BackendUnavailable(f"the callback address answers {answer.status}")
        except (TimeoutError, aiohttp.ClientError) as error:
            raise BackendUnavailable("the callback address does not answer") from error

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.Response:
        if self._api_token is not None:
            given = request.headers.get("Authorization", "").encode(errors="surrogatepass")
            if not hmac.compare_digest(given, f"Bearer {self._api_token}".encode()):
                return web.json_response({"error": "a valid bearer token is needed"}, status=401)
        try:
            _, arrival = read_arrival(await read_body(request), CHANNEL)
        except BadRequest as error:
            return web.json_response({"error": str(error)}, status=400)
        taken = await self._intake.take(arrival)
        if isinstance(taken, Refusal):
            status = 429 if taken.code is RefusalCode.RATE_LIMITED else 400
            return web.json_response({"error": taken.as_error(arrival.language)}, status=status)
        return web.Response(text="success")
