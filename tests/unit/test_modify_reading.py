"""What shoppers write when an order shall come at another time."""

from __future__ import annotations

from datetime import date

import pytest

from actions.modify_reading import next_weekday, read_hour


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-11-26", None), ("26/11/2026", None), ("9-12 点", 9), ("between 3 to 6 pm", 15)],
)
def test_the_parts_of_a_date_are_no_hours(text: str, hour: int | None) -> None:
    assert read_hour(text, None) == hour


@pytest.mark.parametrize(
    ("day", "text", "meant"),
    [
        (date(2026, 11, 21), "Saturday", date(2026, 11, 28)),
        (date(2026, 11, 21), "周六吧", date(2026, 11, 28)),
        (date(2026, 11, 19), "thursday please", date(2026, 11, 26)),
        (date(2026, 11, 21), "Saturday 21", date(2026, 11, 21)),
        (date(2026, 11, 21), "tomorrow", date(2026, 11, 21)),
        (date(2026, 11, 27), "Friday", date(2026, 11, 27)),
    ],
)
def test_a_weekday_is_the_one_that_can_be_had(day: date, text: str, meant: date) -> None:
    assert next_weekday(day, text, date(2026, 11, 26)) == meant
