"""Orders out of the embedded shop's database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, RowMapping, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read, read_once
from connectors.backends.embedded.order_rows import orders_by, whole_orders
from connectors.backends.embedded.words import closeness
from connectors.backends.orders.model import Order
from kernel.errors import NotFound

_CLOSE_ENOUGH = 0.5
_SEARCHED_ORDERS = 200
_NUMBER = select(tables.orders.c.number)
_OF_CUSTOMER = tables.orders.c.customer_id == bindparam("customer_id")
_NEWEST_FIRST = tables.orders.c.placed_at.desc(), tables.orders.c.number.desc()
_LATEST_NUMBERS = (
    _NUMBER.where(_OF_CUSTOMER).order_by(*_NEWEST_FIRST).limit(bindparam("limit", type_=Integer))
)
# Every turn about an order asks these: built once, for building costs more than SQLite's answer.
_OF_NUMBERS = whole_orders(
    _NUMBER.where(tables.orders.c.number.in_(bindparam("numbers", expanding=True)))
)
# Owner and number in one question: a stranger's order costs what a missing one costs.
_OWNED = whole_orders(_NUMBER.where(tables.orders.c.number == bindparam("number"), _OF_CUSTOMER))
_OF_PARCEL = whole_orders(
    _NUMBER.join(tables.parcels, tables.parcels.c.order_number == tables.orders.c.number).where(
        tables.parcels.c.tracking_number == bindparam("tracking_number"), _OF_CUSTOMER
    )
)
_LATEST = whole_orders(_LATEST_NUMBERS)
_LINES_OF_LATEST = (
    select(tables.order_lines)
    .join(tables.orders, tables.orders.c.number == tables.order_lines.c.order_number)
    .where(tables.orders.c.number.in_(_LATEST_NUMBERS))
    .order_by(*_NEWEST_FIRST)
)


@dataclass(frozen=True)
class EmbeddedOrders:
    """(see Orders)"""

    engine: AsyncEngine

    async def get(self, number: str) -> Order:
        """(see Orders)"""
        async with read_once(self.engine) as connection:
            found = await load_orders(connection, [number_key(number)])
        if not found:
            raise NotFound("order")
        return found[0]

    async def find_of(self, customer_id: str, number: str) -> Order | None:
        """(see Orders)"""
        async with read_once(self.engine) as connection:
            return await _owned(connection, customer_id, number_key(number))

    async def find_by_parcel(self, customer_id: str, tracking_number: str) -> Order | None:
        """(see Orders)"""
        key = number_key(tracking_number)
        async with read_once(self.engine) as connection:
            found = await orders_by(
                connection, _OF_PARCEL, customer_id=customer_id, tracking_number=key
            )
        return next(iter(found.values()), None)

    async def latest_of(self, customer_id: str, limit: int = 5) -> tuple[Order, ...]:
        """(see Orders)"""
        async with read_once(self.engine) as connection:
            found = await orders_by(connection, _LATEST, customer_id=customer_id, limit=limit)
        newest_first = sorted(
            found.values(), key=lambda order: (order.placed_at, order.number), reverse=True
        )
        return tuple(newest_first)

    async def of_product(self, customer_id: str, words: str, limit: int = 5) -> tuple[Order, ...]:
        """(see Orders)"""
        async with read(self.engine) as connection:
            lines = await connection.execute(
                _LINES_OF_LATEST, {"customer_id": customer_id, "limit": _SEARCHED_ORDERS}
            )
            scores: dict[str, float] = {}
            for line in lines.mappings():
                number = line["order_number"]
                scores[number] = max(scores.get(number, 0), _line_score(words, line))
            # sorted() is stable: equally good matches stay newest first.
            best = sorted(
                (number for number in scores if scores[number] >= _CLOSE_ENOUGH),
                key=lambda number: -scores[number],
            )
            return tuple(await load_orders(connection, best[:limit]))


def number_key(number: str) -> str:
    """A number of an order, a parcel, a coupon as it is stored, whatever the shopper's spelling."""
    return "".join(number.split()).upper()


async def owned_order(
    connection: AsyncConnection, customer_id: str, order_number: str, lock: bool = False
) -> Order:
    """This customer's order; with ``lock``, nobody else changes it until we are done.

    Raises NotFound alike for a stranger's order and for none.
    """
    number = number_key(order_number)
    if lock:
        mine = tables.orders.c.customer_id == customer_id
        question = _NUMBER.where(tables.orders.c.number == number, mine)
        await connection.scalar(question.with_for_update())
    found = await _owned(connection, customer_id, number)
    if found is None:
        raise NotFound("order")
    return found


async def load_orders(connection: AsyncConnection, numbers: Sequence[str]) -> list[Order]:
    """The orders of these numbers, whole, in this order; numbers that do not exist are left out."""
    found = await orders_by(connection, _OF_NUMBERS, numbers=list(numbers)) if numbers else {}
    return [found[number] for number in numbers if number in found]


async def _owned(connection: AsyncConnection, customer_id: str, number: str) -> Order | None:
    """This customer's order of this number as it is stored; None for a stranger's and for none."""
    found = await orders_by(connection, _OWNED, customer_id=customer_id, number=number)
    return found.get(number)


def _line_score(words: str, line: RowMapping) -> float:
    values = [option["value"] for option in line["options"]]
    return max(
        closeness(words, [line["name_zh"], *(value["zh"] for value in values)]),
        closeness(words, [line["name_en"], *(value["en"] for value in values)]),
    )
