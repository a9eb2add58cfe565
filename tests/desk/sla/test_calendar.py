"""Open hours agree with an oracle that looks at every minute, whatever the calendar and zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.sla.calendar import BusinessCalendar, Shift
from tests.desk.sla.oracle import Hours, MinuteOracle

ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Asia/Beirut",
    )
]
# Around the nights in which some of these zones change their clocks, and a leap day.
FIRST_DAYS = [date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 7), date(2026, 10, 31)]
FIRST_DAYS += [date(2026, 4, 4), date(2026, 9, 5), date(2028, 2, 28), date(2026, 2, 12)]


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """No, one or several shifts of a day, often ending or beginning at odd times of the night."""
    edges = draw(st.lists(st.integers(0, 48), min_size=0, max_size=6, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return [(a * 30, b * 30) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@st.composite
def cases(draw: st.DrawFn) -> tuple[MinuteOracle, BusinessCalendar, datetime]:
    first = draw(st.sampled_from(FIRST_DAYS))
    weekly = draw(st.lists(hours(), min_size=7, max_size=7))
    offsets = st.integers(0, 4).map(lambda n: first + timedelta(days=n))
    days = draw(st.dictionaries(offsets, hours(), max_size=3))
    oracle = MinuteOracle(draw(st.sampled_from(ZONES)), weekly, days)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return oracle, calendar_of(oracle), start + timedelta(minutes=draw(st.integers(0, 2000)))


def calendar_of(oracle: MinuteOracle) -> BusinessCalendar:
    def shifts(day: Hours) -> list[Shift]:
        return [Shift(start, end) for start, end in day]

    days = {day: shifts(hours) for day, hours in oracle.days.items()}
    return BusinessCalendar("c", oracle.zone, [shifts(day) for day in oracle.weekly], days)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(case=cases(), length=st.integers(-60, 4000))
def test_open_time_between_two_moments_is_the_number_of_open_minutes(
    case: tuple[MinuteOracle, BusinessCalendar, datetime], length: int
) -> None:
    oracle, calendar, start = case
    end = start + timedelta(minutes=length)
    assert calendar.open_between(start, end) == timedelta(
        minutes=oracle.minutes_between(start, end)
    )
    assert calendar.is_open(start) == oracle.is_open(start)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(case=cases(), open_minutes=st.integers(0, 1500))
def test_a_moment_is_due_after_exactly_so_many_open_minutes(
    case: tuple[MinuteOracle, BusinessCalendar, datetime], open_minutes: int
) -> None:
    oracle, calendar, start = case
    limit = start + timedelta(days=5)
    expected = oracle.after(start, open_minutes, limit)
    due = calendar.after(start, timedelta(minutes=open_minutes))
    if expected is None:
        assert due is None or due > limit
    else:
        assert due == expected


@settings(max_examples=25, deadline=None, derandomize=True)
@given(case=cases())
def test_the_next_opening_is_the_first_open_minute(
    case: tuple[MinuteOracle, BusinessCalendar, datetime],
) -> None:
    oracle, calendar, start = case
    opening = calendar.next_opening(start)
    limit = start + timedelta(days=5)
    expected = oracle.after(start, 1, limit)
    if expected is None:
        assert opening is None or opening >= limit
    else:
        assert opening == expected - timedelta(minutes=1)


def test_the_night_the_clocks_go_back_an_hour_is_worked_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = BusinessCalendar("night", berlin, [[Shift(0, 6 * 60)]] * 7)
    start = datetime(2026, 10, 25, tzinfo=berlin)
    assert night.open_between(start, start + timedelta(hours=23)) == timedelta(hours=7)
    spring = datetime(2026, 3, 29, tzinfo=berlin)
    assert night.open_between(spring, spring + timedelta(hours=20)) == timedelta(hours=5)


def test_seconds_count_too() -> None:
    calendar = BusinessCalendar("c", ZoneInfo("UTC"), [[Shift(540, 1080)]] * 7)
    start = datetime(2026, 11, 22, 17, 59, 58, 500_000, UTC)
    assert calendar.after(start, timedelta(seconds=2)) == datetime(
        2026, 11, 23, 9, 0, 0, 500_000, UTC
    )
    assert calendar.open_between(start, start + timedelta(hours=1)) == timedelta(seconds=1.5)


def test_a_calendar_that_never_opens_is_never_due() -> None:
    closed = BusinessCalendar("closed", ZoneInfo("UTC"), [[]] * 7)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert closed.after(now, timedelta(minutes=1)) is None
    assert closed.next_opening(now) is None
    assert not closed.is_open(now)


@pytest.mark.parametrize("shifts", [[(540, 720), (700, 800)], [(0, 1440), (0, 60)]])
def test_shifts_that_overlap_are_refused(shifts: Hours) -> None:
    with pytest.raises(ValueError, match="overlap"):
        BusinessCalendar("c", ZoneInfo("UTC"), [[Shift(a, b) for a, b in shifts]] + [[]] * 6)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (10, 5), (-1, 5), (0, 1441)])
def test_a_shift_lies_within_its_day(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="shift"):
        Shift(start, end)
