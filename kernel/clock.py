"""Where the time comes from, so that tests own it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of the present moment."""

    def now(self) -> datetime:
        """The present moment as an aware UTC time."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """(see Clock)"""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is told to move; for tests, simulations and demos."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """(see Clock)"""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``."""
        self._now += by
