"""Price-protection claims in the tables of the embedded shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
from connectors.backends.embedded.money_back import give_back
from connectors.backends.embedded.service_tables import price_claims
from connectors.backends.offers.model import ClaimGround, ClaimStatus, PriceClaim
from connectors.backends.orders.model import Order, Tender
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.rules import RefundRules
from kernel.money import Money

_CLAIM = price_claims.c


async def load_claims(
    connection: AsyncConnection, condition: ColumnElement[bool], rules: RefundRules
) -> tuple[PriceClaim, ...]:
    """The claims that meet ``condition``, newest first."""
    rows = await connection.execute(
        select(price_claims)
        .where(condition)
        .order_by(_CLAIM.claimed_at.desc(), _CLAIM.number.desc())
    )
    found = rows.mappings().all()
    payments = tables.payments.c
    paid = await connection.execute(
        select(payments.id, payments.tender).where(
            payments.order_number.in_({row["order_number"] for row in found})
        )
    )
    tenders = {payment: Tender(tender) for payment, tender in paid}
    return tuple(_claim(row, tenders, rules) for row in found)


def _claim(row: RowMapping, tenders: dict[str, Tender], rules: RefundRules) -> PriceClaim:
    currency = row["currency"]
    return PriceClaim(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        lines=tuple(
            (part["line"], part["units"], Money(part["amount"], currency)) for part in row["lines"]
        ),
        total=Money(row["total_minor"], currency),
        tenders=tuple(
            TenderAmount(
                part["payment"],
                tenders[part["payment"]],
                Money(part["amount"], currency),
                rules.days(tenders[part["payment"]]),
            )
            for part in row["tenders"]
        ),
        claimed_at=row["claimed_at"],
        status=ClaimStatus(row["status"]),
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        ground=ClaimGround(row["ground"]) if row["ground"] else None,
    )


async def claimed_lines(connection: AsyncConnection, order_number: str) -> dict[str, ClaimStatus]:
    """How the claim stands that was made for a line of this order, by the line's id."""
    rows = await connection.execute(
        select(_CLAIM.lines, _CLAIM.status).where(_CLAIM.order_number == order_number)
    )
    return {part["line"]: ClaimStatus(status) for lines, status in rows for part in lines}


async def claimed_minor(connection: AsyncConnection, order_number: str) -> int:
    """What all claims for this order come to that nobody has refused, in minor units."""
    minor = await connection.scalar(
        select(func.sum(_CLAIM.total_minor)).where(
            _CLAIM.order_number == order_number, _CLAIM.status != ClaimStatus.REFUSED.value
        )
    )
    return int(minor or 0)


async def write_claim(connection: AsyncConnection, made: PriceClaim) -> None:
    """Add the row of a new claim."""
    await connection.execute(
        insert(price_claims).values(
            number=made.number,
            order_number=made.order_number,
            customer_id=made.customer_id,
            lines=[
                {"line": line, "units": units, "amount": amount.minor}
                for line, units, amount in made.lines
            ],
            tenders=_tender_parts(made.tenders),
            total_minor=made.total.minor,
            currency=made.total.currency,
            claimed_at=made.claimed_at,
            status=made.status.value,
            decided_at=made.decided_at,
            decided_by=made.decided_by,
            ground=made.ground,
        )
    )


async def write_decision(connection: AsyncConnection, decided: PriceClaim) -> None:
    """Change the row of a claim that somebody has decided on."""
    await connection.execute(
        update(price_claims)
        .where(_CLAIM.number == decided.number)
        .values(
            status=decided.status.value,
            tenders=_tender_parts(decided.tenders),
            decided_at=decided.decided_at,
            decided_by=decided.decided_by,
            ground=decided.ground,
        )
    )


def _tender_parts(tenders: Sequence[TenderAmount]) -> list[dict[str, Any]]:
    return [{"payment": part.payment_id, "amount": part.amount.minor} for part in tenders]


async def pay_claim(
    connection: AsyncConnection, order: Order, made: PriceClaim, now: datetime, rules: RefundRules
) -> None:
    """Send the money of a claim on its way that was granted at ``now``."""
    lines = tables.order_lines
    for line_id, units, amount in made.lines:
        await connection.execute(
            update(lines)
            .where(lines.c.id == line_id)
            .values(credited_units=units, credited_minor=amount.minor)
        )
    await give_back(connection, order, made.tenders, now, rules)
