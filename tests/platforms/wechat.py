"""A WeChat in a box beside the real channel, desk and gate, with an assistant that is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from connectors.channels.binding import Bindings
from connectors.channels.incoming import Intake
from connectors.channels.limits import MemoryRateLimiter
from connectors.channels.tokens import CustomerTokens
from connectors.channels.web.uploads import UploadStore
from connectors.channels.wechat.account import Account, AccountSettings
from connectors.channels.wechat.channel import WeChatChannel
from connectors.channels.wechat.client import WeChatClient
from desk.service import Desk
from kefu.gate import Gate
from kefu.gate_times import GateTimes
from kefu.sandbox.wechat import Misfortunes, WeChatPlatform
from kefu.sandbox.wechat_wire import PlatformSettings
from kefu.wechat import Surroundings, make_wechat
from kernel.clock import Clock, SystemClock
from kernel.database import make_engine
from tests.channels.serving import SHOP_KEY, ScriptedAssistant
from tests.serving import free_port

TOKEN = "a-token-of-tests"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APPID = "wx2c2769f8efd9abc2"
SECRET = "a secret of tests"
# Short, so that a test sees WeChat repeat itself.
RETRY = 0.8
TIMES = GateTimes(
    sweep_every=timedelta(milliseconds=100), delivery_backoff=timedelta(milliseconds=100)
)


@dataclass
class Box:
    """A running channel and the platform it talks to."""

    platform: WeChatPlatform
    desk: Desk
    gate: Gate
    assistant: ScriptedAssistant
    channel: WeChatChannel
    client: WeChatClient
    bindings: Bindings
    account: Account
    uploads: UploadStore
    url: str
    app: web.Application = field(repr=False)

    async def conversation(self, openid: str) -> Any:
        """The conversation of a shopper."""
        found = await self.desk.conversation_of(self.account.channel, openid)
        assert found is not None
        return found


async def serve(app: web.Application, port: int, at_end: AsyncExitStack) -> None:
    """Serve ``app`` until the end."""
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    at_end.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", port).start()


@asynccontextmanager
async def line(port: int, to: int, seconds: float) -> AsyncIterator[None]:
    """What comes in at ``port`` goes to the port ``to``; what comes back takes ``seconds``."""

    async def carry(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float
    ) -> None:
        try:
            while data := await reader.read(65536):
                await asyncio.sleep(delay)
                writer.write(data)
        finally:
            writer.close()

    async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", to)
        ways = (carry(reader, back, 0), carry(there, writer, seconds))
        await asyncio.gather(*ways, return_exceptions=True)

    server = await asyncio.start_server(call, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


@asynccontextmanager
async def wechat_in_a_box(
    database_url: str,
    data: Path,
    *,
    settings: dict[str, Any] | None = None,
    misfortunes: Misfortunes | None = None,
    seed: int = 0,
    is_mini_program: bool = False,
    clock: Clock | None = None,
    burst: int = 200,
    messages_per_minute: float = 60_000,
    times: GateTimes = TIMES,
    middlewares: Sequence[Middleware] = (),
    slow_line: float = 0.0,
    **platform: Any,
) -> AsyncIterator[Box]:
    """The platform with ``platform``'s settings, the account with ``settings``'.

    ``middlewares`` stand in front of the platform's API. What the account answers to a callback
    takes ``slow_line`` seconds to the platform.
    """
    clock = clock or SystemClock()
    kefu_port, wechat_port, line_port = free_port(), free_port(), free_port()
    name = "miniprogram" if is_mini_program else "wechat"
    quick = {"retry_after_seconds": RETRY, "passive_reply_seconds": 0.4}
    wanted = {**quick, "first_retry_seconds": 0.1, **(settings or {})}
    there = f"http://127.0.0.1:{wechat_port}"
    usual = AccountSettings(
        enabled=True, appid=APPID, api=there, oauth=f"{there}/connect/oauth2/authorize"
    )
    account = Account(
        name, msgspec.structs.replace(usual, **wanted), TOKEN, KEY, SECRET, is_mini_program
    )
    box = PlatformSettings(
        appid=APPID,
        secret=SECRET,
        token=TOKEN,
        encoding_aes_key=KEY,
        callback=f"http://127.0.0.1:{line_port if slow_line else kefu_port}/channels/{name}",
        mode=account.settings.mode.value,
        retry_seconds=RETRY,
        is_mini_program=is_mini_program,
    )
    simulated = WeChatPlatform(replace(box, **platform), misfortunes=misfortunes, seed=seed)
    async with AsyncExitStack() as at_end:
        if slow_line:
            await at_end.enter_async_context(line(line_port, kefu_port, slow_line))
        platforms_app = web.Application(middlewares=middlewares)
        simulated.add_to(platforms_app)
        await serve(platforms_app, wechat_port, at_end)
        engine = make_engine(database_url, pool_size=10)
        at_end.push_async_callback(engine.dispose)
        desk = Desk(engine, clock)
        assistant = ScriptedAssistant()
        gate = Gate(desk, assistant, clock, worker="test", times=times)
        limiter = MemoryRateLimiter(clock, burst=burst, per_minute=messages_per_minute)
        uploads = UploadStore(data / "uploads")
        bindings = Bindings(engine, clock, "a key of at least thirty-two bytes of tests")
        channel, client = make_wechat(
            account,
            Surroundings(
                engine=engine,
                callbacks=engine,
                clock=clock,
                session=await at_end.enter_async_context(aiohttp.ClientSession()),
                gate=gate,
                desk=desk,
                intake=Intake(gate, desk, limiter),
                pictures=uploads,
                bindings=bindings,
                customers=CustomerTokens(SHOP_KEY, clock),
                public_url=f"http://127.0.0.1:{kefu_port}",
                worker=f"test-{random.Random(seed).random()}",
            ),
        )
        app = web.Application()
        channel.add_to(app)
        await serve(app, kefu_port, at_end)
        await gate.start({name: channel})
        at_end.push_async_callback(gate.stop)
        await channel.start()
        at_end.push_async_callback(channel.stop)
        yield Box(
            simulated,
            desk,
            gate,
            assistant,
            channel,
            client,
            bindings,
            account,
            uploads,
            f"http://127.0.0.1:{kefu_port}",
            app,
        )
