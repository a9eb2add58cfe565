"""Reads the golden sentences: what each of them names, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("golden_entities.txt")


class Golden(NamedTuple):
    """A sentence and what it names, each as ``kind=value``; ``kind?`` where that is not certain."""

    text: str
    named: tuple[str, ...]


def golden_sentences() -> list[Golden]:
    """The lines of the file: ``sentence | kind=value; kind=value``."""
    sentences = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        text, _, named = line.rpartition("|")
        sentences.append(
            Golden(text.strip(), tuple(filter(None, map(str.strip, named.split(";")))))
        )
    return sentences


def written(entity: Mapping[str, Any]) -> str:
    """An entity as the golden file writes it."""
    value = entity["value"]
    if entity["entity"] == "amount":
        value = f"{value['minor']}{value['currency']}"
    if entity["entity"] == "tracking_number" and entity.get("carrier"):
        value = f"{value}({entity['carrier']})"
    doubt = "" if entity.get("certain", True) else "?"
    return f"{entity['entity']}{doubt}={value}"


def scores(pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> dict[str, float]:
    """F1 of every kind over pairs of what should be and what was found."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for expected, found in pairs:
        should, was = Counter(expected), Counter(found)
        right.update(_kinds((should & was).elements()))
        wrong.update(_kinds((should - was).elements()))
        wrong.update(_kinds((was - should).elements()))
    return {kind: 2 * right[kind] / (2 * right[kind] + wrong[kind]) for kind in right | wrong}


def _kinds(named: Iterable[str]) -> list[str]:
    return [one.partition("=")[0].rstrip("?") for one in named]
