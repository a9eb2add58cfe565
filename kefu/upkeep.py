"""What the desk does by itself every few seconds, away from any turn: the search index."""

from __future__ import annotations

import asyncio

import structlog

from desk.service import Desk

log = structlog.get_logger()

_EVERY_SECONDS = 2.0


async def keep_up(desk: Desk, every: float = _EVERY_SECONDS) -> None:
    """Bring what has happened since into the search index, again and again until cancelled."""
    while True:
        try:
            more = await desk.search.index()
        except Exception as error:
            log.error("upkeep.failed", exc_info=error)
            more = 0
        if not more:
            await asyncio.sleep(every)
