"""What the HTTP door adds to the ports: a token, time limits, repeats, other people's mistakes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.http.client import HttpShop, ShopAddress
from connectors.backends.http.contract import verbs
from connectors.backends.http.description import description
from connectors.backends.http.server import PREFIX, make_shop_app
from connectors.backends.refunds.exchanges import ExchangeWish
from connectors.backends.refunds.model import ReturnReason
from connectors.backends.shop import Shop
from kernel.errors import (
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    InvalidTransition,
    NotFound,
    Refused,
)
from tests.contracts.conftest import TOKEN, over_http
from tests.conversations.down import make_down_shop

DOCUMENTED = json.loads(Path("docs/shop-api.json").read_text(encoding="utf-8"))
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
CARRIER = {"code": "sf", "name": {"zh": "顺丰", "en": "SF"}, "hotline": "", "language": "zh"}


class Foreign:
    """A shop of somebody else's making: it answers each request with the next of its answers."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[web.Request] = []

    @asynccontextmanager
    async def asked(self, **settings: Any) -> AsyncIterator[Shop]:
        """Its ports, asked over HTTP."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._next)
        async with TestServer(app) as server:
            url = str(server.make_url("/v1"))
            shop = HttpShop(ShopAddress(url, TOKEN, **{"seconds": 5, **settings}))
            try:
                yield shop.ports()
            finally:
                await shop.close()

    async def _next(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        await request.read()
        return await self._answers.pop(0)(request)


def answer(body: Any, status: int = 200) -> Answer:
    """Answers ``body``, as JSON if it is not text."""

    async def give(_request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json")

    return give


def failure(kind: str, status: int, **more: str) -> Answer:
    """Answers an error of the contract."""
    return answer({"error": {"kind": kind, **more}}, status)


async def hang_up(request: web.Request) -> web.Response:
    """Ends the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def sleep(_request: web.Request) -> web.Response:
    """Answers far too late."""
    await asyncio.sleep(30)
    return web.json_response(None)


DOWN = failure("unavailable", 503)


def test_the_documented_description_is_the_one_of_the_ports() -> None:
    assert description() == DOCUMENTED


async def test_the_server_describes_itself_as_documented() -> None:
    async with (
        TestServer(make_shop_app(make_down_shop(), TOKEN)) as server,
        aiohttp.ClientSession() as http,
        http.get(server.make_url(f"{PREFIX}/openapi.json")) as response,
    ):
        assert await response.json() == DOCUMENTED


def test_every_verb_of_the_ports_is_described_and_names_its_errors() -> None:
    described = description()
    assert set(described["paths"]) == {
        verb.path for port in verbs().values() for verb in port.values()
    }
    for path in described["paths"].values():
        assert path["post"]["summary"]
        assert {"200", "401", "404", "409", "503"} < set(path["post"]["responses"])
    text = json.dumps(described)
    named = set(described["components"]["schemas"])
    assert all(f"schemas/{name}" in text for name in named)


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
async def test_without_the_token_nothing_is_told(given: str) -> None:
    headers = {"Authorization": given} if given else {}
    async with (
        TestServer(make_shop_app(make_down_shop(), TOKEN)) as server,
        aiohttp.ClientSession(headers=headers) as http,
    ):
        for path in ("/orders/get", "/orders/no_such_verb"):
            async with http.post(server.make_url(PREFIX + path), json={"number": "1"}) as response:
                assert response.status == 401
                assert await response.json() == {
                    "error": {"kind": "unauthorised", "code": "", "detail": ""}
                }


async def test_a_wrong_token_looks_like_a_shop_that_is_down() -> None:
    async with over_http(make_down_shop(), token="another") as shop:
        with pytest.raises(BackendUnavailable):
            await shop.orders.get("KF2601018002")


async def test_a_request_that_is_not_understood_is_rejected() -> None:
    async with (
        TestServer(make_shop_app(make_down_shop(), TOKEN)) as server,
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
    ):
        url = server.make_url(f"{PREFIX}/orders/latest_of")
        for body in (b"", b"{", b"\xff", b'{"limit": 5}', b'{"customer_id": 1}', b'{"x": 1}'):
            async with http.post(url, data=body) as response:
                assert response.status == 400
                assert (await response.json())["error"]["kind"] == "rejected"


async def test_a_bug_of_the_shop_tells_nothing_of_its_insides() -> None:
    class Buggy:
        def __getattr__(self, name: str) -> Any:
            async def fail(**_: Any) -> None:
                raise ZeroDivisionError("secret")

            return fail

    ports: Any = dict.fromkeys(verbs(), Buggy())
    async with over_http(Shop(**ports)) as shop:
        with pytest.raises(BackendUnavailable) as caught:
            await shop.orders.get("1")
    assert "secret" not in repr(caught.value)


@pytest.mark.parametrize("trouble", [hang_up, DOWN, answer("<html>", 502), answer("<html>", 200)])
async def test_what_may_be_repeated_is_asked_again(trouble: Answer) -> None:
    shop = Foreign(trouble, answer([]))
    async with shop.asked() as ports:
        assert await ports.orders.latest_of("C1") == ()
    assert len(shop.requests) == 2


async def test_asking_again_ends() -> None:
    shop = Foreign(DOWN, hang_up, DOWN, answer([]))
    async with shop.asked(repeats=2) as ports:
        with pytest.raises(BackendUnavailable):
            await ports.orders.latest_of("C1")
    assert len(shop.requests) == 3


async def test_a_commit_is_repeated_under_the_same_key() -> None:
    shop = Foreign(hang_up, failure("refused", 409, code="draft_expired", detail="d1"))
    async with shop.asked() as ports:
        with pytest.raises(Refused) as caught:
            await ports.refunds.commit_return("C1", "d1")
    assert (caught.value.code, caught.value.detail) == ("draft_expired", "d1")
    assert [request.headers["Idempotency-Key"] for request in shop.requests] == ["d1", "d1"]


async def test_a_refusal_that_we_have_no_words_for_is_no_answer() -> None:
    async with Foreign(failure("refused", 409, code="mercury_retrograde")).asked(
        repeats=0
    ) as ports:
        with pytest.raises(BackendUnavailable):
            await ports.refunds.prepare_exchange(
                "C1", "KF1", [], ExchangeWish(ReturnReason.WRONG_SIZE)
            )


async def test_what_counts_each_time_is_sent_once() -> None:
    assert {
        verb.path for port in verbs().values() for verb in port.values() if not verb.repeatable
    } >= {
        "/customers/by_order_and_phone",
        "/customers/by_email_and_name",
        "/customers/by_name_and_postcode",
        "/customers/by_code",
        "/customers/send_code",
        "/refunds/decide_return",
    }
    shop = Foreign(hang_up, answer({}))
    async with shop.asked() as ports:
        with pytest.raises(BackendUnavailable):
            await ports.customers.by_order_and_phone("talk", "KF1", "1024")
    assert len(shop.requests) == 1


async def test_a_shop_that_does_not_answer_in_time_is_timed_out() -> None:
    shop = Foreign(sleep, sleep)
    async with shop.asked(seconds=0.2) as ports:
        with pytest.raises(BackendTimeout):
            await ports.orders.latest_of("C1")
    assert len(shop.requests) == 2


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (failure("not_found", 404), NotFound),
        (failure("invalid_transition", 409), InvalidTransition),
        (failure("rejected", 400), BackendRejected),
        (failure("not_offered", 501), BackendUnavailable),
        (failure("no_such_kind", 418), BackendUnavailable),
        (answer("<h1>404</h1>", 404), BackendUnavailable),
        (answer({"number": 5}), BackendUnavailable),
        (answer("null"), BackendUnavailable),
        (answer("nonsense"), BackendUnavailable),
    ],
)
async def test_every_answer_becomes_an_error_of_the_ports(
    given: Answer, error: type[Exception]
) -> None:
    async with Foreign(given).asked(repeats=0) as ports:
        with pytest.raises(error):
            await ports.orders.get("KF1")


async def test_the_token_follows_no_redirection() -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/v1/elsewhere")

    shop = Foreign(elsewhere, answer([]))
    async with shop.asked(repeats=0) as ports:
        with pytest.raises(BackendUnavailable):
            await ports.orders.latest_of("C1")
    assert len(shop.requests) == 1


async def test_a_word_that_we_do_not_know_is_unknown_and_more_than_we_know_is_ignored() -> None:
    shipment = {
        "tracking_number": "SF1",
        "carrier": CARRIER,
        "status": "abducted_by_aliens",
        "events": [
            {"at": "2026-11-20T08:00:00Z", "status": "beamed_up", "where": "", "description": "啊"}
        ],
        "announced_at": "2026-11-20T08:00:00+08:00",
        "expected_by": None,
        "weight_in_stones": 3,
    }
    async with Foreign(answer(shipment)).asked() as ports:
        found = await ports.carriers.track("SF1")
    assert found.status is ShipmentStatus.UNKNOWN
    assert [event.status for event in found.events] == [ShipmentStatus.UNKNOWN]
    assert found.announced_at == datetime(2026, 11, 20, tzinfo=UTC)


async def test_a_word_of_a_vocabulary_without_unknown_is_no_answer() -> None:
    made = {"number": "RMA1", "reason": "because"}
    async with Foreign(answer(made)).asked(repeats=0) as ports:
        with pytest.raises(BackendUnavailable):
            await ports.refunds.find_return("C1", "RMA1")
    assert "because" not in set(ReturnReason)
