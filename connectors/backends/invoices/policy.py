"""The shop's rules of invoicing: pure functions that give an amount, a refusal, a plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.backends.invoices.model import (
    IN_FORCE,
    Invoice,
    InvoiceDetails,
    InvoiceKind,
    InvoiceRefusal,
    InvoiceStatus,
    InvoiceStep,
)
from connectors.backends.invoices.tax_number import is_tax_number
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.rules import InvoiceRules
from kernel.money import Money, total

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_LONGEST_TITLE = 100


@dataclass(frozen=True)
class InvoicePlan:
    """What a permitted step comes to: for how much, which invoice goes, and whether red."""

    amount: Money
    replaces: Invoice | None
    reversal: bool


def invoiceable(order: Order, rules: InvoiceRules) -> Money:
    """For how much an invoice is due: what was paid and not given back.

    Tenders that were invoiced when they were bought (gift cards) are left out.
    """
    due = (
        payment.refundable for payment in order.payments if payment.tender not in rules.not_invoiced
    )
    return total(due, order.currency)


def in_force(invoices: Sequence[Invoice]) -> Invoice | None:
    """The blue invoice that an order has now, or None."""
    return next((one for one in invoices if one.status in IN_FORCE and one.reverses is None), None)


def order_refusal(order: Order, rules: InvoiceRules) -> InvoiceRefusal | None:
    """Why there is no invoice for this order at all; None if there may be."""
    if order.status is OrderStatus.UNPAID:
        return InvoiceRefusal.NOT_PAID
    if order.status is OrderStatus.CANCELLED:
        return InvoiceRefusal.ORDER_CANCELLED
    if invoiceable(order, rules).minor <= 0:
        return InvoiceRefusal.NOTHING_LEFT
    return None


def is_mailbox(email: str) -> bool:
    """Whether an invoice can be sent there, by the look of the address."""
    return _EMAIL.fullmatch(email) is not None


def details_refusal(details: InvoiceDetails) -> InvoiceRefusal | None:
    """What is wrong with what should stand on the invoice; None if nothing."""
    if not 2 <= len(details.title) <= _LONGEST_TITLE:
        return InvoiceRefusal.BAD_TITLE
    if details.kind is InvoiceKind.COMPANY and not is_tax_number(details.tax_number):
        return InvoiceRefusal.BAD_TAX_NUMBER
    if not is_mailbox(details.email):
        return InvoiceRefusal.BAD_EMAIL
    return None


def plan(
    step: InvoiceStep,
    order: Order,
    invoices: Sequence[Invoice],
    details: InvoiceDetails,
    sent_today: int,
    now: datetime,
    rules: InvoiceRules,
) -> InvoicePlan | InvoiceRefusal:
    """What ``step`` comes to, or why it is refused.

    ``invoices`` are all of the order, ``sent_today`` counts how often one was sent again since the
    shop's midnight.
    """
    refusal = step_refusal(step, order, invoices, sent_today, now, rules)
    if refusal is None:
        refusal = details_refusal(details)
    if refusal is not None:
        return refusal
    present = in_force(invoices)
    amount = invoiceable(order, rules)
    if step is not InvoiceStep.CHANGE or present is None:
        return InvoicePlan(present.amount if present else amount, present, False)
    if details == present.details and amount == present.amount:
        return InvoiceRefusal.SAME_AS_BEFORE
    return InvoicePlan(amount, present, present.status is InvoiceStatus.ISSUED)


def step_refusal(
    step: InvoiceStep,
    order: Order,
    invoices: Sequence[Invoice],
    sent_today: int,
    now: datetime,
    rules: InvoiceRules,
) -> InvoiceRefusal | None:
    """Why ``step`` is impossible whatever stands on the invoice; None if it is possible."""
    present = in_force(invoices)
    if step is InvoiceStep.ISSUE:
        if present is not None:
            return InvoiceRefusal.ALREADY_THERE
        if refusal := order_refusal(order, rules):
            return refusal
        closed = now >= order.placed_at + timedelta(days=rules.request_days)
        return InvoiceRefusal.REQUEST_CLOSED if closed else None
    if present is None:
        return order_refusal(order, rules) or InvoiceRefusal.NO_INVOICE
    if step is InvoiceStep.RESEND:
        if present.status is not InvoiceStatus.ISSUED:
            return InvoiceRefusal.NOT_ISSUED_YET
        return InvoiceRefusal.SENT_TOO_OFTEN if sent_today >= rules.resends_per_day else None
    return order_refusal(order, rules) or _change_refusal(order, invoices, present, now, rules)


def _change_refusal(
    order: Order,
    invoices: Sequence[Invoice],
    present: Invoice,
    now: datetime,
    rules: InvoiceRules,
) -> InvoiceRefusal | None:
    if present.status is InvoiceStatus.REQUESTED or present.issued_at is None:
        return None
    if invoiceable(order, rules) != present.amount:
        # After a refund the invoice is wrong, whoever is to blame: it is always put right.
        return None
    if now >= present.issued_at + timedelta(days=rules.change_days):
        return InvoiceRefusal.CHANGE_CLOSED
    changed = sum(one.reverses is not None for one in invoices)
    return InvoiceRefusal.CHANGED_ALREADY if changed >= rules.changes else None
