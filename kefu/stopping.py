"""Waits for the operator to end the program."""

from __future__ import annotations

import asyncio
import signal


async def until_told_to_stop() -> None:
    """Return at the first SIGINT or SIGTERM."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
