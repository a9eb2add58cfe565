"""`kefu serve --role actions`: the actions behind Rasa's own action-server protocol."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.registry import make_executor
from kefu.listening import url_of
from kefu.migrate import upgrade
from kefu.service_hours import DeskHours
from kefu.settings import Settings
from kefu.shop import open_shop
from kefu.stopping import until_told_to_stop
from kernel.clock import SystemClock
from kernel.database import make_engine

log = structlog.get_logger()

_REQUEST_BYTES = 16 * 1024 * 1024


async def serve_actions(
    settings: Settings, bound: socket.socket, say: Callable[[str], None]
) -> int:
    """Answer ``POST /webhook`` until SIGINT or SIGTERM; keep it off any public network."""
    clock = SystemClock()
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    shop = open_shop(settings, engine, clock)
    hours = DeskHours(engine, clock, settings)
    executor = make_executor(shop.ports, settings.rulebook.rules, clock, hours)
    runner = web.AppRunner(make_action_app(executor), access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, bound).start()
        say(f"ready: actions at {url_of(bound)}/webhook")
        await until_told_to_stop()
    finally:
        await runner.cleanup()
        await shop.close()
        await engine.dispose()
    return 0


def make_action_app(executor: Any) -> web.Application:
    """Rasa's action-server protocol over ``executor``; a bug answers 500 without its insides."""

    async def webhook(request: web.Request) -> web.Response:
        call = await request.json()
        try:
            return web.json_response(await executor.run(call))
        except ActionExecutionRejection as rejection:
            told = {"error": str(rejection), "action_name": rejection.action_name}
            return web.json_response(told, status=400)
        except ActionNotFoundException as error:
            told = {"error": str(error), "action_name": error.action_name}
            return web.json_response(told, status=404)
        except Exception as error:
            name = call.get("next_action", "")
            log.error("action.failed", action=name, exc_info=error)
            return web.json_response({"error": "internal error", "action_name": name}, status=500)

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=_REQUEST_BYTES)
    app.router.add_post("/webhook", webhook)
    app.router.add_get("/health", health)
    return app
