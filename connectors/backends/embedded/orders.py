"""Orders out of the embedded shop's database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read
from connectors.backends.embedded.words import closeness
from connectors.backends.orders.model import (
    Address,
    DeliverySlot,
    FulfilledLine,
    Fulfilment,
    Option,
    Order,
    OrderLine,
    OrderPayment,
    OrderStatus,
    Parcel,
    Tender,
    Trait,
)
from connectors.backends.refunds.model import RefundStatus, ReturnStatus
from connectors.backends.text import Bilingual
from kernel.errors import NotFound
from kernel.money import Money

_PROMISED = (
    ReturnStatus.AWAITING_APPROVAL,
    ReturnStatus.AUTHORISED,
    ReturnStatus.SENT_BACK,
    ReturnStatus.RECEIVED,
)
_CLOSE_ENOUGH = 0.5
_SEARCHED_ORDERS = 200


@dataclass(frozen=True)
class EmbeddedOrders:
    """(see Orders)"""

    engine: AsyncEngine

    async def get(self, number: str) -> Order:
        """(see Orders)"""
        async with read(self.engine) as connection:
            found = await load_orders(connection, [order_key(number)])
        if not found:
            raise NotFound("order")
        return found[0]

    async def find_of(self, customer_id: str, number: str) -> Order | None:
        """(see Orders)"""
        async with read(self.engine) as connection:
            # Owner and number in one question: a stranger's order costs what a missing one costs.
            owned = select(tables.orders.c.number).where(
                tables.orders.c.number == order_key(number),
                tables.orders.c.customer_id == customer_id,
            )
            found = await connection.scalar(owned)
            return (await load_orders(connection, [found]))[0] if found else None

    async def find_by_parcel(self, customer_id: str, tracking_number: str) -> Order | None:
        """(see Orders)"""
        async with read(self.engine) as connection:
            owned = (
                select(tables.parcels.c.order_number)
                .join(tables.orders, tables.orders.c.number == tables.parcels.c.order_number)
                .where(
                    tables.parcels.c.tracking_number == tracking_key(tracking_number),
                    tables.orders.c.customer_id == customer_id,
                )
            )
            found = await connection.scalar(owned)
            return (await load_orders(connection, [found]))[0] if found else None

    async def latest_of(self, customer_id: str, limit: int = 5) -> tuple[Order, ...]:
        """(see Orders)"""
        async with read(self.engine) as connection:
            numbers = await connection.scalars(_newest(customer_id, limit))
            return tuple(await load_orders(connection, numbers.all()))

    async def of_product(self, customer_id: str, words: str, limit: int = 5) -> tuple[Order, ...]:
        """(see Orders)"""
        async with read(self.engine) as connection:
            numbers = (await connection.scalars(_newest(customer_id, _SEARCHED_ORDERS))).all()
            lines = await _grouped(connection, tables.order_lines, numbers)
            scores = {
                number: max((_line_score(words, line) for line in lines.get(number, ())), default=0)
                for number in numbers
            }
            # sorted() is stable: equally good matches stay newest first.
            best = sorted(
                (number for number in numbers if scores[number] >= _CLOSE_ENOUGH),
                key=lambda number: -scores[number],
            )
            return tuple(await load_orders(connection, best[:limit]))


def order_key(number: str) -> str:
    """An order number as it is stored, whatever the shopper's spelling."""
    return "".join(number.split()).upper()


def tracking_key(number: str) -> str:
    """A tracking number as it is stored, whatever the shopper's spelling."""
    return "".join(number.split()).upper()


async def owned_order(
    connection: AsyncConnection, customer_id: str, order_number: str, lock: bool = False
) -> Order:
    """This customer's order; with ``lock``, nobody else changes it until we are done.

    Raises NotFound alike for a stranger's order and for none.
    """
    number = order_key(order_number)
    question = select(tables.orders.c.number).where(
        tables.orders.c.number == number, tables.orders.c.customer_id == customer_id
    )
    if await connection.scalar(question.with_for_update() if lock else question) is None:
        raise NotFound("order")
    return (await load_orders(connection, [number]))[0]


def _newest(customer_id: str, limit: int) -> Any:
    orders = tables.orders
    return (
        select(orders.c.number)
        .where(orders.c.customer_id == customer_id)
        .order_by(orders.c.placed_at.desc(), orders.c.number.desc())
        .limit(limit)
    )


def _line_score(words: str, line: RowMapping) -> float:
    values = [option["value"] for option in line["options"]]
    return max(
        closeness(words, [line["name_zh"], *(value["zh"] for value in values)]),
        closeness(words, [line["name_en"], *(value["en"] for value in values)]),
    )


async def _grouped(
    connection: AsyncConnection, table: Table, numbers: Sequence[str]
) -> dict[str, list[RowMapping]]:
    """Rows of ``table`` by order number, each group in its stored order."""
    rows = await connection.execute(
        select(table).where(table.c.order_number.in_(numbers)).order_by(table.c.position)
    )
    groups: dict[str, list[RowMapping]] = {}
    for row in rows.mappings():
        groups.setdefault(row["order_number"], []).append(row)
    return groups


async def load_orders(connection: AsyncConnection, numbers: Sequence[str]) -> list[Order]:
    """The orders of these numbers, whole, in this order; numbers that do not exist are left out.

    A fixed number of questions to the database, however many orders.
    """
    if not numbers:
        return []
    heads = await connection.execute(
        select(tables.orders).where(tables.orders.c.number.in_(numbers))
    )
    by_number = {row["number"]: row for row in heads.mappings()}
    if not by_number:
        return []
    lines = await _grouped(connection, tables.order_lines, numbers)
    payments = await _payments(connection, numbers)
    refunded = await _refunded(connection, numbers)
    fulfilments = await _grouped(connection, tables.fulfilments, numbers)
    parcels = await _grouped(connection, tables.parcels, numbers)
    fulfilled = await _fulfilled(connection, numbers)
    return [
        _order(
            by_number[number],
            tuple(_line(row) for row in lines.get(number, ())),
            tuple(_payment(row, refunded) for row in payments.get(number, ())),
            tuple(
                Fulfilment(
                    row["id"],
                    fulfilled.get(row["id"], ()),
                    tuple(
                        _parcel(parcel)
                        for parcel in parcels.get(number, ())
                        if parcel["fulfilment_id"] == row["id"]
                    ),
                )
                for row in fulfilments.get(number, ())
            ),
        )
        for number in numbers
        if number in by_number
    ]


async def _payments(
    connection: AsyncConnection, numbers: Sequence[str]
) -> dict[str, list[RowMapping]]:
    """Payments by order number, each with what may be shown of the account it came from."""
    payments, stored = tables.payments, tables.stored_tenders
    rows = await connection.execute(
        select(payments, stored.c.hint)
        .outerjoin(stored, stored.c.id == payments.c.stored_id)
        .where(payments.c.order_number.in_(numbers))
        .order_by(payments.c.position)
    )
    groups: dict[str, list[RowMapping]] = {}
    for row in rows.mappings():
        groups.setdefault(row["order_number"], []).append(row)
    return groups


async def _refunded(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, int]:
    """Minor units by payment that went back, are on their way, or are promised by a return."""
    refunds, promised = tables.refunds, tables.return_tenders
    gone = select(refunds.c.payment_id, func.sum(refunds.c.amount_minor)).where(
        refunds.c.order_number.in_(numbers),
        refunds.c.payment_id.is_not(None),
        refunds.c.status != RefundStatus.FAILED,
    )
    bound = (
        select(promised.c.payment_id, func.sum(promised.c.amount_minor))
        .join(tables.returns, tables.returns.c.number == promised.c.return_number)
        .where(tables.returns.c.order_number.in_(numbers), tables.returns.c.status.in_(_PROMISED))
    )
    sums: dict[str, int] = {}
    for question, column in ((gone, refunds.c.payment_id), (bound, promised.c.payment_id)):
        for payment_id, minor in await connection.execute(question.group_by(column)):
            sums[payment_id] = sums.get(payment_id, 0) + int(minor)
    return sums


async def _fulfilled(
    connection: AsyncConnection, numbers: Sequence[str]
) -> dict[str, tuple[FulfilledLine, ...]]:
    parts = tables.fulfilment_lines
    rows = await connection.execute(
        select(parts.c.fulfilment_id, parts.c.line_id, parts.c.quantity)
        .join(tables.fulfilments, tables.fulfilments.c.id == parts.c.fulfilment_id)
        .where(tables.fulfilments.c.order_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[FulfilledLine, ...]] = {}
    for fulfilment_id, line_id, quantity in rows:
        found[fulfilment_id] = (*found.get(fulfilment_id, ()), FulfilledLine(line_id, quantity))
    return found


def _order(
    row: RowMapping,
    lines: tuple[OrderLine, ...],
    payments: tuple[OrderPayment, ...],
    fulfilments: tuple[Fulfilment, ...],
) -> Order:
    return Order(
        number=row["number"],
        customer_id=row["customer_id"],
        status=OrderStatus(row["status"]),
        placed_at=row["placed_at"],
        lines=lines,
        payments=payments,
        fulfilments=fulfilments,
        address=Address(**row["address"]),
        shipping_fee=Money(row["shipping_fee_minor"], row["currency"]),
        promised_by=row["promised_by"],
        pay_by=row["pay_by"],
        cancelled_at=row["cancelled_at"],
        slot=slot_of(row["slot"]),
    )


def slot_of(stored: Mapping[str, Any] | None) -> DeliverySlot | None:
    """A delivery slot as it is stored in a JSON column."""
    if stored is None:
        return None
    return DeliverySlot(date.fromisoformat(stored["day"]), stored["start"], stored["end"])


def options_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    """Options as they are stored in a JSON column."""
    return tuple(
        Option(Bilingual(**option["name"]), Bilingual(**option["value"])) for option in stored
    )


def _line(row: RowMapping) -> OrderLine:
    return OrderLine(
        id=row["id"],
        product_id=row["product_id"],
        variant_id=row["variant_id"],
        sku=row["sku"],
        product_name=Bilingual(row["name_zh"], row["name_en"]),
        options=options_of(row["options"]),
        category=row["category"],
        image=row["image"],
        quantity=row["quantity"],
        unit_price=Money(row["unit_price_minor"], row["currency"]),
        discount=Money(row["discount_minor"], row["currency"]),
        traits=frozenset(Trait(trait) for trait in row["traits"]),
        exclusion_confirmed=row["exclusion_confirmed"],
        credited_units=row["credited_units"],
        credited=Money(row["credited_minor"], row["currency"]) if row["credited_units"] else None,
        cancelled=row["cancelled"],
    )


def _payment(row: RowMapping, refunded: Mapping[str, int]) -> OrderPayment:
    return OrderPayment(
        id=row["id"],
        tender=Tender(row["tender"]),
        amount=Money(row["amount_minor"], row["currency"]),
        paid_at=row["paid_at"],
        refunded=Money(refunded.get(row["id"], 0), row["currency"]),
        stored_id=row["stored_id"],
        hint=row["hint"] or "",
    )


def _parcel(row: RowMapping) -> Parcel:
    return Parcel(
        tracking_number=row["tracking_number"],
        carrier=row["carrier"],
        shipped_at=row["shipped_at"],
        delivered_at=row["delivered_at"],
    )
