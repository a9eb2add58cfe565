"""What the desk does by itself away from any turn: search index, surveys, cases, sums of days."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from desk.service import Desk

log = structlog.get_logger()

_EVERY_SECONDS = 2.0
_ROUNDS_BETWEEN_SUMS = 5


async def keep_up(desk: Desk, idle: timedelta, every: float = _EVERY_SECONDS) -> None:
    """Do what has become due since, again and again until cancelled.

    ``idle``: after so long a rest a conversation with the bot ends. Every replica may do this:
    each step looks again in its own transaction.
    """
    rounds = 0
    while True:
        try:
            more = await desk.search.index()
            more += await desk.surveys.ask_due()
            if rounds % _ROUNDS_BETWEEN_SUMS == 0:
                more += await desk.expire(idle)
                more += await desk.cases.fold()
                await desk.days.fold()
        except Exception as error:
            log.error("upkeep.failed", exc_info=error)
            more = 0
        rounds += 1
        if not more:
            await asyncio.sleep(every)
