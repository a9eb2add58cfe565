"""Money of an order that goes back without goods, and what that does to gift cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.customers.model import BalanceChange, StoredTender
from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import next_number
from connectors.backends.orders.model import HAS_BALANCE, Order
from connectors.backends.refunds.model import RefundStatus, TenderAmount
from connectors.backends.rules import RefundRules


def is_instant(order: Order, part: TenderAmount, rules: RefundRules) -> bool:
    """Whether this part of the money is there as soon as it is sent back."""
    payment = next(one for one in order.payments if one.id == part.payment_id)
    return part.tender in rules.instant and payment.stored_id is not None


def balance_changes(
    order: Order, parts: Sequence[TenderAmount], stored: Sequence[StoredTender]
) -> tuple[BalanceChange, ...]:
    """What giving ``parts`` back does to the customer's gift cards and account."""
    sources = {payment.id: payment.stored_id for payment in order.payments}
    by_id = {one.id: one for one in stored}
    changes = []
    for part in parts:
        card = by_id.get(sources.get(part.payment_id) or "")
        if card is not None and card.balance is not None:
            after = card.balance + part.amount
            changes.append(BalanceChange(card.id, card.tender, card.hint, card.balance, after))
    return tuple(changes)


async def give_back(
    connection: AsyncConnection,
    order: Order,
    parts: Sequence[TenderAmount],
    now: datetime,
    rules: RefundRules,
    return_number: str | None = None,
) -> tuple[str, ...]:
    """Write a refund for each part and credit gift cards at once; the refunds' numbers.

    ``return_number`` is the return that the money is for, if it is for one.
    """
    numbers = []
    for part in parts:
        number = await next_number(connection, "refund", now)
        account = await _account_for(connection, order, part)
        at_once = part.tender in rules.instant and account is not None
        await connection.execute(
            insert(tables.refunds).values(
                number=number,
                order_number=order.number,
                customer_id=order.customer_id,
                return_number=return_number,
                payment_id=part.payment_id,
                tender=part.tender.value,
                amount_minor=part.amount.minor,
                currency=part.amount.currency,
                status=(RefundStatus.COMPLETED if at_once else RefundStatus.REQUESTED).value,
                requested_at=now,
                expected_by=now if at_once else now + timedelta(days=part.days),
                completed_at=now if at_once else None,
            )
        )
        if at_once and part.tender in HAS_BALANCE:
            stored = tables.stored_tenders
            await connection.execute(
                update(stored)
                .where(stored.c.id == account)
                .values(balance_minor=stored.c.balance_minor + part.amount.minor)
            )
        numbers.append(number)
    return tuple(numbers)


async def _account_for(connection: AsyncConnection, order: Order, part: TenderAmount) -> str | None:
    """The customer's stored tender that ``part`` goes to; None if none is on file.

    Money of another tender that is wanted on a gift card goes to the first card there is.
    """
    payment = next(one for one in order.payments if one.id == part.payment_id)
    if payment.tender is part.tender:
        return payment.stored_id
    stored = tables.stored_tenders
    found: str | None = await connection.scalar(
        select(stored.c.id)
        .where(
            stored.c.customer_id == order.customer_id,
            stored.c.tender == part.tender.value,
            stored.c.currency == part.amount.currency,
        )
        .order_by(stored.c.position)
        .limit(1)
    )
    return found
