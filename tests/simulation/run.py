"""Plays thousands of talks with simulated shoppers in worker processes, and reports on them.

``make simulate ARGS="--dialogues 2000 --seed 1"``; ``--only 17,23`` plays those seeds and prints
them, ``--task modify,refund`` and ``--language zh`` play no others. Talks that did not
end correctly are written to ``--failures``, one JSON object a line.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from kefu.training import ensure_model
from tests.conversations.stage import ROOT
from tests.simulation.goal import Task
from tests.simulation.hall import Hall
from tests.simulation.report import report, summary
from tests.simulation.speech import LANGUAGES

# Disjoint seeds for different --seed.
_APART = 1_000_000
# Copies of the shop lie in memory, where the system has a place for that.
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True)
class Among:
    """What is played: any of ``tasks``, of all where there are none; one ``language`` or both."""

    tasks: tuple[Task, ...]
    language: str | None

    def task(self, seed: int) -> Task | None:
        """The task of the talk of ``seed``; None: drawn from all of them."""
        return self.tasks[seed % len(self.tasks)] if self.tasks else None


def main() -> int:
    """Play, report; the exit code says whether a talk ended wrong."""
    given = _arguments()
    model = ensure_model(ROOT, ROOT / "models", print)
    seeds = [given.seed * _APART + number for number in range(given.dialogues)]
    if given.only:
        seeds = [int(one) for one in given.only.split(",")]
    began = time.monotonic()
    until = began + 60 * given.minutes
    among = Among(tuple(Task(one) for one in given.task.split(",") if one), given.language)
    told, processor = _play_all(model, seeds, among, given.workers, until)
    seconds = time.monotonic() - began
    failed = [one for one in told if one["verdict"] != "correct"]
    Path(given.failures).parent.mkdir(parents=True, exist_ok=True)
    Path(given.failures).write_text(
        "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in failed), "utf-8"
    )
    if given.only:
        for one in told:
            _print(one)
    print(summary(told))
    print(
        f"{len(told)} dialogues in {seconds:.0f} s with {given.workers} workers,"
        f" {processor:.0f} s of processor time"
    )
    if given.report and not given.only and not given.task and not given.language:
        command = f'make simulate ARGS="--dialogues {given.dialogues} --seed {given.seed}"'
        page = report(told, seconds, processor, given.workers, command)
        Path(given.report).write_text(page, "utf-8")
    return int(any(one["verdict"] == "wrong" for one in told))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogues", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60.0, help="no new talk after so long")
    parser.add_argument("--task", default="", help="these alone, with a comma between them")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--only", default="")
    parser.add_argument("--failures", default="var/simulation-failures.jsonl")
    parser.add_argument("--report", default="docs/simulation-report.md")
    return parser.parse_args()


def _play_all(
    model: Path, seeds: Sequence[int], among: Among, workers: int, until: float
) -> tuple[list[dict[str, Any]], float]:
    parts = [seeds[first::workers] for first in range(workers)]
    parts = [part for part in parts if part]
    # Each worker has a core to itself.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(parts), mp_context=context) as pool:
        played = [pool.submit(_play_part, model, part, among, until) for part in parts]
        results = [part.result() for part in played]
    told = [one for part, _ in results for one in part]
    return sorted(told, key=lambda one: int(one["seed"])), sum(spent for _, spent in results)


def _play_part(
    model: Path, seeds: Sequence[int], among: Among, until: float
) -> tuple[list[dict[str, Any]], float]:
    """The talks, and the processor time of this process in seconds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return asyncio.run(_play(model, seeds, among, until)), time.process_time()


async def _play(
    model: Path, seeds: Sequence[int], among: Among, until: float
) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="kefu-simulation-", dir=MEMORY) as folder:
        hall = Hall(model, Path(folder))
        await hall.start()
        # The loaded assistant stays for good: there is nothing in it to be collected.
        gc.collect()
        gc.freeze()
        told: list[dict[str, Any]] = []
        for seed in seeds:
            if time.monotonic() > until:
                break
            told.append((await hall.play(seed, among.task(seed), among.language)).told())
            if told[-1]["verdict"] != "correct":
                print(json.dumps(told[-1], ensure_ascii=False), flush=True)
        await hall.stop()
        return told


def _print(told: dict[str, Any]) -> None:
    lines = told.pop("lines")
    print(json.dumps(told, ensure_ascii=False))
    for said, answered, asked in lines:
        print(f"  > {said}\n    {answered}  [{asked}]")


if __name__ == "__main__":
    sys.exit(main())
