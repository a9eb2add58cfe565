"""Fills an empty database with the demo shop."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.demo import seed_demo
from connectors.backends.shop import Shop
from kernel.clock import Clock


async def seed_if_empty(shop: Shop, engine: AsyncEngine, clock: Clock) -> bool:
    """Store the demo shop in ``engine`` unless ``shop`` has products; True if it was stored."""
    if await shop.catalogue.products(limit=1):
        return False
    await seed_demo(engine, clock.now())
    return True
