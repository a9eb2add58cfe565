"""When people are there is told by the rules as a supervisor saved them last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.rulebook import DaysThatDiffer
from desk.service import Desk
from kefu.desk_rules import DeskRulesText
from kefu.service_hours import DeskHours
from kefu.settings import Settings, load_settings
from kernel.clock import SetClock
from kernel.database import make_engine
from kernel.errors import BackendUnavailable
from tests.conftest import Databases

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
NEW_YEARS_EVE = date(2026, 12, 31)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(ROOT, tmp_path, {})


@pytest.fixture
async def engine(databases: Databases) -> AsyncIterator[AsyncEngine]:
    made = make_engine(databases.make("sqlite"))
    yield made
    await made.dispose()


@pytest.fixture
def hours(engine: AsyncEngine, settings: Settings) -> DeskHours:
    return DeskHours(engine, SetClock(NOW), settings)


async def save(engine: AsyncEngine, settings: Settings, text: str) -> None:
    content = DeskRulesText(settings).check(text)
    await Desk(engine, SetClock(NOW)).save_rules(content, "supervisor", None)


async def test_without_hours_in_the_rules_people_are_there_around_the_clock(
    hours: DeskHours,
) -> None:
    assert await hours.hours() is None


async def test_what_a_supervisor_saves_counts_from_the_next_question_on(
    engine: AsyncEngine, settings: Settings, hours: DeskHours
) -> None:
    rules = DeskRulesText(settings)
    office = rules.at_first().replace("hours: null", "hours: office")
    await save(engine, settings, office)
    told = await hours.hours()
    assert told is not None
    assert [(one.start, one.end) for one in told.shifts_on(NEW_YEARS_EVE)] == [(540, 720)]

    closed = DaysThatDiffer(NEW_YEARS_EVE, NEW_YEARS_EVE)
    await save(engine, settings, rules.with_days(office, "office", closed))

    told = await hours.hours()
    assert told is not None
    assert list(told.shifts_on(NEW_YEARS_EVE)) == []
    assert [one.name["en"] for one in told.holidays][-1] == "National Day"


async def test_a_desk_that_does_not_answer_is_unavailable(
    engine: AsyncEngine, hours: DeskHours
) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE desk_rules_version"))

    with pytest.raises(BackendUnavailable):
        await hours.hours()
