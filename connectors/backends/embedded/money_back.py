"""Money of an order that goes back without goods, and what that does to gift cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.customers.model import BalanceChange, StoredTender
from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.customers import load_tenders
from connectors.backends.orders.model import HAS_BALANCE, Order
from connectors.backends.refunds.differences import Charge
from connectors.backends.refunds.model import RefundStatus, TenderAmount
from connectors.backends.rules import RefundRules
from kernel.money import Money


def is_instant(
    order: Order, part: TenderAmount, rules: RefundRules, account: str | None = None
) -> bool:
    """Whether this part of the money is there as soon as it is sent back (to ``account``)."""
    payment = next(one for one in order.payments if one.id == part.payment_id)
    return part.tender in rules.instant and (account or payment.stored_id) is not None


def balance_changes(
    order: Order,
    parts: Sequence[TenderAmount],
    stored: Sequence[StoredTender],
    *,
    account: str | None = None,
    charge: Charge | None = None,
) -> tuple[BalanceChange, ...]:
    """What giving ``parts`` back, and a ``charge``, do to the customer's gift cards and account.

    ``account`` is the gift card that all parts go to, None where each goes to what paid.
    """
    sources = {payment.id: payment.stored_id for payment in order.payments}
    moved: dict[str, Money] = {}
    if charge is not None:
        moved[charge.stored_id] = -charge.amount
    for part in parts:
        key = account or sources.get(part.payment_id) or ""
        moved[key] = moved.get(key, Money(0, order.currency)) + part.amount
    return _changes(stored, moved)


async def balances_credited(
    connection: AsyncConnection,
    order: Order,
    parts: Sequence[TenderAmount],
    rules: RefundRules,
) -> tuple[BalanceChange, ...]:
    """What ``give_back`` of ``parts`` would do at once to the customer's gift cards and account."""
    moved: dict[str, Money] = {}
    for part in parts:
        account = await _account_for(connection, order, part)
        if account is not None and part.tender in rules.instant:
            moved[account] = moved.get(account, Money(0, order.currency)) + part.amount
    return _changes(await load_tenders(connection, order.customer_id), moved) if moved else ()


def _changes(
    stored: Sequence[StoredTender], moved: Mapping[str, Money]
) -> tuple[BalanceChange, ...]:
    return tuple(
        BalanceChange(one.id, one.tender, one.hint, one.balance, one.balance + moved[one.id])
        for one in stored
        if one.balance is not None and moved.get(one.id)
    )


async def give_back(
    connection: AsyncConnection,
    order: Order,
    parts: Sequence[TenderAmount],
    now: datetime,
    rules: RefundRules,
    return_number: str | None = None,
    to_account: str | None = None,
) -> tuple[str, ...]:
    """Write a refund for each part and credit gift cards at once; the refunds' numbers.

    ``return_number`` is the return that the money is for, if it is for one; ``to_account`` the
    gift card it was asked to go to.
    """
    numbers = []
    for part in parts:
        number = await next_number(connection, "refund", now)
        account = to_account or await _account_for(connection, order, part)
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
