"""Lets the assistant forget dialogues that have been at rest for long."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from kernel.clock import Clock

log = structlog.get_logger()

_DAY_SECONDS = 24 * 60 * 60.0


class Memory(Protocol):
    """What we need of the bot."""

    async def forget_idle_since(self, moment: datetime) -> int:
        """Remove conversations at rest since ``moment``; how many they were."""


async def forget_daily(
    memory: Memory, clock: Clock, rest: timedelta, every: float = _DAY_SECONDS
) -> None:
    """Forget what has been at rest for ``rest``, now and again ``every`` so many seconds."""
    while True:
        try:
            forgotten = await memory.forget_idle_since(clock.now() - rest)
        except Exception as error:
            log.error("retention.failed", exc_info=error)
        else:
            log.info("retention.done", forgotten=forgotten)
        await asyncio.sleep(every)
