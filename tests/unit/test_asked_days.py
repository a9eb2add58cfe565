"""Which days a question about opening hours means."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from actions.asked_days import asked_days
from desk.rulebook import CalendarBook, DeskBook, make_rules
from kefu.settings import load_holidays

ROOT = Path(__file__).resolve().parents[2]
BOOK = CalendarBook("Asia/Shanghai", {"mon-fri": ("09:00-18:00",)}, holidays="cn")
PLAIN = CalendarBook("Asia/Shanghai", {"mon-fri": ("09:00-18:00",)})
CALENDARS = make_rules(
    DeskBook({"office": BOOK, "plain": PLAIN}), load_holidays(ROOT / "holidays")
).calendars
OFFICE, WITHOUT_HOLIDAYS = CALENDARS["office"], CALENDARS["plain"]
FRIDAY = date(2026, 9, 18)


def named(text: str, *dates: str, today: date = FRIDAY) -> list[str]:
    return [day.isoformat() for one in asked_days(text, dates, OFFICE, today) for day in one.days]


@pytest.mark.parametrize(
    ("text", "dates", "days"),
    [
        ("你们几点上班", [], []),
        ("周末有人吗", [], ["2026-09-19", "2026-09-20"]),
        ("周六周日都在吗", ["2026-09-19", "2026-09-20"], ["2026-09-19", "2026-09-20"]),
        ("do you work weekends", [], ["2026-09-19", "2026-09-20"]),
        ("are you there on Tuesday", ["2026-09-15"], ["2026-09-22"]),
        ("were you open last tuesday", ["2026-09-15"], ["2026-09-15"]),
        ("is anyone there on sundays", [], ["2026-09-20"]),
        ("下周客服在吗", ["2026-09-21/2026-09-22"], ["2026-09-21", "2026-09-22"]),
        ("明天下午三点有人吗", ["2026-09-19T15:00"], ["2026-09-19"]),
        ("中秋上班吗", [], ["2026-09-25", "2026-09-26", "2026-09-27"]),
        ("圣诞节你们在不在", [], ["2026-12-25"]),
        ("are you open on christmas eve?", [], ["2026-12-24"]),
        ("is it closed during golden week", [], [f"2026-10-0{n}" for n in range(1, 8)]),
    ],
)
def test_days_are_read_out_of_a_question(text: str, dates: list[str], days: list[str]) -> None:
    assert named(text, *dates) == days


def test_on_a_sunday_the_weekend_is_that_day() -> None:
    assert named("周末有人吗", today=date(2026, 9, 20)) == ["2026-09-20"]


def test_any_holidays_are_those_to_come() -> None:
    found = asked_days("节假日你们休息吗", (), OFFICE, FRIDAY)
    assert [one.name.zh for one in found if one.name] == ["中秋节", "国庆节"]


@pytest.mark.parametrize("text", ["元旦上班吗", "are you open on new year's day?"])
def test_a_year_that_nobody_has_entered_is_not_guessed(text: str) -> None:
    [found] = asked_days(text, (), OFFICE, FRIDAY)
    assert found.days == ()
    assert found.before is not None
    assert found.before.first == date(2026, 1, 1)


def test_a_desk_without_holidays_keeps_to_its_week() -> None:
    [found] = asked_days("元旦上班吗", (), WITHOUT_HOLIDAYS, FRIDAY)
    assert found.days == (date(2027, 1, 1),)
