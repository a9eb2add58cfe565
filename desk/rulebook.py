"""Reads the desk's rules as operators and supervisors write them, and says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from desk.rule_words import misfit_in_chinese
from desk.rules import Assignment, DeskRules, QueueRules
from desk.sla.calendar import BusinessCalendar, Holiday, Shift
from desk.sla.policies import ESCALATIONS, Escalation, Metric, Policy, Remedy, SlaRules
from desk.sla.standards import STANDARD_CALENDARS, STANDARDS
from kernel.errors import KefuError

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Minutes = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class RulesError(KefuError):
    """The rules cannot be followed; the message is one sentence that names the place.

    ``in_chinese`` is the same sentence for whoever reads Chinese.
    """

    def __init__(self, sentence: str, in_chinese: str) -> None:
        super().__init__(sentence)
        self.in_chinese = in_chinese


def _misfit(error: msgspec.ValidationError) -> RulesError:
    return RulesError(str(error), misfit_in_chinese(str(error)))


class DaysOff(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}
):
    """Days off in a row, both ends included."""

    first: date
    last: date
    name: dict[str, str] = {}


class HolidayYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days off of a year, and the weekend days that are worked in exchange (调休)."""

    days_off: tuple[DaysOff, ...]
    working: tuple[date, ...] = ()


Holidays = Mapping[int, HolidayYear]


class CalendarBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open hours as ``mon-fri: ["09:00-12:00", "13:30-18:00"]``; days not named are closed.

    ``holidays`` names a file of days off. A weekend day worked in exchange has the hours of
    ``working_days_like``. ``days`` are dates that differ from all of this.
    """

    timezone: str
    hours: dict[str, tuple[str, ...]]
    holidays: str | None = None
    working_days_like: Weekday = "mon"
    days: dict[date, tuple[str, ...]] = {}


class PolicyBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One promise; minutes are open minutes of ``calendar``."""

    name: str
    calendar: str | None = None
    first_response_minutes: Minutes | None = None
    next_response_minutes: Minutes | None = None
    resolution_minutes: Minutes | None = None
    channels: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    customer_groups: frozenset[str] = frozenset()
    priority_from: Count = 0
    pause_while_waiting_for_shopper: bool = True


class EscalationBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which share of the promised time has passed when the desk acts by itself."""

    raise_priority: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    requeue: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.9
    tell_supervisor: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0


class SlaBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Promises, tried from the first to the last; ``standards`` are tried after them."""

    policies: tuple[PolicyBook, ...] = ()
    standards: tuple[str, ...] = ()
    escalation: EscalationBook = EscalationBook()


class QueueBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How shoppers wait and agents are found (see desk.rules.QueueRules)."""

    hours: str | None = None
    assignment: Assignment = Assignment.OFFER
    offer_seconds: Annotated[float, msgspec.Meta(ge=5)] = 30
    missed_offers: Annotated[int, msgspec.Meta(ge=1)] = 3
    grace_seconds: Annotated[float, msgspec.Meta(ge=30)] = 60
    last_agent_hours: Annotated[float, msgspec.Meta(ge=0)] = 24
    overflow_minutes: Minutes = 10
    ageing_minutes: Minutes = 10
    highest_priority: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    capacity: Annotated[int, msgspec.Meta(ge=1)] = 6
    weights: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = {}
    skills: dict[str, str] = {}
    vip_groups: frozenset[str] = frozenset()
    vip_priority: Count = 1
    mood_priority: Count = 1
    measured_hours: Annotated[float, msgspec.Meta(gt=0)] = 2
    assumed_handling_minutes: Minutes = 8
    tell_every_minutes: Minutes = 3


class DeskBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of the desk."""

    calendars: dict[str, CalendarBook] = {}
    sla: SlaBook = SlaBook()
    queue: QueueBook = QueueBook()


@dataclass(frozen=True)
class DaysThatDiffer:
    """Days in a row, both ends included, that have ``hours`` of their own or are closed.

    ``working`` are weekend days that are worked in exchange (调休), as working days are.
    """

    first: date
    last: date
    hours: Sequence[str] = ()
    working: Sequence[date] = ()


LONGEST_RANGE = timedelta(days=31)


def put_days(calendar: Mapping[str, Any], differ: DaysThatDiffer) -> dict[str, Any]:
    """A calendar in plain data with the days of ``differ``; raises RulesError."""
    book = msgspec.convert(calendar, CalendarBook)
    if not timedelta() <= differ.last - differ.first < LONGEST_RANGE:
        raise RulesError(
            f"{differ.first} to {differ.last} are no {LONGEST_RANGE.days} days or fewer in order",
            f"{differ.first} 到 {differ.last}：要先开始后结束，最多 {LONGEST_RANGE.days} 天",
        )
    for day in differ.working:
        if differ.first <= day <= differ.last:
            raise RulesError(
                f"{day} lies in the days it is worked in exchange for",
                f"{day} 就在放假的日子里，不能同时调休上班",
            )
        if day.weekday() < _WEEKDAYS.index("sat"):
            raise RulesError(
                f"{day} is no Saturday or Sunday, so nothing is exchanged for it",
                f"{day} 不是周六或周日，不用调休",
            )
    length = (differ.last - differ.first).days
    like = _WEEKDAYS.index(book.working_days_like)
    as_worked = [
        text
        for days, hours in book.hours.items()
        if like in _weekdays(days, "calendars")
        for text in hours
    ]
    days = {
        **calendar.get("days", {}),
        **{
            (differ.first + timedelta(days=n)).isoformat(): list(differ.hours)
            for n in range(length + 1)
        },
        **{day.isoformat(): as_worked for day in differ.working},
    }
    return {**calendar, "days": dict(sorted(days.items()))}


def read_rules(content: Mapping[str, Any], holidays: Mapping[str, Holidays]) -> DeskRules:
    """The rules in plain data with the keys of DeskBook; raises RulesError."""
    try:
        book = msgspec.convert(content, DeskBook)
    except msgspec.ValidationError as error:
        raise _misfit(error) from error
    return make_rules(book, holidays)


def read_holidays(content: object) -> Holidays:
    """A file of days off, by year; raises RulesError."""
    try:
        years = msgspec.convert(content, dict[int, HolidayYear])
    except msgspec.ValidationError as error:
        raise _misfit(error) from error
    for number, year in years.items():
        days = [*year.working, *(day for off in year.days_off for day in (off.first, off.last))]
        if strange := [day for day in days if day.year != number]:
            raise RulesError(f"{strange[0]} is not in {number}", f"{strange[0]} 不在 {number} 年")
        if backwards := [off for off in year.days_off if off.last < off.first]:
            first = backwards[0].first
            raise RulesError(
                f"days off end before they begin at {first}", f"{first} 开始的假期先结束后开始"
            )
    return years


def make_rules(book: DeskBook, holidays: Mapping[str, Holidays]) -> DeskRules:
    """``book`` as values; raises RulesError for names and hours that make no sense."""
    calendars = dict(STANDARD_CALENDARS)
    for name, calendar in book.calendars.items():
        calendars[name] = _calendar(name, calendar, holidays)
    policies = [_policy(policy, book, calendars) for policy in book.sla.policies]
    for standard in book.sla.standards:
        if standard not in STANDARDS:
            known = ", ".join(sorted(STANDARDS))
            raise RulesError(
                f"sla.standards: there is no {standard!r}, only {known}",
                f"sla.standards：没有 {standard!r}，只有 {known}",
            )
        policies.append(STANDARDS[standard])
    names = [policy.name for policy in policies]
    if "" in names:
        raise RulesError("sla.policies: one has no name", "sla.policies：有一条没有名称")
    if twice := {name for name in names if names.count(name) > 1}:
        raise RulesError(
            f"sla.policies: {min(twice)!r} is there twice",
            f"sla.policies：{min(twice)!r} 出现了两次",
        )
    _demand_calendar(book.queue.hours, calendars, "queue.hours")
    return DeskRules(calendars, SlaRules(tuple(policies), _escalations(book)), _queue(book.queue))


def years_without_holidays(
    book: DeskBook, holidays: Mapping[str, Holidays], year: int
) -> list[str]:
    """The files of days off that a calendar uses and that do not know ``year``."""
    used = {calendar.holidays for calendar in book.calendars.values() if calendar.holidays}
    return sorted(name for name in used if year not in holidays.get(name, {}))


def _calendar(name: str, book: CalendarBook, holidays: Mapping[str, Holidays]) -> BusinessCalendar:
    place = f"calendars.{name}"
    try:
        zone = ZoneInfo(book.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RulesError(
            f"{place}: there is no time zone {book.timezone!r}",
            f"{place}：没有 {book.timezone!r} 这个时区",
        ) from error
    weekly: list[list[Shift]] = [[] for _ in _WEEKDAYS]
    for days, hours in book.hours.items():
        for weekday in _weekdays(days, place):
            weekly[weekday] += _shifts(hours, place)
    special: dict[date, list[Shift]] = {}
    named: list[Holiday] = []
    if book.holidays is not None:
        if book.holidays not in holidays:
            raise RulesError(
                f"{place}.holidays: there is no holidays/{book.holidays}.yml",
                f"{place}.holidays：没有 holidays/{book.holidays}.yml 这个文件",
            )
        like = weekly[_WEEKDAYS.index(book.working_days_like)]
        for year in holidays[book.holidays].values():
            for off in year.days_off:
                length = (off.last - off.first).days
                special |= {off.first + timedelta(days=n): [] for n in range(length + 1)}
                named.append(Holiday(off.first, off.last, off.name))
            special |= dict.fromkeys(year.working, like)
    special |= {day: _shifts(hours, place) for day, hours in book.days.items()}
    try:
        return BusinessCalendar(name, zone, weekly, special, named)
    except ValueError as error:
        raise RulesError(f"{place}: {error}", f"{place}：同一天的时间段重叠（{error}）") from error


def _weekdays(text: str, place: str) -> list[int]:
    """``mon``, ``mon-fri`` or ``daily`` as numbers."""
    if text == "daily":
        return list(range(7))
    first, _, last = text.partition("-")
    last = last or first
    if first not in _WEEKDAYS or last not in _WEEKDAYS:
        raise RulesError(
            f"{place}.hours: {text!r} is no weekday (mon, mon-fri, daily)",
            f"{place}.hours：{text!r} 不是星期（写 mon、mon-fri 或 daily）",
        )
    begin, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
    if end < begin:
        raise RulesError(
            f"{place}.hours: {text!r} ends before it begins",
            f"{place}.hours：{text!r} 先结束后开始",
        )
    return list(range(begin, end + 1))


def _shifts(hours: tuple[str, ...], place: str) -> list[Shift]:
    shifts = []
    for text in hours:
        found = _HOURS.fullmatch(text)
        if found is None:
            raise RulesError(
                f"{place}: {text!r} are no hours, write 09:00-18:00",
                f"{place}：{text!r} 不是时间段，请写成 09:00-18:00",
            )
        a, b, c, d = (int(part) for part in found.groups())
        try:
            if b > 59 or d > 59:
                raise ValueError(f"{text!r} is no time")
            shifts.append(Shift(a * 60 + b, c * 60 + d))
        except ValueError as error:
            raise RulesError(
                f"{place}: {error}", f"{place}：{text!r} 要在同一天里先开始后结束"
            ) from error
    return shifts


def _policy(book: PolicyBook, desk: DeskBook, calendars: Mapping[str, Any]) -> Policy:
    calendar = book.calendar or desk.queue.hours or ""
    _demand_calendar(calendar or None, calendars, f"sla.policies.{book.name}.calendar")
    minutes = {
        Metric.FIRST_RESPONSE: book.first_response_minutes,
        Metric.NEXT_RESPONSE: book.next_response_minutes,
        Metric.RESOLUTION: book.resolution_minutes,
    }
    targets = {metric: timedelta(minutes=m) for metric, m in minutes.items() if m is not None}
    if not targets:
        raise RulesError(
            f"sla.policies.{book.name} promises nothing", f"sla.policies.{book.name} 没有任何时限"
        )
    return Policy(
        name=book.name,
        calendar=calendar,
        targets=targets,
        channels=book.channels,
        skills=book.skills,
        groups=book.customer_groups,
        priority_from=book.priority_from,
        pause_resolution=book.pause_while_waiting_for_shopper,
    )


def _demand_calendar(name: str | None, calendars: Mapping[str, Any], place: str) -> None:
    if name is not None and name not in calendars:
        raise RulesError(
            f"{place}: there is no calendar {name!r}", f"{place}：没有 {name!r} 这个日历"
        )


def _escalations(book: DeskBook) -> tuple[Escalation, ...]:
    escalation = book.sla.escalation
    steps = (
        Escalation(escalation.raise_priority, Remedy.RAISE_PRIORITY),
        Escalation(escalation.requeue, Remedy.REQUEUE),
        Escalation(escalation.tell_supervisor, Remedy.TELL_SUPERVISOR),
    )
    if sorted(steps, key=lambda step: step.share) != list(steps):
        raise RulesError(
            "sla.escalation: raise_priority, requeue, tell_supervisor come in order",
            "sla.escalation：raise_priority、requeue、tell_supervisor 要从小到大",
        )
    return steps if book.sla.escalation != EscalationBook() else ESCALATIONS


def _queue(book: QueueBook) -> QueueRules:
    return QueueRules(
        hours=book.hours,
        assignment=book.assignment,
        offer_time=timedelta(seconds=book.offer_seconds),
        missed_offers=book.missed_offers,
        grace=timedelta(seconds=book.grace_seconds),
        last_agent_within=timedelta(hours=book.last_agent_hours),
        overflow=timedelta(minutes=book.overflow_minutes),
        ageing=timedelta(minutes=book.ageing_minutes),
        highest_priority=book.highest_priority,
        capacity=book.capacity,
        weights=book.weights,
        skills=book.skills,
        vip_groups=book.vip_groups,
        vip_priority=book.vip_priority,
        mood_priority=book.mood_priority,
        measured_over=timedelta(hours=book.measured_hours),
        assumed_handling=timedelta(minutes=book.assumed_handling_minutes),
        tell_every=timedelta(minutes=book.tell_every_minutes),
    )
