"""The figures of a run of simulated shoppers, as a table by task and language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

_VERDICTS = ("correct", "handed off", "given up", "wrong")


def summary(told: Sequence[dict[str, Any]]) -> str:
    """A Markdown table: a row for each task and language, and one for all."""
    rows = [
        "| task | language | dialogues | completed | handed off | given up | wrong"
        " | messages, median | p90 |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    keys = sorted({(one["task"], one["language"]) for one in told})
    for task, language in keys:
        of_both = [one for one in told if (one["task"], one["language"]) == (task, language)]
        rows.append(_row(task, language, of_both))
    rows.append(_row("all", "", list(told)))
    return "\n".join(rows)


def _row(task: str, language: str, told: Sequence[dict[str, Any]]) -> str:
    counts = [sum(one["verdict"] == verdict for one in told) for verdict in _VERDICTS]
    messages = sorted(int(one["messages"]) for one in told)
    ninetieth = messages[math.ceil(0.9 * len(messages)) - 1]
    completed = f"{counts[0]} ({100 * counts[0] / len(told):.1f} %)"
    return (
        f"| {task} | {language} | {len(told)} | {completed} | {counts[1]} | {counts[2]}"
        f" | {counts[3]} | {median(messages):g} | {ninetieth} |"
    )


def targets(told: Sequence[dict[str, Any]], seconds: float) -> str:
    """A Markdown table: what is aimed at, and what came of it."""
    count = len(told)
    wrong = sum(one["verdict"] == "wrong" for one in told)
    completed = 100 * sum(one["verdict"] == "correct" for one in told) / count
    objected = 100 * sum(bool(one["objections"]) for one in told) / count
    rows = [
        ("dialogues", "2,000 at least", f"{count:,}"),
        ("wrong end states", "0", str(wrong)),
        ("completed without a person", "95 % at least", f"{completed:.1f} %"),
        ("messages, median: order status", "2 at most", _median(told, "order_status")),
        ("messages, median: return", "5 at most", _median(told, "return")),
        ("messages, median: exchange of two lines", "7 at most", _median(told, "exchange", 2)),
        ("duration on 2 cores", "10 min at most", f"{seconds / 60:.1f} min"),
        ("talks in which a summary was not what was wished", "", f"{objected:.1f} %"),
    ]
    return "\n".join(
        ["| | aim | measured |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    )


def _median(told: Sequence[dict[str, Any]], task: str, lines: int = 0) -> str:
    """Of the shopper's messages in those that were completed, with so many lines if given."""
    messages = [
        int(one["messages"])
        for one in told
        if one["task"] == task and one["verdict"] == "correct"
        if not lines or len(one["units"]) == lines
    ]
    return f"{median(messages):g}" if messages else "–"


def report(
    told: Sequence[dict[str, Any]], seconds: float, processor: float, workers: int, command: str
) -> str:
    """The whole page docs/simulation-report.md.

    ``seconds`` is by the clock, ``processor`` the seconds for which all workers had a processor.
    """
    return (
        "# Simulated shoppers\n\n"
        f"Measured with `{command}`: {len(told)} dialogues in {seconds:.0f} s,"
        f" {workers} worker processes, {processor:.0f} s of processor time together"
        " (models loaded and shops made included).\n\n"
        + targets(told, seconds)
        + "\n\n*Completed*: the shop's whole export differs by what was wished and nothing else, no"
        " person was needed.\n*Given up*: nothing happened though it was wished. *Wrong*: something"
        " else happened.\nMessages are the shopper's, questions in between and changes of mind"
        " included.\n\n" + summary(told) + "\n"
    )
