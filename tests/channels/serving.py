"""The channels over a real desk and gate, with an assistant that says what the test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import jwt
import socketio
from aiohttp import web

from bot.runtime.turn import HandoffRequest, TurnRequest, TurnResult
from connectors.channels.incoming import Intake
from connectors.channels.limits import MemoryRateLimiter
from connectors.channels.rest.channel import RestChannel
from connectors.channels.socketio.channel import SocketIOChannel
from connectors.channels.tokens import CustomerTokens, Sessions
from connectors.channels.web.channel import WebChannel
from connectors.channels.web.routes import WebRoutes
from connectors.channels.web.uploads import UploadStore
from desk.events import DeskEvent, MessageAppended
from desk.model import Author
from desk.service import Desk
from kefu.gate import Gate
from kefu.keeper import Keeper
from kernel.clock import SystemClock
from kernel.content import Content
from kernel.database import make_engine

SESSION_KEY = "a session key of at least thirty-two bytes"
SHOP_KEY = "the shop's own key of at least thirty-two bytes"

Answer = Callable[[TurnRequest], TurnResult]


def says(*replies: Content | str, handoff: str | None = None, language: str = "en") -> TurnResult:
    """A turn's result: ``replies``, and a handoff for the reason ``handoff``."""
    contents = tuple(Content(text=one) if isinstance(one, str) else one for one in replies)
    request = HandoffRequest(handoff) if handoff else None
    return TurnResult(contents, request, language, None)


class ScriptedAssistant:
    """Answers every turn by ``answer``, after ``delay`` seconds; keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda request: says(f"You said: {request.text}")
        self.delay = 0.0
        self.asked: list[TurnRequest] = []

    async def turn(self, request: TurnRequest) -> TurnResult:
        """(see kefu.gate.Assistant)"""
        self.asked.append(request)
        await asyncio.sleep(self.delay)
        result = self.answer(request)
        customer = dict(request.customer) if request.customer else None
        return TurnResult(result.replies, result.handoff, result.language, customer)


@dataclass
class ServedChannels:
    """Everything a test may want to touch of a running server."""

    url: str
    desk: Desk
    assistant: ScriptedAssistant
    sio: socketio.AsyncServer
    web: WebChannel
    sessions: Sessions
    data: Path


def customer_token(customer_id: str = "C1", name: str = "Ann", **claims: object) -> str:
    """What the shop's page signs for a customer, for ten minutes."""
    expires = int((SystemClock().now() + timedelta(minutes=10)).timestamp())
    given = {"sub": customer_id, "name": name, "exp": expires, **claims}
    return jwt.encode(given, SHOP_KEY, algorithm="HS256")


@asynccontextmanager
async def serve_channels(
    database_url: str,
    data: Path,
    *,
    burst: int = 100,
    per_minute: float = 6000,
    uploads_per_day: int = 100,
    new_sessions: int = 1000,
    asked_by_address: int = 100_000,
    proxies: int = 0,
    api_token: str | None = None,
    port: int = 0,
    demo: Callable[[web.Application], None] | None = None,
) -> AsyncIterator[ServedChannels]:
    """Serve all channels on a free port until the block ends."""
    clock = SystemClock()
    engine = make_engine(database_url)
    desk = Desk(engine, clock)
    assistant = ScriptedAssistant()
    gate = Gate(desk, assistant, clock, worker="test")
    limiter = MemoryRateLimiter(clock, burst=burst, per_minute=per_minute)
    intake = Intake(gate, desk, limiter)
    sessions = Sessions(SESSION_KEY, clock, audience="web")
    customers = CustomerTokens(SHOP_KEY, clock)
    uploads = UploadStore(data / "uploads")

    async def is_agent(request: web.Request) -> bool:
        return request.cookies.get("agent") == "yes"

    app = web.Application()
    sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
    sio.attach(app)
    daily_uploads = MemoryRateLimiter(
        clock, burst=uploads_per_day, per_minute=uploads_per_day / 1440
    )
    routes = WebRoutes(sessions, uploads, limiter, daily_uploads=daily_uploads, is_agent=is_agent)
    routes.add_to(app)
    routes.add_demo_page(app)
    if demo:
        demo(app)
    asked = MemoryRateLimiter(clock, burst=asked_by_address, per_minute=asked_by_address / 100)
    rest = RestChannel(
        gate, desk, intake, customers, reply_timeout=5, api_token=api_token, addresses=asked
    )
    rest.add_to(app)
    starts = MemoryRateLimiter(clock, burst=new_sessions, per_minute=new_sessions)
    channel = WebChannel(sio, desk, intake, sessions, customers, uploads, starts, proxies=proxies)
    desk.listen(channel.observe)

    def wake(event: DeskEvent) -> None:
        if isinstance(event, MessageAppended) and event.message.author is not Author.SHOPPER:
            gate.wake_outbox()

    desk.listen(wake)
    await gate.start(
        {
            "web": channel,
            "rest": rest,
            "socketio": SocketIOChannel(sio, desk, intake, customers, addresses=asked),
        }
    )
    keeper = Keeper(desk, clock, "test", {}, every=0.2)
    desk.listen(keeper.observe)
    keeping = asyncio.create_task(keeper.run())
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    listening = runner.addresses[0][1]
    try:
        yield ServedChannels(
            f"http://127.0.0.1:{listening}", desk, assistant, sio, channel, sessions, data
        )
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
        await sio.shutdown()
        await gate.stop()
        await runner.cleanup()
        await engine.dispose()
