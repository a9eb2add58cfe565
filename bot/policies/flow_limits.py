"""When the engine acts on what it understood, and when it gives up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """When the engine acts on what it understood, and when it gives up.

    ``accept``, ``certain`` and ``interrupt`` are confidences: to act at all; to act on more than
    the likeliest meaning of a message, on one of the flows ``risky``, on any while a question is
    open, or on a yes; to leave an open question that the message might answer, and one
    (``undoubted``) to which almost anything may be the answer. A message of two meanings closer
    than ``margin``, of which none reaches ``sure``, is not acted upon. ``failures`` is the number
    of unusable answers that calls a person, ``misses`` that of messages not understood,
    ``risky_misses`` that of messages which are most likely, with a chance of
    ``risky_from``, and not certainly, meant for one of the flows ``risky``, or which should answer
    a question of one; at the ``repeats``-th same request in a row a person is offered. One is
    offered, too, when the shop's system does not answer, and comes at the ``outages``-th time
    without a request served in between. ``actions`` bounds one turn. A message counts as
    frustrated from a chance of ``frustration`` on; ``patience`` such among the last five call a
    person. Customers of ``vip_groups`` get one where others are offered one.
    """

    accept: float = 0.25
    certain: float = 0.4
    interrupt: float = 0.6
    undoubted: float = 0.9
    margin: float = 0.08
    sure: float = 0.6
    failures: int = 3
    misses: int = 2
    offers: int = 3
    actions: int = 8
    frustration: float = 0.8
    patience: int = 2
    risky: frozenset[str] = frozenset()
    risky_misses: int = 1
    risky_from: float = 0.25
    repeats: int = 3
    outages: int = 2
    vip_groups: frozenset[str] = frozenset()
