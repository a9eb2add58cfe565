"""Money of an order that goes back without goods, and what that does to gift cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, update
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
) -> tuple[str, ...]:
    """Write a refund for each part and credit gift cards at once; the refunds' numbers."""
    numbers = []
    sources = {payment.id: payment.stored_id for payment in order.payments}
    for part in parts:
        number = await next_number(connection, "refund", now)
        at_once = is_instant(order, part, rules)
        await connection.execute(
            insert(tables.refunds).values(
                number=number,
                order_number=order.number,
                customer_id=order.customer_id,
                return_number=None,
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
                .where(stored.c.id == sources[part.payment_id])
                .values(balance_minor=stored.c.balance_minor + part.amount.minor)
            )
        numbers.append(number)
    return tuple(numbers)
