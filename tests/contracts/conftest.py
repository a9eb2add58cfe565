"""A shop with the demo's orders behind every port, at a moment that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.conftest import Databases

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    """Stands at NOW until a test moves it."""
    return SetClock(NOW)


@pytest.fixture(scope="session")
def known_orders() -> ShopFile:
    """The demo shop with the orders of docs/demo-shop.md and no others."""
    return make_demo_shop(NOW, orders=0, each=0)


class ReadDatabases:
    """Databases with the known orders, one of a kind, for all tests that only read."""

    def __init__(self, databases: Databases, known_orders: ShopFile) -> None:
        self._databases = databases
        self._known_orders = known_orders
        self._urls: dict[str, str] = {}

    def url(self, kind: str) -> str:
        """The address of the one of this ``kind``; filled with the first request."""
        if kind not in self._urls:
            url = self._databases.make(kind)
            # On a loop of its own, whatever loop this thread has.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, self._fill(url)).result()
            self._urls[kind] = url
        return self._urls[kind]

    async def _fill(self, url: str) -> None:
        engine = make_engine(url)
        await store_shop(engine, self._known_orders)
        await engine.dispose()


@pytest.fixture(scope="session")
def read_databases(databases: Databases, known_orders: ShopFile) -> ReadDatabases:
    """(see ReadDatabases)"""
    return ReadDatabases(databases, known_orders)


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(
    request: pytest.FixtureRequest,
    databases: Databases,
    read_databases: ReadDatabases,
    known_orders: ShopFile,
) -> AsyncIterator[AsyncEngine]:
    """A database with the known orders; its own for each test, unless the module READS_ONLY."""
    reads_only = getattr(request.module, "READS_ONLY", False)
    kind = request.param
    url = read_databases.url(kind) if reads_only else databases.make(kind)
    engine = make_engine(url, pool_size=8)
    if not reads_only:
        await store_shop(engine, known_orders)
    yield engine
    await engine.dispose()
    if not reads_only:
        databases.drop(url)


@pytest.fixture
def rules() -> ShopRules:
    """The shop's defaults."""
    return ShopRules()


@pytest.fixture
def shop(engine: AsyncEngine, clock: SetClock, rules: ShopRules, tmp_path: Path) -> Shop:
    """Every port of the embedded shop; it has no articles."""
    return make_embedded_shop(engine, clock, rules, tmp_path)


@pytest.fixture(params=["no tables", "no server"])
async def broken_shop(
    request: pytest.FixtureRequest, clock: SetClock, rules: ShopRules, tmp_path: Path
) -> AsyncIterator[Shop]:
    """A shop whose database cannot be used."""
    away = {
        "no tables": f"sqlite:///{tmp_path}/empty.db",
        "no server": "postgresql://kefu@127.0.0.1:1/nothing",
    }
    engine = make_engine(away[request.param])
    yield make_embedded_shop(engine, clock, rules, tmp_path)
    await engine.dispose()
