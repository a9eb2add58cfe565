"""The table, the ratios and the file of results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.load import Latencies


@dataclass(frozen=True)
class Measured:
    """One side's figures; a length's figure is the median turn in milliseconds at that length."""

    training_seconds: float
    ready_seconds: float
    resident_mb: float
    alone: Latencies
    together: Latencies
    turns_per_core_second: float
    at_length: dict[int, float]


@dataclass(frozen=True)
class Row:
    """One line of the table: ``ratio`` is ours to the peer's, ``target`` what it should reach."""

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    target: str
    reached: bool | None


def rows_of(ours: Measured, peer: Measured | None) -> list[Row]:
    """The comparison against the targets; peers' columns are empty when there is none."""
    return [*_against_peer(ours, peer), *_against_length(ours, peer)]


def _against_peer(ours: Measured, peer: Measured | None) -> Iterator[Row]:
    figures: list[tuple[str, Callable[[Measured], float], float | None]] = [
        ("start to ready, s", lambda side: side.ready_seconds, 1 / 4),
        ("resident memory, MB", lambda side: side.resident_mb, 1 / 3),
        ("training, s", lambda side: side.training_seconds, 1 / 5),
        ("turn p50, 1 shopper, ms", lambda side: side.alone.p50_ms, 1 / 3),
        ("turn p95, 1 shopper, ms", lambda side: side.alone.p95_ms, None),
        ("turn p50, 16 shoppers, ms", lambda side: side.together.p50_ms, 1 / 3),
        ("turn p95, 16 shoppers, ms", lambda side: side.together.p95_ms, None),
    ]
    for name, figure, most in figures:
        mine, theirs = figure(ours), figure(peer) if peer else None
        ratio = mine / theirs if theirs else None
        reached = ratio <= most if ratio is not None and most is not None else None
        yield Row(name, mine, theirs, ratio, f"≤ {most:.2f}" if most else "", reached)
    rate = ours.turns_per_core_second
    theirs = peer.turns_per_core_second if peer else None
    ratio = rate / theirs if theirs else None
    yield Row(
        "turns per second and core", rate, theirs, ratio, "≥ 3", ratio >= 3 if ratio else None
    )


def _against_length(ours: Measured, peer: Measured | None) -> Iterator[Row]:
    shortest = min(ours.at_length)
    for length, milliseconds in sorted(ours.at_length.items()):
        theirs = peer.at_length.get(length) if peer else None
        yield Row(
            f"turn at length {length:,}, ms",
            milliseconds,
            theirs,
            milliseconds / theirs if theirs else None,
            "",
            None,
        )
    longest = max(ours.at_length)
    growth = ours.at_length[longest] / ours.at_length[shortest]
    theirs = None
    if peer and {longest, shortest} <= set(peer.at_length):
        theirs = peer.at_length[longest] / peer.at_length[shortest]
    yield Row(
        f"length {longest:,} to length {shortest}",
        growth,
        theirs,
        None,
        "ours ≤ 1.2",
        growth <= 1.2,
    )


def table_of(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| | Kefu | stock Rasa | ratio | target | |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for row in rows:
        peer = f"{row.peer:,.2f}" if row.peer is not None else "–"
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        verdict = {True: "reached", False: "**missed**", None: ""}[row.reached]
        lines.append(
            f"| {row.name} | {row.ours:,.2f} | {peer} | {ratio} | {row.target} | {verdict} |"
        )
    return "\n".join(lines)


def write(
    folder: Path,
    docs: Path,
    rows: list[Row],
    ours: Measured,
    peer: Measured | None,
    notes: list[str],
) -> None:
    """results.json under ``folder``, and the page ``docs``."""
    results = {
        "notes": notes,
        "rows": [asdict(row) for row in rows],
        "ours": asdict(ours),
        "peer": asdict(peer) if peer else None,
    }
    (folder / "results.json").write_text(
        json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    page = [
        "# Benchmark",
        "",
        "`make bench` wrote this page. The peer is stock Rasa 3.6.21 on Python 3.10: its default",
        "pipeline and policies (DIET, TED), SQLite tracker store, HTTP action server, REST door.",
        "Both sides answer the same lines over loopback, on the same machine, one after the other.",
        "",
        table_of(rows),
        "",
        *(f"- {note}" for note in notes),
        "",
    ]
    docs.write_text("\n".join(page), encoding="utf-8")
