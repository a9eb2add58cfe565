"""`make benchturn`: what a turn that reads an order costs beside turns that read nothing.

Once as a shopper gets it, message to reply through the REST channel of a serving process, once
within the assistant alone.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psutil

from kefu.training import ensure_model
from kernel.log import configure_logging
from tests.conversations.stage import Stage, Talk
from tests.serving import Served

ROOT = Path(__file__).resolve().parent.parent
MOST = 1.3
_TURNS = 200
# A conversation is as short as most are: its tracker must not be what is measured.
_OF_ONE_CONVERSATION = 5
_CUSTOMER = "C0001"
# By turns in both languages. Those of the first kinds are answered without a look at the shop: a
# greeting, which starts no journey, and the same journey by somebody who is not known.
_GREETING = ("你好", "hello")
_JOURNEY = ("我的订单到哪一步了", "what is the status of my order")
_ORDER = ("查一下订单 KF2601018001", "what is the status of order KF2601018002")

_KINDS = ("greeting", "journey", "order")

# Of each kind of turn: wall and CPU milliseconds.
Times = dict[str, list[tuple[float, float]]]
T = TypeVar("T")


async def main() -> None:
    """Print the medians and their ratio; wall time and CPU time of this process side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=_TURNS, help="of each kind")
    arguments = parser.parse_args()
    # As a server logs; to write down every step costs more than most steps.
    configure_logging(logging.NullHandler(), "WARNING")
    model = ensure_model(ROOT, ROOT / "models", print, force=False)
    print(f"load average {os.getloadavg()[0]:.1f}, {arguments.turns} turns of each kind")
    with tempfile.TemporaryDirectory() as folder:
        report("message to reply over REST", served(Path(folder), arguments.turns))
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(model, Path(folder))
        await stage.start()
        try:
            await measured(stage, _OF_ONE_CONVERSATION)
            report("the assistant alone", await measured(stage, arguments.turns))
        finally:
            await stage.bot.stop()


def served(folder: Path, turns: int) -> Times:
    """So many turns of each kind over REST: wall milliseconds, and the server's CPU ones."""
    server = Served(folder)
    server.start()
    try:
        _asked(server, _OF_ONE_CONVERSATION)
        return _asked(server, turns)
    finally:
        server.stop()


def _asked(server: Served, turns: int) -> Times:
    process = psutil.Process(server.pid)
    told: Any = server.get(f"/demo/customer-token?customer={_CUSTOMER}")
    vouched = {"customer_token": told["token"]}

    def worked() -> float:
        spent = process.cpu_times()
        return spent.user + spent.system

    def timed(sender: str, words: str, known: bool) -> tuple[float, float]:
        started, before = time.perf_counter(), worked()
        replies = server.say(sender, words, **(vouched if known else {}))
        taken = (time.perf_counter() - started) * 1e3, (worked() - before) * 1e3
        if words in _ORDER and not any("KF26" in str(reply.get("text")) for reply in replies):
            raise SystemExit(f"no order was read: {replies}")
        return taken

    times: Times = {kind: [] for kind in _KINDS}
    while len(times["order"]) < turns:
        known, unknown = uuid4().hex, uuid4().hex
        for place in range(_OF_ONE_CONVERSATION):
            for kind, (sender, lines) in _said(known, unknown).items():
                times[kind].append(timed(sender, lines[place % len(lines)], sender == known))
    return times


def _said(known: T, unknown: T) -> dict[str, tuple[T, tuple[str, ...]]]:
    """Who says what for each kind of turn."""
    return {
        "greeting": (known, _GREETING),
        "journey": (unknown, _JOURNEY),
        "order": (known, _ORDER),
    }


async def measured(stage: Stage, turns: int) -> Times:
    """So many turns of each kind: wall and CPU milliseconds of each."""
    times: Times = {kind: [] for kind in _KINDS}
    while len(times["order"]) < turns:
        known, unknown = stage.open(customer=_CUSTOMER), stage.open()
        for place in range(_OF_ONE_CONVERSATION):
            for kind, (talk, lines) in _said(known, unknown).items():
                times[kind].append(await _timed(talk, lines[place % len(lines)]))
            if not any(one.startswith("utter_order_") for one in known.responses):
                raise SystemExit(f"no order was read: {known.responses}")
        known.close()
        unknown.close()
    return times


async def _timed(talk: Talk, words: str) -> tuple[float, float]:
    started, worked = time.perf_counter(), time.process_time()
    await talk.say(words)
    return (time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3


def report(what: str, times: Times) -> None:
    """Print what was measured; a processor's ticks are long, so its share is told as a mean."""
    for place, (clock, middle) in enumerate(
        (("wall p50", statistics.median), ("CPU mean", statistics.mean))
    ):
        typical = {kind: middle([one[place] for one in times[kind]]) for kind in _KINDS}
        shares = [f"{typical['order'] / typical[kind]:.2f} x a {kind}" for kind in _KINDS[:-1]]
        figures = ", ".join(f"{kind} {typical[kind]:.1f} ms" for kind in _KINDS)
        print(f"{what}, {clock}: {figures}: an order is {', '.join(shares)} (to reach: {MOST} x)")


if __name__ == "__main__":
    asyncio.run(main())
