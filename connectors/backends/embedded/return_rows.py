"""Rows of returns and refunds in the embedded shop: counted, written, read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
from connectors.backends.orders.model import Tender
from connectors.backends.refunds import exchanges
from connectors.backends.refunds.model import (
    GIVEN_UP,
    FreightPayer,
    Handover,
    Refund,
    RefundStatus,
    RefundTo,
    ReturnAuthorisation,
    ReturnLine,
    ReturnReason,
    ReturnStatus,
    ReturnWish,
    TenderAmount,
)
from connectors.backends.refunds.policy import Record, tender_amount
from connectors.backends.rules import ApprovalRules, ShopRules
from connectors.backends.text import Bilingual
from kernel.money import Money


async def bound_units(connection: AsyncConnection, order_number: str) -> dict[str, int]:
    """Units by line that a return or an exchange binds which was not given up."""
    lines, returns = tables.return_lines, tables.returns
    back = (
        select(lines.c.line_id, func.sum(lines.c.quantity))
        .join(returns, returns.c.number == lines.c.return_number)
        .where(returns.c.order_number == order_number, returns.c.status.not_in(GIVEN_UP))
        .group_by(lines.c.line_id)
    )
    swapped, made = tables.exchange_lines, tables.exchanges
    exchanged = (
        select(swapped.c.line_id, func.sum(swapped.c.quantity))
        .join(made, made.c.number == swapped.c.exchange_number)
        .where(made.c.order_number == order_number, made.c.status.not_in(exchanges.GIVEN_UP))
        .group_by(swapped.c.line_id)
    )
    bound: dict[str, int] = {}
    for question in (back, exchanged):
        for line_id, units in await connection.execute(question):
            bound[line_id] = bound.get(line_id, 0) + int(units)
    return bound


async def record_of(
    connection: AsyncConnection, customer_id: str, now: datetime, rules: ApprovalRules
) -> Record:
    """What the customer gave back in the days that the risk score looks at."""
    returns = tables.returns
    rows = await connection.execute(
        select(returns.c.status, returns.c.handover, func.count())
        .where(
            returns.c.customer_id == customer_id,
            returns.c.created_at > now - timedelta(days=rules.risk_days),
        )
        .group_by(returns.c.status, returns.c.handover)
    )
    record = Record()
    for status, handover, count in rows:
        if status == ReturnStatus.REJECTED:
            record = Record(record.returns, record.kept, record.rejected + count)
        elif status in GIVEN_UP:
            continue
        elif handover == Handover.KEEP:
            record = Record(record.returns, record.kept + count, record.rejected)
        else:
            record = Record(record.returns + count, record.kept, record.rejected)
    return record


async def insert_return(connection: AsyncConnection, made: ReturnAuthorisation) -> None:
    await connection.execute(
        insert(tables.returns).values(
            number=made.number,
            order_number=made.order_number,
            customer_id=made.customer_id,
            status=made.status.value,
            reason=made.wish.reason.value,
            refund_to=made.wish.refund_to.value,
            handover=made.wish.handover.value,
            photos=list(made.wish.photos),
            shipping_refund_minor=made.shipping_refund.minor,
            total_minor=made.total.minor,
            currency=made.total.currency,
            freight=made.freight.value,
            send_by=made.send_by,
            return_address_zh=made.return_address.zh,
            return_address_en=made.return_address.en,
            created_at=made.created_at,
            decided_by=made.decided_by,
        )
    )
    await connection.execute(
        insert(tables.return_lines),
        [
            {
                "return_number": made.number,
                "line_id": line.line_id,
                "position": position,
                "quantity": line.quantity,
                "refund_minor": line.refund.minor,
                "currency": line.refund.currency,
            }
            for position, line in enumerate(made.lines)
        ],
    )
    if made.tenders:
        await connection.execute(
            insert(tables.return_tenders),
            [
                {
                    "return_number": made.number,
                    "payment_id": tender.payment_id,
                    "position": position,
                    "amount_minor": tender.amount.minor,
                    "currency": tender.amount.currency,
                }
                for position, tender in enumerate(made.tenders)
            ],
        )


async def load_returns(
    connection: AsyncConnection, condition: ColumnElement[bool], rules: ShopRules
) -> tuple[ReturnAuthorisation, ...]:
    """The returns that meet ``condition``, newest first, whole."""
    returns = tables.returns
    heads = await connection.execute(
        select(returns)
        .where(condition)
        .order_by(returns.c.created_at.desc(), returns.c.number.desc())
    )
    rows = heads.mappings().all()
    numbers = [row["number"] for row in rows]
    lines = await _lines_of(connection, numbers)
    tenders = await _tenders_of(connection, numbers, rules)
    return tuple(
        _authorisation(row, lines.get(row["number"], ()), tenders.get(row["number"], ()))
        for row in rows
    )


async def _lines_of(
    connection: AsyncConnection, numbers: Sequence[str]
) -> dict[str, tuple[ReturnLine, ...]]:
    parts, bought = tables.return_lines, tables.order_lines
    rows = await connection.execute(
        select(parts, bought.c.name_zh, bought.c.name_en, bought.c.options)
        .join(bought, bought.c.id == parts.c.line_id)
        .where(parts.c.return_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[ReturnLine, ...]] = {}
    for row in rows.mappings():
        values = [option["value"] for option in row["options"]]
        line = ReturnLine(
            line_id=row["line_id"],
            product_name=Bilingual(row["name_zh"], row["name_en"]),
            options=Bilingual(
                " / ".join(value["zh"] for value in values),
                " / ".join(value["en"] for value in values),
            ),
            quantity=row["quantity"],
            refund=Money(row["refund_minor"], row["currency"]),
        )
        found[row["return_number"]] = (*found.get(row["return_number"], ()), line)
    return found


async def _tenders_of(
    connection: AsyncConnection, numbers: Sequence[str], rules: ShopRules
) -> dict[str, tuple[TenderAmount, ...]]:
    parts, payments, returns = tables.return_tenders, tables.payments, tables.returns
    rows = await connection.execute(
        select(parts, payments.c.tender, returns.c.refund_to)
        .join(payments, payments.c.id == parts.c.payment_id)
        .join(returns, returns.c.number == parts.c.return_number)
        .where(parts.c.return_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[TenderAmount, ...]] = {}
    for row in rows.mappings():
        amount = tender_amount(
            row["payment_id"],
            Tender(row["tender"]),
            Money(row["amount_minor"], row["currency"]),
            rules.refunds,
            RefundTo(row["refund_to"]),
        )
        found[row["return_number"]] = (*found.get(row["return_number"], ()), amount)
    return found


def _authorisation(
    row: RowMapping, lines: tuple[ReturnLine, ...], tenders: tuple[TenderAmount, ...]
) -> ReturnAuthorisation:
    return ReturnAuthorisation(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        status=ReturnStatus(row["status"]),
        wish=ReturnWish(
            ReturnReason(row["reason"]),
            RefundTo(row["refund_to"]),
            Handover(row["handover"]),
            tuple(row["photos"]),
        ),
        lines=lines,
        shipping_refund=Money(row["shipping_refund_minor"], row["currency"]),
        total=Money(row["total_minor"], row["currency"]),
        tenders=tenders,
        freight=FreightPayer(row["freight"]),
        send_by=row["send_by"],
        return_address=Bilingual(row["return_address_zh"], row["return_address_en"]),
        created_at=row["created_at"],
        decided_by=row["decided_by"],
    )


def refund_of(row: RowMapping) -> Refund:
    return Refund(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        return_number=row["return_number"],
        payment_id=row["payment_id"],
        tender=Tender(row["tender"]),
        amount=Money(row["amount_minor"], row["currency"]),
        status=RefundStatus(row["status"]),
        requested_at=row["requested_at"],
        expected_by=row["expected_by"],
        completed_at=row["completed_at"],
    )
