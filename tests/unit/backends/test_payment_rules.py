"""Why a payment failed, where the money is, by when, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.backends.orders.model import Order, OrderStatus, Tender
from connectors.backends.payments.codes import Failure
from connectors.backends.payments.model import (
    CAUSES,
    AttemptStatus,
    MoneyPlace,
    PaymentAttempt,
    PaymentCause,
    PaymentDiagnosis,
    Remedy,
    explain,
)
from connectors.backends.rules import PaymentRules, RefundRules
from kernel.money import Money
from tests.unit.backends.factories import NOW, make_line, make_order, make_payment, yuan

TOTAL = yuan(300)


def _attempt(
    status: AttemptStatus,
    minutes_ago: float = 10,
    amount: Money = TOTAL,
    tender: Tender = Tender.WECHAT_PAY,
    failure: Failure | None = None,
    held: bool = False,
) -> PaymentAttempt:
    at = NOW - timedelta(minutes=minutes_ago)
    settled = at if status is not AttemptStatus.FAILED else None
    return PaymentAttempt(
        f"A{minutes_ago}", "KF1", tender, amount, status, at, settled, failure, "", held
    )


def _unpaid(**changes: object) -> Order:
    order = make_order(
        lines=(make_line("1", 100, 2), make_line("2", 100, 1)),
        status=OrderStatus.UNPAID,
        payments=(),
        pay_by=NOW + timedelta(minutes=20),
    )
    return replace(order, **changes)  # type: ignore[arg-type]


def _paid(status: OrderStatus = OrderStatus.PAID) -> Order:
    return replace(
        _unpaid(), status=status, payments=(make_payment("P1", Tender.WECHAT_PAY, TOTAL),)
    )


def _explain(order: Order, *attempts: PaymentAttempt, now: datetime = NOW) -> PaymentDiagnosis:
    return explain(order, attempts, now, PaymentRules(), RefundRules())


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_a_cause_and_something_to_do(failure: Failure) -> None:
    found = _explain(_unpaid(), _attempt(AttemptStatus.FAILED, failure=failure))
    assert (found.cause, found.remedies) == CAUSES[failure]
    assert found.remedies
    assert (found.place, found.by) == (MoneyPlace.NOT_TAKEN, None)
    assert (found.received, found.outstanding) == (yuan(0), TOTAL)
    assert found.pay_by == NOW + timedelta(minutes=20)


def test_risk_control_looks_like_a_failure_without_a_reason() -> None:
    risk = _explain(_unpaid(), _attempt(AttemptStatus.FAILED, failure=Failure.RISK_CONTROL))
    unknown = _explain(_unpaid(), _attempt(AttemptStatus.FAILED, failure=Failure.UNKNOWN))
    silent = _explain(_unpaid(), _attempt(AttemptStatus.FAILED))
    seen = [replace(found, attempt=None) for found in (risk, unknown, silent)]
    assert seen[0] == seen[1] == seen[2]
    assert risk.cause is PaymentCause.NOT_TOLD


def test_the_newest_failure_counts() -> None:
    found = _explain(
        _unpaid(),
        _attempt(AttemptStatus.FAILED, 20, failure=Failure.EXPIRED_CARD),
        _attempt(AttemptStatus.FAILED, 5, failure=Failure.LIMIT_EXCEEDED),
    )
    assert found.cause is PaymentCause.LIMIT_EXCEEDED


@pytest.mark.parametrize(
    ("tender", "days"), [(Tender.BANK_CARD, 3), (Tender.CREDIT_CARD, 7), (Tender.WECHAT_PAY, 1)]
)
def test_held_money_is_free_after_the_time_of_its_tender(tender: Tender, days: int) -> None:
    attempt = _attempt(
        AttemptStatus.FAILED, 10, tender=tender, failure=Failure.BANK_DECLINED, held=True
    )
    found = _explain(_unpaid(), attempt)
    assert found.place is MoneyPlace.HELD_BY_BANK
    assert found.by == attempt.at + timedelta(days=days)
    later = _explain(_unpaid(), attempt, now=attempt.at + timedelta(days=days))
    assert (later.place, later.by) == (MoneyPlace.NOT_TAKEN, None)


@pytest.mark.parametrize(
    ("status", "place", "remedies", "days"),
    [
        (AttemptStatus.SUCCEEDED, MoneyPlace.WITH_SHOP, (Remedy.PERSON,), 3),
        (AttemptStatus.REFUNDING, MoneyPlace.RETURNING, (Remedy.WAIT,), 3),
        (AttemptStatus.REFUNDED, MoneyPlace.RETURNED, (), 0),
    ],
)
def test_charged_twice_says_where_the_second_charge_is(
    status: AttemptStatus, place: MoneyPlace, remedies: tuple[Remedy, ...], days: int
) -> None:
    first, second = _attempt(AttemptStatus.SUCCEEDED, 60), _attempt(status, 50)
    found = _explain(_paid(), first, second)
    assert found.cause is PaymentCause.CHARGED_TWICE
    assert (found.place, found.remedies, found.amount) == (place, remedies, TOTAL)
    assert found.attempt == second
    assert found.by == second.at + timedelta(days=days)


def test_two_tenders_that_add_up_are_not_charged_twice() -> None:
    found = _explain(
        _paid(),
        _attempt(AttemptStatus.SUCCEEDED, 60, yuan(100), Tender.GIFT_CARD),
        _attempt(AttemptStatus.SUCCEEDED, 50, yuan(200)),
    )
    assert found.cause is PaymentCause.PAID


@pytest.mark.parametrize(("minutes", "remedy"), [(5, Remedy.WAIT), (90, Remedy.PERSON)])
def test_paid_but_the_order_does_not_know(minutes: int, remedy: Remedy) -> None:
    found = _explain(_unpaid(), _attempt(AttemptStatus.SUCCEEDED, minutes))
    assert found.cause is PaymentCause.PAID_ORDER_UNPAID
    assert (found.place, found.remedies) == (MoneyPlace.WITH_PROVIDER, (remedy,))
    assert found.by == NOW - timedelta(minutes=minutes - 15)
    assert found.outstanding == yuan(0)


@pytest.mark.parametrize(("hours", "remedy"), [(2, Remedy.WAIT), (30, Remedy.PERSON)])
def test_a_payment_that_the_bank_still_looks_at(hours: int, remedy: Remedy) -> None:
    found = _explain(
        _unpaid(),
        _attempt(AttemptStatus.PROCESSING, hours * 60),
        _attempt(AttemptStatus.FAILED, 5, failure=Failure.EXPIRED_CARD),
    )
    assert found.cause is PaymentCause.PROCESSING
    assert (found.place, found.remedies) == (MoneyPlace.WITH_BANK, (remedy,))


def test_a_gift_card_that_was_not_enough_leaves_the_rest_to_pay() -> None:
    found = _explain(
        _unpaid(),
        _attempt(AttemptStatus.SUCCEEDED, 9, yuan(100), Tender.GIFT_CARD),
        _attempt(AttemptStatus.FAILED, 8, yuan(200), failure=Failure.INSUFFICIENT_FUNDS),
    )
    assert found.cause is PaymentCause.INSUFFICIENT_FUNDS
    assert (found.received, found.outstanding) == (yuan(100), yuan(200))


def test_an_order_closed_by_timeout_is_ordered_again() -> None:
    cancelled = _unpaid(
        status=OrderStatus.CANCELLED, pay_by=NOW - timedelta(hours=1), cancelled_at=NOW
    )
    for attempts in ((), (_attempt(AttemptStatus.CLOSED),)):
        found = _explain(cancelled, *attempts)
        assert found.cause is PaymentCause.CLOSED_BY_TIMEOUT
        assert found.remedies == (Remedy.ORDER_AGAIN,)


def test_an_order_cancelled_in_time_was_not_closed_by_timeout() -> None:
    cancelled = _unpaid(
        status=OrderStatus.CANCELLED, pay_by=NOW, cancelled_at=NOW - timedelta(minutes=5)
    )
    assert _explain(cancelled).cause is PaymentCause.ORDER_CANCELLED


def test_money_that_came_after_closing_goes_back() -> None:
    cancelled = _unpaid(status=OrderStatus.CANCELLED, cancelled_at=NOW)
    found = _explain(cancelled, _attempt(AttemptStatus.REFUNDING))
    assert found.cause is PaymentCause.PAID_AFTER_CLOSING
    assert (found.place, found.amount) == (MoneyPlace.RETURNING, TOTAL)


def test_an_order_nobody_tried_to_pay() -> None:
    found = _explain(_unpaid())
    assert (found.cause, found.attempt) == (PaymentCause.NO_ATTEMPT, None)
    assert found.remedies == (Remedy.RETRY,)


@pytest.mark.parametrize("status", [s for s in OrderStatus if s not in ("unpaid", "cancelled")])
def test_a_paid_order_is_paid_whatever_failed_before(status: OrderStatus) -> None:
    found = _explain(
        _paid(status),
        _attempt(AttemptStatus.FAILED, 60, failure=Failure.EXPIRED_CARD),
        _attempt(AttemptStatus.SUCCEEDED, 50),
    )
    assert (found.cause, found.amount) == (PaymentCause.PAID, TOTAL)
