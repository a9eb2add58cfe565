"""Waits are estimated as the formulas say, and told in ranges that people can read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.model import WaitRange
from desk.waiting import Measured, erlang_c, told_minutes, wait_range

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("per_hour", "handling", "servers", "within", "expected"),
    [
        (200, 180, 14, 20, (10, 0.1741, 7.84, 0.8884)),
        (360, 240, 28, 15, (24, 0.3331, 19.99, 0.7406)),
    ],
)
def test_erlang_c_gives_the_known_values(
    per_hour: float,
    handling: int,
    servers: int,
    within: int,
    expected: tuple[float, float, float, float],
) -> None:
    line = erlang_c(per_hour, timedelta(seconds=handling), servers)
    assert line
    load, waits, mean, level = expected
    assert line.load == pytest.approx(load)
    assert line.waits == pytest.approx(waits, abs=5e-5)
    assert line.mean_wait.total_seconds() == pytest.approx(mean, abs=5e-3)
    assert line.answered_within(timedelta(seconds=within)) == pytest.approx(level, abs=5e-5)
    assert line.answered_within(line.quantile(0.9)) == pytest.approx(0.9)


def test_a_line_with_more_work_than_servers_never_ends() -> None:
    assert erlang_c(100, 60 * MINUTE, 100) is None
    assert erlang_c(1, MINUTE, 0) is None


def test_a_range_grows_with_those_before_and_shrinks_with_those_who_serve() -> None:
    measured = Measured(10 * MINUTE)

    def high(ahead: int, slots: int) -> timedelta:
        wait = wait_range(ahead, slots=slots, shared_slots=slots, free=0, measured=measured)
        assert wait
        assert wait.low < wait.high
        return wait.high

    assert high(0, 5) < high(1, 5) < high(9, 5)
    assert high(9, 10) < high(9, 5)
    assert wait_range(3, slots=0, shared_slots=0, free=0, measured=measured) is None


@pytest.mark.parametrize(
    ("per_hour", "handling", "slots", "high"),
    [
        # Nobody else comes; a line in which one of ten waits 72 s: ln(0.3331 / 0.1) * 240 / 4.
        (0, 240, 28, 45),
        (360, 240, 28, 72),
        # Hardly anybody ever leaves the line, or nobody at all does: free is free all the same.
        (5.9, 600, 1, 600),
        (100, 600, 1, 45),
    ],
)
def test_whoever_finds_more_free_agents_than_people_ahead_waits_until_they_pick_up(
    per_hour: float, handling: int, slots: int, high: int
) -> None:
    measured = Measured(timedelta(seconds=handling), arrivals_per_hour=per_hour)
    for ahead, free in ((0, 1), (slots - 1, slots)):
        wait = wait_range(ahead, slots=slots, shared_slots=slots, free=free, measured=measured)
        assert wait
        assert wait.low == timedelta()
        assert wait.high.total_seconds() == pytest.approx(high, abs=0.5)
    # One more than there are free agents waits for somebody to finish.
    last = wait_range(1, slots=slots, shared_slots=slots, free=1, measured=measured)
    assert last
    assert last.low > timedelta()


def test_people_who_overtake_make_the_wait_longer() -> None:
    calm = wait_range(5, slots=5, shared_slots=5, free=0, measured=Measured(10 * MINUTE))
    urgent = Measured(10 * MINUTE, urgent_per_hour=10)
    busy = wait_range(5, slots=5, shared_slots=5, free=0, measured=urgent)
    assert calm
    assert busy
    assert busy.high > calm.high
    assert busy.low == calm.low


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.0, 0.75, (0, 1)), (1.2, 3.1, (1, 4)), (13, 31, (10, 35)), (2, 2, (1, 2))],
)
def test_ranges_are_told_in_whole_minutes(low: float, high: float, told: tuple[int, int]) -> None:
    assert told_minutes(WaitRange(low * MINUTE, high * MINUTE)) == told
