"""A console on a real port, and browsers of agents that speak to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from connectors.backends import shop as backends
from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.rules import ShopRules
from connectors.channels.consents import Consents
from connectors.channels.wechat.account import Account, AccountSettings, NewsTemplate
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.news_templates import NewsTemplates
from connectors.console.api import ConsoleParts, ConsoleSettings, Facts, make_console
from connectors.console.pages import add_pages
from connectors.console.ports import OrderDeeds, PictureRefused, RulesRefused
from connectors.console.sessions import HEADER
from connectors.console.sockets import ConsoleSockets
from desk.model import Conversation, Role
from desk.rule_fields import RuleForms, RulesPart, put_rules, rule_forms
from desk.rulebook import DaysThatDiffer
from kefu import order_deeds
from kefu.facts import consents_by, make_facts
from kernel.clock import SetClock
from kernel.content import Attachment
from kernel.database import make_engine
from kernel.errors import BackendUnavailable
from tests.conftest import Databases
from tests.desk.conftest import NOON, TestDesk

PASSWORDS = {"lin": "correct horse", "kim": "battery staple", "chief": "stapler correct"}
MINI = "miniprogram"
PROMISES = {
    "sla": {"policies": [{"name": "gold", "customer_groups": ["gold"], "resolution_minutes": 60}]}
}


class Gate:
    """Counts how often it was told that something waits to be sent."""

    def __init__(self) -> None:
        self.woken = 0

    def wake_outbox(self) -> None:
        self.woken += 1


class Shop:
    """Knows one customer; may be down."""

    def __init__(self) -> None:
        self.down = False

    async def facts(self, conversation: Conversation) -> dict[str, Any]:
        if self.down:
            raise BackendUnavailable("orders")
        if conversation.customer is None:
            return {"customer": None, "orders": []}
        order = {"type": "order", "number": "KF2611220001", "status": "shipped", "lines": []}
        return {"customer": {"id": "c1", "name": "Ann"}, "orders": [order]}


class Album:
    """Keeps whatever it is given."""

    max_bytes = 1000

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Attachment] = {}

    async def save(self, conversation: Conversation, name: str, data: bytes) -> Attachment:
        if not data.startswith(b"PNG"):
            raise PictureRefused("not_an_image")
        kept = Attachment(id=f"p{len(self._kept)}", media_type="image/png", size=len(data))
        self._kept[conversation.id, kept.id] = kept
        return kept

    async def find(self, conversation: Conversation, picture_id: str) -> Attachment | None:
        return self._kept.get((conversation.id, picture_id))


async def passages(question: str, language: str) -> list[dict[str, Any]]:
    """The one article of the shop says what it was asked."""
    return [{"topic": "echo", "title": "Echo", "text": f"{language}: {question}", "score": 1}]


class RulesInWords:
    """Knows one rule."""

    def at_first(self) -> str:
        return "queue: manual"

    def text_of(self, content: Mapping[str, Any]) -> str:
        return f"queue: {content['queue']}"

    def check(self, text: str) -> dict[str, Any]:
        if text.splitlines()[0] != "queue: manual":
            raise RulesRefused("nothing but queue: manual", "只能写 queue: manual")
        return {"queue": "manual"}

    def with_days(self, text: str, calendar: str, differ: DaysThatDiffer) -> str:
        self.check(text)
        days = f"{differ.first} to {differ.last}: {', '.join(differ.hours) or 'closed'}"
        return f"{text}\n# {calendar} {days}, worked: {', '.join(map(str, differ.working))}"

    def calendars(self, content: Mapping[str, Any]) -> list[str]:
        return ["office"]

    def forms(self, content: Mapping[str, Any]) -> RuleForms:
        return rule_forms(PROMISES)

    def with_values(
        self, text: str, part: RulesPart, values: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        return f"{text}\n# {part} {json.dumps(put_rules({}, part, values)[part])}", self.check(text)


class Signs:
    """Remembers what the shopper was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, object]] = []

    async def typing(self, conversation: Conversation, *, on: bool) -> None:
        self.shown.append(("typing", on))

    async def read(self, conversation: Conversation, seq: int) -> None:
        self.shown.append(("read", seq))


class Browser:
    """One agent's browser: keeps cookies and adds the header that only our pages add."""

    def __init__(self, server: TestServer) -> None:
        self._server = server
        self.headers: dict[str, str] = {HEADER: "1"}
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def post(self, path: str, body: Any = None) -> ClientResponse:
        url = self._server.make_url(f"/console/api{path}")
        body = {} if body is None else body
        return await self.session.post(url, json=body, headers=self.headers)

    async def get(self, path: str) -> ClientResponse:
        return await self.session.get(self._server.make_url(f"/console/api{path}"))

    async def log_in(self, login: str) -> Browser:
        answer = await self.post("/login", {"login": login, "password": PASSWORDS[login]})
        assert answer.status == 200
        return self


class Console:
    """The server with everything a test may want to look behind."""

    def __init__(
        self, desk: TestDesk, orders: OrderDeeds | None = None, facts: Facts | None = None
    ) -> None:
        self.desk = desk
        self.gate = Gate()
        self.shop = Shop()
        self.sio = socketio.AsyncServer(async_mode="aiohttp", namespaces="*")
        app = web.Application()
        self.sio.attach(app)
        self.signs = Signs()
        parts = ConsoleParts(
            desk,
            self.gate,
            facts or self.shop.facts,
            Album(),
            self.signs,
            passages,
            RulesInWords(),
            orders,
        )
        shop = {"zh": "木禾生活", "en": "Muhe Living"}
        app.add_subapp("/console/api", make_console(parts, ConsoleSettings(shop=shop)))
        add_pages(app)
        self.sockets = ConsoleSockets(self.sio, desk, self.signs, check_every=0)
        desk.listen(self.sockets.observe)
        self.server = TestServer(app)
        self.browsers: list[Browser] = []
        self.templates: NewsTemplates | None = None

    def browser(self) -> Browser:
        browser = Browser(self.server)
        self.browsers.append(browser)
        return browser


@pytest.fixture
async def console(databases: Databases) -> AsyncIterator[Console]:
    url = databases.make("sqlite")
    engine = make_engine(url)
    desk = TestDesk(engine, SetClock(NOON))
    for login, password in PASSWORDS.items():
        role = Role.SUPERVISOR if login == "chief" else Role.AGENT
        await desk.add_agent(login, login.title(), password, role)
    running = Console(desk)
    await running.server.start_server()
    yield running
    for browser in running.browsers:
        await browser.session.close()
    await running.server.close()
    await engine.dispose()
    databases.drop(url)


@pytest.fixture
async def with_shop(
    databases: Databases, tmp_path: Path
) -> AsyncIterator[tuple[Console, backends.Shop]]:
    """A console before the demo shop's orders."""
    url = databases.make("sqlite")
    engine = make_engine(url)
    clock = SetClock(NOON)
    await store_shop(engine, make_demo_shop(NOON, orders=0, each=0))
    shop = make_embedded_shop(engine, clock, ShopRules(), tmp_path)
    desk = TestDesk(engine, clock)
    for login, password in PASSWORDS.items():
        role = Role.SUPERVISOR if login == "chief" else Role.AGENT
        await desk.add_agent(login, login.title(), password, role)
    fields = {"thing1": "{what}"}
    settings = AccountSettings(
        news_templates={
            "delivered": NewsTemplate("S-PARCEL", fields, kind="subscribe"),
            "out_for_delivery": NewsTemplate("S-PARCEL", fields, kind="subscribe"),
            "refund_arrived": NewsTemplate("S-MONEY", fields, kind="subscribe"),
            "shipped": NewsTemplate("T-SENT", fields),
        }
    )
    account = Account(MINI, settings, "", "", "", is_mini_program=True)
    http = ClientSession()
    client = WeChatClient(account, engine, clock, http)
    templates = NewsTemplates(account, client, Consents(engine, clock, MINI))
    facts = make_facts(shop, consents_by({MINI: templates}))
    running = Console(desk, order_deeds.OrderDeeds(shop, ShopRules()), facts)
    running.templates = templates
    await running.server.start_server()
    yield running, shop
    await http.close()
    for browser in running.browsers:
        await browser.session.close()
    await running.server.close()
    await engine.dispose()
    databases.drop(url)
