"""How values are said in the shopper's language: times, lists, button payloads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker

Language = Literal["zh", "en"]

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: datetime, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """The day of ``moment`` in ``zone``; the year is said only when it is not the present one."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if language == "zh":
        year = f"{local.year}年" if local.year != today.year else ""
        return f"{year}{local.month}月{local.day}日（周{_WEEKDAYS_ZH[local.weekday()]}）"
    year = f" {local.year}" if local.year != today.year else ""
    weekday = _WEEKDAYS_EN[local.weekday()]
    return f"{weekday} {local.day} {_MONTHS_EN[local.month - 1]}{year}"


def moment(at: datetime, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """Day and time of ``at`` in ``zone``, for instance ``11月22日（周日）14:05``."""
    local = at.astimezone(zone)
    clock = f"{local.hour:02d}:{local.minute:02d}"
    separator = "" if language == "zh" else ", "
    return f"{day(at, language, now, zone)}{separator}{clock}"


def last_day(deadline: datetime, language: Language, now: datetime, zone: ZoneInfo) -> str:
    """The last day on which something may be done that must be done before ``deadline``."""
    return day(deadline - timedelta(seconds=1), language, now, zone)


def listing(items: Sequence[str], language: Language) -> str:
    """``items`` as one phrase: ``a、b和c`` or ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    comma, last = ("、", "和") if language == "zh" else (", ", " and ")
    return f"{comma.join(items[:-1])}{last}{items[-1]}"


def with_detail(name: str, detail: str, language: Language) -> str:
    """``name`` and what tells it from its like: ``羊毛围巾（深灰）``; alone without that."""
    if not detail:
        return name
    return f"{name}（{detail}）" if language == "zh" else f"{name} ({detail})"


def days_long(count: int, language: Language) -> str:
    """A span of days: ``3 天``, ``1 day``, ``3 days``."""
    if language == "zh":
        return f"{count} 天"
    return f"{count} day" if count == 1 else f"{count} days"


def quantity(count: int, name: str, language: Language, *, whole: int = 0) -> str:
    """So many pieces of a thing: ``台灯 × 2`` in both languages, the name alone for one.

    ``whole`` is how many there are; a part of them is told as such: ``台灯（3 件中的 2 件）``.
    """
    if count < whole:
        part = f"{whole} 件中的 {count} 件" if language == "zh" else f"{count} of {whole}"
        return with_detail(name, part, language)
    return name if count == 1 else f"{name} × {count}"


def payload(intent: str, **entities: Any) -> str:
    """What a button sends back when it is pressed, in Rasa's syntax."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


def button(title: str, intent: str, **entities: Any) -> dict[str, str]:
    """A button in the shape that Rasa's dispatcher expects."""
    return {"title": title, "payload": payload(intent, **entities)}


def language_of(tracker: Tracker) -> Language:
    """The language in which the shopper is answered."""
    return "en" if tracker.get_slot("language") == "en" else "zh"


def said_in(value: Any, language: Language) -> Any:
    """The side of a ``{"zh": …, "en": …}`` value for ``language``; any other value as it is."""
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return value[language]
    return value
