"""Orders out of the rows of the embedded shop's database, by one question for all their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    CompoundSelect,
    RowMapping,
    Select,
    String,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
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
from kernel.money import Money

_PROMISED = (
    ReturnStatus.AWAITING_APPROVAL,
    ReturnStatus.AUTHORISED,
    ReturnStatus.SENT_BACK,
    ReturnStatus.RECEIVED,
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
        # IN would be written out anew for every call.
        or_(*(tables.returns.c.status == status for status in _PROMISED)),
    )
    .scalar_subquery()
)
# What orders are made of: the rows of each part, and whose order's each is.
_PARTS: Mapping[str, tuple[Select[Any], Column[str]]] = {
    "order": (select(tables.orders), tables.orders.c.number),
    "line": (select(tables.order_lines), tables.order_lines.c.order_number),
    # Each with what may be shown of the account it came from.
    "payment": (
        select(
            tables.payments,
            tables.stored_tenders.c.hint,
            (func.coalesce(_GONE, 0) + func.coalesce(_BOUND, 0)).label("refunded_minor"),
        ).outerjoin(
            tables.stored_tenders, tables.stored_tenders.c.id == tables.payments.c.stored_id
        ),
        tables.payments.c.order_number,
    ),
    # A row for each line of each fulfilment, and that for each of its parcels.
    "fulfilled": (
        select(
            tables.fulfilments.c.id,
            tables.fulfilments.c.position,
            tables.fulfilment_lines.c.line_id,
            tables.fulfilment_lines.c.position.label("line_position"),
            tables.fulfilment_lines.c.quantity,
            tables.parcels.c.tracking_number,
            tables.parcels.c.position.label("parcel_position"),
            tables.parcels.c.carrier,
            tables.parcels.c.shipped_at,
            tables.parcels.c.delivered_at,
        )
        .outerjoin(
            tables.fulfilment_lines,
            tables.fulfilment_lines.c.fulfilment_id == tables.fulfilments.c.id,
        )
        .outerjoin(tables.parcels, tables.parcels.c.fulfilment_id == tables.fulfilments.c.id),
        tables.fulfilments.c.order_number,
    ),
}
_IN_THE_ORDER_OF = (
    "line_position",
    "payment_position",
    "fulfilled_position",
    "fulfilled_line_position",
    "fulfilled_parcel_position",
)


def whole_orders(numbers: Select[tuple[str]]) -> CompoundSelect[Any]:
    """The question for the orders of these ``numbers``: to be built once, asked by ``orders_by``.

    The way to the database costs more than what it does there: every part of every order comes by
    this one question. A row is one thing, ``part`` says which and ``of`` whose; what belongs to
    other parts is empty in it.
    """
    columns = [
        (part, column) for part, (rows, _) in _PARTS.items() for column in rows.selected_columns
    ]
    return union_all(
        *(
            rows.with_only_columns(
                literal_column(f"'{part}'", String).label("part"),
                of.label("of"),
                *(
                    (column if own == part else cast(null(), column.type)).label(
                        f"{own}_{column.name}"
                    )
                    for own, column in columns
                ),
                maintain_column_froms=True,
            ).where(of.in_(numbers))
            for part, (rows, of) in _PARTS.items()
        )
    ).order_by(*_IN_THE_ORDER_OF)


async def orders_by(
    connection: AsyncConnection, question: CompoundSelect[Any], **asked: Any
) -> dict[str, Order]:
    """The orders that a question of ``whole_orders`` finds, by number, in no order."""
    found: dict[str, dict[str, list[RowMapping]]] = {part: {} for part in _PARTS}
    for row in (await connection.execute(question, asked)).mappings():
        found[row["part"]].setdefault(row["of"], []).append(row)
    return {
        number: _order(
            row,
            tuple(_line(one) for one in found["line"].get(number, ())),
            tuple(_payment(one) for one in found["payment"].get(number, ())),
            _fulfilments(found["fulfilled"].get(number, ())),
        )
        for number, (row,) in found["order"].items()
    }


def _fulfilments(rows: Sequence[RowMapping]) -> tuple[Fulfilment, ...]:
    """Of one order, out of a row for each line with each parcel of each fulfilment."""
    lines: dict[str, dict[str, FulfilledLine]] = {}
    parcels: dict[str, dict[str, Parcel]] = {}
    for row in rows:
        id_, line_id = row["fulfilled_id"], row["fulfilled_line_id"]
        of, in_ = lines.setdefault(id_, {}), parcels.setdefault(id_, {})
        if line_id is not None:
            of[line_id] = FulfilledLine(line_id, row["fulfilled_quantity"])
        if row["fulfilled_tracking_number"] is not None:
            in_[row["fulfilled_tracking_number"]] = _parcel(row)
    return tuple(
        Fulfilment(id_, tuple(of.values()), tuple(parcels[id_].values()))
        for id_, of in lines.items()
    )


def _order(
    row: RowMapping,
    lines: tuple[OrderLine, ...],
    payments: tuple[OrderPayment, ...],
    fulfilments: tuple[Fulfilment, ...],
) -> Order:
    return Order(
        number=row["order_number"],
        customer_id=row["order_customer_id"],
        status=OrderStatus(row["order_status"]),
        placed_at=row["order_placed_at"],
        lines=lines,
        payments=payments,
        fulfilments=fulfilments,
        address=Address(**row["order_address"]),
        shipping_fee=Money(row["order_shipping_fee_minor"], row["order_currency"]),
        promised_by=row["order_promised_by"],
        pay_by=row["order_pay_by"],
        cancelled_at=row["order_cancelled_at"],
        slot=slot_of(row["order_slot"]),
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
    currency, credited = row["line_currency"], row["line_credited_units"]
    return OrderLine(
        id=row["line_id"],
        product_id=row["line_product_id"],
        variant_id=row["line_variant_id"],
        sku=row["line_sku"],
        product_name=Bilingual(row["line_name_zh"], row["line_name_en"]),
        options=options_of(row["line_options"]),
        category=row["line_category"],
        image=row["line_image"],
        quantity=row["line_quantity"],
        unit_price=Money(row["line_unit_price_minor"], currency),
        discount=Money(row["line_discount_minor"], currency),
        traits=frozenset(Trait(trait) for trait in row["line_traits"]),
        exclusion_confirmed=row["line_exclusion_confirmed"],
        credited_units=credited,
        credited=Money(row["line_credited_minor"], currency) if credited else None,
        cancelled=row["line_cancelled"],
    )


def _payment(row: RowMapping) -> OrderPayment:
    return OrderPayment(
        id=row["payment_id"],
        tender=Tender(row["payment_tender"]),
        amount=Money(row["payment_amount_minor"], row["payment_currency"]),
        paid_at=row["payment_paid_at"],
        refunded=Money(int(row["payment_refunded_minor"]), row["payment_currency"]),
        stored_id=row["payment_stored_id"],
        hint=row["payment_hint"] or "",
    )


def _parcel(row: RowMapping) -> Parcel:
    return Parcel(
        tracking_number=row["fulfilled_tracking_number"],
        carrier=row["fulfilled_carrier"],
        shipped_at=row["fulfilled_shipped_at"],
        delivered_at=row["fulfilled_delivered_at"],
    )
