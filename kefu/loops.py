"""Work that goes on as long as the program does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

Step = Callable[[], Awaitable[None]]


async def forever(work: Step, pause: Step) -> None:
    """Do ``work`` again after every ``pause``; what fails is logged and tried again."""
    while True:
        try:
            await work()
        except Exception as error:
            log.error("gate.loop.failed", work=repr(work), exc_info=error)
        await pause()
