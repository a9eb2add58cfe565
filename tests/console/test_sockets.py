"""What agents' pages hear, and that nobody else hears anything."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
import socketio

from tests.console.conftest import Browser, Console


class Page:
    """A page's socket and what it has heard."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False)
        self.messages: list[dict[str, Any]] = []
        self.queues: list[dict[str, Any]] = []
        self.overviews = 0
        self.duties = 0
        self.present: list[dict[str, Any]] = []
        self.signs: list[tuple[str, dict[str, Any]]] = []
        self.heard = asyncio.Event()
        self.sio.on("message", self._message, namespace="/console")
        self.sio.on("overview", self._overview, namespace="/console")
        self.sio.on("duty", self._duty, namespace="/console")
        self.sio.on("queue", self._queue, namespace="/console")
        self.sio.on("present", self._present, namespace="/console")
        for sign in ("shopper_typing", "shopper_read", "rewritten"):
            self.sio.on(sign, partial(self._sign, sign), namespace="/console")

    async def _message(self, told: dict[str, Any]) -> None:
        self.messages.append(told)
        self.heard.set()

    async def _present(self, told: dict[str, Any]) -> None:
        self.present.append(told)
        self.heard.set()

    async def _sign(self, name: str, told: dict[str, Any]) -> None:
        self.signs.append((name, told))
        self.heard.set()

    async def _queue(self, told: dict[str, Any]) -> None:
        self.queues.append(told)
        self.heard.set()

    async def _overview(self) -> None:
        self.overviews += 1
        self.heard.set()

    async def _duty(self) -> None:
        self.duties += 1
        self.heard.set()

    async def open(self, console: Console, browser: Browser, **headers: str) -> Page:
        base = console.server.make_url("/")
        cookies = browser.session.cookie_jar.filter_cookies(base)
        headers["Cookie"] = "; ".join(f"{one.key}={one.value}" for one in cookies.values())
        await self.sio.connect(
            str(base), headers=headers, namespaces=["/console"], transports=["websocket"]
        )
        return self

    async def until(self, ready: Any) -> None:
        async with asyncio.timeout(30):
            while not ready():
                await self.heard.wait()
                self.heard.clear()


async def test_everybody_hears_who_joined_the_line_and_who_left_it(console: Console) -> None:
    lin = await console.browser().log_in("lin")
    pages = [
        await Page().open(console, browser)
        for browser in (lin, await console.browser().log_in("kim"))
    ]
    conversation_id = await console.desk.waiting()
    for page in pages:
        await page.until(lambda page=page: page.queues and page.queues[-1]["lines"])
        [line] = page.queues[-1]["lines"]
        assert (line["conversation"]["id"], line["last"]["text"]) == (
            conversation_id,
            "a person please",
        )
        assert page.queues[-1]["waiting"] == 1
        assert page.messages == []
    overview = await (await lin.get("/overview")).json()
    assert [one["place"] for one in overview["queue"]] == [line["place"]]
    await lin.post(f"/conversations/{conversation_id}/take")
    for page in pages:
        await page.until(lambda page=page: page.queues[-1]["gone"] == [conversation_id])
        assert page.queues[-1]["waiting"] == 0
        await page.sio.disconnect()


async def test_only_those_whose_lists_have_changed_fetch_them(console: Console) -> None:
    logins = ("lin", "kim", "chief")
    browsers = [await console.browser().log_in(login) for login in logins]
    lin, kim, chief = [await Page().open(console, browser) for browser in browsers]
    conversation_id = await console.desk.waiting()
    await browsers[0].post(f"/conversations/{conversation_id}/take")
    await console.desk.hear("are you there?", "2")
    await lin.until(lambda: lin.messages and lin.overviews)
    await chief.until(lambda: chief.overviews)
    own = await (await browsers[0].get("/overview?queue=no")).json()
    assert "queue" not in own
    assert [one["conversation"]["id"] for one in own["mine"]] == [conversation_id]
    assert kim.overviews == 0
    for page in (lin, kim, chief):
        await page.sio.disconnect()


async def test_who_watches_or_holds_a_conversation_hears_every_message_of_it(
    console: Console,
) -> None:
    conversation_id = await console.desk.waiting()
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    holder = await Page().open(console, lin)
    watcher = await Page().open(console, kim)
    other = await Page().open(console, kim)
    await watcher.sio.call("watch", conversation_id, namespace="/console")
    await lin.post(f"/conversations/{conversation_id}/take")
    await console.desk.hear("are you there?", "2")
    for page in (holder, watcher):
        await page.until(
            lambda page=page: any(
                told["message"].get("text") == "are you there?" for told in page.messages
            )
        )
    assert holder.messages[-1]["conversation"]["id"] == conversation_id
    assert other.messages == []
    await watcher.sio.call("watch", None, namespace="/console")
    before = len(watcher.messages)
    await console.desk.hear("hello?", "3")
    await holder.until(lambda: holder.messages[-1]["message"].get("text") == "hello?")
    assert len(watcher.messages) == before
    for page in (holder, watcher, other):
        await page.sio.disconnect()


async def test_who_watches_sees_no_longer_what_was_taken_out_of_a_message(
    console: Console,
) -> None:
    said = await console.desk.hear("my code is 473829", "1")
    watcher = await Page().open(console, await console.browser().log_in("kim"))
    await watcher.sio.call("watch", said.conversation.id, namespace="/console")
    claim = await console.desk.claim(said.conversation.id)
    assert claim is not None
    await console.desk.finish_turn(
        claim, [], language="en", customer=None, heard="my code is ******"
    )
    await watcher.until(lambda: watcher.signs)
    [(name, rewritten)] = watcher.signs
    assert (name, rewritten["message"]["id"]) == ("rewritten", said.message.id)
    assert rewritten["message"]["text"] == "my code is ******"
    await watcher.sio.disconnect()


async def test_a_stranger_does_not_get_in(console: Console) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await Page().open(console, console.browser())
    lin = await console.browser().log_in("lin")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await Page().open(console, lin, Origin="https://evil.example")


async def test_an_ended_session_hears_nothing_more(console: Console) -> None:
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    gone, stays = await Page().open(console, lin), await Page().open(console, kim)
    await lin.post("/logout")
    await console.desk.waiting()
    await stays.until(lambda: stays.queues)
    async with asyncio.timeout(30):
        await gone.sio.wait()
    assert not gone.sio.connected
    assert stays.sio.connected
    await stays.sio.disconnect()
