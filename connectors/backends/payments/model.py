"""What an attempt to pay is, and what the attempts on one order mean for its shopper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.backends.orders.model import Order, OrderStatus, Tender
from connectors.backends.payments.codes import Failure, failure_of
from connectors.backends.rules import PaymentRules, RefundRules
from kernel.money import Money, total


class AttemptStatus(StrEnum):
    """What became of one attempt."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    AWAITING_ACTION = "awaiting_action"
    FAILED = "failed"
    CLOSED = "closed"
    """Given up by the shop because the time to pay was over."""
    REFUNDING = "refunding"
    """Money was taken and is on its way back."""
    REFUNDED = "refunded"


@dataclass(frozen=True)
class PaymentAttempt:
    """One attempt to pay (part of) an order with one tender.

    ``account_hint`` is what may be shown of the account, for instance the last four digits of a
    card, or empty. ``held`` is money that the bank reserved although the attempt failed. ``code``
    is what the bank or wallet answered in its own words, or empty.
    """

    id: str
    order_number: str
    tender: Tender
    amount: Money
    status: AttemptStatus
    at: datetime
    settled_at: datetime | None = None
    failure: Failure | None = None
    account_hint: str = ""
    held: bool = False
    code: str = ""

    @property
    def reason(self) -> Failure | None:
        """Why it failed: what we were told, or else what ``code`` means; None if nothing is known.

        A code that we do not know is UNKNOWN.
        """
        if self.failure in (None, Failure.UNKNOWN) and self.code:
            return failure_of(self.tender, self.code)
        return self.failure


class PaymentCause(StrEnum):
    """What is the matter; every member has a response of its own."""

    PAID = "paid"
    NO_ATTEMPT = "no_attempt"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"
    BANK_DECLINED = "bank_declined"
    EXPIRED_CARD = "expired_card"
    WRONG_DETAILS = "wrong_details"
    TENDER_NOT_SUPPORTED = "tender_not_supported"
    AUTHENTICATION_NEEDED = "authentication_needed"
    BANK_UNAVAILABLE = "bank_unavailable"
    CANCELLED_BY_SHOPPER = "cancelled_by_shopper"
    NOT_TOLD = "not_told"
    """The provider does not say why, or we must not: risk control looks like this too."""
    CLOSED_BY_TIMEOUT = "closed_by_timeout"
    ORDER_CANCELLED = "order_cancelled"
    CHARGED_TWICE = "charged_twice"
    PAID_ORDER_UNPAID = "paid_order_unpaid"
    PAID_AFTER_CLOSING = "paid_after_closing"
    PROCESSING = "processing"


class MoneyPlace(StrEnum):
    """Where the shopper's money is."""

    NOT_TAKEN = "not_taken"
    HELD_BY_BANK = "held_by_bank"
    WITH_BANK = "with_bank"
    """The bank is still deciding."""
    WITH_PROVIDER = "with_provider"
    """Taken, and the shop has not been told yet."""
    WITH_SHOP = "with_shop"
    RETURNING = "returning"
    RETURNED = "returned"


class Remedy(StrEnum):
    """What the shopper can do now, best first."""

    RETRY = "retry"
    OTHER_TENDER = "other_tender"
    AUTHENTICATE = "authenticate"
    CALL_BANK = "call_bank"
    ORDER_AGAIN = "order_again"
    WAIT = "wait"
    PERSON = "person"


@dataclass(frozen=True)
class PaymentDiagnosis:
    """Everything that an answer about a payment needs.

    ``amount`` is the money that ``place`` speaks of. ``by``: when it is free again, back, or
    known (UTC); None where there is nothing to wait for. ``received`` is what the shop has got
    for the order, ``outstanding`` what is still to be paid, ``pay_by`` until when.
    ``attempt`` is the attempt in question, None if there was none.
    """

    cause: PaymentCause
    place: MoneyPlace
    amount: Money
    by: datetime | None
    remedies: tuple[Remedy, ...]
    attempt: PaymentAttempt | None
    received: Money
    outstanding: Money
    pay_by: datetime | None


# Risk control is never told: an honest shopper learns nothing from it, a thief would.
CAUSES: dict[Failure, tuple[PaymentCause, tuple[Remedy, ...]]] = {
    Failure.INSUFFICIENT_FUNDS: (
        PaymentCause.INSUFFICIENT_FUNDS,
        (Remedy.OTHER_TENDER, Remedy.RETRY),
    ),
    Failure.LIMIT_EXCEEDED: (
        PaymentCause.LIMIT_EXCEEDED,
        (Remedy.OTHER_TENDER, Remedy.CALL_BANK),
    ),
    Failure.BANK_DECLINED: (PaymentCause.BANK_DECLINED, (Remedy.CALL_BANK, Remedy.OTHER_TENDER)),
    Failure.EXPIRED_CARD: (PaymentCause.EXPIRED_CARD, (Remedy.OTHER_TENDER,)),
    Failure.WRONG_DETAILS: (PaymentCause.WRONG_DETAILS, (Remedy.RETRY, Remedy.OTHER_TENDER)),
    Failure.TENDER_NOT_SUPPORTED: (PaymentCause.TENDER_NOT_SUPPORTED, (Remedy.OTHER_TENDER,)),
    Failure.AUTHENTICATION_NEEDED: (
        PaymentCause.AUTHENTICATION_NEEDED,
        (Remedy.AUTHENTICATE, Remedy.OTHER_TENDER),
    ),
    Failure.BANK_UNAVAILABLE: (
        PaymentCause.BANK_UNAVAILABLE,
        (Remedy.WAIT, Remedy.RETRY, Remedy.OTHER_TENDER),
    ),
    Failure.CANCELLED_BY_SHOPPER: (
        PaymentCause.CANCELLED_BY_SHOPPER,
        (Remedy.RETRY, Remedy.OTHER_TENDER),
    ),
    Failure.RISK_CONTROL: (PaymentCause.NOT_TOLD, (Remedy.OTHER_TENDER, Remedy.PERSON)),
    Failure.UNKNOWN: (PaymentCause.NOT_TOLD, (Remedy.OTHER_TENDER, Remedy.PERSON)),
}

_TAKEN = frozenset({AttemptStatus.SUCCEEDED, AttemptStatus.REFUNDING, AttemptStatus.REFUNDED})
_GIVING_BACK: dict[AttemptStatus, tuple[MoneyPlace, tuple[Remedy, ...]]] = {
    AttemptStatus.SUCCEEDED: (MoneyPlace.WITH_SHOP, (Remedy.PERSON,)),
    AttemptStatus.REFUNDING: (MoneyPlace.RETURNING, (Remedy.WAIT,)),
    AttemptStatus.REFUNDED: (MoneyPlace.RETURNED, ()),
}


@dataclass(frozen=True)
class _Case:
    """What the rules below look at: the order, its attempts (newest first), the moment."""

    order: Order
    attempts: tuple[PaymentAttempt, ...]
    now: datetime
    payments: PaymentRules
    refunds: RefundRules

    @property
    def unpaid(self) -> bool:
        return self.order.status is OrderStatus.UNPAID

    @property
    def taken(self) -> tuple[PaymentAttempt, ...]:
        return tuple(attempt for attempt in self.attempts if attempt.status in _TAKEN)

    @property
    def received(self) -> Money:
        kept = [a.amount for a in self.attempts if a.status is AttemptStatus.SUCCEEDED]
        return total(kept, self.order.currency)

    @property
    def outstanding(self) -> Money:
        left = self.order.total - self.received
        return left if self.unpaid and left.minor > 0 else Money(0, self.order.currency)


@dataclass(frozen=True)
class _Finding:
    """What a rule says; without ``amount``, the whole amount of the attempt is meant."""

    cause: PaymentCause
    place: MoneyPlace
    remedies: tuple[Remedy, ...]
    attempt: PaymentAttempt | None = None
    amount: Money | None = None
    by: datetime | None = None


def _paid_after_closing(case: _Case) -> _Finding | None:
    if case.order.status is not OrderStatus.CANCELLED or case.order.payments or not case.taken:
        return None
    attempt = case.taken[0]
    place, remedies = _GIVING_BACK[attempt.status]
    by = _back_by(attempt, case.refunds)
    return _Finding(PaymentCause.PAID_AFTER_CLOSING, place, remedies, attempt, by=by)


def _charged_twice(case: _Case) -> _Finding | None:
    amounts = [attempt.amount for attempt in case.taken]
    # What was paid for units that were cancelled since is no surplus.
    due = max(case.order.total, case.order.paid)
    surplus = total(amounts, case.order.currency) - due
    if surplus.minor <= 0:
        return None
    # The one already on its way back is the superfluous one; else the latest.
    extra = next((a for a in case.taken if a.status in _GOING_BACK), case.taken[0])
    place, remedies = _GIVING_BACK[extra.status]
    by = _back_by(extra, case.refunds)
    return _Finding(PaymentCause.CHARGED_TWICE, place, remedies, extra, surplus, by)


def _paid_order_unpaid(case: _Case) -> _Finding | None:
    if not case.unpaid or not case.taken or case.outstanding:
        return None
    attempt = case.taken[0]
    settled = attempt.settled_at or attempt.at
    by = settled + timedelta(minutes=case.payments.callback_minutes)
    return _Finding(
        PaymentCause.PAID_ORDER_UNPAID,
        MoneyPlace.WITH_PROVIDER,
        _wait_until(by, case.now),
        attempt,
        case.received,
        by,
    )


def _paid(case: _Case) -> _Finding | None:
    if case.order.status in (OrderStatus.UNPAID, OrderStatus.CANCELLED):
        return None
    attempt = case.taken[0] if case.taken else None
    # What another tender has paid since went back to this one.
    kept = min(case.order.paid, max(case.order.total, case.order.paid - case.order.refunded))
    return _Finding(PaymentCause.PAID, MoneyPlace.WITH_SHOP, (), attempt, kept)


def _processing(case: _Case) -> _Finding | None:
    for attempt in case.attempts:
        if attempt.status is AttemptStatus.PROCESSING:
            by = attempt.at + timedelta(hours=case.payments.processing_hours)
            remedies = _wait_until(by, case.now)
            place = MoneyPlace.WITH_BANK
            return _Finding(PaymentCause.PROCESSING, place, remedies, attempt, by=by)
    return None


def _cancelled(case: _Case) -> _Finding | None:
    if case.order.status is not OrderStatus.CANCELLED:
        return None
    pay_by, cancelled_at = case.order.pay_by, case.order.cancelled_at
    if case.order.payments:
        # Cancelled after it was paid: how far the money is on its way back, its refunds tell.
        left = case.order.paid - case.order.refunded
        returning = left.minor <= 0
        return _Finding(
            PaymentCause.ORDER_CANCELLED,
            MoneyPlace.RETURNING if returning else MoneyPlace.WITH_SHOP,
            (Remedy.WAIT,) if returning else (Remedy.PERSON,),
            case.taken[0] if case.taken else None,
            case.order.paid if returning else left,
        )
    timed_out = any(attempt.status is AttemptStatus.CLOSED for attempt in case.attempts) or (
        pay_by is not None and cancelled_at is not None and cancelled_at >= pay_by
    )
    cause = PaymentCause.CLOSED_BY_TIMEOUT if timed_out else PaymentCause.ORDER_CANCELLED
    attempt = case.attempts[0] if case.attempts else None
    return _not_taken(case, cause, (Remedy.ORDER_AGAIN,), attempt)


def _failed(case: _Case) -> _Finding:
    attempt = next((a for a in case.attempts if a.status not in _TAKEN), None)
    if attempt is None:
        return _Finding(PaymentCause.NO_ATTEMPT, MoneyPlace.NOT_TAKEN, (Remedy.RETRY,))
    if attempt.status is AttemptStatus.CLOSED:
        cause, remedies = PaymentCause.CLOSED_BY_TIMEOUT, (Remedy.RETRY, Remedy.OTHER_TENDER)
        return _not_taken(case, cause, remedies, attempt)
    failure = attempt.reason or Failure.UNKNOWN
    if attempt.status is AttemptStatus.AWAITING_ACTION:
        failure = Failure.AUTHENTICATION_NEEDED
    return _not_taken(case, *CAUSES[failure], attempt)


def _not_taken(
    case: _Case,
    cause: PaymentCause,
    remedies: tuple[Remedy, ...],
    attempt: PaymentAttempt | None,
) -> _Finding:
    """A finding about money that the shop did not take, though the bank may hold it a while."""
    if attempt is not None and attempt.held:
        free_at = attempt.at + timedelta(days=case.payments.hold_days(attempt.tender))
        if case.now < free_at:
            place = MoneyPlace.HELD_BY_BANK
            return _Finding(cause, place, remedies, attempt, by=free_at)
    return _Finding(cause, MoneyPlace.NOT_TAKEN, remedies, attempt)


def _back_by(attempt: PaymentAttempt, rules: RefundRules) -> datetime:
    """When the money of ``attempt`` is back, or came back."""
    settled = attempt.settled_at or attempt.at
    if attempt.status is AttemptStatus.REFUNDED:
        return settled
    return settled + timedelta(days=rules.days(attempt.tender))


def _wait_until(by: datetime, now: datetime) -> tuple[Remedy, ...]:
    return (Remedy.WAIT,) if now <= by else (Remedy.PERSON,)


_GOING_BACK = frozenset({AttemptStatus.REFUNDING, AttemptStatus.REFUNDED})
_RULES = (
    _paid_after_closing,
    _charged_twice,
    _paid_order_unpaid,
    _paid,
    _processing,
    _cancelled,
)


def explain(
    order: Order,
    attempts: Sequence[PaymentAttempt],
    now: datetime,
    payments: PaymentRules,
    refunds: RefundRules,
) -> PaymentDiagnosis:
    """What the matter is with the payment of ``order``; ``attempts`` are all of its attempts.

    The first rule that has something to say decides. Money that was taken goes first (for a
    closed order, twice, without the order knowing), then what is still under way, then why the
    newest attempt failed.
    """
    newest_first = sorted(attempts, key=lambda attempt: attempt.at, reverse=True)
    case = _Case(order, tuple(newest_first), now, payments, refunds)
    findings = (rule(case) for rule in _RULES)
    finding = next((found for found in findings if found is not None), None) or _failed(case)
    whole = finding.attempt.amount if finding.attempt else Money(0, order.currency)
    return PaymentDiagnosis(
        cause=finding.cause,
        place=finding.place,
        amount=finding.amount if finding.amount is not None else whole,
        by=finding.by,
        remedies=finding.remedies,
        attempt=finding.attempt,
        received=case.received,
        outstanding=case.outstanding,
        pay_by=order.pay_by if case.unpaid else None,
    )
