"""Attempts to pay orders of the embedded shop."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read
from connectors.backends.embedded.orders import order_key
from connectors.backends.orders.model import Tender
from connectors.backends.payments.model import AttemptStatus, Failure, PaymentAttempt
from kernel.money import Money


@dataclass(frozen=True)
class EmbeddedPayments:
    """(see Payments)"""

    engine: AsyncEngine

    async def attempts_of(self, order_number: str) -> tuple[PaymentAttempt, ...]:
        """(see Payments)"""
        attempts = tables.payment_attempts
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(attempts)
                .where(attempts.c.order_number == order_key(order_number))
                .order_by(attempts.c.at.desc(), attempts.c.id.desc())
            )
            return tuple(_attempt(row) for row in rows.mappings())


def _attempt(row: RowMapping) -> PaymentAttempt:
    return PaymentAttempt(
        id=row["id"],
        order_number=row["order_number"],
        tender=Tender(row["tender"]),
        amount=Money(row["amount_minor"], row["currency"]),
        status=AttemptStatus(row["status"]),
        at=row["at"],
        settled_at=row["settled_at"],
        failure=Failure(row["failure"]) if row["failure"] else None,
        account_hint=row["account_hint"],
        held=row["held"],
    )
