"""Serves any shop over HTTP: each verb of its ports as a POST, behind a token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web

from connectors.backends.http.contract import Verb, verbs
from connectors.backends.http.description import description
from connectors.backends.http.failures import (
    STATUS,
    FailedAnswer,
    Failure,
    Kind,
    failure_of,
)
from connectors.backends.shop import Shop
from kernel.errors import ConnectorError

log = structlog.get_logger()

PREFIX = "/v1"
_REQUEST_BYTES = 1024 * 1024
_BEARER = "Bearer "


def make_shop_app(shop: Shop, token: str) -> web.Application:
    """The application that serves ``shop`` below ``/v1`` to whoever has ``token``.

    ``GET /v1/openapi.json`` describes it, to anybody. A bug answers 503 without its insides.
    """
    app = web.Application(client_max_size=_REQUEST_BYTES)
    described = msgspec.json.encode(description())

    async def tell(_request: web.Request) -> web.Response:
        return web.Response(body=described, content_type="application/json")

    async def no_such_verb(request: web.Request) -> web.Response:
        known = _is_authorised(request, token)
        return _failed(Failure(Kind.NOT_OFFERED if known else Kind.UNAUTHORISED))

    app.router.add_get(f"{PREFIX}/openapi.json", tell)
    for port, of_port in verbs().items():
        for verb in of_port.values():
            method = getattr(getattr(shop, port), verb.name)
            app.router.add_post(PREFIX + verb.path, _handler(verb, method, token))
    app.router.add_post(PREFIX + "/{port}/{verb}", no_such_verb)
    return app


def _handler(
    verb: Verb, method: Callable[..., Awaitable[Any]], token: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    read = msgspec.json.Decoder(verb.request).decode

    async def answer(request: web.Request) -> web.Response:
        if not _is_authorised(request, token):
            return _failed(Failure(Kind.UNAUTHORISED))
        try:
            asked = read(await request.read())
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return _failed(Failure(Kind.REJECTED, detail=str(error)))
        try:
            given = {name: getattr(asked, name) for name in asked.__struct_fields__}
            return _answered(await method(**given))
        except ConnectorError as error:
            return _failed(failure_of(error))
        except Exception as error:
            log.error("shop.verb.failed", verb=verb.path, exc_info=error)
            return _failed(Failure(Kind.UNAVAILABLE))

    return answer


def _is_authorised(request: web.Request, token: str) -> bool:
    header = request.headers.get("Authorization", "")
    given = header.removeprefix(_BEARER) if header.startswith(_BEARER) else ""
    return hmac.compare_digest(given.encode(errors="surrogateescape"), token.encode())


def _answered(result: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(result), content_type="application/json")


def _failed(failure: Failure) -> web.Response:
    return web.Response(
        status=STATUS[failure.kind],
        body=msgspec.json.encode(FailedAnswer(failure)),
        content_type="application/json",
    )
