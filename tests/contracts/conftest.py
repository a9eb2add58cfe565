"""A shop with the demo's orders behind every port, at a moment that stands still."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.http.client import HttpShop, ShopAddress
from connectors.backends.http.server import PREFIX, make_shop_app
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.conftest import Databases

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TOKEN = "a token of this test"


async def priced(engine: AsyncEngine, variant_id: str, minor: int) -> None:
    """Let a variant cost so much from now on."""
    variants = tables.variants
    async with engine.begin() as connection:
        await connection.execute(
            update(variants).where(variants.c.id == variant_id).values(price_minor=minor)
        )


@pytest.fixture
def clock() -> SetClock:
    """Stands at NOW until a test moves it."""
    return SetClock(NOW)


@pytest.fixture(scope="session")
def known_orders() -> ShopFile:
    """The demo shop with the orders of docs/demo-shop.md and no others."""
    return make_demo_shop(NOW, orders=0, each=0)


class FilledDatabases:
    """Databases with the known orders: one of a kind for tests that only read, and copies."""

    def __init__(self, databases: Databases, known_orders: ShopFile) -> None:
        self._databases = databases
        self._known_orders = known_orders
        self._patterns: dict[str, str] = {}
        self._read: dict[str, str] = {}

    def to_read(self, kind: str) -> str:
        """The address of the one of this ``kind`` that nobody changes."""
        if kind not in self._read:
            self._read[kind] = self.copy(kind)
        return self._read[kind]

    def copy(self, kind: str) -> str:
        """The address of a new one of this ``kind``; the first is filled, the others copied."""
        if kind not in self._patterns:
            url = self._databases.make(kind)
            # On a loop of its own, whatever loop this thread has.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, self._fill(url)).result()
            self._patterns[kind] = url
        return self._databases.copy(self._patterns[kind])

    async def _fill(self, url: str) -> None:
        engine = make_engine(url)
        await store_shop(engine, self._known_orders)
        await engine.dispose()


@pytest.fixture(scope="session")
def filled_databases(databases: Databases, known_orders: ShopFile) -> FilledDatabases:
    """(see FilledDatabases)"""
    return FilledDatabases(databases, known_orders)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on each kind of database and, whatever asks a shop, over HTTP as well."""
    marks = metafunc.definition.iter_markers("parametrize")
    given = any("engine" in mark.args[0] for mark in marks)
    if "engine" not in metafunc.fixturenames or given:
        if "door" in metafunc.fixturenames and not given:
            metafunc.parametrize("door", ["embedded", "http"], indirect=True)
    elif "door" in metafunc.fixturenames:
        stands = [("sqlite", "embedded"), ("postgresql", "embedded"), ("sqlite", "http")]
        ids = ["sqlite", "postgresql", "http"]
        metafunc.parametrize(("engine", "door"), stands, indirect=True, ids=ids)
    else:
        metafunc.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def engine(
    request: pytest.FixtureRequest, databases: Databases, filled_databases: FilledDatabases
) -> AsyncIterator[AsyncEngine]:
    """A database with the known orders; its own for each test, unless the module READS_ONLY."""
    reads_only = getattr(request.module, "READS_ONLY", False)
    kind = request.param
    url = filled_databases.to_read(kind) if reads_only else filled_databases.copy(kind)
    engine = make_engine(url, pool_size=8)
    yield engine
    await engine.dispose()
    if not reads_only:
        databases.drop(url)


@pytest.fixture
def rules() -> ShopRules:
    """The shop's defaults."""
    return ShopRules()


@pytest.fixture
def door(request: pytest.FixtureRequest) -> str:
    """How the shop is asked: "embedded" or "http"."""
    return getattr(request, "param", "embedded")


Through = Callable[[Shop], Awaitable[Shop]]


@pytest.fixture
async def through(door: str) -> AsyncIterator[Through]:
    """Puts a shop behind this test's door."""
    async with contextlib.AsyncExitStack() as at_end:

        async def behind(shop: Shop) -> Shop:
            if door == "embedded":
                return shop
            return await at_end.enter_async_context(over_http(shop))

        yield behind


@contextlib.asynccontextmanager
async def over_http(shop: Shop, **settings: Any) -> AsyncIterator[Shop]:
    """``shop`` served and asked over HTTP; ``settings`` are those of its ``ShopAddress``."""
    async with TestServer(make_shop_app(shop, TOKEN)) as server:
        url = str(server.make_url(PREFIX))
        asked = HttpShop(ShopAddress(url, **{"token": TOKEN, "seconds": 60, **settings}))
        try:
            yield asked.ports()
        finally:
            await asked.close()


MakeShop = Callable[[ShopRules], Awaitable[Shop]]


@pytest.fixture
def make_shop(engine: AsyncEngine, clock: SetClock, through: Through, tmp_path: Path) -> MakeShop:
    """Every port of a shop with these rules; it has no articles."""

    async def make(rules: ShopRules) -> Shop:
        return await through(make_embedded_shop(engine, clock, rules, tmp_path))

    return make


@pytest.fixture
async def shop(make_shop: MakeShop, rules: ShopRules) -> Shop:
    """Every port of the shop with its defaults."""
    return await make_shop(rules)


@pytest.fixture(params=["no tables", "no server", "no tables behind HTTP", "nobody behind HTTP"])
async def broken_shop(
    request: pytest.FixtureRequest, clock: SetClock, rules: ShopRules, tmp_path: Path
) -> AsyncIterator[Shop]:
    """A shop that cannot be used."""
    if request.param == "nobody behind HTTP":
        asked = HttpShop(ShopAddress("http://127.0.0.1:1", TOKEN))
        yield asked.ports()
        await asked.close()
        return
    kind, _, behind = request.param.partition(" behind ")
    away = {
        "no tables": f"sqlite:///{tmp_path}/empty.db",
        "no server": "postgresql://kefu@127.0.0.1:1/nothing",
    }
    engine = make_engine(away[kind])
    broken = make_embedded_shop(engine, clock, rules, tmp_path)
    if behind:
        async with over_http(broken) as shop:
            yield shop
    else:
        yield broken
    await engine.dispose()
