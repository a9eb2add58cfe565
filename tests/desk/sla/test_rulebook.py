"""What operators write as rules is read as they mean it, or refused with a sentence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from desk.rulebook import RulesError, read_holidays, read_rules
from desk.sla.policies import Circumstances, Metric
from tests.serving import ROOT

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHOP: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "holidays": "cn",
    "hours": {"mon-fri": ["09:00-12:00", "13:30-18:00"], "sat": ["10:00-16:00"]},
    "days": {date(2026, 12, 31): ["09:00-12:00"]},
}
CN = {"cn": read_holidays(yaml.safe_load(Path(ROOT, "holidays/cn.yml").read_text("utf-8")))}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T09:00", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T13:30", True),
        ("2026-11-22T10:00", False),  # a Sunday
        ("2026-10-05T10:00", False),  # National Day, a Monday
        ("2026-10-10T17:00", True),  # a Saturday worked in exchange, with a Monday's hours
        ("2026-09-20T11:00", True),  # a Sunday worked in exchange
        ("2026-02-14T09:30", True),
        ("2026-02-15T11:00", False),
        ("2026-02-23T11:00", False),
        ("2026-02-24T11:00", True),
        ("2026-12-31T14:00", False),  # this shop's own half day
    ],
)
def test_the_shops_year_2026(moment: str, is_open: bool) -> None:
    calendar = read_rules({"calendars": {"shop": SHOP}}, CN).calendar("shop")
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    assert calendar.is_open(at) is is_open


def test_the_year_2026_has_33_days_off_and_6_working_weekend_days() -> None:
    year = CN["cn"][2026]
    off = [(days.last - days.first).days + 1 for days in year.days_off]
    assert sum(off) == 33
    assert len(year.working) == 6
    assert all(day.weekday() >= 5 for day in year.working)


def test_the_first_policy_that_holds_counts() -> None:
    rules = read_rules(
        {
            "calendars": {"shop": SHOP},
            "queue": {"hours": "shop"},
            "sla": {
                "policies": [
                    {"name": "gold", "customer_groups": ["gold"], "first_response_minutes": 1},
                    {"name": "urgent", "priority_from": 2, "first_response_minutes": 2},
                    {"name": "returns", "skills": ["returns"], "resolution_minutes": 60},
                    {"name": "web", "channels": ["web"], "next_response_minutes": 3},
                ],
                "standards": ["reply_within_3_minutes"],
            },
        },
        CN,
    )

    def chosen(*given: Any, **more: Any) -> str | None:
        policy = rules.sla.policy_for(Circumstances(*given, **more))
        return policy.name if policy else None

    assert chosen("web", group="gold") == "gold"
    assert chosen("web", 2) == "urgent"
    assert chosen("web", 1, "returns") == "returns"
    assert chosen("web") == "web"
    assert chosen("wechat") == "reply_within_3_minutes"
    standard = rules.sla.policies[-1]
    assert standard.targets[Metric.FIRST_RESPONSE] == timedelta(minutes=3)
    platform = rules.calendar(standard.calendar)
    assert platform.is_open(datetime(2026, 10, 1, 22, 59, tzinfo=SHANGHAI))
    assert not platform.is_open(datetime(2026, 11, 23, 23, 0, tzinfo=SHANGHAI))
    assert not platform.is_open(datetime(2026, 11, 23, 7, 59, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"calendars": {"a": {"timezone": "Mars/Base", "hours": {}}}}, "no time zone 'Mars/Base'"),
        (
            {"calendars": {"a": {"timezone": "UTC", "hours": {"mo": []}}}},
            "'mo' is no weekday",
        ),
        (
            {"calendars": {"a": {"timezone": "UTC", "hours": {"fri-mon": []}}}},
            "ends before it begins",
        ),
        (
            {"calendars": {"a": {"timezone": "UTC", "hours": {"mon": ["9-17"]}}}},
            "'9-17' are no hours",
        ),
        (
            {"calendars": {"a": {"timezone": "UTC", "hours": {"mon": ["09:00-25:00"]}}}},
            "a shift begins before it ends",
        ),
        (
            {
                "calendars": {
                    "a": {"timezone": "UTC", "hours": {"daily": ["09:00-12:00", "11:00-13:00"]}}
                }
            },
            "shifts overlap",
        ),
        (
            {"calendars": {"a": {"timezone": "UTC", "hours": {}, "holidays": "xx"}}},
            "there is no holidays/xx.yml",
        ),
        ({"queue": {"hours": "shop"}}, "queue.hours: there is no calendar 'shop'"),
        ({"queue": {"offer_seconds": 1}}, "offer_seconds"),
        ({"sla": {"policies": [{"name": "p"}]}}, "promises nothing"),
        ({"sla": {"standards": ["x"]}}, "there is no 'x', only reply_within_30_seconds"),
        (
            {"sla": {"escalation": {"raise_priority": 0.9, "requeue": 0.5}}},
            "come in order",
        ),
        ({"que": {}}, "unknown field `que`"),
    ],
)
def test_rules_without_sense_are_refused_with_their_place(
    content: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RulesError, match=complaint):
        read_rules(content, CN)


@pytest.mark.parametrize(
    "content",
    [
        {2027: {"days_off": [{"from": date(2026, 1, 1), "to": date(2026, 1, 2)}]}},
        {2026: {"days_off": [{"from": date(2026, 1, 2), "to": date(2026, 1, 1)}]}},
        {2026: {"day_off": []}},
    ],
)
def test_a_file_of_days_off_that_contradicts_itself_is_refused(content: Any) -> None:
    with pytest.raises(RulesError):
        read_holidays(content)
