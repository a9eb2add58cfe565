"""What shoppers write when an order shall come at another time."""

from __future__ import annotations

import pytest

from actions.modify_reading import read_hour


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-11-26", None), ("26/11/2026", None), ("9-12 点", 9), ("between 3 to 6 pm", 15)],
)
def test_the_parts_of_a_date_are_no_hours(text: str, hour: int | None) -> None:
    assert read_hour(text, None) == hour
