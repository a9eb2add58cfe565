"""Which days a question about opening hours means: dates, weekdays, the weekend, holidays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from actions.service_hours import Holiday, Hours
from connectors.backends.text import Bilingual

_A_DAY = timedelta(days=1)
_A_WEEK = 7
_LONGEST = 14
_PAST = re.compile(r"上个?(?:周|星期|礼拜)|昨|前天|\b(?:last|yesterday)\b", re.IGNORECASE)
_WEEKEND = re.compile(
    r"周末|双休|(?:周|星期|礼拜)六[、和跟及]?(?:周|星期|礼拜)?[日天]|\bweekends?\b", re.IGNORECASE
)
_WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
_ANY_HOLIDAY = re.compile(
    r"节假日|法定|假期|放假|过节|节日|\b(?:public |bank |national )?holidays?\b", re.IGNORECASE
)


@dataclass(frozen=True)
class _Festival:
    """Words for a holiday; ``month`` and ``day`` where it begins on the same date every year."""

    words: re.Pattern[str]
    name: Bilingual
    month: int = 0
    day: int = 0


def _festival(words: str, zh: str, en: str, month: int = 0, day: int = 0) -> _Festival:
    return _Festival(re.compile(words, re.IGNORECASE), Bilingual(zh, en), month, day)


# The narrower words first: "Chinese New Year" is no New Year's Day.
_FESTIVALS = (
    _festival(
        r"春节|过年|除夕|大年|农历新年|年三十"
        r"|\b(?:chinese|lunar) new year\b|\bspring festival\b|\bcny\b",
        "春节", "Spring Festival",
    ),
    _festival(r"元旦|新年|跨年|\bnew year(?:'?s)?(?: day)?\b", "元旦", "New Year's Day", 1, 1),
    _festival(r"清明|\bqingming\b|\btomb[- ]sweeping\b", "清明节", "Qingming Festival"),
    _festival(r"五一|劳动节|\b(?:labou?r|may) day\b", "劳动节", "Labour Day", 5, 1),
    _festival(r"端午|\bdragon boat\b", "端午节", "Dragon Boat Festival"),
    _festival(r"中秋|\bmid[- ]autumn\b|\bmoon festival\b", "中秋节", "Mid-Autumn Festival"),
    _festival(
        r"国庆|十一(?:长假|黄金周|放假|假期|期间)|\bnational day\b|\bgolden week\b",
        "国庆节", "National Day", 10, 1,
    ),
    _festival(r"平安夜|\bchristmas eve\b", "平安夜", "Christmas Eve", 12, 24),
    _festival(r"圣诞|\b(?:christmas|xmas)\b", "圣诞节", "Christmas Day", 12, 25),
    _festival(r"双十一|双11", "双十一", "11 November", 11, 11),
)  # fmt: skip


@dataclass(frozen=True)
class AskedDays:
    """Days in a row that a question means, with the holiday's name if it has one.

    Without ``days`` nobody knows yet when that holiday is; ``before``: when it was last.
    """

    days: tuple[date, ...]
    name: Bilingual | None = None
    before: Holiday | None = None


def asked_days(text: str, dates: Iterable[str], hours: Hours, today: date) -> list[AskedDays]:
    """The days that ``text`` asks about, in order; none if it asks about no day in particular.

    ``dates`` are the values of its ``date`` entities, ``today`` the date at the desk.
    """
    named = [_holiday(one, hours, today) for one in _FESTIVALS if one.words.search(text)]
    if named:
        return named[:1]
    found = [_as_days(value) for value in dates]
    ahead = not _PAST.search(text)
    found = [_ahead(days, today) if ahead else days for days in found]
    if not found and _WEEKEND.search(text):
        saturday = today + _A_DAY * max(0, 5 - today.weekday())
        found = [tuple(saturday + _A_DAY * n for n in range(2 - (saturday.weekday() == 6)))]
    for weekday, word in enumerate(_WEEKDAYS):
        if re.search(rf"\b{word}\b", text, re.IGNORECASE):
            found.append((today + _A_DAY * ((weekday - today.weekday()) % _A_WEEK),))
    if not found and _ANY_HOLIDAY.search(text):
        return _coming(hours, today)
    days = sorted({day for each in found for day in each[:_LONGEST]})
    return [AskedDays(tuple(days))] if days else []


def _as_days(value: str) -> tuple[date, ...]:
    """The days of an entity's value: a day, a moment, or an interval of days."""
    first, _, last = value.partition("/")
    begin = datetime.fromisoformat(first).date()
    end = datetime.fromisoformat(last).date() if last else begin
    return tuple(begin + _A_DAY * n for n in range((end - begin).days + 1))


def _ahead(days: tuple[date, ...], today: date) -> tuple[date, ...]:
    """The coming Sunday where the nearest one is over: nobody asks when we were open."""
    late = (today - days[-1]).days
    return tuple(day + _A_DAY * _A_WEEK for day in days) if 0 < late < _A_WEEK else days


def _holiday(festival: _Festival, hours: Hours, today: date) -> AskedDays:
    same = [one for one in hours.holidays if one.name.get("zh") == festival.name.zh]
    for one in same:
        if one.last >= today:
            return AskedDays(_between(one), festival.name)
    if festival.month:
        first = date(today.year, festival.month, festival.day)
        first = first if first >= today else first.replace(year=today.year + 1)
        # Of a year whose holidays nobody has entered, nothing is certain.
        if not hours.holidays or first.year in {one.first.year for one in hours.holidays}:
            return AskedDays((first,), festival.name)
    return AskedDays((), festival.name, same[-1] if same else None)


def _coming(hours: Hours, today: date) -> list[AskedDays]:
    coming = [one for one in hours.holidays if one.last >= today and one.name]
    return [
        AskedDays(_between(one), Bilingual(one.name.get("zh", ""), one.name.get("en", "")))
        for one in coming[:3]
    ]


def _between(holiday: Holiday) -> tuple[date, ...]:
    length = (holiday.last - holiday.first).days
    return tuple(holiday.first + _A_DAY * n for n in range(length + 1))


def in_rows(days: Sequence[date], hours: Hours) -> list[tuple[date, date]]:
    """``days`` as first and last of neighbours on which people are there at the same hours."""
    rows: list[tuple[date, date]] = []
    for day in days:
        if rows and day - rows[-1][1] == _A_DAY and _same(rows[-1][1], day, hours):
            rows[-1] = rows[-1][0], day
        else:
            rows.append((day, day))
    return rows


def _same(one: date, other: date, hours: Hours) -> bool:
    return list(hours.shifts_on(one)) == list(hours.shifts_on(other))
