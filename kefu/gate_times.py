"""How long things may take on the way of a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class GateTimes:
    """How long things may take. The lease outlives a turn, so that two turns never overlap."""

    turn_lease: timedelta = timedelta(seconds=20)
    sweep_every: timedelta = timedelta(seconds=2)
    delivery_lease: timedelta = timedelta(seconds=20)
    delivery_limit: timedelta = timedelta(seconds=10)
    delivery_backoff: timedelta = timedelta(seconds=2)
    delivery_attempts: int = 8
