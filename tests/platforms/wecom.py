"""A WeCom in a box beside the real channel, desk and gate, with an assistant that is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from connectors.channels.binding import Bindings
from connectors.channels.incoming import Intake
from connectors.channels.limits import MemoryRateLimiter
from connectors.channels.tokens import CustomerTokens
from connectors.channels.web.uploads import UploadStore
from connectors.channels.wecom.account import KfAccount, KfSettings, shopper_of
from connectors.channels.wecom.channel import KfChannel
from desk.model import Conversation
from desk.service import Desk
from kefu.gate import Gate
from kefu.sandbox.wecom import KfMisfortunes, KfPlatformSettings, WeComPlatform
from kefu.wechat import Surroundings
from kefu.wecom import make_wecom
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.channels.serving import ScriptedAssistant
from tests.platforms.wechat import KEY, SECRET, TIMES, TOKEN, serve
from tests.serving import free_port

CORPID = "ww1234567890abcdef"
KFID = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"


@dataclass
class KfBox:
    """A running channel and the platform it talks to."""

    platform: WeComPlatform
    desk: Desk
    gate: Gate
    assistant: ScriptedAssistant
    uploads: UploadStore
    url: str

    async def conversation(self, person: str, open_kfid: str = KFID) -> Conversation:
        """The conversation of a shopper."""
        found = await self.desk.conversation_of("wecom", shopper_of(open_kfid, person))
        assert found is not None
        return found


@asynccontextmanager
async def wecom_in_a_box(
    database_url: str,
    data: Path,
    *,
    settings: dict[str, Any] | None = None,
    misfortunes: KfMisfortunes | None = None,
    seed: int = 0,
    replicas: int = 1,
    **platform: Any,
) -> AsyncIterator[KfBox]:
    """The platform with ``platform``'s settings; of ``replicas`` channels the first is called."""
    clock = SystemClock()
    kefu_port, wecom_port = free_port(), free_port()
    usual = KfSettings(
        enabled=True,
        corpid=CORPID,
        api=f"http://127.0.0.1:{wecom_port}",
        open_kfids=(KFID,),
        first_retry_seconds=0.1,
        last_words_seconds=0.5,
    )
    account = KfAccount(
        "wecom", msgspec.structs.replace(usual, **(settings or {})), TOKEN, KEY, SECRET
    )
    box = KfPlatformSettings(
        corpid=CORPID,
        secret=SECRET,
        token=TOKEN,
        encoding_aes_key=KEY,
        callback=f"http://127.0.0.1:{kefu_port}/channels/wecom",
    )
    simulated = WeComPlatform(replace(box, **platform), misfortunes=misfortunes, seed=seed)
    async with AsyncExitStack() as at_end:
        there = web.Application()
        simulated.add_to(there)
        await serve(there, wecom_port, at_end)
        engine = make_engine(database_url, pool_size=10)
        at_end.push_async_callback(engine.dispose)
        desk = Desk(engine, clock)
        assistant = ScriptedAssistant()
        gate = Gate(desk, assistant, clock, worker="test", times=TIMES)
        limiter = MemoryRateLimiter(clock, burst=200, per_minute=60_000)
        uploads = UploadStore(data / "uploads")
        http = await at_end.enter_async_context(aiohttp.ClientSession())
        channels: list[KfChannel] = [
            make_wecom(
                account,
                Surroundings(
                    engine=engine,
                    callbacks=engine,
                    clock=clock,
                    session=http,
                    gate=gate,
                    desk=desk,
                    intake=Intake(gate, desk, limiter),
                    pictures=uploads,
                    bindings=Bindings(engine, clock, "a key of at least thirty-two bytes of tests"),
                    customers=CustomerTokens("a key of the shop of thirty-two bytes", clock),
                    worker=f"test-{number}",
                ),
            )
            for number in range(replicas)
        ]
        app = web.Application()
        channels[0].add_to(app)
        await serve(app, kefu_port, at_end)
        await gate.start({"wecom": channels[0]})
        at_end.push_async_callback(gate.stop)
        for channel in channels:
            await channel.start()
            at_end.push_async_callback(channel.stop)
        yield KfBox(simulated, desk, gate, assistant, uploads, f"http://127.0.0.1:{kefu_port}")
