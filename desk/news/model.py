"""News that waits to be told, and the rules of telling it: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class NewsState(StrEnum):
    """What became of a piece of news."""

    WAITING = "waiting"
    TOLD = "told"
    OVERTAKEN = "overtaken"
    """Something newer of the same parcel was told in its place."""
    STOPPED = "stopped"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Tidings:
    """One piece of news for a customer. ``key`` is its name: the same is told once.

    ``about`` is what newer news of the same thing overtakes, a parcel or a refund. ``facts`` are
    for the words. ``asked_in``: ids of the conversations in which it was asked for.
    """

    key: str
    customer_id: str
    kind: str
    event: str
    order_number: str
    about: str
    at: datetime
    facts: dict[str, Any]
    asked_in: tuple[str, ...]


@dataclass(frozen=True)
class QuietHours:
    """From ``start`` to ``end`` by the wall clock of ``zone`` nobody is told anything."""

    start: time
    end: time
    zone: ZoneInfo

    def is_quiet(self, now: datetime) -> bool:
        """Whether ``now`` lies in them; the end itself does not."""
        at = now.astimezone(self.zone).time().replace(tzinfo=None)
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def over_at(self, now: datetime) -> datetime:
        """``now`` if it is not quiet, else the moment (UTC) in which the quiet ends."""
        if not self.is_quiet(now):
            return now
        local = now.astimezone(self.zone)
        day = local.date()
        if local.time().replace(tzinfo=None) >= self.end:
            day += timedelta(days=1)
        return datetime.combine(day, self.end, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class NewsRules:
    """How shoppers are told news.

    After ``gap`` the next message may follow, with everything in it that came meanwhile. What
    nobody could be told for ``keep`` is no news any more. ``reserve`` messages of a platform's
    allowance are left for answers. ``announced_on``: channels that can say by a template that
    something waits. ``collected_on``: channels whose shoppers come for what waits.
    """

    quiet: QuietHours | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    gap: timedelta = timedelta(minutes=30)
    keep: timedelta = timedelta(hours=48)
    look_again: timedelta = timedelta(minutes=10)
    reserve: int = 1
    announced_on: frozenset[str] = frozenset()
    collected_on: frozenset[str] = frozenset({"rest"})

    def not_before(self, now: datetime, last_told_at: datetime | None) -> datetime:
        """The first moment from ``now`` on in which the shopper may be told something."""
        earliest = now if last_told_at is None else max(now, last_told_at + self.gap)
        return self.quiet.over_at(earliest) if self.quiet else earliest


def newest_of_each(news: list[Tidings]) -> list[Tidings]:
    """Of everything about the same thing only the newest, in the order of events."""
    newest: dict[str, Tidings] = {}
    for one in sorted(news, key=lambda one: one.at):
        newest.pop(one.about, None)
        newest[one.about] = one
    return list(newest.values())
