"""What the demo shop's page may ask, and that it opens nobody else's account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.rules import ShopRules
from connectors.channels.tokens import CustomerTokens
from kefu.demo import seed_if_empty
from kefu.http import add_demo_shop
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.conftest import Databases

KEY = "a key of thirty-two letters or so"
PEOPLE = {"C0001": "lin.xiaoman@example.com"}
Doors = TestClient[web.Request, web.Application]


@pytest.fixture
async def engine(databases: Databases) -> AsyncIterator[AsyncEngine]:
    url = databases.make("sqlite")
    engine = make_engine(url)
    yield engine
    await engine.dispose()
    databases.drop(url)


@pytest.fixture
async def doors(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Doors]:
    app = web.Application()
    shop = make_embedded_shop(engine, SystemClock(), ShopRules(), tmp_path)
    add_demo_shop(app, shop, KEY, PEOPLE)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_the_demos_own_people_sign_in_on_its_page(doors: Doors, engine: AsyncEngine) -> None:
    await seed_if_empty(engine, SystemClock())

    listed = await (await doors.get("/demo/customers.json")).json()
    answer = await doors.get("/demo/customer-token", params={"customer": "C0001"})

    assert listed == [{"id": "C0001", "name": "林小满"}]
    token = (await answer.json())["token"]
    assert CustomerTokens(KEY, SystemClock()).verify(token)["id"] == "C0001"


async def test_somebody_with_the_same_id_in_an_imported_shop_gets_no_token(
    doors: Doors, engine: AsyncEngine
) -> None:
    demo = make_demo_shop(SystemClock().now(), orders=0, each=0)
    real = msgspec.structs.replace(demo.customers[0], email="somebody@shop.test")
    await store_shop(engine, msgspec.structs.replace(demo, customers=(real, *demo.customers[1:])))

    answer = await doors.get("/demo/customer-token", params={"customer": "C0001"})

    assert answer.status == 404
    assert await (await doors.get("/demo/customers.json")).json() == []


async def test_a_shop_that_was_imported_is_not_seeded_over(engine: AsyncEngine) -> None:
    demo = make_demo_shop(SystemClock().now(), orders=0, each=0)
    await store_shop(engine, demo)

    assert not await seed_if_empty(engine, SystemClock())


async def test_replicas_that_start_together_seed_one_shop(database_url: str) -> None:
    engine = make_engine(database_url)

    seeded = await asyncio.gather(*(seed_if_empty(engine, SystemClock()) for _ in range(2)))

    assert sorted(seeded) == [False, True]
    await engine.dispose()
