"""The desk's rules as supervisors write them: a day that differs from the week."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk.rulebook import read_rules
from kefu.desk_rules import DeskRulesText
from kefu.settings import load_holidays, load_settings

ROOT = Path(__file__).resolve().parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def rules(tmp_path: Path) -> DeskRulesText:
    return DeskRulesText(load_settings(ROOT, tmp_path, {}))


@pytest.mark.parametrize(("hours", "open_at"), [(["10:00-11:00"], {10}), ([], set())])
def test_a_day_has_its_own_hours_or_none(
    rules: DeskRulesText, hours: list[str], open_at: set[int]
) -> None:
    text = rules.with_day(rules.at_first(), "office", date(2026, 12, 24), hours)
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
    with pytest.raises(ValueError, match=told):
        rules.with_day(rules.at_first(), calendar, date(2026, 12, 24), hours)
