"""Adds cases up, a row a day for every channel, journey, agent and hour, and reads the sums."""

from __future__ import annotations

import asyncio
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)

from desk.reports import tables
from desk.reports.marks import mark, take_off
from desk.reports.measures import (
    COUNTS,
    TIMES,
    Measures,
    add,
    bucket_of,
    nothing,
    told,
    total_of,
)
from desk.reports.model import Dimension, Outcome, Reason
from desk.sla.standards import REPLY_COUNTS
from desk.work import Transaction, Work

_CASE = tables.case.c
_DAY = tables.day.c
_STALE = tables.stale_day.c
_MONTH = tables.month.c
_STALE_MONTH = tables.stale_month.c
# So many characters of a day say its month.
_OF_MONTH = 7
_GOOD_SCORE = 4
_UNSOLVED = (Outcome.UNSOLVED, Outcome.CAME_BACK, Outcome.ABANDONED)
_EXAMPLES = 3
_NOBODY = "-"
# The sums are kept by dimension first.
_DIMENSIONS = [dimension.value for dimension in Dimension]
# So many rows are added up before others in this process have their turn.
_IN_ONE_GO = 200


class Days:
    """Every view reads a few rows a day, however many conversations there were."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def fold(self, limit: int = 7) -> int:
        """Add up to ``limit`` days anew whose cases have changed, then a month; how many."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(_STALE.day, _STALE.mark).order_by(_STALE.day.desc()).limit(limit)
            )
            stale = found.all()
        for day, seen in stale:
            async with self._reading() as work:
                sums = await _add_up(work, day)
            async with self._transaction() as work:
                if await take_off(work, tables.stale_day, day, seen):
                    await _keep_day(work, day, sums)
                    await mark(work, tables.stale_month, day[:_OF_MONTH])
        return len(stale) or await self._fold_month()

    async def _fold_month(self) -> int:
        """Add a month up that is over and whose days have changed; the present one never rests."""
        async with self._reading() as work:
            present = work.now.strftime("%Y-%m")
            found = await work.connection.execute(
                select(_STALE_MONTH.month, _STALE_MONTH.mark)
                .where(_STALE_MONTH.month < present)
                .order_by(_STALE_MONTH.month.desc())
                .limit(1)
            )
            stale = found.first()
            if stale is None:
                return 0
            month, seen = stale
            sums: list[dict[str, Any]] = []
            for dimension in Dimension:
                days = await _of_days(work, dimension, [(f"{month}-01", f"{month}-31")])
                of = {"dimension": dimension.value, "month": month}
                by_key = await _by_key(days)
                sums += [{**of, "key": key, "measures": _lean(by_key[key])} for key in by_key]
        async with self._transaction() as work:
            if await take_off(work, tables.stale_month, month, seen):
                await work.connection.execute(
                    delete(tables.month).where(
                        _MONTH.dimension.in_(_DIMENSIONS), _MONTH.month == month
                    )
                )
                if sums:
                    await work.connection.execute(insert(tables.month), sums)
        return 1

    async def report(self, first: str, last: str, dimension: Dimension) -> dict[str, Any]:
        """Numbers of the days ``first`` to ``last`` (ISO dates), both included.

        ``total``; ``days``: a line a day; ``keys``: a line for every key of ``dimension``, the
        busiest first; ``hours``: the 24 hours of the day. See ``measures.told``.
        """
        async with self._reading() as work:
            totals = await _of_days(work, Dimension.TOTAL, [(first, last)])
            by_key = await _sums(work, dimension, first, last)
            by_hour = await _sums(work, Dimension.HOUR, first, last)
        busiest = sorted(by_key, key=lambda key: (-by_key[key]["volume"], key))
        return {
            "total": told(total_of(row.measures for row in totals)),
            "days": [{"day": row.day, **told(total_of([row.measures]))} for row in totals],
            "keys": [{"key": key, **told(by_key[key])} for key in busiest],
            "hours": [
                {"hour": hour, "volume": by_hour.get(f"{hour:02}", nothing())["volume"]}
                for hour in range(24)
            ],
        }

    async def unsolved(self, first: str, last: str, limit: int = 10) -> list[dict[str, Any]]:
        """What shoppers came for most often in vain, with the newest examples of their words."""
        async with self._reading() as work:
            by_key = await _sums(work, Dimension.JOURNEY, first, last)
            counted = {
                key: sum(measures[outcome.value] for outcome in _UNSOLVED)
                for key, measures in by_key.items()
            }
            worst = sorted((key for key in counted if counted[key]), key=lambda k: -counted[k])
            return [
                {
                    "journey": key,
                    "unsolved": counted[key],
                    "volume": by_key[key]["volume"],
                    "examples": await _examples(work, key, first, last),
                }
                for key in worst[:limit]
            ]


async def _sums(work: Work, dimension: Dimension, first: str, last: str) -> dict[str, Measures]:
    """What each key of ``dimension`` adds up to: by month where a whole one is added up."""
    found = await work.connection.execute(
        select(_MONTH.month)
        .where(
            _MONTH.dimension == Dimension.TOTAL.value,
            _MONTH.month >= first[:_OF_MONTH],
            _MONTH.month <= last[:_OF_MONTH],
            _MONTH.month.not_in(select(_STALE_MONTH.month)),
        )
        .order_by(_MONTH.month)
    )
    whole = [m for m in found.scalars() if first <= f"{m}-01" and _last_day(m) <= last]
    rows = await work.connection.execute(
        select(_MONTH.key, _MONTH.measures).where(
            _MONTH.dimension == dimension.value, _MONTH.month.in_(whole)
        )
    )
    spans, begin = [], first
    for month in whole:
        spans.append((begin, f"{month}-00"))
        begin = f"{month}-32"
    spans.append((begin, last))
    return await _by_key([*rows, *await _of_days(work, dimension, spans)])


def _last_day(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]:02}"


async def _of_days(work: Work, dimension: Dimension, spans: list[tuple[str, str]]) -> list[Any]:
    """The rows of the days of ``spans``, both ends included, in order."""
    found = await work.connection.execute(
        select(_DAY.day, _DAY.key, _DAY.measures)
        .where(
            _DAY.dimension == dimension.value,
            or_(*(and_(_DAY.day >= first, _DAY.day <= last) for first, last in spans)),
        )
        .order_by(_DAY.day)
    )
    return list(found)


async def _by_key(rows: Iterable[Any]) -> dict[str, Measures]:
    by_key: dict[str, Measures] = {}
    for number, row in enumerate(rows):
        if number % _IN_ONE_GO == 0:
            await asyncio.sleep(0)
        add(by_key.setdefault(row.key, nothing()), row.measures)
    return by_key


async def _examples(work: Work, journey: str, first: str, last: str) -> list[dict[str, Any]]:
    examples: list[tuple[datetime, dict[str, Any]]] = []
    for outcome in _UNSOLVED:
        found = await work.connection.execute(
            select(_CASE.conversation_id, _CASE.request, _CASE.outcome, _CASE.closed_at)
            .where(
                _CASE.journey == journey,
                _CASE.outcome == outcome.value,
                _CASE.day >= first,
                _CASE.day <= last,
                _CASE.request != "",
            )
            .order_by(_CASE.closed_at.desc())
            .limit(_EXAMPLES)
        )
        for row in found:
            example = {"conversation": row.conversation_id, "request": row.request}
            examples.append((row.closed_at, {**example, "outcome": row.outcome}))
    examples.sort(key=lambda one: one[0], reverse=True)
    return [example for _, example in examples[:_EXAMPLES]]


# What a case counts by itself.
_OWN = ("sla_kept", "sla_missed", "call_asked", "call_made", *REPLY_COUNTS)
# The cases of one day, read once and counted for every dimension where they lie.
_CASES = (
    select(
        _CASE.channel,
        _CASE.journey,
        _CASE.agent_id,
        _CASE.hour,
        _CASE.outcome,
        _CASE.score,
        _CASE.reasons,
        _CASE.promise,
        *(_CASE[name] for name in _OWN),
    )
    .where(_CASE.day == bindparam("of"))
    .cte("cases")
)
_KEYS: dict[Dimension, Any] = {
    Dimension.TOTAL: literal_column("''"),
    Dimension.CHANNEL: _CASES.c.channel,
    Dimension.JOURNEY: _CASES.c.journey,
    # In the words of the statement: PostgreSQL groups by no expression with a parameter.
    Dimension.AGENT: func.coalesce(_CASES.c.agent_id, literal_column(f"'{_NOBODY}'")),
    Dimension.HOUR: cast(_CASES.c.hour, String),
}


def _hits(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


_COUNTED: dict[str, Any] = {
    "volume": func.count(),
    **{outcome.value: _hits(_CASES.c.outcome == outcome.value) for outcome in Outcome},
    "with_person": func.count(_CASES.c.agent_id),
    "csat_count": func.count(_CASES.c.score),
    "csat_sum": func.coalesce(func.sum(_CASES.c.score), 0),
    "csat_good": _hits(_CASES.c.score >= _GOOD_SCORE),
    # A list in JSON: no reason is part of another in quotes.
    "kind": _hits(
        and_(
            _CASES.c.score.is_not(None),
            cast(_CASES.c.reasons, Text).contains(f'"{Reason.KIND.value}"'),
        )
    ),
    "promise_kept": _hits(_CASES.c.promise == "kept"),
    "promise_broken": _hits(_CASES.c.promise == "broken"),
    **{name: func.sum(_CASES.c[name]) for name in _OWN},
}
_COUNTS_OF_DAY = union_all(
    *(
        select(
            literal_column(f"'{dimension.value}'").label("dimension"),
            key.label("key"),
            *(counted.label(name) for name, counted in _COUNTED.items()),
        )
        .select_from(_CASES)
        .group_by(*([] if dimension is Dimension.TOTAL else [key]))
        for dimension, key in _KEYS.items()
    )
)
_TIMES_OF_DAY = select(
    _CASE.channel,
    _CASE.journey,
    _CASE.agent_id,
    _CASE.hour,
    *(_CASE[f"{name}_s"] for name in TIMES),
).where(
    _CASE.day == bindparam("of"),
    # How long the bot alone took is no time to resolution of people.
    or_(_CASE.agent_id.is_not(None), _CASE.waited_s.is_not(None)),
)


async def _add_up(work: Work, day: str) -> dict[tuple[str, str], Measures]:
    """The sums of a day's cases by dimension and key."""
    found = await work.connection.execute(_COUNTS_OF_DAY, {"of": day})
    sums: dict[tuple[str, str], Measures] = {}
    for row in found.mappings():
        if row["volume"]:
            key = f"{int(row['key']):02}" if row["dimension"] == Dimension.HOUR else row["key"]
            counts = {name: int(row[name]) for name in COUNTS}
            sums[row["dimension"], key] = counts | {name: {} for name in TIMES}
    times = await work.connection.execute(_TIMES_OF_DAY, {"of": day})
    while rows := times.fetchmany(_IN_ONE_GO):
        # A day may be long: others in this process have their turn meanwhile.
        await asyncio.sleep(0)
        for channel, journey, agent_id, hour, *seconds in rows:
            held = {
                name: str(bucket_of(one))
                for name, one in zip(TIMES, seconds, strict=True)
                if one is not None and (name != "resolution" or agent_id is not None)
            }
            for key in _keys_of(channel, journey, agent_id, hour):
                # What closes meanwhile is not counted yet; then the day is added up once more.
                measures = sums.setdefault(key, nothing())
                for name, bucket in held.items():
                    buckets = measures[name]
                    buckets[bucket] = buckets.get(bucket, 0) + 1
    return sums


async def _keep_day(work: Work, day: str, sums: Mapping[tuple[str, str], Measures]) -> None:
    await work.connection.execute(
        delete(tables.day).where(_DAY.dimension.in_(_DIMENSIONS), _DAY.day == day)
    )
    if sums:
        await work.connection.execute(
            insert(tables.day),
            [
                {"dimension": dimension, "day": day, "key": key, "measures": _lean(measures)}
                for (dimension, key), measures in sums.items()
            ],
        )


def _keys_of(channel: str, journey: str, agent_id: str | None, hour: int) -> list[tuple[str, str]]:
    return [
        (Dimension.TOTAL, ""),
        (Dimension.CHANNEL, channel),
        (Dimension.JOURNEY, journey),
        (Dimension.AGENT, agent_id or _NOBODY),
        (Dimension.HOUR, f"{hour:02}"),
    ]


def _lean(measures: Measures) -> Measures:
    """Without what is nothing: most keys have little of most."""
    return {name: value for name, value in measures.items() if value}
