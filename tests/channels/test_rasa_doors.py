"""Rasa's callback channel, and what one network address may ask at Rasa's doors."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import socketio
from aiohttp import web

from connectors.channels.callback.channel import CallbackChannel
from connectors.channels.incoming import Intake
from connectors.channels.limits import MemoryRateLimiter
from desk.service import Desk
from kefu.gate import Gate
from kernel.clock import SystemClock
from kernel.content import Button, Content
from kernel.database import make_engine
from tests.channels.serving import ScriptedAssistant, says, serve_channels
from tests.conftest import Databases
from tests.platforms.wechat import TIMES, serve
from tests.serving import free_port


async def test_replies_are_posted_in_rasas_format_and_tried_again(databases: Databases) -> None:
    heard: list[dict[str, Any]] = []
    fails = [True]

    async def hear(request: web.Request) -> web.Response:
        if fails and fails.pop():
            return web.Response(status=502)
        heard.append(await request.json())
        return web.Response()

    clock = SystemClock()
    engine = make_engine(databases.make("sqlite"))
    desk, assistant = Desk(engine, clock), ScriptedAssistant()
    buttons = (Button("Yes", "/affirm"),)
    assistant.answer = lambda _: says("Found it.", Content(text="Return it?", buttons=buttons))
    gate = Gate(desk, assistant, clock, worker="test", times=TIMES)
    intake = Intake(gate, desk, MemoryRateLimiter(clock, burst=3, per_minute=1))
    there, here = free_port(), free_port()
    async with AsyncExitStack() as at_end:
        at_end.push_async_callback(engine.dispose)
        listener, app = web.Application(), web.Application()
        listener.router.add_post("/hear", hear)
        await serve(listener, there, at_end)
        http = await at_end.enter_async_context(aiohttp.ClientSession())
        address = f"http://127.0.0.1:{there}/hear"
        channel = CallbackChannel(intake, http, url=address, api_token="the token")
        channel.add_to(app)
        await serve(app, here, at_end)
        await gate.start({"callback": channel})
        at_end.push_async_callback(gate.stop)
        door = f"http://127.0.0.1:{here}/webhooks/callback/webhook"
        token = {"Authorization": "Bearer the token"}
        said = {"sender": "ann", "message": "where is it?"}
        async with http.post(door, json=said) as answer:
            assert answer.status == 401
        async with http.post(door, json={"sender": ""}, headers=token) as answer:
            assert answer.status == 400
        async with http.post(door, json=said, headers=token) as answer:
            assert (answer.status, await answer.text()) == (200, "success")
        async with asyncio.timeout(30):
            while len(heard) < 2:
                await asyncio.sleep(0.02)
        assert heard == [
            {"recipient_id": "ann", "text": "Found it."},
            {
                "recipient_id": "ann",
                "text": "Return it?",
                "buttons": [{"title": "Yes", "payload": "/affirm"}],
            },
        ]


async def test_one_address_cannot_ask_without_end(databases: Databases, tmp_path: Path) -> None:
    async with serve_channels(databases.make("sqlite"), tmp_path, asked_by_address=2) as served:
        door = f"{served.url}/webhooks/rest/webhook"
        async with aiohttp.ClientSession() as http:
            statuses = []
            for sender in ("a", "b", "c"):
                said = {"sender": sender, "message": "hello"}
                async with http.post(door, json=said) as answer:
                    statuses.append(answer.status)
                    body = await answer.json()
            assert statuses == [200, 200, 429]
            assert body[0]["custom"]["refused"]["code"] == "rate_limited"
        client = socketio.AsyncClient(reconnection=False)
        told: list[dict[str, Any]] = []
        client.on("bot_uttered", told.append)
        await client.connect(served.url, transports=["websocket"])
        await client.emit("session_request", {})
        for _ in range(3):
            await client.emit("user_uttered", {"message": "hello"})
        async with asyncio.timeout(30):
            while len(told) < 3:
                await asyncio.sleep(0.02)
        await client.disconnect()
        assert sum("有点快" in one["text"] for one in told) == 1


async def test_whoever_has_the_token_is_not_bounded(databases: Databases, tmp_path: Path) -> None:
    url = databases.make("sqlite")
    async with (
        serve_channels(url, tmp_path, asked_by_address=1, api_token="t") as served,
        aiohttp.ClientSession(headers={"Authorization": "Bearer t"}) as http,
    ):
        for sender in ("a", "b", "c"):
            said = {"sender": sender, "message": "hello"}
            async with http.post(f"{served.url}/webhooks/rest/webhook", json=said) as answer:
                assert answer.status == 200
