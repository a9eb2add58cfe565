"""Either platform at its worst, small; `make chaos` runs the same in full."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Databases
from tests.missing import missing
from tests.platforms.chaos import Chaos, Plan


@pytest.mark.parametrize(("channel", "messages"), [("wechat", 120), ("wecom", 60)])
async def test_nothing_is_lost_doubled_disordered_or_too_much_whatever_happens(
    databases: Databases, tmp_path: Path, channel: str, messages: int
) -> None:
    if shutil.which("redis-server") is None:
        missing("redis-server is not installed")
    plan = Plan(
        messages=messages,
        shoppers=messages // 2,
        kills=1,
        channel=channel,
        retry_seconds=2.0,
        lease_seconds=5.0,
    )
    report = await Chaos(plan, databases.make("sqlite"), tmp_path).run()
    assert (report.lost, report.doubled) == ([], []), str(report)
    assert report.exceeded == 0, str(report)
    assert report.disordered == [], str(report)
