"""Forgets what is over: dialogues, pictures, accounts to be deleted, exchanges never sent back."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.account_endings import AccountEndings
from connectors.backends.embedded.exchange_endings import ExchangeEndings
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


async def lapse_exchanges(
    engine: AsyncEngine, clock: Clock, rules: ShopRules, every: float = _HOUR_SECONDS
) -> None:
    """End the embedded shop's exchanges whose goods were not sent back in time."""
    await forget_daily(ExchangeEndings(engine, clock, rules), clock, timedelta(0), every)


async def end_accounts(engine: AsyncEngine, clock: Clock, every: float = _HOUR_SECONDS) -> None:
    """Delete the embedded shop's accounts whose day has come, ``every`` so many seconds."""
    await forget_daily(AccountEndings(engine, clock), clock, timedelta(0), every)


async def tend_shop(engine: AsyncEngine, clock: Clock, rules: ShopRules) -> None:
    """Do what is due in the embedded shop, hour after hour."""
    await asyncio.gather(end_accounts(engine, clock), lapse_exchanges(engine, clock, rules))
