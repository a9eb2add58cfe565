"""The desk's rules as supervisors write them: days that differ from the week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.console.ports import RulesRefused
from desk.rulebook import DaysThatDiffer, read_rules
from kefu.desk_rules import DeskRulesText
from kefu.settings import load_holidays, load_settings

ROOT = Path(__file__).resolve().parents[2]
EVE = date(2026, 12, 24)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def rules(tmp_path: Path) -> DeskRulesText:
    return DeskRulesText(load_settings(ROOT, tmp_path, {}))


@pytest.mark.parametrize(("hours", "open_at"), [(["10:00-11:00"], {10}), ([], set())])
def test_a_day_has_its_own_hours_or_none(
    rules: DeskRulesText, hours: list[str], open_at: set[int]
) -> None:
    day = date(2026, 12, 24)
    text = rules.with_days(rules.at_first(), "office", DaysThatDiffer(day, day, hours))
    read = read_rules(rules.check(text), load_holidays(ROOT / "holidays"))
    calendar = read.calendar("office")
    noon = datetime(2026, 12, 24, tzinfo=SHANGHAI)
    assert {hour for hour in range(24) if calendar.is_open(noon.replace(hour=hour))} == open_at
    assert calendar.is_open(datetime(2026, 12, 23, 15, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("calendar", "hours", "told"),
    [
        ("warehouse", [], "warehouse"),
        ("office", ["9 to 12"], "9 to 12"),
        ("office", ["12:00-09:00"], ""),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    rules: DeskRulesText, calendar: str, hours: list[str], told: str
) -> None:
    with pytest.raises(RulesRefused, match=told):
        rules.with_days(rules.at_first(), calendar, DaysThatDiffer(EVE, EVE, hours))


def test_a_holiday_is_a_range_and_the_weekends_worked_for_it_have_a_working_days_hours(
    rules: DeskRulesText,
) -> None:
    spring = DaysThatDiffer(
        date(2027, 2, 5), date(2027, 2, 11), (), (date(2027, 1, 31), date(2027, 2, 14))
    )
    text = rules.with_days(rules.at_first(), "office", spring)
    calendar = read_rules(rules.check(text), load_holidays(ROOT / "holidays")).calendar("office")
    for day in range(5, 12):
        assert calendar.shifts_on(date(2027, 2, day)) == ()
    monday = calendar.shifts_on(date(2027, 2, 15))
    assert monday
    assert [calendar.shifts_on(day) for day in spring.working] == [monday, monday]
    # What was written before stays as it was.
    assert rules.with_days(text, "office", spring) == text


@pytest.mark.parametrize(
    ("differ", "told"),
    [
        (DaysThatDiffer(EVE, EVE - timedelta(days=1)), "in order"),
        (DaysThatDiffer(EVE, EVE + timedelta(days=31)), "31 days"),
        (DaysThatDiffer(EVE, EVE, (), (date(2026, 12, 28),)), "2026-12-28 is no Saturday"),
        (DaysThatDiffer(EVE, EVE + timedelta(days=3), (), (date(2026, 12, 26),)), "in exchange"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused_in_words(
    rules: DeskRulesText, differ: DaysThatDiffer, told: str
) -> None:
    with pytest.raises(RulesRefused, match=told):
        rules.with_days(rules.at_first(), "office", differ)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("queue: {capacity: many}", "Expected `int`", "queue.capacity：应为整数，写的却是文字"),
        ("queue: {capacity: 0}", "Expected `int` >= 1", "queue.capacity：应为整数，并且 >= 1"),
        ("queue: {speed: 1}", "unknown field `speed`", "queue：没有 speed 这个键"),
        ("queue: {assignment: dice}", "Invalid enum", "queue.assignment：不能写 'dice'"),
        ("sla: {policies: [{}]}", "missing required", "sla.policies[0]：缺少 name"),
        ("queue: {hours: moon}", "no calendar 'moon'", "queue.hours：没有 'moon' 这个日历"),
        (
            "calendars: {a: {timezone: Mars, hours: {}}}",
            "no time zone",
            "calendars.a：没有 'Mars' 这个时区",
        ),
        ("queue: [", "line 1", "不是 YAML"),
        ("- a", "keys with values", "规则要写成键和值"),
    ],
)
def test_what_is_wrong_with_rules_is_said_in_both_languages(
    rules: DeskRulesText, text: str, english: str, chinese: str
) -> None:
    with pytest.raises(RulesRefused) as refused:
        rules.check(text)
    assert english in refused.value.why["en"]
    assert chinese in refused.value.why["zh"]
