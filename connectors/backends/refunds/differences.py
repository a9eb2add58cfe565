"""A difference in price: charged to a tender on file, or given back to one that may have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connectors.backends.customers.model import StoredTender
from connectors.backends.orders.model import OrderPayment, Tender
from connectors.backends.refunds.model import RefundTo, TenderAmount
from connectors.backends.refunds.policy import split_over_tenders, tender_amount
from connectors.backends.rules import RefundRules
from kernel.money import Money


class TenderRefusal(StrEnum):
    """Why a tender cannot be charged, or cannot have the money.

    Every closed vocabulary of refusals of a verb that moves a difference repeats these members.
    """

    TENDER_MISSING = "tender_missing"
    """Something is to be charged, and nothing was chosen."""
    TENDER_UNKNOWN = "tender_unknown"
    """Not on this customer's file."""
    TENDER_EXPIRED = "tender_expired"
    BALANCE_TOO_LOW = "balance_too_low"
    DID_NOT_PAY = "did_not_pay"
    """Money goes back to what paid for the order, no more than it paid, or to a gift card."""


@dataclass(frozen=True)
class Charge:
    """What a tender on file is charged at the commit."""

    stored_id: str
    tender: Tender
    hint: str
    amount: Money


def charge_of(
    amount: Money, tender_id: str | None, stored: Sequence[StoredTender], today: date
) -> Charge | TenderRefusal:
    """``amount`` taken from the stored tender of this id; ``today`` in the shop's time zone."""
    if tender_id is None:
        return TenderRefusal.TENDER_MISSING
    found = next((one for one in stored if one.id == tender_id), None)
    if found is None:
        return TenderRefusal.TENDER_UNKNOWN
    if found.expires_on is not None and today > found.expires_on:
        return TenderRefusal.TENDER_EXPIRED
    if not found.covers(amount, today):
        return TenderRefusal.BALANCE_TOO_LOW
    return Charge(found.id, found.tender, found.hint, amount)


@dataclass(frozen=True)
class MoneyBack:
    """Money that goes back; ``account`` is the gift card it goes to, None for what paid."""

    parts: tuple[TenderAmount, ...]
    account: str | None = None


def money_back(
    amount: Money,
    tender_id: str | None,
    payments: Sequence[OrderPayment],
    stored: Sequence[StoredTender],
    rules: RefundRules,
) -> MoneyBack | TenderRefusal:
    """``amount`` on its way to the stored tender of this id; without one, to all that paid.

    ``amount`` is no more than ``payments`` can give back together.
    """
    if tender_id is None or not amount:
        return MoneyBack(split_over_tenders(amount, payments, rules))
    found = next((one for one in stored if one.id == tender_id), None)
    if found is None:
        return TenderRefusal.TENDER_UNKNOWN
    paid = next((one for one in payments if one.stored_id == tender_id), None)
    if paid is not None and amount <= paid.refundable:
        part = tender_amount(paid.id, paid.tender, amount, rules, RefundTo.ORIGINAL)
        return MoneyBack((part,))
    if found.tender is Tender.GIFT_CARD:
        parts = split_over_tenders(amount, payments, rules, RefundTo.GIFT_CARD)
        return MoneyBack(parts, found.id)
    return TenderRefusal.DID_NOT_PAY
