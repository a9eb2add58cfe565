"""Days, weeks and moments, absolute or counted from now, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from bot.nlu.extraction.found import Found
from bot.nlu.extraction.numerals import CHINESE, WORDS, parse_integer

_NUMBER = rf"(?:\d{{1,3}}|{CHINESE}{{1,3}})"
_WORD_NUMBER = "|".join(sorted(WORDS, key=len, reverse=True))
_ENGLISH_NUMBER = rf"(?:\d{{1,3}}|{_WORD_NUMBER})"

_CHINESE_DAYS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0,
    "今早": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "大后天": 3, "后天": 2,
}  # fmt: skip
_ENGLISH_DAYS = {
    "the day before yesterday": -2, "day before yesterday": -2, "yesterday": -1, "today": 0,
    "tonight": 0, "the day after tomorrow": 2, "day after tomorrow": 2, "tomorrow": 1,
    "last night": -1, "this morning": 0, "this afternoon": 0, "this evening": 0,
}  # fmt: skip
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六")} | {"日": 6, "天": 6}
_ENGLISH_WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "sunday": 6,
}  # fmt: skip
_MONTHS = {
    month: i + 1
    for i, month in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep",
                               "oct", "nov", "dec"])
}  # fmt: skip
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_FESTIVALS = {"双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12)}

_Reader = Callable[[re.Match[str], datetime], str | None]


def dates(text: str, now: datetime) -> Iterator[Found]:
    """Dates and moments in ``text``; ``now`` is local time.

    The value is ISO 8601: a day (``2026-11-20``), a moment (``2026-11-20T15:30``) or an interval
    of days (``2026-11-09/2026-11-15``).
    """
    for pattern, reader in _RULES:
        for match in pattern.finditer(text):
            try:
                value = reader(match, now)
            except (ValueError, OverflowError):  # no such day: 31 November, the year 99999
                continue
            if value is not None:
                start, end = match.span()
                clock = None if "/" in value or "T" in value else _CLOCK.match(text, end)
                if clock is not None:
                    moment = _time_of_day(clock)
                    if moment is not None:
                        value, end = f"{value}T{moment}", clock.end()
                yield Found("date", value, start, end)


_CLOCK = re.compile(
    rf"\s?(?:at )?(?P<half>上午|早上|中午|下午|傍晚|晚上)?(?P<hour>\d{{1,2}}|{CHINESE}{{1,2}})"
    r"(?:(?P<dot>[点:时])(?P<minute>\d{1,2}(?!\d)|半)?分?|(?= ?[ap]m))(?: ?(?P<meridiem>[ap]m))?",
    re.IGNORECASE,
)


def _time_of_day(match: re.Match[str]) -> str | None:
    hour = parse_integer(match["hour"])
    minute = 30 if match["minute"] == "半" else int(match["minute"] or 0)
    if hour is None or hour > 24 or minute > 59:
        return None
    later = match["half"] in ("下午", "傍晚", "晚上") or (match["meridiem"] or "").lower() == "pm"
    if later and hour < 12:
        hour += 12
    return f"{hour % 24:02d}:{minute:02d}"


def _iso(day: date) -> str:
    return day.isoformat()


def _interval(first: date, last: date) -> str:
    return f"{first.isoformat()}/{last.isoformat()}"


def _full_date(match: re.Match[str], now: datetime) -> str:
    return _iso(date(int(match["y"]), int(match["m"]), int(match["d"])))


def _nearest(month: int, day: int, now: datetime) -> date:
    """The day of that name that lies closest to now: last December in January, not next."""
    years = (now.year - 1, now.year, now.year + 1)
    possible = [date(year, month, day) for year in years if _exists(year, month, day)]
    if not possible:
        raise ValueError("no such day")
    return min(possible, key=lambda one: abs((one - now.date()).days))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _month_day(match: re.Match[str], now: datetime) -> str | None:
    month, day = parse_integer(match["m"]), parse_integer(match["d"])
    return None if month is None or day is None else _iso(_nearest(month, day, now))


def _english_month_day(match: re.Match[str], now: datetime) -> str:
    groups = match.groupdict()
    month, day = _MONTHS[groups["m"][:3].lower()], int(groups["d"])
    year = groups.get("y")
    return _iso(date(int(year), month, day) if year else _nearest(month, day, now))


def _slashed(match: re.Match[str], now: datetime) -> str:
    first, second, year = int(match["a"]), int(match["b"]), match["y"]
    month, day = (second, first) if first > 12 else (first, second)
    if not year:
        return _iso(_nearest(month, day, now))
    return _iso(date(int(year) + (2000 if len(year) == 2 else 0), month, day))


def _day_of_month(match: re.Match[str], now: datetime) -> str | None:
    day = parse_integer(match["d"])
    if day is None or not 1 <= day <= 31:
        return None
    shift = {"上": -1, "下": 1}.get((match["which"] or "")[:1])
    month = (now.year * 12 + now.month - 1) + (shift or 0)
    return _iso(date(month // 12, month % 12 + 1, day))


def _named_day(days: dict[str, int]) -> _Reader:
    def read(match: re.Match[str], now: datetime) -> str:
        return _iso(now.date() + timedelta(days=days[match.group().lower()]))

    return read


def _festival(match: re.Match[str], now: datetime) -> str:
    return _iso(_nearest(*_FESTIVALS[match.group()], now))


def _chinese_weekday(match: re.Match[str], now: datetime) -> str:
    weeks = {"上": -1, "下": 1}.get((match["which"] or "")[:1], 0) * len(
        (match["which"] or "").replace("个", "")
    )
    monday = now.date() - timedelta(days=now.weekday())
    if not match["which"]:
        return _nearest_weekday(_WEEKDAYS[match["day"]], now)
    return _iso(monday + timedelta(weeks=weeks, days=_WEEKDAYS[match["day"]]))


def _nearest_weekday(weekday: int, now: datetime) -> str:
    """ "On Friday": whichever Friday is nearer."""
    ahead = (weekday - now.weekday()) % 7
    return _iso(now.date() + timedelta(days=ahead if ahead <= 3 else ahead - 7))


def _english_weekday(match: re.Match[str], now: datetime) -> str:
    weekday = _ENGLISH_WEEKDAYS[match["day"].lower()]
    which = (match["which"] or "").lower()
    if which == "last":
        return _iso(now.date() - timedelta(days=(now.weekday() - weekday) % 7 or 7))
    if which == "next":
        monday = now.date() - timedelta(days=now.weekday())
        return _iso(monday + timedelta(days=7 + weekday))
    return _nearest_weekday(weekday, now)


def _half_an_hour(match: re.Match[str], now: datetime) -> str:
    sign = -1 if match["way"] in ("前", "ago") else 1
    return (now + sign * timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M")


def _chinese_ago(match: re.Match[str], now: datetime) -> str | None:
    return _shifted(parse_integer(match["n"]), match["unit"], match["way"] in "前", now)


def _english_ago(match: re.Match[str], now: datetime) -> str | None:
    return _shifted(parse_integer(match["n"]), match["unit"].lower(), True, now)


def _english_ahead(match: re.Match[str], now: datetime) -> str | None:
    return _shifted(parse_integer(match["n"]), match["unit"].lower(), False, now)


def _shifted(count: int | None, unit: str, back: bool, now: datetime) -> str | None:
    if count is None:
        return None
    sign = -1 if back else 1
    if unit[0] in "小钟h":
        return (now + sign * timedelta(hours=count)).strftime("%Y-%m-%dT%H:%M")
    if unit[0] in "分m" and not unit.startswith("month"):
        return (now + sign * timedelta(minutes=count)).strftime("%Y-%m-%dT%H:%M")
    days = {
        "天": 1,
        "日": 1,
        "d": 1,
        "周": 7,
        "星": 7,
        "礼": 7,
        "w": 7,
        "月": 30,
        "个": 30,
        "m": 30,
    }
    return _iso(now.date() + sign * timedelta(days=count * days[unit[0]]))


def _whole_week(match: re.Match[str], now: datetime) -> str:
    weeks = _turns(match["which"])
    monday = now.date() - timedelta(days=now.weekday()) + timedelta(weeks=weeks)
    if match.groupdict().get("end"):
        return _interval(monday + timedelta(days=5), monday + timedelta(days=6))
    return _interval(monday, monday + timedelta(days=6))


def _whole_month(match: re.Match[str], now: datetime) -> str:
    place = now.year * 12 + now.month - 1 + _turns(match["which"])
    first = date(place // 12, place % 12 + 1, 1)
    following = date((place + 1) // 12, (place + 1) % 12 + 1, 1)
    return _interval(first, following - timedelta(days=1))


def _turns(which: str) -> int:
    which = which.lower().replace("个", "")
    if which[0] == "上":
        return -len(which)
    if which[0] == "下":
        return len(which)
    return {"last": -1, "next": 1}.get(which, 0)


def _rule(pattern: str, reader: _Reader) -> tuple[re.Pattern[str], _Reader]:
    return re.compile(pattern, re.IGNORECASE), reader


def _any(words: dict[str, int] | dict[str, tuple[int, int]]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_UNIT = r"(?P<unit>小时|钟头|分钟|天|日|周|星期|礼拜|个月|个小时|个星期|个礼拜)"
_ENGLISH_UNIT = r"(?P<unit>minutes?|mins?|hours?|hrs?|days?|weeks?|months?)"
_RULES: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    _rule(
        r"(?<!\d)(?P<y>20\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)[日号]?", _full_date
    ),
    _rule(rf"(?<!\d)(?P<m>{_NUMBER})月(?P<d>{_NUMBER})[日号]?(?!\d)", _month_day),
    _rule(
        r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>20\d\d|\d\d)(?![\d/])", _slashed
    ),
    _rule(
        r"(?:(?<=on )|(?<=by )|(?<=since )|(?<=before )|(?<=于)|(?<=在))"
        r"(?P<a>\d{1,2})/(?P<b>\d{1,2})(?P<y>)(?![\d/])",
        _slashed,
    ),
    _rule(
        rf"\b{_MONTH.replace('(', '(?P<m>', 1)} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
        r"(?:,? (?P<y>20\d\d))?",
        _english_month_day,
    ),
    _rule(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH.replace('(', '(?P<m>', 1)}\b"
        r"(?:,? (?P<y>20\d\d))?",
        _english_month_day,
    ),
    _rule(
        rf"(?<![\d月第])(?P<which>[上下这本]个?月)?(?P<d>{_NUMBER})号(?![线楼院店码门机])",
        _day_of_month,
    ),
    _rule(_any(_CHINESE_DAYS), _named_day(_CHINESE_DAYS)),
    _rule(rf"\b(?:{_any(_ENGLISH_DAYS)})\b", _named_day(_ENGLISH_DAYS)),
    _rule(_any(_FESTIVALS), _festival),
    _rule(
        r"(?P<which>上上个?|下下个?|上个?|这个?|本|下个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])",
        _chinese_weekday,
    ),
    _rule(
        rf"\b(?<!black )(?:(?P<which>last|next|this|on|by) )?(?P<day>{_any(_ENGLISH_WEEKDAYS)})\b",
        _english_weekday,
    ),
    _rule(r"半个?小时(?:以|之)?(?P<way>[前后])", _half_an_hour),
    _rule(r"\bhalf an hour (?P<way>ago)\b", _half_an_hour),
    _rule(rf"(?P<n>{_NUMBER}){_UNIT}(?:以|之)?(?P<way>[前后])", _chinese_ago),
    _rule(rf"\b(?P<n>{_ENGLISH_NUMBER})(?: of)? {_ENGLISH_UNIT} (?:ago|back)\b", _english_ago),
    _rule(
        rf"\bin (?:a )?(?P<n>{_ENGLISH_NUMBER})(?: of)? {_ENGLISH_UNIT}\b(?!'| of)",
        _english_ahead,
    ),
    _rule(
        r"(?P<which>上上个?|下下个?|上个?|这个?|本|下个?)(?:周|星期|礼拜)"
        r"(?![一二三四五六日天])(?P<end>末)?",
        _whole_week,
    ),
    _rule(r"\b(?P<which>last|next|this) week(?P<end>end)?\b", _whole_week),
    _rule(
        r"(?P<which>上上个?|下下个?|上个?|这个?|本|下个?)月(?![\d一二三四五六七八九十])",
        _whole_month,
    ),
    _rule(r"\b(?P<which>last|next|this) month\b", _whole_month),
)  # fmt: skip
