"""Brings a whole shop in from a file, and out again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import count_on
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.json_lines import line_of, path_of, pointer
from connectors.backends.embedded.loading import load_shop
from connectors.backends.embedded.references import misfits
from connectors.backends.embedded.rows import rows_of
from connectors.backends.embedded.service_tables import (
    feedback,
    invoices,
    price_claims,
    tickets,
)
from kernel.errors import KefuError

_MOST_PROBLEMS = 20
# Any constant does, as long as nobody else on the database uses it.
_FIRST_SHOP_LOCK = 5_338_421_976
_NUMBERED = {
    "return": tables.returns,
    "exchange": tables.exchanges,
    "refund": tables.refunds,
    "intercept": tables.intercepts,
    "invoice": invoices,
    "price_claim": price_claims,
    "ticket": tickets,
    "feedback": feedback,
}


class BadShopFile(KefuError):
    """A shop file is refused as a whole; ``problems`` are sentences with line and reason."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__("\n".join(f"{name}: {problem}" for problem in problems))
        self.problems = tuple(problems)


def read_shop_file(file: Path) -> ShopFile:
    """The shop that ``file`` describes; raises BadShopFile, with every line and reason."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadShopFile(file.name, [error.strerror or str(error)]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadShopFile(file.name, [f"line {line}: not UTF-8 text"]) from error
    return parse_shop(text, file.name)


def parse_shop(text: str, name: str) -> ShopFile:
    """The shop that ``text`` describes; ``name`` is what errors call it. Raises BadShopFile."""
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}: not JSON: {error.msg} (column {error.colno})"
        raise BadShopFile(name, [problem]) from error
    except (ValueError, RecursionError) as error:
        raise BadShopFile(name, [f"not JSON: {error}"]) from error
    try:
        shop = msgspec.json.decode(text, type=ShopFile)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `")
        path = path_of(where.rstrip("`"))
        raise BadShopFile(name, [_problem(text, path, reason)]) from error
    found = [
        _problem(text, misfit.path, misfit.reason)
        for misfit in islice(misfits(shop), _MOST_PROBLEMS)
    ]
    if found:
        raise BadShopFile(name, found)
    return shop


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _problem(text: str, path: Sequence[str | int], reason: str) -> str:
    return f"line {line_of(text, path)}: {pointer(path) or '/'}: {reason}"


async def import_shop(engine: AsyncEngine, file: Path) -> dict[str, int]:
    """Replace the shop by the one in ``file``, all of it or nothing.

    Returns the number of products, customers, carriers and orders; raises BadShopFile.
    """
    shop = read_shop_file(file)
    await store_shop(engine, shop)
    return {
        "products": len(shop.products),
        "carriers": len(shop.carriers),
        "customers": len(shop.customers),
        "orders": len(shop.orders),
    }


async def export_shop(engine: AsyncEngine) -> dict[str, Any]:
    """The whole shop in plain JSON types, in the form that ``import_shop`` reads."""
    async with read(engine) as connection:
        shop = await load_shop(connection)
    return _plain(shop)


def shop_schema() -> dict[str, Any]:
    """The JSON Schema of a shop file (docs/shop.schema.json)."""
    return _plain(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Kefu shop file",
            **msgspec.json.schema(ShopFile),
        }
    )


def _plain(value: ShopFile | dict[str, Any]) -> dict[str, Any]:
    """``value`` as JSON knows it: lists, no tuples."""
    plain: dict[str, Any] = json.loads(msgspec.json.encode(value))
    return plain


async def is_empty(engine: AsyncEngine) -> bool:
    """Whether there is neither a product nor an order yet."""
    async with read(engine) as connection:
        return await _is_empty(connection)


async def _is_empty(connection: AsyncConnection) -> bool:
    for table in (tables.products, tables.orders):
        if await connection.scalar(
            select(func.count()).select_from(table.select().limit(1).subquery())
        ):
            return False
    return True


async def store_first_shop(engine: AsyncEngine, shop: ShopFile) -> bool:
    """Store ``shop`` unless there is one; of several replicas that start together one does."""
    async with write(engine) as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(_FIRST_SHOP_LOCK)))
        if not await _is_empty(connection):
            return False
        await _replace(connection, shop)
        return True


async def store_shop(engine: AsyncEngine, shop: ShopFile) -> None:
    """Replace what the database has by ``shop``, in one transaction; ``shop`` must fit itself.

    Audit lines, attempts to prove an identity, and counters stay: no return number is given twice.
    """
    async with write(engine) as connection:
        await _replace(connection, shop)


async def _replace(connection: AsyncConnection, shop: ShopFile) -> None:
    stay = {tables.audit, tables.identity_limits, tables.counters}
    for table in reversed(tables.metadata.sorted_tables):
        if table not in stay:
            await connection.execute(delete(table))
    rows = rows_of(shop)
    for table in tables.metadata.sorted_tables:
        await _fill(connection, table, rows.get(table, ()))
    for kind, table in _NUMBERED.items():
        await count_on(connection, kind, [row["number"] for row in rows[table]])


async def _fill(connection: AsyncConnection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        await connection.execute(insert(table), found)
