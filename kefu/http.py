"""The HTTP doors that belong to no channel: health, metrics, Rasa's HTTP API, the demo shop."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt
import structlog
from aiohttp import hdrs, web
from multidict import CIMultiDict
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from connectors.backends.customers.model import Customer
from connectors.backends.shop import Shop
from kefu.metrics import REQUESTS
from kernel.errors import NotFound

log = structlog.get_logger()

Parse = Callable[[str], Awaitable[dict[str, Any]]]
Tracker = Callable[[str], Awaitable[dict[str, Any] | None]]
Check = Callable[[], Awaitable[dict[str, str]]]

_MAX_PARSED_CHARACTERS = 4000


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turns a bug into a plain 500 without a stack trace, and counts every answer."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        REQUESTS.labels(f"{error.status // 100}xx").inc()
        raise
    except Exception as error:
        log.error("http.failed", path=request.path, exc_info=error)
        REQUESTS.labels("5xx").inc()
        return web.json_response({"error": "internal error"}, status=500)
    REQUESTS.labels(f"{response.status // 100}xx").inc()
    return response


@web.middleware
async def uncompressed_sockets(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Opens WebSockets without compression, which browsers ask for.

    What is said in them is short. To compress it for hundreds of pages takes the time of whoever
    waits for a message, and a quarter of a megabyte for each.
    """
    if hdrs.SEC_WEBSOCKET_EXTENSIONS in request.headers:
        headers = CIMultiDict(request.headers)
        del headers[hdrs.SEC_WEBSOCKET_EXTENSIONS]
        request = request.clone(headers=headers)
    return await handler(request)


def add_operations(app: web.Application, ready: Check) -> None:
    """Mount ``/healthz``, ``/readyz`` and ``/metrics``.

    ``ready`` returns what is not ready yet, by part; nothing in it means ready.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        missing = await ready()
        status = 503 if missing else 200
        return web.json_response(
            {"status": "waiting" if missing else "ready", "waiting_for": missing}, status=status
        )

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)


def add_rasa_api(app: web.Application, token: str, parse: Parse, tracker: Tracker) -> None:
    """Mount the promised parts of Rasa's HTTP API; they want ``?token=`` or a bearer token."""

    def authorise(request: web.Request) -> None:
        given = request.query.get("token", "")
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            given = header.removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(errors="surrogatepass"), token.encode()):
            raise web.HTTPUnauthorized(
                text='{"error": "a valid token is needed"}', content_type="application/json"
            )

    async def model_parse(request: web.Request) -> web.Response:
        authorise(request)
        try:
            body = await request.json()
            text = body["text"]
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": 'send {"text": "..."}'}, status=400)
        if not isinstance(text, str) or len(text) > _MAX_PARSED_CHARACTERS:
            return web.json_response(
                {"error": f"text must be a string of at most {_MAX_PARSED_CHARACTERS} characters"},
                status=400,
            )
        return web.json_response(await parse(text))

    async def conversation_tracker(request: web.Request) -> web.Response:
        authorise(request)
        found = await tracker(request.match_info["sender"])
        if found is None:
            return web.json_response({"error": "no such conversation"}, status=404)
        return web.json_response(found)

    app.router.add_post("/model/parse", model_parse)
    app.router.add_get("/conversations/{sender}/tracker", conversation_tracker)


def add_demo_shop(
    app: web.Application, shop: Shop, shop_key: str, people: Mapping[str, str]
) -> None:
    """Mount what the demo shop's page asks for: products, and a token for one of ``people``.

    A real shop signs such tokens on its own server with the same key; never mounted outside demos.
    ``people`` are the demo's customers, id and e-mail address: whoever has one of these ids in a
    shop that was imported later is somebody else, and nobody gets a token for them here.
    """

    async def invented(customer_id: str) -> Customer | None:
        if customer_id not in people:
            return None
        try:
            customer = await shop.customers.get(customer_id)
        except NotFound:
            return None
        return customer if customer.email == people[customer_id] else None

    async def products(_request: web.Request) -> web.Response:
        found = await shop.catalogue.products(limit=100)
        return web.json_response(
            [
                {
                    "id": product.id,
                    "name": {"zh": product.name.zh, "en": product.name.en},
                    "category": product.category,
                    "category_name": {
                        "zh": product.category_name.zh,
                        "en": product.category_name.en,
                    },
                    "image": product.image,
                    "price": str(product.price_from),
                    "in_stock": product.in_stock,
                }
                for product in found
            ]
        )

    async def listed(_request: web.Request) -> web.Response:
        found = [await invented(customer_id) for customer_id in people]
        return web.json_response([{"id": one.id, "name": one.name} for one in found if one])

    async def customer_token(request: web.Request) -> web.Response:
        customer = await invented(request.query.get("customer", ""))
        if customer is None:
            raise web.HTTPNotFound
        claims = {"sub": customer.id, "name": customer.name, "exp": int(time.time()) + 900}
        return web.json_response({"token": jwt.encode(claims, shop_key, algorithm="HS256")})

    app.router.add_get("/demo/products.json", products)
    app.router.add_get("/demo/customers.json", listed)
    app.router.add_get("/demo/customer-token", customer_token)
