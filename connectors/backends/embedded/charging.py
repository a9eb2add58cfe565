"""Charging a tender on file for an order: a payment, its attempt, and what is left on a card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
from connectors.backends.orders.model import HAS_BALANCE, Order
from connectors.backends.payments.model import AttemptStatus
from connectors.backends.refunds.differences import Charge


async def take(connection: AsyncConnection, order: Order, charge: Charge, now: datetime) -> str:
    """Charge ``charge`` for ``order``; the payment's id.

    The customer's tenders must be locked, and the charge be checked against them.
    """
    payments, attempts = tables.payments, tables.payment_attempts
    made = (
        await connection.scalars(
            select(attempts.c.id).where(attempts.c.order_number == order.number)
        )
    ).all()
    payment_id = _free(f"{order.number}-P", [payment.id for payment in order.payments])
    await connection.execute(
        insert(payments).values(
            id=payment_id,
            order_number=order.number,
            position=len(order.payments),
            tender=charge.tender.value,
            amount_minor=charge.amount.minor,
            currency=charge.amount.currency,
            paid_at=now,
            stored_id=charge.stored_id,
        )
    )
    await connection.execute(
        insert(attempts).values(
            id=_free(f"{order.number}-A", made),
            order_number=order.number,
            tender=charge.tender.value,
            amount_minor=charge.amount.minor,
            currency=charge.amount.currency,
            status=AttemptStatus.SUCCEEDED.value,
            at=now,
            settled_at=now,
            failure=None,
            account_hint=charge.hint,
            held=False,
        )
    )
    if charge.tender in HAS_BALANCE:
        stored = tables.stored_tenders
        await connection.execute(
            update(stored)
            .where(stored.c.id == charge.stored_id)
            .values(balance_minor=stored.c.balance_minor - charge.amount.minor)
        )
    return payment_id


def _free(prefix: str, taken: Sequence[str]) -> str:
    serial = len(taken) + 1
    while f"{prefix}{serial}" in taken:
        serial += 1
    return f"{prefix}{serial}"
