"""`kefu shop import|export`: the embedded shop's whole data as one JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.backends.embedded.exchange import export_shop, import_shop
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.database import make_engine


async def import_file(settings: Settings, file: Path) -> dict[str, int]:
    """Replace the embedded shop by ``file``; returns rows by kind; raises if refused."""
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        return await import_shop(engine, file)
    finally:
        await engine.dispose()


async def export(settings: Settings) -> dict[str, Any]:
    """The embedded shop in the form of docs/shop.schema.json."""
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        return await export_shop(engine)
    finally:
        await engine.dispose()
