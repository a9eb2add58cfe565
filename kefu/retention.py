"""Forgets what is over: dialogues, numbers, pictures, closed accounts, goods never sent back."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.account_endings import AccountEndings
from connectors.backends.embedded.exchange_endings import ExchangeEndings
from connectors.backends.embedded.return_endings import ReturnEndings
from connectors.backends.rules import ShopRules
from kernel.clock import Clock

log = structlog.get_logger()

_DAY_SECONDS = 24 * 60 * 60.0
_HOUR_SECONDS = 60 * 60.0


class Memory(Protocol):
    """What can forget."""

    async def forget_idle_since(self, moment: datetime) -> int:
        """Remove what has been at rest since ``moment``; how many pieces it was."""


async def forget_daily(
    memory: Memory, clock: Clock, rest: timedelta, every: float = _DAY_SECONDS
) -> None:
    """Forget what has been at rest for ``rest``, now and again ``every`` so many seconds."""
    while True:
        try:
            forgotten = await memory.forget_idle_since(clock.now() - rest)
        except Exception as error:
            log.error("retention.failed", of=type(memory).__name__, exc_info=error)
        else:
            log.info("retention.done", of=type(memory).__name__, forgotten=forgotten)
        await asyncio.sleep(every)


async def tend_shop(
    engine: AsyncEngine, clock: Clock, rules: ShopRules, every: float = _HOUR_SECONDS
) -> None:
    """Do what is due in the embedded shop, now and again ``every`` so many seconds.

    Accounts whose day has come are deleted, returns and exchanges whose goods were not sent back
    in time lapse.
    """
    due = (
        AccountEndings(engine, clock),
        ReturnEndings(engine, clock, rules),
        ExchangeEndings(engine, clock, rules),
    )
    await asyncio.gather(*(forget_daily(one, clock, timedelta(0), every) for one in due))
