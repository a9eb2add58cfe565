"""The doors of pushes over real HTTP, with the demo shop and a desk behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.carriers.model import Shipment
from connectors.backends.carriers.reports import Dispatch
from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.news.model import NewsKind, Wish
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from connectors.pushes.door import PushDoor
from connectors.watching.kuaidi100 import CarrierThere, Kuaidi100Settings, Kuaidi100Tracker
from connectors.watching.watcher import Pace, Watcher
from connectors.watching.watches import Watches, WatchState
from desk.model import Author, Conversation, Incoming, Message
from desk.news.model import NewsRules
from desk.service import Desk
from kefu.news import Newsroom, PushSurroundings, mount_pushes
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine
from tests.platforms.kuaidi100 import CUSTOMER, KEY, SALT, Kuaidi100Server
from tests.pushes.formats import FORMATS, Request

# A Sunday afternoon in Shanghai.
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
LIN, EMMA = "C0001", "C0002"
HALF_AN_HOUR, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
PACE = Pace(at_once=2, look_every=timedelta(0))
MOVING, EMMAS, PREPARING = "KF2601018001", "KF2601018011", "KF2601018004"


@dataclass
class Replica:
    """One process of several over one database: its doors at ``url``, its desk and newsroom."""

    url: str
    shop: Shop
    desk: Desk
    newsroom: Newsroom
    doors: list[PushDoor]
    runner: web.AppRunner
    engine: AsyncEngine


@dataclass
class World:
    """A shop, a desk and whoever pushes."""

    database_url: str
    clock: SetClock
    folder: Path
    rules: NewsRules
    http: aiohttp.ClientSession
    replicas: list[Replica] = field(default_factory=list)

    async def start(self) -> Replica:
        """One more process that serves."""
        engine = make_engine(self.database_url)
        shop = make_embedded_shop(engine, self.clock, ShopRules(), self.folder)
        desk = Desk(engine, self.clock)
        desk.news.rules = self.rules
        newsroom = Newsroom(shop, desk)
        app = web.Application()
        around = PushSurroundings(engine, self.clock, f"replica{len(self.replicas)}")
        vendors = [one.vendor() for one in FORMATS]
        doors = mount_pushes(app, vendors, newsroom, around)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        for door in doors:
            await door.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        replica = Replica(url, shop, desk, newsroom, doors, runner, engine)
        self.replicas.append(replica)
        return replica

    async def end(self, replica: Replica) -> None:
        """One process ends."""
        self.replicas.remove(replica)
        for door in replica.doors:
            await door.stop()
        await replica.runner.cleanup()
        await replica.engine.dispose()

    @property
    def shop(self) -> Shop:
        """The shop, through the first process."""
        return self.replicas[0].shop

    @property
    def desk(self) -> Desk:
        """The desk, through the first process."""
        return self.replicas[0].desk

    async def push(
        self, vendor: str, request: Request, replica: int = 0
    ) -> tuple[int, dict[str, Any]]:
        """Send a push; status and JSON of the answer."""
        async with self.http.post(
            f"{self.replicas[replica].url}/pushes/{vendor}",
            data=request.body,
            headers=request.headers,
        ) as response:
            return response.status, await response.json()

    async def worked_off(self) -> None:
        """Everything pushed so far has been done."""
        async with asyncio.timeout(30):
            for replica in self.replicas:
                for door in replica.doors:
                    await door.idle()

    async def tell(self) -> None:
        """Every process carries and tells what there is, all at once."""
        await self.worked_off()
        await asyncio.gather(*(one.newsroom.carry() for one in self.replicas))
        await asyncio.gather(*(one.newsroom.tell() for one in self.replicas))

    async def shopper(
        self,
        shopper_id: str = "lin",
        customer: str = LIN,
        language: str = "zh",
        channel: str = "web",
        **customer_fields: Any,
    ) -> Conversation:
        """A shopper who has said hello and is known to be ``customer``."""
        recorded = await self.desk.record(
            Incoming(
                channel=channel,
                shopper_id=shopper_id,
                external_id=f"hello-{self.clock.now().isoformat()}",
                content=Content(text="hello"),
                language=language,
                customer={"id": customer, "name": "", "proof": "shop_token", **customer_fields},
            )
        )
        return recorded.conversation

    async def wants(
        self,
        conversation: Conversation,
        *kinds: NewsKind,
        customer: str = LIN,
        order: str | None = None,
    ) -> None:
        """The shopper has asked for news of ``kinds`` (all, if none is named) in a conversation."""
        await self.shop.wishes.wish(
            [Wish(conversation.id, customer, kind, order) for kind in kinds or NewsKind]
        )

    async def news_in(self, conversation: Conversation) -> list[Message]:
        """What the shopper was told by the desk in a conversation."""
        said = await self.desk.messages_after(conversation.id, 0, 1000)
        return [one for one in said if one.author is Author.SYSTEM]

    async def parcel(self, order: str = MOVING) -> Shipment:
        """The first parcel of an order as the shop knows it now."""
        parcels = (await self.shop.orders.get(order)).parcels
        return await self.shop.carriers.track(parcels[0].tracking_number)


class Office:
    """A replica that watches parcels at the vendor's server; ``carriers`` as in kefu.yml."""

    def __init__(self, world: World, server: Kuaidi100Server, api: str) -> None:
        self.world, self.server, self.api = world, server, api
        self.carriers: dict[str, CarrierThere] = {}

    def watcher(self, replica: int = 0) -> Watcher:
        """What watches in a process that has just started."""
        settings = Kuaidi100Settings(
            enabled=True,
            customer=CUSTOMER,
            carriers=self.carriers,
            api=self.api,
            request_seconds=0.3,
        )
        around = self.world.replicas[replica]
        tracker = Kuaidi100Tracker(
            settings,
            self.world.http,
            key=KEY,
            salt=SALT,
            callback=f"{around.url}/pushes/kuaidi100",
        )
        watches, clock = Watches(around.engine, self.world.clock), self.world.clock
        made = Watcher(around.shop, tracker, watches, clock, around.newsroom.take, PACE)
        around.newsroom.watcher = made
        return made

    async def round(self, watcher: Watcher) -> None:
        """Everything that is to be seen to now is."""
        await watcher.look()
        while await watcher.see_to_due():
            pass

    async def state(self, number: str) -> WatchState | None:
        """Where we stand with a parcel."""
        watch = await Watches(self.world.replicas[0].engine, self.world.clock).find(number)
        return watch.state if watch else None

    async def sent(self, number: str, carrier: str = "jd", order: str = PREPARING) -> str:
        """The warehouse has handed an order over to a carrier."""
        dispatch = Dispatch(order, carrier, number, self.world.clock.now())
        await self.world.replicas[0].newsroom.take(dispatch)
        return number


@pytest.fixture(scope="session")
def demo_orders() -> ShopFile:
    """The demo shop with the orders of docs/demo-shop.md and no others."""
    return make_demo_shop(NOW, orders=0, each=0)


@pytest.fixture
def news_rules() -> NewsRules:
    """Nothing is held back."""
    return NewsRules(zone=SHANGHAI, gap=timedelta(0))


@pytest.fixture
async def world(
    database_url: str, tmp_path: Path, demo_orders: ShopFile, news_rules: NewsRules
) -> AsyncIterator[World]:
    """One process over the demo shop; tests may start more."""
    engine = make_engine(database_url)
    await store_shop(engine, demo_orders)
    await engine.dispose()
    async with aiohttp.ClientSession() as http:
        made = World(database_url, SetClock(NOW), tmp_path, news_rules, http)
        await made.start()
        yield made
        for replica in list(made.replicas):
            await made.end(replica)


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    server = Kuaidi100Server(world.clock, world.http)
    app = web.Application()
    server.add_to(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Office(world, server, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
