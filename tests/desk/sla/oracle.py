"""The slow truth about open hours and clocks: every minute looked at, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Hours = list[tuple[int, int]]


@dataclass
class MinuteOracle:
    """Open hours as plain data; knows nothing of spans, sums or changes of the clocks."""

    zone: ZoneInfo
    weekly: list[Hours]
    days: dict[date, Hours] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        hours = self.days.get(local.date(), self.weekly[local.weekday()])
        return any(start <= local.hour * 60 + local.minute < end for start, end in hours)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Open minutes in [start, end); both lie on whole minutes."""
        return sum(self.is_open(at) for at in minutes(start, end))

    def after(self, start: datetime, open_minutes: int, limit: datetime) -> datetime | None:
        at = start
        while open_minutes:
            if at >= limit:
                return None
            open_minutes -= self.is_open(at)
            at += MINUTE
        return at


def minutes(start: datetime, end: datetime) -> Iterable[datetime]:
    at = start
    while at < end:
        yield at
        at += MINUTE


class MinuteClock:
    """One promise, counted minute by minute: which minutes count is decided by looking at each."""

    def __init__(self, oracle: MinuteOracle, start: datetime, target: int) -> None:
        self._oracle = oracle
        self._target = target
        self._now = start
        self.running = True
        self.spent = 0
        self.breached_at: datetime | None = None

    def advance_to(self, at: datetime) -> None:
        for minute in minutes(self._now, at):
            if self.running and self._oracle.is_open(minute):
                if self.spent == self._target and self.breached_at is None:
                    self.breached_at = minute
                self.spent += 1
        self._now = max(self._now, at)
