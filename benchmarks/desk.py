"""500 agents' pages and 5,000 waiting shoppers in one process: how fast is a message an agent's?

One process serves the console and its sockets over a database in which the line stands, with the
keeper doing its rounds; another one is the agents: their pages fetch what the server tells them to.
Meanwhile shoppers write, some join the line and some are taken from it. Prints JSON: the time from
a shopper's message being handed to the desk until the agent's page has it, and what a round of
upkeep with everybody waiting costs. The process is the only one of its kind: SQLite, or what
``--database`` says.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import socketio
from aiohttp import ClientWebSocketResponse, web

from benchmarks.bare_console import Nothing, no_facts
from benchmarks.crowd import CAPACITY, HASHER, gather, join, rules
from connectors.console.api import ConsoleParts, ConsoleSettings, make_console
from connectors.console.sessions import COOKIE
from connectors.console.sockets import NAMESPACE, ConsoleSockets
from desk.model import Incoming
from desk.service import Desk
from kefu.http import uncompressed_sockets
from kefu.keeper import Keeper
from kefu.migrate import upgrade
from kernel.clock import SystemClock
from kernel.content import Content
from kernel.database import make_engine

# A page rests so long between two fetches of its lists, as connectors/console/static/app.js does.
_PAGE_RESTS = 0.6
# On a busy machine a page may take its time to open.
_PATIENCE = 60
# What a browser says to open a page's socket, and what it then hears.
_SOCKET = "/socket.io/?EIO=4&transport=websocket"
_CONNECT = f"40{NAMESPACE},"
_EVENT = f"42{NAMESPACE},"
_PING, _PONG = "2", "3"
# How often the agents' process looks whether it is itself late.
_TICK = 0.005
# One message in so many goes along with somebody who joins the line and somebody who is taken.
_CHURN = 5


class Page:
    """An agent's page without its looks: hears the socket, fetches what it is told to.

    It speaks to the socket as a browser does, compression included, but reads only messages in
    full: there are hundreds of pages in this process, and in life each has a machine of its own.
    """

    def __init__(self, url: str, token: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._headers = {"Cookie": f"{COOKIE}={token}"}
        self._session = session
        self._wanted = asyncio.Event()
        self.arrivals: list[tuple[str, float]] = []
        self.queues = self.fetches = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: ClientWebSocketResponse | None = None

    async def open(self) -> None:
        """Connect, and fetch the lists once in full."""
        self._socket = socket = await self._session.ws_connect(
            self._url + _SOCKET, headers=self._headers, compress=15, max_msg_size=0
        )
        await socket.receive_str()
        await socket.send_str(_CONNECT)
        answer = await socket.receive_str()
        assert answer.startswith(_CONNECT), answer
        self._tasks.append(asyncio.create_task(self._listen(socket)))
        await self._fetch("/overview")
        self._tasks.append(asyncio.create_task(self._follow()))

    async def close(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def _listen(self, socket: ClientWebSocketResponse) -> None:
        async for packet in socket:
            heard = str(packet.data)
            if heard == _PING:
                await socket.send_str(_PONG)
            elif heard.startswith(f'{_EVENT}["message"'):
                _, told = json.loads(heard.removeprefix(_EVENT))
                self.arrivals.append((told["message"].get("text", ""), time.time()))
            elif heard.startswith(f'{_EVENT}["queue"'):
                self.queues += 1
            elif heard.startswith(f'{_EVENT}["overview"'):
                self._wanted.set()

    async def _follow(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._fetch("/overview?queue=no")
            self.fetches += 1
            await asyncio.sleep(_PAGE_RESTS)

    async def _fetch(self, path: str) -> None:
        async with self._session.get(
            f"{self._url}/console/api{path}", headers=self._headers
        ) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()


async def _agents(url: str, tokens: list[str], pipe: Connection) -> None:
    """Open a page for every token; report when each message arrives."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        # Every socket is a connection that stays.
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=_PATIENCE),
    ) as session:
        pages = [Page(url, token, session) for token in tokens]
        for page in pages:
            await page.open()
        pipe.send(len(pages))
        lateness: list[float] = []
        watch = asyncio.create_task(_watch(lateness))
        await asyncio.to_thread(pipe.recv)
        watch.cancel()
        arrivals = [arrival for page in pages for arrival in page.arrivals]
        counts = sum(page.queues for page in pages), sum(page.fetches for page in pages)
        pipe.send((arrivals, *counts, lateness))
        for page in pages:
            await page.close()


async def _watch(lateness: list[float]) -> None:
    """Note how late this process is to do what is due: whatever arrives is noticed as late."""
    while True:
        due = time.perf_counter() + _TICK
        await asyncio.sleep(_TICK)
        lateness.append(max(0.0, time.perf_counter() - due))


def _agents_process(url: str, tokens: list[str], pipe: Connection) -> None:
    asyncio.run(_agents(url, tokens, pipe))


async def measure(
    database: str, agents: int, waiting: int, messages: int, per_second: float
) -> dict[str, Any]:
    """Build the desk, let messages come, and read the clocks on both sides."""
    await upgrade(database)
    engine = make_engine(database)
    began = time.perf_counter()
    crowd = await gather(engine, agents, waiting, CAPACITY)
    filled_s = time.perf_counter() - began
    desk = Desk(engine, SystemClock(), hasher=HASHER, rules=rules())
    tokens = [await desk.open_session(agent.id) for agent in crowd.agents]
    app = web.Application(middlewares=[uncompressed_sockets])
    sio = socketio.AsyncServer(async_mode="aiohttp", namespaces="*")
    sio.attach(app)
    nothing = Nothing()
    parts = ConsoleParts(desk, nothing, no_facts, nothing)
    app.add_subapp("/console/api", make_console(parts, ConsoleSettings()))
    sockets = ConsoleSockets(sio, desk)
    desk.listen(sockets.observe)
    keeper = Keeper(desk, SystemClock(), "bench", {})
    desk.listen(keeper.observe)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_agents_process, args=(url, tokens, theirs)
    )
    process.start()
    # So that an end of the agents ends the waiting for them.
    theirs.close()
    tasks = [asyncio.create_task(keeper.run()), asyncio.create_task(sockets.keep_beating())]
    try:
        opened = await asyncio.to_thread(ours.recv)
        # What fell due while the pages opened is done before the measurement begins.
        await asyncio.sleep(5)
        busy, wall = time.process_time(), time.perf_counter()
        agent_ids = [agent.id for agent in crowd.agents]
        sent, stored = await _shoppers(desk, crowd.held, agent_ids, messages, per_second)
        busy = (time.process_time() - busy) / (time.perf_counter() - wall)
        ours.send("stop")
        arrivals, queues, fetches, lateness = await asyncio.to_thread(ours.recv)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        process.join(timeout=20)
        with contextlib.suppress(RuntimeError):
            await runner.cleanup()
    rounds = await _rounds(desk)
    await engine.dispose()
    waits = [at - sent[text] for text, at in dict(arrivals).items() if text in sent]
    return {
        "machine": f"{platform.machine()} {multiprocessing.cpu_count()} cores",
        "load_at_end": round(os.getloadavg()[0], 1),
        "database": database.partition(":")[0],
        "filling_s": round(filled_s, 1),
        "agents_sockets": opened,
        "waiting_shoppers": waiting,
        "held_conversations": len(crowd.held),
        "messages": messages,
        "messages_per_second": per_second,
        "arrived": len(waits),
        "fan_out_ms": _percentiles(waits),
        "of_it_until_stored_ms": _percentiles(stored),
        "pages_process_late_ms": _percentiles(lateness),
        "cores_busy_meanwhile": round(busy, 2),
        "changes_of_the_line_told": queues,
        "lists_fetched": fetches,
        **rounds,
    }


def _percentiles(seconds: list[float]) -> dict[str, float]:
    """In milliseconds."""
    ordered = sorted(seconds)
    return {
        f"p{share}": round(ordered[len(ordered) * share // 100] * 1000, 1) for share in (50, 95, 99)
    }


async def _shoppers(
    desk: Desk, held: list[str], agent_ids: list[str], messages: int, per_second: float
) -> tuple[dict[str, float], list[float]]:
    """Shoppers of held conversations write, evenly spread; the line moves on meanwhile.

    When each message was handed to the desk, and how long it took to be stored.
    """
    sent: dict[str, float] = {}
    stored: list[float] = []
    began = time.perf_counter()
    for number in range(messages):
        text = f"message {number}"
        sent[text] = time.time()
        shopper = held[number % len(held)]
        await desk.record(Incoming("web", shopper, f"m{number}", Content(text=text)))
        stored.append(time.time() - sent[text])
        if number % _CHURN == 0:
            await join(desk, f"late{number}")
            [first] = await desk.queue(1)
            await desk.take(first.conversation.id, agent_ids[number % len(agent_ids)])
        left = began + (number + 1) / per_second - time.perf_counter()
        await asyncio.sleep(max(0.0, left))
    await asyncio.sleep(2)
    return sent, stored


async def _rounds(desk: Desk) -> dict[str, Any]:
    """What looking after the whole line costs: the places of all, and one thing that is due."""
    while await desk.keep_order():
        pass
    told: dict[str, object] = {}
    await desk.tell_places(told)
    figures = {}
    for name, look in (("places", desk.tell_places(told)), ("nothing_due", desk.keep_order())):
        began, busy = time.perf_counter(), time.process_time()
        await look
        took, cpu = time.perf_counter() - began, time.process_time() - busy
        figures[f"{name}_round_ms"] = {"wall": round(took * 1000, 1), "cpu": round(cpu * 1000, 1)}
    return figures


def main() -> int:
    """Measure and print; fails when the 95th percentile is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--waiting", type=int, default=5000)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--per-second", type=float, default=10)
    parser.add_argument("--limit-ms", type=float, default=50)
    parser.add_argument("--database", help="an empty one; a new file of SQLite by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or f"sqlite:///{Path(folder) / 'desk.db'}"
        result = asyncio.run(
            measure(database, given.agents, given.waiting, given.messages, given.per_second)
        )
    print(json.dumps(result, indent=1))
    return 0 if result["fan_out_ms"]["p95"] <= given.limit_ms else 1


if __name__ == "__main__":
    sys.exit(main())
