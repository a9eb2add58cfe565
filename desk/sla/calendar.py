"""When the desk is open: split shifts, holidays, working weekends and time zones, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from operator import attrgetter
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60
# A calendar that does not open for so long never opens.
HORIZON_DAYS = 400
_MINUTE = timedelta(minutes=1)
# No place on earth is further from UTC.
_FARTHEST = timedelta(hours=15)
_SPANS_KEPT = 2000

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Holiday:
    """Days off in a row, both ends included; ``name`` by language. One may be worked after all."""

    first: date
    last: date
    name: Mapping[str, str]


@dataclass(frozen=True, order=True)
class Shift:
    """Open hours of a day, in minutes after local midnight; ``end`` is not part of them."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"a shift begins before it ends, within one day: {self}")


class BusinessCalendar:
    """Open hours by weekday in a time zone, and days that differ.

    A moment is open when the clock on the wall there shows a time within a shift of that date:
    an hour that the change to winter time repeats counts twice, one that is skipped not at all.
    All times in and out are aware; those given out are UTC.
    """

    def __init__(
        self,
        name: str,
        zone: ZoneInfo,
        weekly: Sequence[Sequence[Shift]],
        days: Mapping[date, Sequence[Shift]] | None = None,
        holidays: Sequence[Holiday] = (),
    ) -> None:
        """``weekly`` has the shifts of Monday to Sunday; ``days`` those of dates that differ.

        ``holidays`` only name days off; their hours are in ``days`` too.

        Raises ValueError when shifts of a day overlap.
        """
        if len(weekly) != 7:
            raise ValueError("a week has seven days")
        self.name = name
        self.zone = zone
        self.weekly = tuple(_in_order(shifts) for shifts in weekly)
        self.holidays = tuple(sorted(holidays, key=attrgetter("first")))
        self._days = {day: _in_order(shifts) for day, shifts in (days or {}).items()}
        self._spans: dict[date, tuple[Span, ...]] = {}

    @classmethod
    def always_open(cls, name: str = "always") -> BusinessCalendar:
        """A calendar that never closes."""
        return cls(name, ZoneInfo("UTC"), [[Shift(0, MINUTES_A_DAY)]] * 7)

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """The open hours of a date there."""
        special = self._days.get(day)
        return self.weekly[day.weekday()] if special is None else special

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(shift.start <= minute < shift.end for shift in self.shifts_on(local.date()))

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two moments; none if ``end`` is not after ``start``."""
        total = timedelta()
        if end <= start:
            return total
        for opens, closes in self._spans_from(start):
            if opens >= end:
                break
            total += max(timedelta(), min(closes, end) - max(opens, start))
        return total

    def after(self, start: datetime, open_time: timedelta) -> datetime | None:
        """The first moment by which ``open_time`` has passed since ``start``, counting open hours.

        None if the calendar never opens for so long.
        """
        left = open_time
        if left <= timedelta():
            return start.astimezone(UTC)
        for opens, closes in self._spans_from(start):
            begins = max(opens, start)
            if closes <= begins:
                continue
            if closes - begins >= left:
                return (begins + left).astimezone(UTC)
            left -= closes - begins
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """``at`` if it is open then, else the moment it opens next; None if it never does."""
        for opens, closes in self._spans_from(at):
            if closes > at:
                return max(opens, at).astimezone(UTC)
        return None

    def _spans_from(self, start: datetime) -> Iterator[Span]:
        """Open spans in order, from those of the local date of ``start`` on."""
        day = start.astimezone(self.zone).date()
        # Time may be told in a zone where a date ends later than it begins elsewhere.
        for offset in range(HORIZON_DAYS):
            yield from self._spans_on(day + timedelta(days=offset))

    def _spans_on(self, day: date) -> tuple[Span, ...]:
        known = self._spans.get(day)
        if known is None:
            if len(self._spans) >= _SPANS_KEPT:
                self._spans.clear()
            known = self._spans[day] = tuple(self._find_spans(day))
        return known

    def _find_spans(self, day: date) -> Iterator[Span]:
        shifts = self.shifts_on(day)
        midnight = datetime.combine(day, time(), UTC)
        earliest, latest = midnight - _FARTHEST, midnight + timedelta(days=1) + _FARTHEST
        offset = earliest.astimezone(self.zone).utcoffset()
        if offset is None:
            raise ValueError(f"{self.zone} has no offset")
        if offset == latest.astimezone(self.zone).utcoffset():
            for shift in shifts:
                begins = midnight - offset + timedelta(minutes=shift.start)
                yield begins, begins + timedelta(minutes=shift.end - shift.start)
        elif shifts:
            yield from self._walk(day, earliest, latest)

    def _walk(self, day: date, earliest: datetime, latest: datetime) -> Iterator[Span]:
        """The spans of a day near a change of the clocks, minute by minute: it is rare."""
        begins: datetime | None = None
        at = earliest
        while at < latest:
            is_open = at.astimezone(self.zone).date() == day and self.is_open(at)
            if is_open and begins is None:
                begins = at
            elif not is_open and begins is not None:
                yield begins, at
                begins = None
            at += _MINUTE
        if begins is not None:
            yield begins, latest


def _in_order(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    ordered = tuple(sorted(shifts))
    for before, after in pairwise(ordered):
        if after.start < before.end:
            raise ValueError(f"shifts overlap: {before}, {after}")
    return ordered
