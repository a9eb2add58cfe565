"""`kefu shop serve`: the embedded shop behind the HTTP API that any other shop may serve too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from aiohttp import web

from connectors.backends.http.server import PREFIX, make_shop_app
from kefu.demo import seed_if_empty
from kefu.listening import url_of
from kefu.migrate import upgrade
from kefu.retention import tend_shop
from kefu.settings import Settings
from kefu.shop import open_embedded_shop
from kefu.stopping import until_told_to_stop
from kernel.clock import SystemClock
from kernel.database import make_engine


async def serve_shop(settings: Settings, bound: socket.socket, say: Callable[[str], None]) -> int:
    """Serve the shop in ``settings.database_url`` at ``bound`` until SIGINT or SIGTERM."""
    clock = SystemClock()
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    runner = ending = shop = None
    try:
        if settings.rulebook.shop.demo and await seed_if_empty(engine, clock):
            say("seeded the demo shop")
        shop = open_embedded_shop(settings, engine, clock)
        app = make_shop_app(shop.ports, settings.secrets.shop_token)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, bound).start()
        ending = asyncio.create_task(tend_shop(engine, clock, settings.rulebook.rules))
        say("ready")
        say(f"  shop             {url_of(bound)}{PREFIX}")
        say(f"  description      {url_of(bound)}{PREFIX}/openapi.json")
        say(
            f"  token            shop_token in {settings.data / 'secrets.json'}, or KEFU_SHOP_TOKEN"
        )
        await until_told_to_stop()
    finally:
        if ending is not None:
            ending.cancel()
            await asyncio.wait([ending])
        if runner is not None:
            await runner.cleanup()
        if shop is not None:
            await shop.close()
        await engine.dispose()
    return 0
