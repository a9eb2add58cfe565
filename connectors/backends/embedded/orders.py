"""Orders out of the embedded shop's database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, RowMapping, Select, bindparam, func, select
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

# Every turn about an order asks these: built once, for building costs more than SQLite's answer.
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_HEADS = select(tables.orders).where(tables.orders.c.number.in_(_NUMBERS))
# Owner and number in one question: a stranger's order costs what a missing one costs.
_OWNED = _HEADS.where(tables.orders.c.customer_id == bindparam("customer_id"))
_LINES = (
    select(tables.order_lines)
    .where(tables.order_lines.c.order_number.in_(_NUMBERS))
    .order_by(tables.order_lines.c.position)
)
# What went back of a payment or is on its way, and what a return that is not over promises of it.
_GONE = (
    select(func.sum(tables.refunds.c.amount_minor))
    .where(
        tables.refunds.c.order_number == tables.payments.c.order_number,
        tables.refunds.c.payment_id == tables.payments.c.id,
        tables.refunds.c.status != RefundStatus.FAILED,
    )
    .scalar_subquery()
)
_BOUND = (
    select(func.sum(tables.return_tenders.c.amount_minor))
    .join(tables.returns, tables.returns.c.number == tables.return_tenders.c.return_number)
    .where(
        tables.returns.c.order_number == tables.payments.c.order_number,
        tables.return_tenders.c.payment_id == tables.payments.c.id,
        tables.returns.c.status.in_(_PROMISED),
    )
    .scalar_subquery()
)
# Each with what may be shown of the account it came from.
_PAYMENTS = (
    select(
        tables.payments,
        tables.stored_tenders.c.hint,
        (func.coalesce(_GONE, 0) + func.coalesce(_BOUND, 0)).label("refunded_minor"),
    )
    .outerjoin(tables.stored_tenders, tables.stored_tenders.c.id == tables.payments.c.stored_id)
    .where(tables.payments.c.order_number.in_(_NUMBERS))
    .order_by(tables.payments.c.position)
)
_FULFILLED = (
    select(
        tables.fulfilments.c.id,
        tables.fulfilments.c.order_number,
        tables.fulfilment_lines.c.line_id,
        tables.fulfilment_lines.c.quantity,
    )
    .outerjoin(
        tables.fulfilment_lines,
        tables.fulfilment_lines.c.fulfilment_id == tables.fulfilments.c.id,
    )
    .where(tables.fulfilments.c.order_number.in_(_NUMBERS))
    .order_by(tables.fulfilments.c.position, tables.fulfilment_lines.c.position)
)
_PARCELS = (
    select(tables.parcels)
    .where(tables.parcels.c.order_number.in_(_NUMBERS))
    .order_by(tables.parcels.c.position)
)


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
            found = await load_orders(connection, [order_key(number)], customer_id)
            return found[0] if found else None

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
            lines = await _grouped(connection, _LINES, numbers)
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
    if lock:
        mine = tables.orders.c.customer_id == customer_id
        question = select(tables.orders.c.number).where(tables.orders.c.number == number, mine)
        await connection.scalar(question.with_for_update())
    found = await load_orders(connection, [number], customer_id)
    if not found:
        raise NotFound("order")
    return found[0]


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
    connection: AsyncConnection, question: Select[Any], numbers: Sequence[str]
) -> dict[str, list[RowMapping]]:
    """What ``question`` finds for these orders, by order number, each group as it came."""
    rows = await connection.execute(question, {"numbers": list(numbers)})
    groups: dict[str, list[RowMapping]] = {}
    for row in rows.mappings():
        groups.setdefault(row["order_number"], []).append(row)
    return groups


async def load_orders(
    connection: AsyncConnection, numbers: Sequence[str], customer_id: str | None = None
) -> list[Order]:
    """The orders of these numbers, whole, in this order; numbers that do not exist are left out.

    So are those of other customers than ``customer_id``, where one is given: in the same time.
    A fixed number of questions to the database, however many orders.
    """
    if not numbers:
        return []
    asked: dict[str, Any] = {"numbers": list(numbers)}
    if customer_id is None:
        heads = await connection.execute(_HEADS, asked)
    else:
        heads = await connection.execute(_OWNED, {**asked, "customer_id": customer_id})
    by_number = {row["number"]: row for row in heads.mappings()}
    if not by_number:
        return []
    found = [number for number in numbers if number in by_number]
    lines = await _grouped(connection, _LINES, found)
    payments = await _grouped(connection, _PAYMENTS, found)
    fulfilled = await _grouped(connection, _FULFILLED, found)
    parcels = await _grouped(connection, _PARCELS, found) if fulfilled else {}
    return [
        _order(
            by_number[number],
            tuple(_line(row) for row in lines.get(number, ())),
            tuple(_payment(row) for row in payments.get(number, ())),
            _fulfilments(fulfilled.get(number, ()), parcels.get(number, ())),
        )
        for number in found
    ]


def _fulfilments(
    fulfilled: Sequence[RowMapping], parcels: Sequence[RowMapping]
) -> tuple[Fulfilment, ...]:
    """Of one order: a row for each line of each fulfilment, and the parcels."""
    lines: dict[str, tuple[FulfilledLine, ...]] = {}
    for row in fulfilled:
        lines.setdefault(row["id"], ())
        if row["line_id"] is not None:
            lines[row["id"]] += (FulfilledLine(row["line_id"], row["quantity"]),)
    return tuple(
        Fulfilment(id_, part, tuple(_parcel(one) for one in parcels if one["fulfilment_id"] == id_))
        for id_, part in lines.items()
    )


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


def _payment(row: RowMapping) -> OrderPayment:
    return OrderPayment(
        id=row["id"],
        tender=Tender(row["tender"]),
        amount=Money(row["amount_minor"], row["currency"]),
        paid_at=row["paid_at"],
        refunded=Money(int(row["refunded_minor"]), row["currency"]),
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
