"""Attempts to pay orders of the embedded shop."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read
from connectors.backends.embedded.orders import number_key
from connectors.backends.orders.model import Order, OrderStatus, Tender
from connectors.backends.payments.codes import Failure
from connectors.backends.payments.model import AttemptStatus, PaymentAttempt
from kernel.money import Money

_UNDER_WAY = (AttemptStatus.SUCCEEDED, AttemptStatus.PROCESSING)


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
                .where(attempts.c.order_number == number_key(order_number))
                .order_by(attempts.c.at.desc(), attempts.c.id.desc())
            )
            return tuple(_attempt(row) for row in rows.mappings())


async def payment_under_way(connection: AsyncConnection, order: Order) -> bool:
    """Whether money for the unpaid ``order`` is with a bank or provider."""
    if order.status is not OrderStatus.UNPAID:
        return False
    attempts = tables.payment_attempts
    statuses = await connection.scalars(
        select(attempts.c.status).where(attempts.c.order_number == order.number)
    )
    return any(AttemptStatus(status) in _UNDER_WAY for status in statuses)


async def close_open_attempts(connection: AsyncConnection, order: Order) -> None:
    """Give up the attempts that wait for the shopper: the amount is not theirs any more."""
    attempts = tables.payment_attempts
    await connection.execute(
        update(attempts)
        .where(
            attempts.c.order_number == order.number,
            attempts.c.status == AttemptStatus.AWAITING_ACTION.value,
        )
        .values(status=AttemptStatus.CLOSED.value)
    )


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
        code=row["code"],
    )
