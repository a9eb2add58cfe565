"""A process with an account at WeChat or WeCom, a desk and an echoing assistant; to be killed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web
from redis.asyncio import Redis

from bot.runtime.turn import TurnRequest, TurnResult
from connectors.channels.binding import Bindings
from connectors.channels.incoming import Intake
from connectors.channels.limits import MemoryRateLimiter, RedisRateLimiter
from connectors.channels.ports import RateLimiter
from connectors.channels.tokens import CustomerTokens
from connectors.channels.web.uploads import UploadStore
from connectors.channels.wechat.account import Account, AccountSettings
from connectors.channels.wechat.channel import WeChatChannel
from connectors.channels.wecom.account import KfAccount, KfSettings
from connectors.channels.wecom.channel import KfChannel
from desk.service import Desk
from kefu.callbacks import open_callbacks
from kefu.gate import Gate
from kefu.gate_times import GateTimes
from kefu.threads import share_interpreter
from kefu.wechat import Surroundings, make_wechat
from kefu.wecom import make_wecom
from kernel.clock import SystemClock
from kernel.content import Content
from kernel.database import make_engine
from kernel.log import configure_logging


class Orders(msgspec.Struct, frozen=True):
    """What the victim is told on its command line, as JSON."""

    database_url: str
    redis_url: str
    data: str
    port: int
    token: str
    encoding_aes_key: str
    secret: str
    lease_seconds: float
    # Of WeChat, unless ``kf`` says that it is WeCom.
    settings: AccountSettings = AccountSettings()
    kf: KfSettings | None = None
    turn_seconds: float = 0.0
    # One thread computes without end, as an assistant under load does.
    busy: bool = False


class Echo:
    """Says what it was told, in two messages."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def turn(self, request: TurnRequest) -> TurnResult:
        """(see kefu.gate.Assistant)"""
        await asyncio.sleep(self._seconds)
        replies = (Content(text=f"<{request.text}"), Content(text=f"{request.text}>"))
        return TurnResult(replies, None, "zh", None)


def _compute() -> None:
    while True:
        sum(number * number for number in range(1000))


def _end_with(parent: int) -> None:
    """A victim whose starter was killed must not live on, whatever its loop is at."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


async def live(orders: Orders) -> None:
    """Serve until killed, asked to stop, or left alone."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    configure_logging(logging.StreamHandler(sys.stderr), "WARNING")
    if orders.busy:
        threading.Thread(target=_compute, daemon=True).start()
    clock = SystemClock()
    lease = timedelta(seconds=orders.lease_seconds)
    times = GateTimes(
        turn_lease=lease, delivery_lease=lease, sweep_every=timedelta(milliseconds=500)
    )
    secrets = (orders.token, orders.encoding_aes_key, orders.secret)
    async with AsyncExitStack() as at_end:
        engine = make_engine(orders.database_url, pool_size=10)
        callbacks = await open_callbacks(orders.database_url)
        desk = Desk(engine, clock)
        worker = f"victim:{os.getpid()}"
        # As many as a lease of this length leaves time for.
        gate = Gate(
            desk,
            Echo(orders.turn_seconds),
            clock,
            worker=worker,
            times=times,
            concurrent_sends=40,
        )
        limiter: RateLimiter = MemoryRateLimiter(clock, burst=100_000, per_minute=100_000)
        if orders.redis_url:
            redis = Redis.from_url(orders.redis_url, socket_timeout=1)
            limiter = RedisRateLimiter(redis, burst=100_000, per_minute=100_000)
        around = Surroundings(
            engine=engine,
            callbacks=callbacks,
            clock=clock,
            session=await at_end.enter_async_context(aiohttp.ClientSession()),
            gate=gate,
            desk=desk,
            intake=Intake(gate, desk, limiter),
            pictures=UploadStore(Path(orders.data)),
            bindings=Bindings(engine, clock, "a key of at least thirty-two bytes of tests"),
            customers=CustomerTokens("another key of thirty-two bytes of tests", clock),
            worker=worker,
            lease=lease,
        )
        name = "wechat"
        channel: WeChatChannel | KfChannel
        if orders.kf is None:
            channel, _ = make_wechat(Account(name, orders.settings, *secrets), around)
        else:
            name = "wecom"
            channel = make_wecom(KfAccount(name, orders.kf, *secrets), around)
        app = web.Application()
        channel.add_to(app)
        await gate.start({name: channel})
        await channel.start()
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", orders.port).start()
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        await told.wait()


if __name__ == "__main__":
    share_interpreter()
    asyncio.run(live(msgspec.json.decode(sys.argv[1], type=Orders)))
