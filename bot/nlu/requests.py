"""From what the whole message and each of its clauses look like to the requests it holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# What people say around a request; beside a request it is not one itself.
SMALL_TALK = frozenset({"greet", "goodbye", "thanks", "affirm", "deny", "chitchat"})
# Answers to something the bot said, and what no service desk handles: likewise.
NO_REQUEST = SMALL_TALK | {"out_of_scope", "inform", "stop", "wait", "repeat"}


@dataclass(frozen=True)
class MergeSettings:
    """How much clauses weigh, and how sure a clause must be to count as a request of its own."""

    clause_share: float = 0.6
    clause_confidence: float = 0.4
    also_confidence: float = 0.3
    max_requests: int = 4


@dataclass(frozen=True)
class Request:
    """One thing the shopper asks for: the intent and the chance that it is meant."""

    name: str
    confidence: float


def merge(
    labels: tuple[str, ...],
    whole: NDArray[np.float32],
    clauses: NDArray[np.float32],
    settings: MergeSettings,
) -> tuple[NDArray[np.float32], list[Request]]:
    """The chances of all labels for the message, and its requests, best first.

    ``whole`` holds a chance a label, ``clauses`` a row of them a clause (one row at least; with
    one row the clause is the message). The first request is the likeliest label.
    """
    quiet = _places(labels, NO_REQUEST)
    if len(clauses) < 2:
        chances = whole
        best = whole
    else:
        asking = [row for row in clauses if int(row.argmax()) not in quiet]
        strongest = np.max(asking if asking else clauses, axis=0)
        share = settings.clause_share
        chances = (1 - share) * whole + share * strongest / strongest.sum()
        best = strongest
    first = int(chances.argmax())
    found = [Request(labels[first], float(chances[first]))]
    for place in np.argsort(-np.maximum(best, chances)):
        i = int(place)
        certain = best[i] >= settings.clause_confidence or chances[i] >= settings.also_confidence
        if i == first or i in quiet or not certain:
            continue
        if len(found) == settings.max_requests:
            break
        found.append(Request(labels[i], float(max(best[i], chances[i]))))
    return chances, found


def _places(labels: tuple[str, ...], names: Collection[str]) -> frozenset[int]:
    return frozenset(i for i, label in enumerate(labels) if label in names)
