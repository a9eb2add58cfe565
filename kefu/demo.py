"""Fills an empty database with the demo shop."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.demo import seed_demo
from connectors.backends.embedded.exchange import is_empty
from kernel.clock import Clock


async def seed_if_empty(engine: AsyncEngine, clock: Clock) -> bool:
    """Store the demo shop in ``engine`` unless there is a shop; True if it was stored."""
    if not await is_empty(engine):
        return False
    return await seed_demo(engine, clock.now())
