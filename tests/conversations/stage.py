"""Where golden conversations are played: the trained assistant, its actions, a demo shop each."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.registry import make_executor
from actions.service_hours import Hours, ServiceHours
from bot.runtime.bot import Bot, BotTimes
from bot.runtime.turn import TurnRequest, TurnResult
from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.exchange import export_shop, import_shop, store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.http.client import HttpShop, ShopAddress
from connectors.backends.http.server import PREFIX, make_shop_app
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from desk.rulebook import make_rules
from kefu import migrate
from kefu.settings import load_holidays, load_rulebook
from kefu.surroundings import CatalogueWatch, tell_rules
from kernel.clock import SetClock
from kernel.content import Attachment, Button, Content
from kernel.database import make_engine
from tests.codes import CodeOutbox
from tests.conversations.down import make_down_hours, with_down
from tests.conversations.known import Known
from tests.harbour.shop import ORDER_NUMBERS, make_harbour

ROOT = Path(__file__).resolve().parents[2]
# A Friday afternoon in the shop; every date of the demo shop is relative to it.
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
RULES = ShopRules()
# Statements of an export, as they were compiled for the engine of an earlier one.
_STATEMENTS: dict[Any, Any] = {}
# What the shop remembers of talks; an export has nothing of them.
_NOT_EXPORTED = frozenset(
    {"shop_drafts", "shop_audit", "shop_identity_codes", "shop_identity_limits", "shop_counters"}
)
_TOKEN = "a token of this test"
# What does not answer and is no port of the shop: whoever sends one-time codes, and the desk.
_CODES, _HOURS = "codes", "hours"
# The calendar of kefu.yml by which people are there in these conversations.
OFFICE = "office"


class FixedHours:
    """People who keep to one calendar (see actions.service_hours.ServiceHours)."""

    def __init__(self, hours: Hours | None) -> None:
        self._hours = hours

    async def hours(self) -> Hours | None:
        """(see actions.service_hours.ServiceHours)"""
        return self._hours


def hours_of(calendar: str | None) -> ServiceHours:
    """People who keep to this calendar of kefu.yml; None: around the clock."""
    book = load_rulebook(ROOT / "kefu.yml").desk_book
    rules = make_rules(book, load_holidays(ROOT / "holidays"))
    return FixedHours(rules.calendars[calendar] if calendar else None)


class Actions:
    """Runs actions against the shop of whichever conversation a call belongs to."""

    def __init__(self) -> None:
        self._executors: dict[str, Any] = {}
        self._ended: list[Callable[[], Awaitable[None]]] = []

    def open(self, conversation_id: str, executor: Any) -> None:
        """From now on calls of this conversation go to ``executor``."""
        self._executors[conversation_id] = executor

    def shut(self, conversation_id: str) -> None:
        """No call of this conversation comes any more."""
        del self._executors[conversation_id]

    def end(self, close: Callable[[], Awaitable[None]]) -> None:
        """Do ``close`` before the next call: connections belong to the bot's own loop."""
        self._ended.append(close)

    async def run(self, call: Any) -> Any:
        """(see bot.runtime.actions.ActionRunner)"""
        await self.close()
        return await self._executors[call["sender_id"]].run(call)

    async def close(self) -> None:
        """Let go of everything that has ended."""
        while self._ended:
            await self._ended.pop()()


@dataclass(frozen=True)
class Seat:
    """A place for one conversation at a time: its database, and what stands on that.

    To make them takes longer than a turn: a seat is used again when its conversation has ended.
    """

    database: Path
    engine: AsyncEngine
    clock: SetClock
    executor: Any
    outbox: CodeOutbox


@dataclass
class Talk:
    """One conversation: what was said last, and the shop it is about."""

    stage: Stage
    conversation_id: str
    seat: Seat
    seeded: Path
    clock: SetClock
    customer: dict[str, str] | None = None
    replies: tuple[Content, ...] = ()
    handoffs: list[Mapping[str, Any]] = field(default_factory=list)
    sent: int = 0
    news: dict[str, Any] | None = None
    at_close: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def say(
        self, words: str, *, payload: str | None = None, again: bool = False, photos: int = 0
    ) -> TurnResult:
        """Send a message; ``again`` sends the last one once more under the same id.

        ``{code}`` in it is the one-time code that the shopper was sent last, ``{wrong}`` another.
        """
        self.sent += 0 if again else 1
        words = self.seat.outbox.fill_in(words)
        request = TurnRequest(
            conversation_id=self.conversation_id,
            message_id=f"m{self.sent}",
            text=words,
            payload=payload,
            customer=self.customer,
            proven_since=self.clock.now() - timedelta(minutes=RULES.identity.valid_minutes),
            attachments=tuple(
                Attachment(f"picture-{self.sent}-{place}", "image/jpeg", 1000)
                for place in range(1, photos + 1)
            ),
            news=self.news,
        )
        if self.news is not None:
            self.news = {**self.news, "answered": False}
        self.stage.known_of(self.seeded).tell()
        result = await self.stage.bot.turn(request)
        self.replies = result.replies
        if result.handoff is not None:
            self.handoffs.append({"reason": result.handoff.reason, **result.handoff.summary})
        return result

    def told(self, order_number: str) -> None:
        """The shopper was told news of an order by itself; what they say next is said to that."""
        at = self.clock.now().isoformat()
        self.news = {"facts": {"order_number": order_number}, "at": at, "answered": True}

    async def left_of_codes(self) -> list[str]:
        """The one-time codes that were typed and can still be read in the conversation."""
        kept = await self.stage.bot.tracker(self.conversation_id, full=True)
        events = json.dumps(kept, ensure_ascii=False)
        # A moment in time has six digits, too, behind its point.
        return [
            code for code in self.seat.outbox.typed if re.search(rf"(?<![\d.]){code}(?!\d)", events)
        ]

    async def press(self, title: str | int) -> TurnResult:
        """Press a button of the last replies: by its place, or by a part of its title."""
        buttons = self.buttons
        button = (
            buttons[title - 1]
            if isinstance(title, int)
            else next(one for one in buttons if title in one.title)
        )
        return await self.say(button.title, payload=button.payload)

    @property
    def buttons(self) -> Sequence[Button]:
        """What the last replies offer."""
        return [button for reply in self.replies for button in reply.buttons]

    @property
    def responses(self) -> list[str]:
        """The names of the responses that the last replies were made from."""
        return [reply.response for reply in self.replies]

    @contextlib.asynccontextmanager
    async def shop(self) -> AsyncIterator[Shop]:
        """The shop as it stands now, every port answering; for looking at its state."""
        engine = make_engine(f"sqlite:///{self.seat.database}", pool_size=1)
        try:
            yield _shop(engine, self.clock)
        finally:
            await engine.dispose()

    async def export(self) -> dict[str, Any]:
        """The whole shop as it stands now."""
        if _is_untouched(self.seat.database, self.seeded):
            return await self.stage.seeded_export(self.seeded)
        return await _export(self.seat.database)

    async def meanwhile(self, *statements: str) -> None:
        """Somebody else changes the shop: statements of its database."""
        engine = make_engine(f"sqlite:///{self.seat.database}", pool_size=1)
        try:
            async with engine.begin() as connection:
                for statement in statements:
                    await connection.execute(text(statement))
        finally:
            await engine.dispose()

    def close(self) -> None:
        """Let go of the shop."""
        for close in self.at_close:
            self.stage.actions.end(close)
        self.stage.leave(self)

    async def behind_http(self) -> TestServer:
        """From now on the actions ask the same shop over HTTP; the server is to be closed."""
        engine = make_engine(f"sqlite:///{self.seat.database}", pool_size=2)
        app = make_shop_app(_shop(engine, self.clock), _TOKEN)

        async def dispose(_: web.Application) -> None:
            await engine.dispose()

        app.on_cleanup.append(dispose)
        server = TestServer(app)
        await server.start_server()
        asked = HttpShop(ShopAddress(str(server.make_url(PREFIX)), _TOKEN, seconds=60))
        executor = make_executor(asked.ports(), RULES, self.clock, hours_of(OFFICE))
        self.stage.actions.open(self.conversation_id, executor)
        self.at_close.append(asked.close)
        return server

    async def frame(self) -> dict[str, Any]:
        """The values of the request being served; empty if there is none."""
        state = (await self.slots()).get("dialogue_stack") or {}
        frames = state.get("frames") or [{}]
        values: dict[str, Any] = frames[-1].get("values", {})
        return values

    async def slots(self) -> dict[str, Any]:
        """The slots of the conversation."""
        tracker = await self.stage.bot.tracker(self.conversation_id)
        slots: dict[str, Any] = (tracker or {}).get("slots", {})
        return slots


class Stage:
    """The loaded assistant and a seeded shop to copy; made once for a session of tests."""

    def __init__(self, model: Path, folder: Path, shop: ShopFile | None = None) -> None:
        """``shop`` is what every conversation copies: the known orders, unless another is given."""
        self._folder = folder
        self._shop = shop or make_demo_shop(NOW, orders=0, each=0)
        self._empty = folder / "empty.db"
        self._seeded = folder / "seeded.db"
        self._harbour = folder / "harbour.db"
        self._known: dict[Path, Known] = {}
        self._exports: dict[Path, dict[str, Any]] = {}
        self._free: list[Seat] = []
        self._whole: list[Seat] = []
        self._apart: tuple[AsyncEngine, Shop] | None = None
        self.actions = Actions()
        self.bot = Bot(
            model,
            database_url=f"sqlite:///{folder / 'trackers.db'}",
            actions=self.actions,
            times=BotTimes(turn=30, action=10),
            at_stop=self.actions.close,
        )

    async def start(self) -> None:
        """Seed the shop, make the tables of the dialogue, load the model."""
        await migrate.upgrade(f"sqlite:///{self._folder / 'trackers.db'}")
        await migrate.upgrade(f"sqlite:///{self._empty}")
        self._seeded = await self.seed("seeded", self._shop)
        engine = make_engine(f"sqlite:///{self._seeded}")
        clock = SetClock(NOW)
        tell_rules(load_rulebook(ROOT / "kefu.yml"))
        await CatalogueWatch(_shop(engine, clock).catalogue, clock).refresh()
        await engine.dispose()
        self._known[self._seeded] = Known.now()
        await self.bot.start()

    async def harbour(self) -> Path:
        """A database with the shop of tests/harbour, for conversations to copy; made once.

        It comes in as its owner would bring it: as a file.
        """
        if self._harbour not in self._known:
            file = self._harbour.with_suffix(".json")
            file.write_bytes(msgspec.json.encode(make_harbour(NOW)))
            shutil.copyfile(self._empty, self._harbour)
            engine = make_engine(f"sqlite:///{self._harbour}")
            clock = SetClock(NOW)
            await import_shop(engine, file)
            await CatalogueWatch(_shop(engine, clock).catalogue, clock).refresh()
            await engine.dispose()
            self._known[self._harbour] = replace(Known.now(), order_numbers=ORDER_NUMBERS)
        return self._harbour

    def known_of(self, seeded: Path) -> Known:
        """What the language side is to be told where a conversation copies ``seeded``."""
        return self._known.get(seeded) or self._known[self._seeded]

    async def seed(self, name: str, shop: ShopFile) -> Path:
        """A database with ``shop``, for conversations to copy; its catalogue is the stage's."""
        path = self._folder / f"{name}.db"
        shutil.copyfile(self._empty, path)
        engine = make_engine(f"sqlite:///{path}")
        await store_shop(engine, shop)
        await engine.dispose()
        return path

    async def seeded_export(self, seeded: Path | None = None) -> dict[str, Any]:
        """The whole shop as every conversation that copies ``seeded`` finds it; read once."""
        path = seeded or self._seeded
        if path not in self._exports:
            self._exports[path] = await _export(path)
        return self._exports[path]

    def open(
        self,
        down: Sequence[str] = (),
        customer: str | None = None,
        group: str | None = None,
        seeded: Path | None = None,
        rules: Mapping[str, Mapping[str, Any]] | None = None,
        hours: str | None = OFFICE,
    ) -> Talk:
        """A new conversation over a shop of its own, in which the ports ``down`` do not answer.

        Nor does the sender of one-time codes if ``codes`` is among them, nor, for ``hours``, the
        desk. ``hours`` names the calendar of kefu.yml in which people are there; None: always.

        The shop is a copy of ``seeded``, of the stage's own where none is given. ``rules`` are
        those in which it differs from the rules as delivered, by group and key.
        """
        seeded = seeded or self._seeded
        conversation_id = uuid4().hex
        usual = not down and not rules and hours == OFFICE
        if usual and self._free:
            seat = self._free.pop()
        else:
            seat = self._make_seat(down, rules or {}, hours)
            if usual:
                self._whole.append(seat)
        _copy(seeded, seat.database)
        seat.clock.advance(NOW - seat.clock.now())
        self.actions.open(conversation_id, seat.executor)
        known = {"id": customer, "name": "", "proof": "token"} if customer else None
        if known and group:
            known["group"] = group
        return Talk(self, conversation_id, seat, seeded, seat.clock, known)

    def leave(self, talk: Talk) -> None:
        """The conversation has ended: its seat is free, if its shop is like any other."""
        self.actions.shut(talk.conversation_id)
        self.actions.end(talk.seat.engine.dispose)
        if talk.seat in self._whole:
            self._free.append(talk.seat)

    def _make_seat(
        self, down: Sequence[str], rules: Mapping[str, Mapping[str, Any]], hours: str | None
    ) -> Seat:
        own = {group: replace(getattr(RULES, group), **keys) for group, keys in rules.items()}
        kept = replace(RULES, **own)
        path = self._folder / f"{uuid4().hex}.db"
        engine = make_engine(f"sqlite:///{path}", pool_size=2)
        clock = SetClock(NOW)
        outbox = CodeOutbox()
        outbox.is_down = _CODES in down
        ports = [name for name in down if name not in (_CODES, _HOURS)]
        there = make_down_hours() if _HOURS in down else hours_of(hours)
        shop = with_down(_shop(engine, clock, kept, outbox), ports)
        return Seat(path, engine, clock, make_executor(shop, kept, clock, there), outbox)

    async def after(
        self, carry: Callable[[Shop], Awaitable[object]], seeded: Path
    ) -> dict[str, Any]:
        """What a copy of ``seeded`` is like when its shop has done ``carry``, without a talk."""
        path = self._folder / "apart.db"
        if self._apart is None:
            engine = make_engine(f"sqlite:///{path}", pool_size=1)
            self._apart = engine, _shop(engine, SetClock(NOW))
        engine, shop = self._apart
        _copy(seeded, path)
        try:
            await carry(shop)
        finally:
            await engine.dispose()
        return await _export(path)


def _shop(
    engine: AsyncEngine,
    clock: SetClock,
    rules: ShopRules = RULES,
    outbox: CodeOutbox | None = None,
) -> Shop:
    codes = outbox.codes if outbox else None
    return make_embedded_shop(engine, clock, rules, ROOT / "data" / "knowledge", codes)


def _copy(seeded: Path, database: Path) -> None:
    """Make ``database`` a copy of ``seeded``; who still has the earlier one open keeps that."""
    for ending in ("", "-wal", "-shm"):
        database.with_name(f"{database.name}{ending}").unlink(missing_ok=True)
    shutil.copyfile(seeded, database)


async def _export(database: Path) -> dict[str, Any]:
    engine = make_engine(f"sqlite:///{database}", pool_size=1)
    try:
        return await export_shop(engine.execution_options(compiled_cache=_STATEMENTS))
    finally:
        await engine.dispose()


def _is_untouched(database: Path, seeded: Path) -> bool:
    """Whether every row of a copy of ``seeded`` is as it was; cheaper than an export."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("ATTACH ? AS seeded", (str(seeded),))
        found = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")
        return all(
            connection.execute(f"SELECT * FROM main.{table}").fetchall()
            == connection.execute(f"SELECT * FROM seeded.{table}").fetchall()
            for (table,) in found.fetchall()
            if table not in _NOT_EXPORTED
        )
