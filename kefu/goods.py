"""`kefu shop book`: the embedded shop's people say where goods are, and decide on claims."""

from __future__ import annotations

from connectors.backends.embedded.warehouse import Warehouse
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.clock import SystemClock
from kernel.database import make_engine


async def book_goods(settings: Settings, number: str, step: str) -> None:
    """(see Warehouse.book)"""
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        await Warehouse(engine, SystemClock(), settings.rulebook.rules).book(number, step)
    finally:
        await engine.dispose()
