"""`make benchshop`: what a look-up costs in a small and in a huge shop, and what an import does."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded.exchange import import_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kefu import migrate
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.contracts.another_shop import make_another_shop

_CUSTOMERS = 500
_SMALL, _HUGE = 1_500, 1_000_000
_ASKED = "u00007"
_ROUNDS = 15
_CALLS = 40
# Of an order that every shop has, so many copies under new numbers, for customers by turns.
_COPIES = {
    "shop_customers": "id, name_key, email_key",
    "shop_orders": "number, customer_id",
    "shop_order_lines": "id, order_number",
    "shop_payments": "id, order_number",
}


async def main() -> None:
    """Print the figures; wall time and CPU time of this process side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=_HUGE, help="of the huge shop")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = await _filled(Path(folder) / "small.db", _SMALL)
        huge = await _filled(Path(folder) / "huge.db", arguments.orders)
        print(f"load average {os.getloadavg()[0]:.1f}")
        for name, ask in _QUESTIONS.items():
            await _compare(name, ask, small, huge)


async def _filled(path: Path, orders: int) -> Shop:
    url = f"sqlite:///{path}"
    await migrate.upgrade(url)
    engine = make_engine(url)
    file = path.with_suffix(".json")
    made = make_another_shop(customers=_CUSTOMERS, products=50, variants=200, orders=_SMALL)
    file.write_bytes(msgspec.json.encode(made))
    started, worked = time.perf_counter(), time.process_time()
    await import_shop(engine, file)
    print(
        f"import of {_CUSTOMERS} customers, 10,000 variants, {_SMALL:,} orders: "
        f"{time.perf_counter() - started:.1f} s, CPU {time.process_time() - worked:.1f} s"
    )
    if orders > _SMALL:
        async with engine.begin() as connection:
            await _multiply(connection, orders)
    # Both know their statistics: another plan of the database is no cost of size.
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
    async with engine.connect() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM shop_orders"))
    print(f"{path.stem} shop: {count:,} orders")
    return make_embedded_shop(engine, SystemClock(), ShopRules(), path.parent)


async def _multiply(connection: AsyncConnection, orders: int) -> None:
    """Copy the orders of the shop, with lines and payments, to customers of their own."""
    times = orders // _SMALL - 1
    await connection.execute(text("CREATE TEMP TABLE times (n INTEGER PRIMARY KEY)"))
    await connection.execute(
        text(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < :times) "
            "INSERT INTO times SELECT n FROM c"
        ),
        {"times": times},
    )
    for table, keys in _COPIES.items():
        changed = [key.strip() for key in keys.split(",")]
        rows = await connection.execute(text(f"SELECT name FROM pragma_table_info('{table}')"))
        columns = [row[0] for row in rows]
        values = [f"x.{one} || '-' || n" if one in changed else f"x.{one}" for one in columns]
        await connection.execute(
            text(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"SELECT {', '.join(values)} FROM {table} x, times"
            )
        )


Ask = Callable[[Shop], Awaitable[object]]
_QUESTIONS: dict[str, Ask] = {
    "an order by its number": lambda shop: shop.orders.find_of(_ASKED, "AN00000507"),
    "somebody else's order": lambda shop: shop.orders.find_of(_ASKED, "AN00000508"),
    "a customer's latest orders": lambda shop: shop.orders.latest_of(_ASKED),
    "an order by its goods": lambda shop: shop.orders.of_product(_ASKED, "thing 8"),
    "a customer's refunds": lambda shop: shop.refunds.refunds_of(_ASKED),
}


async def _compare(name: str, ask: Ask, small: Shop, huge: Shop) -> None:
    """Ask both by turns, so that what else the machine does hits both alike."""
    times: dict[str, list[tuple[float, float]]] = {"small": [], "huge": []}
    for _ in range(_ROUNDS):
        for kind, shop in (("small", small), ("huge", huge)):
            started, worked = time.perf_counter(), time.process_time()
            for _ in range(_CALLS):
                await ask(shop)
            spent = (time.perf_counter() - started, time.process_time() - worked)
            times[kind].append((spent[0] / _CALLS * 1e3, spent[1] / _CALLS * 1e3))
    wall = {kind: statistics.median(one[0] for one in times[kind]) for kind in times}
    cpu = {kind: statistics.median(one[1] for one in times[kind]) for kind in times}
    print(
        f"{name}: wall {wall['small']:.2f} and {wall['huge']:.2f} ms "
        f"({wall['huge'] / wall['small']:.2f} x), "
        f"CPU {cpu['small']:.2f} and {cpu['huge']:.2f} ms ({cpu['huge'] / cpu['small']:.2f} x)"
    )


if __name__ == "__main__":
    asyncio.run(main())
