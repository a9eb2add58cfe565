"""500 agents' sockets and 5,000 waiting shoppers in one process: how fast is a message an agent's?

One process serves the console's sockets over a database with the queue; another one is the agents.
Prints JSON: the time from a shopper's message being handed to the desk until the agent's page
has it, and what the upkeep of the queue costs meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import platform
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web
from argon2 import PasswordHasher

from connectors.console.sessions import COOKIE
from connectors.console.sockets import NAMESPACE, ConsoleSockets
from desk.model import Handoff, HandoffReason, Incoming, Role
from desk.rulebook import read_rules
from desk.service import Desk
from kefu.keeper import Keeper
from kefu.migrate import upgrade
from kernel.clock import SystemClock
from kernel.content import Content
from kernel.database import make_engine

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# Agents hold what they can, so that nobody is offered to anybody while we measure.
_RULES = {"queue": {"assignment": "manual"}}


async def _agents(url: str, tokens: list[str], pipe: Connection) -> None:
    """Open a socket for every token; report when each message arrives."""
    clients: list[socketio.AsyncClient] = []
    arrivals: list[tuple[str, float]] = []
    overviews = 0

    def heard(told: dict[str, Any]) -> None:
        arrivals.append((told["message"]["text"], time.time()))

    def changed(*_: Any) -> None:
        nonlocal overviews
        overviews += 1

    for token in tokens:
        client = socketio.AsyncClient(reconnection=False)
        client.on("message", heard, namespace=NAMESPACE)
        client.on("overview", changed, namespace=NAMESPACE)
        headers = {"Cookie": f"{COOKIE}={token}"}
        await client.connect(url, headers, namespaces=[NAMESPACE], transports=["websocket"])
        clients.append(client)
    pipe.send(len(clients))
    await asyncio.to_thread(pipe.recv)
    await asyncio.sleep(1)
    pipe.send((arrivals, overviews))
    for client in clients:
        await client.disconnect()


def _agents_process(url: str, tokens: list[str], pipe: Connection) -> None:
    asyncio.run(_agents(url, tokens, pipe))


async def measure(agents: int, waiting: int, messages: int, per_second: float) -> dict[str, Any]:
    """Build the desk, let messages come, and read the clocks on both sides."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'desk.db'}"
        await upgrade(database)
        engine = make_engine(database)
        desk = Desk(engine, SystemClock(), hasher=_CHEAP, rules=read_rules(_RULES, {}))
        tokens, held = await _people(desk, agents)
        for number in range(waiting):
            await _wait(desk, f"waiting{number}")
        app = web.Application()
        sio = socketio.AsyncServer(async_mode="aiohttp", namespaces="*")
        sio.attach(app)
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
        tasks = [asyncio.create_task(keeper.run()), asyncio.create_task(sockets.keep_beating())]
        try:
            opened = await asyncio.to_thread(ours.recv)
            sent = await _shoppers(desk, held, messages, per_second)
            ours.send("stop")
            arrivals, overviews = await asyncio.to_thread(ours.recv)
            round_seconds = await _round(desk)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            process.join(timeout=20)
            with contextlib.suppress(RuntimeError):
                await runner.cleanup()
            await engine.dispose()
    waits = sorted((at - sent[text]) * 1000 for text, at in dict(arrivals).items())
    return {
        "machine": f"{platform.machine()} {multiprocessing.cpu_count()} cores",
        "agents_sockets": opened,
        "waiting_shoppers": waiting,
        "messages": messages,
        "arrived": len(waits),
        "fan_out_ms": {
            "p50": round(statistics.median(waits), 1),
            "p95": round(waits[int(len(waits) * 0.95)], 1),
            "p99": round(waits[int(len(waits) * 0.99)], 1),
        },
        "overviews_told": overviews,
        "upkeep_round_ms": round(round_seconds * 1000, 1),
    }


async def _people(desk: Desk, agents: int) -> tuple[list[str], list[tuple[str, str]]]:
    tokens: list[str] = []
    held: list[tuple[str, str]] = []
    for number in range(agents):
        agent = await desk.add_agent(f"agent{number}", f"Agent {number}", "pass word", Role.AGENT)
        tokens.append(await desk.open_session(agent.id))
        conversation_id = await _wait(desk, f"held{number}")
        await desk.take(conversation_id, agent.id)
        held.append((f"held{number}", conversation_id))
    return tokens, held


async def _wait(desk: Desk, shopper: str) -> str:
    incoming = Incoming("web", shopper, "first", Content(text="a person please"), language="en")
    conversation = (await desk.record(incoming)).conversation
    handoff = Handoff(HandoffReason.ASKED, {}, SystemClock().now())
    await desk.hand_off(conversation.id, conversation.epoch, handoff)
    return conversation.id


async def _shoppers(
    desk: Desk, held: list[tuple[str, str]], messages: int, per_second: float
) -> dict[str, float]:
    """Shoppers of held conversations write, evenly spread."""
    sent: dict[str, float] = {}
    for number in range(messages):
        shopper, _ = held[number % len(held)]
        text = f"message {number}"
        sent[text] = time.time()
        await desk.record(Incoming("web", shopper, f"m{number}", Content(text=text)))
        await asyncio.sleep(1 / per_second)
    await asyncio.sleep(2)
    return sent


async def _round(desk: Desk) -> float:
    """What one look after everything costs with everybody waiting."""
    began = time.perf_counter()
    await desk.keep_order()
    await desk.tell_places({})
    return time.perf_counter() - began


def main() -> int:
    """Measure and print; fails when the 95th percentile is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--waiting", type=int, default=5000)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--per-second", type=float, default=10)
    parser.add_argument("--limit-ms", type=float, default=50)
    given = parser.parse_args()
    result = asyncio.run(measure(given.agents, given.waiting, given.messages, given.per_second))
    print(json.dumps(result, indent=1))
    return 0 if result["fan_out_ms"]["p95"] <= given.limit_ms else 1


if __name__ == "__main__":
    sys.exit(main())
