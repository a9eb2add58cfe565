"""From what the whole message and each of its clauses look like to the requests it holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# What people say around a request; beside a request it is not one itself.
SMALL_TALK = frozenset({"greet", "goodbye", "thanks", "affirm", "deny", "chitchat"})
# What the whole message says counts so much, its strongest clause the rest.
_WHOLE = 0.6
# A clause that speaks of something of its own counts more.
_WHOLE_APART = 0.4
# Answers to something the bot said, and what no service desk handles: likewise.
NO_REQUEST = SMALL_TALK | {"out_of_scope", "inform", "stop", "wait", "repeat"}


@dataclass(frozen=True)
class MergeSettings:
    """How likely a message must hold a further request for it to be named beside the first.

    That is the geometric mean of its chance in the whole message and in the clause that says it
    most clearly: a clause that only tells what happened sounds like a request by itself, but not
    in its message.
    """

    also_confidence: float = 0.035
    max_requests: int = 5


@dataclass(frozen=True)
class Request:
    """One thing the shopper asks for: the intent, the chance that it is meant, in which clause.

    ``apart``: that clause speaks of something of its own.
    """

    name: str
    confidence: float
    clause: int = 0
    apart: bool = False


def merge(
    labels: tuple[str, ...],
    whole: NDArray[np.float32],
    clauses: NDArray[np.float32],
    settings: MergeSettings,
    apart: Collection[int] = (),
) -> tuple[NDArray[np.float32], list[Request]]:
    """The chance of each label to be among the requests, and the requests, best first.

    ``whole`` holds a chance a label, ``clauses`` a row of them a clause; no row means that the
    message is one clause. Chances of a message of several clauses may add up to more than one:
    several things may be asked for. ``apart`` are the clauses that speak of an order of their own,
    where several orders are spoken of: what else is said says less of them.
    """
    quiet = _places(labels, NO_REQUEST)
    strongest = chances = whole
    if len(clauses):
        # What is said around a request does not speak against it.
        asking = [row for row in clauses if int(row.argmax()) not in quiet]
        strongest = np.max(asking if asking else clauses, axis=0)
        chances = _WHOLE * whole + (1 - _WHOLE) * strongest
    likely = np.sqrt(whole * strongest)
    for clause in apart:
        place = int(clauses[clause].argmax())
        if place not in quiet:
            own = _WHOLE_APART * whole[place] + (1 - _WHOLE_APART) * clauses[clause][place]
            chances[place] = max(chances[place], own)
            likely[place] = max(likely[place], own)
    first = int(chances.argmax())
    where = clauses.argmax(axis=0) if len(clauses) else np.zeros(len(labels), dtype=int)

    def _request(label: int) -> Request:
        clause = int(where[label])
        return Request(labels[label], float(chances[label]), clause, clause in apart)

    found = [_request(first)]
    for i in np.argsort(-likely).tolist():
        if i == first or i in quiet or likely[i] < settings.also_confidence:
            continue
        if len(found) == settings.max_requests:
            break
        found.append(_request(i))
    return chances, sorted(found, key=lambda one: -one.confidence)


def _places(labels: tuple[str, ...], names: Collection[str]) -> frozenset[int]:
    return frozenset(i for i, label in enumerate(labels) if label in names)
