"""The desk's rules as supervisors write them: as text and as forms."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from connectors.console.ports import RulesRefused
from desk.rule_fields import RuleField, RulesPart
from desk.rulebook import DaysThatDiffer, PolicyBook, read_rules
from desk.rules import QueueRules
from desk.sla.policies import Metric
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


# A change of each rule of the queue, as the form sends it, and what the desk then goes by.
CHANGES: dict[str, tuple[object, str, object]] = {
    "hours": ("office", "hours", "office"),
    "assignment": ("direct", "assignment", "direct"),
    "offer_seconds": (45, "offer_time", timedelta(seconds=45)),
    "missed_offers": (2, "missed_offers", 2),
    "grace_seconds": (90, "grace", timedelta(seconds=90)),
    "last_agent_hours": (48, "last_agent_within", timedelta(hours=48)),
    "overflow_minutes": (5.5, "overflow", timedelta(minutes=5.5)),
    "ageing_minutes": (4, "ageing", timedelta(minutes=4)),
    "highest_priority": (5, "highest_priority", 5),
    "capacity": (4, "capacity", 4),
    "weights": ({"wecom": 2}, "weights", {"wecom": 2}),
    "skills": ({"urge": "sales"}, "skills", {"urge": "sales"}),
    "vip_groups": (["silver", "gold"], "vip_groups", frozenset({"silver", "gold"})),
    "vip_priority": (2, "vip_priority", 2),
    "mood_priority": (0, "mood_priority", 0),
    "measured_hours": (3, "measured_over", timedelta(hours=3)),
    "assumed_handling_minutes": (6, "assumed_handling", timedelta(minutes=6)),
    "tell_every_minutes": (2, "tell_every", timedelta(minutes=2)),
}


def fields_of(rules: DeskRulesText, text: str) -> dict[str, RuleField]:
    return {one.name: one for one in rules.forms(rules.check(text)).queue}


def test_the_form_of_the_queue_has_every_rule_and_changes_it(rules: DeskRulesText) -> None:
    first, holidays = rules.at_first(), load_holidays(ROOT / "holidays")
    untouched = fields_of(rules, first)
    assert set(untouched) == set(CHANGES)
    assert {name for _, name, _ in CHANGES.values()} == {
        one.name for one in dataclasses.fields(QueueRules)
    }
    # Versions that were saved before a rule was added show what then holds.
    assert fields_of(rules, "queue: {capacity: 2}")["mood_priority"].value == 1
    for name, (value, rule, after) in CHANGES.items():
        text, content = rules.with_values(first, RulesPart.QUEUE, {name: value})
        assert content == rules.check(text)
        assert getattr(read_rules(content, holidays).queue, rule) == after
        fields = fields_of(rules, text)
        assert fields[name].value == (sorted(value) if isinstance(value, list) else value)
        changed = [one for one in fields.values() if untouched[one.name] != one]
        assert changed == [fields[name]]


def test_the_form_of_the_promises_has_every_rule_and_changes_them(rules: DeskRulesText) -> None:
    first, holidays = rules.at_first(), load_holidays(ROOT / "holidays")
    forms = rules.forms(rules.check(first))
    declared = [one.name for one in msgspec.structs.fields(PolicyBook)]
    assert [one.name for one in forms.new_policy] == declared
    policies = [{one.name: one.value for one in policy} for policy in forms.policies]
    assert [one["name"] for one in policies] == ["gold", "urgent", "everybody"]
    # Put in as it is shown, nothing changes.
    _, content = rules.with_values(first, RulesPart.SLA, {"policies": policies})
    assert content == rules.check(first)

    new = {one.name: one.value for one in forms.new_policy} | {
        "name": "web",
        "calendar": "office",
        "next_response_minutes": 2.5,
        "channels": ["web"],
        "pause_while_waiting_for_shopper": False,
    }
    values = {
        "policies": [new, *policies],
        "standards": ["reply_within_5_minutes"],
        "requeue": 0.85,
    }
    text, content = rules.with_values(first, RulesPart.SLA, values)
    sla = read_rules(content, holidays).sla
    assert [one.name for one in sla.policies] == [
        *("web", "gold", "urgent", "everybody"),
        "reply_within_5_minutes",
    ]
    assert sla.policies[0].targets == {Metric.NEXT_RESPONSE: timedelta(minutes=2.5)}
    assert (sla.policies[0].calendar, sla.policies[0].pause_resolution) == ("office", False)
    assert [one.share for one in sla.escalations] == [0.8, 0.85, 1.0]
    # Only what somebody would have written by hand stands in the text.
    written = rules.check(text)["sla"]["policies"][0]
    assert written.keys() == {
        *("name", "calendar", "next_response_minutes", "channels"),
        "pause_while_waiting_for_shopper",
    }


def test_a_form_of_the_queue_that_makes_no_sense_is_refused_in_words(rules: DeskRulesText) -> None:
    for values, told in (
        ({"capacity": 0}, "queue.capacity：应为整数，并且 >= 1"),
        ({"hours": "moon"}, "没有 'moon' 这个日历"),
        ({"weights": {"web": "two"}}, "应为整数"),
        ({"speed": 1}, "没有 speed 这个键"),
    ):
        with pytest.raises(RulesRefused) as refused:
            rules.with_values(rules.at_first(), RulesPart.QUEUE, values)
        assert told in refused.value.why["zh"]


def test_a_form_of_the_promises_that_makes_no_sense_is_refused_in_words(
    rules: DeskRulesText,
) -> None:
    for values, told in (
        ({"policies": [{"name": "web"}]}, "sla.policies.web 没有任何时限"),
        ({"policies": [{"name": "", "resolution_minutes": 1}]}, "sla.policies：有一条没有名称"),
        ({"policies": ["web"]}, "sla.policies[0]：应为下一级的键和值，写的却是文字"),
        ({"raise_priority": 2}, "sla.escalation.raise_priority：应为数字，并且 <= 1"),
        ({"standards": ["at_once"]}, "没有 'at_once'"),
    ):
        with pytest.raises(RulesRefused) as refused:
            rules.with_values(rules.at_first(), RulesPart.SLA, values)
        assert told in refused.value.why["zh"]
