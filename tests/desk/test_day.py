"""A morning at the desk, simulated: promises hold, nobody starves, the oracle counts the same."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.day import simulate
from tests.conftest import Databases


async def test_a_simulated_morning_keeps_its_promises_though_agents_drop_out(
    databases: Databases,
) -> None:
    report = await simulate(databases.make("sqlite"), seed=1, arrivals=40, agents=3, until_hour=11)
    assert report.conversations >= 35
    assert report.kept >= 0.8
    assert report.promises["kept"] >= 20
    assert report.unserved == 0
    assert report.longest_wait < timedelta(minutes=15)
    assert report.dropouts >= 2
    # Who was away for longer than the grace period has lost what they held, and not for good.
    assert report.returned >= 1
    metrics = {metric for _, metric in report.expected_sla}
    assert metrics == {"first_response", "next_response", "resolution"}
    assert report.sla == report.expected_sla
