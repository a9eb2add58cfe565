"""`make benchturn`: what a turn that reads an order costs beside turns that read nothing."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import tempfile
import time
from pathlib import Path

from kefu.training import ensure_model
from kernel.log import configure_logging
from tests.conversations.stage import Stage, Talk

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


async def main() -> None:
    """Print the medians and their ratio; wall time and CPU time of this process side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=_TURNS, help="of each kind")
    arguments = parser.parse_args()
    # As a server logs; to write down every step costs more than most steps.
    configure_logging(logging.NullHandler(), "WARNING")
    model = ensure_model(ROOT, ROOT / "models", print, force=False)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(model, Path(folder))
        await stage.start()
        try:
            await measured(stage, _OF_ONE_CONVERSATION)
            report(await measured(stage, arguments.turns))
        finally:
            await stage.bot.stop()


async def measured(stage: Stage, turns: int) -> dict[str, list[tuple[float, float]]]:
    """So many turns of each kind, by turns: wall and CPU milliseconds of each."""
    times: dict[str, list[tuple[float, float]]] = {kind: [] for kind in _KINDS}
    while len(times["order"]) < turns:
        known, unknown = stage.open(customer=_CUSTOMER), stage.open()
        for place in range(_OF_ONE_CONVERSATION):
            for kind, (talk, lines) in {
                "greeting": (known, _GREETING),
                "journey": (unknown, _JOURNEY),
                "order": (known, _ORDER),
            }.items():
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


def report(times: dict[str, list[tuple[float, float]]]) -> None:
    """Print what was measured."""
    print(f"load average {os.getloadavg()[0]:.1f}, {len(times['order'])} turns of each kind")
    for place, clock in enumerate(("wall", "CPU")):
        median = {kind: statistics.median(one[place] for one in times[kind]) for kind in _KINDS}
        shares = [f"{median['order'] / median[kind]:.2f} x a {kind}" for kind in _KINDS[:-1]]
        figures = ", ".join(f"{kind} {median[kind]:.1f} ms" for kind in _KINDS)
        print(f"p50 {clock}: {figures}: an order is {', '.join(shares)} (to reach: {MOST} x)")


if __name__ == "__main__":
    asyncio.run(main())
