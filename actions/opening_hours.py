"""When people are there: now, next, this week, on the days a shopper asks about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from actions.asked_days import AskedDays, asked_days, in_rows
from actions.base import Outcome, ShopAction, Turn
from actions.service_hours import Hours, Shift
from actions.vocabulary import (
    ALL_DAY,
    DAYS_FROM_TO,
    EVERY_DAY,
    HOLIDAY_BEFORE,
    NOBODY_THERE,
    TODAY_AT,
    WEEKDAYS,
    ZONES,
)
from actions.wording import Language

_MINUTES_A_DAY = 24 * 60
# What differs from the usual week is told so long before.
_LOOK_AHEAD = 14


class ActionAnswerHours(ShopAction):
    """Says when people are there, by the desk's calendar. Outcomes: ``answered``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_hours"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        hours = await self._hours.hours()
        if hours is None:
            turn.say("utter_hours_always")
            return Outcome("answered")
        turn = replace(turn, zone=hours.zone)
        today = turn.now.astimezone(hours.zone).date()
        asked = asked_days(turn.frame.said, turn.entities("date"), hours, today)
        if not asked or [one.days for one in asked] == [(today,)]:
            self._say_now(turn, hours, today)
            return Outcome("answered")
        for one in asked:
            if not one.days:
                _say_unknown(turn, hours, one)
        if known := [one for one in asked if one.days]:
            days = "\n".join(_days(turn, hours, one) for one in known)
            turn.say("utter_hours_days", {"days": days, "zone": _zone(turn)})
        return Outcome("answered")

    def _say_now(self, turn: Turn, hours: Hours, today: date) -> None:
        told = {"week": _week(hours, turn.language), "zone": _zone(turn)}
        told["special"] = _special(turn, hours, today)
        if hours.is_open(turn.now):
            shifts = _shifts(hours.shifts_on(today), turn.language)
            turn.say("utter_hours_open", {**told, "today": shifts})
            return
        opens = hours.next_opening(turn.now)
        when = _moment(turn, opens, today) if opens else NOBODY_THERE.of(turn.language)
        turn.say("utter_hours_closed", {**told, "opens": when})


def _say_unknown(turn: Turn, hours: Hours, asked: AskedDays) -> None:
    before = ""
    if asked.before is not None:
        rows = _row(turn, asked.before.first, asked.before.last)
        before = HOLIDAY_BEFORE.of(turn.language).format(days=rows)
    name = asked.name.of(turn.language) if asked.name else ""
    week = _week(hours, turn.language)
    turn.say("utter_hours_unknown", {"name": name, "before": before, "week": week})


def _days(turn: Turn, hours: Hours, asked: AskedDays) -> str:
    """A line for each row of days: which they are, and when people are there."""
    lines = [_line(turn, hours, *row) for row in in_rows(asked.days, hours)]
    if asked.name is None:
        return "\n".join(lines)
    comma = "，" if turn.language == "zh" else ", "
    return f"{asked.name.of(turn.language)}{comma}{_joined(lines, turn.language)}"


def _line(turn: Turn, hours: Hours, first: date, last: date) -> str:
    shifts = _shifts(hours.shifts_on(first), turn.language)
    return f"{_row(turn, first, last)}{_colon(turn.language)}{shifts}"


def _row(turn: Turn, first: date, last: date) -> str:
    begin, end = _day(turn, first), _day(turn, last)
    return begin if first == last else DAYS_FROM_TO.of(turn.language).format(begin, end)


def _day(turn: Turn, day: date) -> str:
    return turn.day(datetime.combine(day, time(12), turn.zone))


def _special(turn: Turn, hours: Hours, today: date) -> str:
    """The days soon to come that differ from the usual week, a line each; empty if none does."""
    soon = [today + timedelta(days=n) for n in range(1, _LOOK_AHEAD + 1)]
    differ = [
        day for day in soon if list(hours.shifts_on(day)) != list(hours.weekly[day.weekday()])
    ]
    return "".join(f"\n{_line(turn, hours, *row)}" for row in in_rows(differ, hours))


def _week(hours: Hours, language: Language) -> str:
    """The usual week: neighbours with the same hours together."""
    names = WEEKDAYS.of(language).split()
    told = []
    for shifts, group in groupby(range(7), key=lambda one: list(hours.weekly[one])):
        days = list(group)
        first, last = names[days[0]], names[days[-1]]
        if len(days) == len(names):
            row = EVERY_DAY.of(language)
        else:
            row = first if len(days) == 1 else DAYS_FROM_TO.of(language).format(first, last)
        told.append(f"{row}{_colon(language)}{_shifts(shifts, language)}")
    return _joined(told, language)


def _joined(lines: Sequence[str], language: Language) -> str:
    return ("；" if language == "zh" else "; ").join(lines)


def _shifts(shifts: Sequence[Shift], language: Language) -> str:
    if not shifts:
        return NOBODY_THERE.of(language)
    if [(one.start, one.end) for one in shifts] == [(0, _MINUTES_A_DAY)]:
        return ALL_DAY.of(language)
    spans = [f"{_clock(one.start)}–{_clock(one.end)}" for one in shifts]
    return ("、" if language == "zh" else " and ").join(spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _moment(turn: Turn, at: datetime, today: date) -> str:
    local = at.astimezone(turn.zone)
    if local.date() == today:
        return TODAY_AT.of(turn.language).format(f"{local:%H:%M}")
    return turn.moment(at)


def _colon(language: Language) -> str:
    return "：" if language == "zh" else ": "


def _zone(turn: Turn) -> str:
    """The time zone of the desk as a shopper knows it."""
    known = ZONES.get(turn.zone.key)
    if known is not None:
        return known.of(turn.language)
    offset = turn.now.astimezone(turn.zone).utcoffset() or timedelta()
    sign, minutes = "-" if offset < timedelta() else "+", abs(offset) // timedelta(minutes=1)
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02d}" if minutes % 60 else "")
