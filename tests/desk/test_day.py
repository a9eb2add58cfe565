"""A morning at the desk, simulated: promises hold, nobody starves, the oracle counts the same."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.day import simulate
from tests.conftest import Databases


async def test_a_simulated_morning_keeps_its_promises(databases: Databases) -> None:
    report = await simulate(databases.make("sqlite"), seed=1, arrivals=40, agents=2, until_hour=11)
    assert report.conversations >= 35
    assert report.kept >= 0.8
    assert report.unserved == 0
    assert report.longest_wait < timedelta(hours=1)
    assert report.expected_sla
    assert report.sla == report.expected_sla
