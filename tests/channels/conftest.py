"""Running channels, and programs that talk to them."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from tests.channels.serving import ServedChannels, serve_channels
from tests.conftest import Databases


@pytest.fixture
async def served(databases: Databases, tmp_path: Path) -> AsyncIterator[ServedChannels]:
    """All channels over an empty database."""
    async with serve_channels(databases.make("sqlite"), tmp_path) as running:
        yield running


@pytest.fixture
async def http(served: ServedChannels) -> AsyncIterator[aiohttp.ClientSession]:
    """A client whose addresses begin at the served root."""
    async with aiohttp.ClientSession(served.url) as session:
        yield session


class Widget:
    """A program that speaks the widget's protocol and remembers what it was told."""

    def __init__(self) -> None:
        self.socket = socketio.AsyncClient(reconnection=False)
        self.told: dict[str, list[dict[str, Any]]] = {"message": [], "owner": [], "typing": []}
        self._news = asyncio.Event()
        for event, heard in self.told.items():
            self.socket.on(event, self._hearer(heard), namespace="/widget")

    def _hearer(self, heard: list[dict[str, Any]]) -> Callable[[dict[str, Any]], Awaitable[None]]:
        async def hear(data: dict[str, Any]) -> None:
            heard.append(data)
            self._news.set()

        return hear

    async def connect(self, url: str) -> Widget:
        """Open a socket."""
        await self.socket.connect(url, namespaces=["/widget"], transports=["websocket"])
        return self

    async def ask(self, event: str, data: object) -> dict[str, Any]:
        """Send ``event``; returns its acknowledgement."""
        answer = await self.socket.call(event, data, namespace="/widget", timeout=30)
        assert isinstance(answer, dict)
        return answer

    async def hello(self, token: str | None = None, **more: object) -> dict[str, Any]:
        """Say hello; returns the acknowledgement."""
        return await self.ask("hello", {"token": token, "language": "en", **more})

    async def send(self, text: str = "", **more: object) -> dict[str, Any]:
        """Send a message under an id of its own unless one is given."""
        return await self.ask("send", {"client_id": uuid.uuid4().hex, "text": text, **more})

    async def heard(self, event: str, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first ``event`` told, now or soon, for which ``is_it`` holds."""
        async with asyncio.timeout(30):
            while True:
                for data in self.told[event]:
                    if is_it(data):
                        return data
                self._news.clear()
                await self._news.wait()

    async def hears(self, text: str, author: str = "bot") -> dict[str, Any]:
        """The message with ``text``, now or soon."""
        return await self.heard(
            "message", lambda one: one["author"] == author and one["content"].get("text") == text
        )


Connect = Callable[[], Awaitable[Widget]]


@pytest.fixture
async def connect(served: ServedChannels) -> AsyncIterator[Connect]:
    """Opens sockets of widgets; all are closed at the end."""
    async with contextlib.AsyncExitStack() as at_end:

        async def connect() -> Widget:
            widget = await Widget().connect(served.url)
            at_end.push_async_callback(widget.socket.disconnect)
            return widget

        yield connect
