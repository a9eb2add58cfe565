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


def report(told: Sequence[dict[str, Any]], seconds: float, workers: int, command: str) -> str:
    """The whole page docs/simulation-report.md."""
    return (
        "# Simulated shoppers\n\n"
        f"Measured with `{command}`: {len(told)} dialogues in {seconds:.0f} s,"
        f" {workers} worker processes.\n\n"
        "*Completed*: the shop's whole export differs by what was wished and nothing else, no"
        " person was needed.\n*Given up*: nothing happened though it was wished. *Wrong*: something"
        " else happened.\nMessages are the shopper's, questions in between and changes of mind"
        " included.\n\n" + summary(told) + "\n"
    )
