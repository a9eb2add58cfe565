"""`kefu shop book`: the embedded shop's people say where goods are, and decide on claims."""

from __future__ import annotations

from connectors.backends.embedded.warehouse import Warehouse
from connectors.backends.offers.model import ClaimGround
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.clock import SystemClock
from kernel.database import make_engine


async def book_goods(settings: Settings, number: str, step: str, ground: str | None) -> None:
    """(see Warehouse.book)"""
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        warehouse = Warehouse(engine, SystemClock(), settings.rulebook.rules)
        await warehouse.book(number, step, ClaimGround(ground) if ground else None)
    finally:
        await engine.dispose()
