"""`make bench`: measures Kefu and stock Rasa in one run and prints the comparison."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import uuid4

from benchmarks.lengths import lengthen_ours, lengthen_peer
from benchmarks.load import Latencies, Shoppers
from benchmarks.peer import (
    PeerUnavailable,
    python_of_peer,
    serve_commands,
    train_command,
    write_project,
)
from benchmarks.processes import NotReady, Servers, free_port, serving, timed_run
from benchmarks.report import Measured, rows_of, table_of, write

ROOT = Path(__file__).resolve().parent.parent
LENGTHS = (10, 1_000, 20_000)
TRAINING_SECONDS = 3 * 3600
# A turn that takes so long is measured fewer times: the median of three says enough.
ENOUGH_SECONDS = 60.0
# One alone may meet a hiccup; one shopper may not write much more than a round of the lines.
CONVERSATIONS_AT_LENGTH = 5
# Ordinary questions in both languages, none of which calls for a person.
LINES = (
    "你好",
    "我的包裹到哪儿了？",
    "hello",
    "退货有什么规定？",
    "What is your return policy?",
    "谢谢",
    "Which payment methods do you take?",
    "运费怎么算？",
    "thanks",
    "多久能送到上海？",
)


@dataclass(frozen=True)
class Side:
    """How to start one of the two, and how to make one of its conversations long."""

    name: str
    commands: Sequence[Sequence[str]]
    folder: Path
    port: int
    ready_path: str
    log: Path
    lengthen: Callable[[str, int], None]


def main() -> int:
    """Measure, print, write; 1 if something could not be measured."""
    arguments = _arguments()
    work = ROOT / "var" / "bench"
    work.mkdir(parents=True, exist_ok=True)
    notes = [f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}."]
    try:
        ours = _ours(work, arguments.turns)
        peer = None
        if not arguments.without_peer:
            peer = _peer(work, arguments.turns, arguments.examples, arguments.keep_peer)
            if arguments.examples:
                notes.append(
                    f"The peer learned from {arguments.examples} examples an intent, Kefu from"
                    " all: its training time would be longer with all."
                )
    except (NotReady, PeerUnavailable) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for name, side in (("Kefu", ours), ("The peer", peer)):
        if side is not None:
            left = side.alone.unanswered + side.together.unanswered
            turns = side.alone.turns + side.together.turns
            notes.append(f"{name} left {left} of {turns} messages without a reply.")
    notes.append(f"Load on the machine at the end: {os.getloadavg()[0]:.1f}.")
    rows = rows_of(ours, peer)
    print(table_of(rows))
    write(ROOT / "benchmarks", ROOT / "docs" / "benchmarks.md", rows, ours, peer, notes)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=400, help="messages in each load")
    parser.add_argument("--without-peer", action="store_true", help="measure Kefu alone")
    parser.add_argument(
        "--examples", type=int, help="train the peer on so many examples an intent, not on all"
    )
    parser.add_argument(
        "--keep-peer", action="store_true", help="serve the peer's last model, do not train it anew"
    )
    return parser.parse_args()


def _ours(work: Path, turns: int) -> Measured:
    data = work / "ours"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    kefu = [str(Path(sys.executable).with_name("kefu"))]
    print("training Kefu ...", flush=True)
    train = [sys.executable, "-m", "rasa", "train", "--quiet", "--force", "--out", str(data)]
    training = timed_run(train, ROOT, work / "ours.log", TRAINING_SECONDS)
    # `kefu serve` has a model of its own for this data, made now if it was not there.
    timed_run([*kefu, "train"], ROOT, work / "ours.log", TRAINING_SECONDS)
    port = free_port()
    serve = [*kefu, "serve", "--port", str(port), "--data", str(data)]
    side = Side(
        "Kefu",
        [serve],
        ROOT,
        port,
        "/readyz",
        work / "ours.log",
        lambda sender, messages: lengthen_ours(data / "kefu.db", sender, messages),
    )
    with _serving(side):  # the first start migrates and seeds the shop
        pass
    return _measured(side, training, turns)


def _peer(work: Path, turns: int, examples: int | None, keep: bool) -> Measured:
    python = python_of_peer(work)
    folder, port, action_port = work / "peer", free_port(), free_port()
    training = 0.0
    kept = work / "peer-models"
    if keep and (folder / "models").exists():
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder / "models", kept)
    write_project(folder, ROOT / "data" / "nlu", action_port, examples)
    if keep and kept.exists():
        shutil.copytree(kept, folder / "models")
        training = float((kept / "seconds").read_text())
    else:
        print("training the peer ...", flush=True)
        training = timed_run(train_command(python), folder, work / "peer.log", TRAINING_SECONDS)
        (folder / "models" / "seconds").write_text(str(training))
    side = Side(
        "stock Rasa",
        serve_commands(python, port, action_port),
        folder,
        port,
        "/status",
        work / "peer.log",
        lambda sender, messages: lengthen_peer(folder / "rasa.db", sender, messages),
    )
    return _measured(side, training, turns)


def _measured(side: Side, training: float, turns: int) -> Measured:
    with _serving(side) as servers:
        ready = servers.ready_after
        print(f"{side.name}: ready after {ready:.1f} s", flush=True)
        shoppers = Shoppers(f"http://127.0.0.1:{side.port}/webhooks/rest/webhook", LINES)
        asyncio.run(shoppers.talk(1, 30))  # warm
        alone = _told(side, "1 shopper", asyncio.run(shoppers.talk(1, turns)))
        spent = servers.cpu_seconds()
        together = _told(side, "16 shoppers", asyncio.run(shoppers.talk(16, turns)))
        per_core = together.turns / (servers.cpu_seconds() - spent)
        resident = servers.resident_bytes() / 1e6
        at_length = {length: _at_length(side, shoppers, length) for length in LENGTHS}
    return Measured(training, ready, resident, alone, together, per_core, at_length)


def _at_length(side: Side, shoppers: Shoppers, length: int) -> float:
    """The median over conversations of the median turn of one round of the lines, in ms."""
    medians: list[float] = []
    began = time.perf_counter()
    while len(medians) < CONVERSATIONS_AT_LENGTH:
        sender = uuid4().hex
        asyncio.run(shoppers.talk_as(sender, min(length, 4)))
        side.lengthen(sender, length)
        round_of_lines = shoppers.talk_as(sender, len(LINES), ENOUGH_SECONDS)
        medians.append(asyncio.run(round_of_lines).p50_ms)
        if time.perf_counter() - began > ENOUGH_SECONDS:
            break
    found = median(medians)
    print(f"{side.name}: {found:.1f} ms at length {length:,}", flush=True)
    return found


def _told(side: Side, what: str, latencies: Latencies) -> Latencies:
    print(
        f"{side.name}, {what}: p50 {latencies.p50_ms:.1f} ms, p95 {latencies.p95_ms:.1f} ms,"
        f" {latencies.turns_per_second:.1f} turns/s",
        flush=True,
    )
    return latencies


@contextlib.contextmanager
def _serving(side: Side) -> Iterator[Servers]:
    url = f"http://127.0.0.1:{side.port}{side.ready_path}"
    with serving(side.commands, side.folder, url, side.log) as servers:
        yield servers


if __name__ == "__main__":
    sys.exit(main())
