"""`make benchturn`: what a turn that reads an order costs beside a turn that reads nothing."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from kefu.models import ensure_model
from tests.conversations.stage import Stage, Talk

ROOT = Path(__file__).resolve().parent.parent
MOST = 1.3
_TURNS = 200
# A conversation is as short as most are: its tracker must not be what is measured.
_OF_ONE_CONVERSATION = 5
_CUSTOMER = "C0001"
# By turns in both languages. Those of the first kind are answered without a look at the shop.
_NOTHING = ("你好", "hello")
_ORDER = ("查一下订单 KF2601018001", "what is the status of order KF2601018002")


async def main() -> None:
    """Print the medians and their ratio; wall time and CPU time of this process side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=_TURNS, help="of each kind")
    arguments = parser.parse_args()
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
    times: dict[str, list[tuple[float, float]]] = {"nothing": [], "order": []}
    while len(times["order"]) < turns:
        talk = stage.open(customer=_CUSTOMER)
        for place in range(_OF_ONE_CONVERSATION):
            for kind, lines in (("nothing", _NOTHING), ("order", _ORDER)):
                times[kind].append(await _timed(talk, lines[place % len(lines)]))
            if not any(one.startswith("utter_order_") for one in talk.responses):
                raise SystemExit(f"no order was read: {talk.responses}")
        talk.close()
    return times


async def _timed(talk: Talk, words: str) -> tuple[float, float]:
    started, worked = time.perf_counter(), time.process_time()
    await talk.say(words)
    return (time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3


def report(times: dict[str, list[tuple[float, float]]]) -> None:
    """Print what was measured."""
    print(f"load average {os.getloadavg()[0]:.1f}, {len(times['order'])} turns of each kind")
    for place, clock in enumerate(("wall", "CPU")):
        nothing, order = (
            statistics.median(one[place] for one in times[kind]) for kind in ("nothing", "order")
        )
        print(
            f"p50 {clock}: {nothing:.1f} ms reading nothing, {order:.1f} ms reading an order: "
            f"{order / nothing:.2f} x (to reach: {MOST} x)"
        )


if __name__ == "__main__":
    asyncio.run(main())
