"""Old dialogues are forgotten day after day, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from kefu.retention import forget_daily
from kernel.clock import SetClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Memory:
    """Notes what it is asked to forget; the first time it cannot."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []
        self.asked_twice = asyncio.Event()

    async def forget_idle_since(self, moment: datetime) -> int:
        self.asked.append(moment)
        if len(self.asked) == 1:
            raise OSError("no database")
        self.asked_twice.set()
        return 3


async def test_what_rests_for_long_is_forgotten_also_after_a_failure() -> None:
    memory = Memory()
    forgetting = asyncio.create_task(
        forget_daily(memory, SetClock(NOON), timedelta(days=30), every=0.01)
    )

    await asyncio.wait_for(memory.asked_twice.wait(), 10)
    forgetting.cancel()

    assert memory.asked[:2] == [NOON - timedelta(days=30)] * 2
