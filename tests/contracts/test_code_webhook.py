"""One-time codes by way of a system of the merchant's: what it gets, and when it is away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.customers.model import CodeSent
from connectors.backends.pushes.webhook import SIGNATURE, TIMESTAMP, sign
from kefu.settings import load_settings
from kefu.shop import OpenShop, open_shop
from kernel.clock import SetClock

PHONE, STRANGER = "13800001024", "13911112222"
KEY = "what both sides know"
RULEBOOK = """
shop:
  name: {{zh: 店, en: Shop}}
  codes: {{url: "{url}", repeats: {repeats}}}
rules: {{identity: {{proofs: [one_time_code], codes_per_contact: 9, code_wait_seconds: 0}}}}
"""


class Merchant:
    """The merchant's system: believes what is signed, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.usual = 204

    async def take(self, request: web.Request) -> web.Response:
        """Answer with the next of ``answers``, else as usual."""
        body = await request.read()
        stamp = request.headers[TIMESTAMP]
        if request.headers[SIGNATURE] != sign(KEY, stamp, body):
            return web.Response(status=401)
        self.told.append(json.loads(body))
        return web.Response(status=self.answers.pop(0) if self.answers else self.usual)


@pytest.fixture
def merchant() -> Merchant:
    """One that takes everything."""
    return Merchant()


@pytest.fixture
async def server(merchant: Merchant) -> AsyncIterator[TestServer]:
    """Where the merchant listens."""
    app = web.Application()
    app.router.add_post("/codes", merchant.take)
    async with TestServer(app) as server:
        yield server


MakeShop = Callable[..., OpenShop]
# What goes over the wire is the same over any database.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def make_shop(
    engine: AsyncEngine, clock: SetClock, server: TestServer, tmp_path: Path
) -> AsyncIterator[MakeShop]:
    """A shop as kefu.yml opens it."""
    opened: list[OpenShop] = []

    def make(key: str = KEY, repeats: int = 2) -> OpenShop:
        text = RULEBOOK.format(url=server.make_url("/codes"), repeats=repeats)
        (tmp_path / "kefu.yml").write_text(text, encoding="utf-8")
        settings = load_settings(tmp_path, tmp_path / "var", {"KEFU_CODE_KEY": key})
        opened.append(open_shop(settings, engine, clock))
        return opened[-1]

    yield make
    for shop in opened:
        await shop.close()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_the_merchant_sends_a_customer_the_code_and_hears_nothing_of_a_stranger(
    make_shop: MakeShop, merchant: Merchant
) -> None:
    customers = make_shop().ports.customers
    for contact in (PHONE, STRANGER):
        sent = await customers.send_code(f"talk of {contact}", contact)
        assert sent.expires_at is not None
    await _until(lambda: len(merchant.told) == 2)
    code, check = sorted(merchant.told, key=lambda told: str(told["type"]), reverse=True)
    assert (code["type"], code["to"]) == ("code.send", {"kind": "phone", "value": PHONE})
    assert code["language"] == "zh"
    assert check == {"type": "code.check", "id": check["id"]}
    found = await customers.by_code(f"talk of {PHONE}", PHONE, code["code"])
    assert found.customer is not None
    assert found.customer.id == "C0001"


async def test_a_request_without_answer_is_sent_again_under_its_id(
    make_shop: MakeShop, merchant: Merchant
) -> None:
    merchant.answers = [503, 500]
    customers = make_shop().ports.customers
    await customers.send_code("talk", PHONE)
    await _until(lambda: len(merchant.told) == 3)
    assert merchant.told[0] == merchant.told[1] == merchant.told[2]
    assert (await customers.send_code("another", PHONE)).expires_at is not None


@pytest.mark.parametrize("contact", [PHONE, STRANGER])
async def test_an_outage_shows_alike_whoever_was_asked_about_until_the_merchant_is_back(
    make_shop: MakeShop, merchant: Merchant, contact: str
) -> None:
    merchant.usual = 503
    customers = make_shop(repeats=0).ports.customers
    assert (await customers.send_code("talk", contact)).expires_at is not None
    async with asyncio.timeout(20):
        while await customers.send_code("another", STRANGER) != CodeSent():
            await asyncio.sleep(0.01)
    asked = len(merchant.told)
    assert await customers.send_code("another", PHONE) == CodeSent()
    await _until(lambda: len(merchant.told) > asked)
    # While it is away no code is sent into the void, it is only looked for.
    assert {one["type"] for one in merchant.told[1:]} == {"code.check"}
    merchant.usual = 204
    async with asyncio.timeout(20):
        while await customers.send_code("another", PHONE) == CodeSent():
            await asyncio.sleep(0.01)


async def test_a_merchant_that_does_not_believe_us_counts_as_down(
    make_shop: MakeShop, merchant: Merchant
) -> None:
    customers = make_shop(key="another").ports.customers
    async with asyncio.timeout(20):
        while (await customers.send_code("talk", STRANGER)) != CodeSent():
            await asyncio.sleep(0.01)
    assert merchant.told == []


async def test_one_contact_that_the_merchant_cannot_reach_is_no_outage(
    make_shop: MakeShop, merchant: Merchant
) -> None:
    merchant.answers = [422]
    customers = make_shop().ports.customers
    await customers.send_code("talk", PHONE)
    await _until(lambda: len(merchant.told) == 1)
    for number in range(5):
        await customers.send_code(f"talk {number}", PHONE)
    await _until(lambda: len(merchant.told) == 6)
    assert (await customers.send_code("the last", PHONE)).expires_at is not None
