"""What every adapter of the port Payments promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.backends.payments.codes import Failure
from connectors.backends.payments.model import (
    AttemptStatus,
    MoneyPlace,
    PaymentCause,
    explain,
)
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable
from tests.contracts.conftest import NOW

READS_ONLY = True


async def test_attempts_come_newest_first(shop: Shop) -> None:
    attempts = await shop.payments.attempts_of("KF2601018041")
    assert [attempt.status for attempt in attempts] == [AttemptStatus.SUCCEEDED] * 2
    assert attempts[0].at > attempts[1].at
    assert {attempt.order_number for attempt in attempts} == {"KF2601018041"}


async def test_an_unknown_order_has_no_attempts(shop: Shop) -> None:
    assert await shop.payments.attempts_of("KF9999999999") == ()


@pytest.mark.parametrize(
    ("number", "cause", "place"),
    [
        ("KF2601018002", PaymentCause.PAID, MoneyPlace.WITH_SHOP),
        ("KF2601018003", PaymentCause.INSUFFICIENT_FUNDS, MoneyPlace.NOT_TAKEN),
        ("KF2601018041", PaymentCause.CHARGED_TWICE, MoneyPlace.WITH_SHOP),
        ("KF2601018042", PaymentCause.CHARGED_TWICE, MoneyPlace.RETURNING),
        ("KF2601018043", PaymentCause.PAID_ORDER_UNPAID, MoneyPlace.WITH_PROVIDER),
        ("KF2601018044", PaymentCause.PAID_ORDER_UNPAID, MoneyPlace.WITH_PROVIDER),
        ("KF2601018045", PaymentCause.CLOSED_BY_TIMEOUT, MoneyPlace.NOT_TAKEN),
        ("KF2601018046", PaymentCause.NOT_TOLD, MoneyPlace.NOT_TAKEN),
        ("KF2601018047", PaymentCause.BANK_DECLINED, MoneyPlace.HELD_BY_BANK),
        ("KF2601018048", PaymentCause.AUTHENTICATION_NEEDED, MoneyPlace.NOT_TAKEN),
        ("KF2601018049", PaymentCause.PROCESSING, MoneyPlace.WITH_BANK),
        ("KF2601018066", PaymentCause.ORDER_CANCELLED, MoneyPlace.RETURNING),
    ],
)
async def test_a_known_payment_is_in_the_state_that_the_docs_say(
    shop: Shop, rules: ShopRules, number: str, cause: PaymentCause, place: MoneyPlace
) -> None:
    order = await shop.orders.get(number)
    attempts = await shop.payments.attempts_of(number)
    found = explain(order, attempts, NOW, rules.payments, rules.refunds)
    assert (found.cause, found.place) == (cause, place)


async def test_a_code_of_a_bank_says_why_where_nobody_did(shop: Shop, rules: ShopRules) -> None:
    order = await shop.orders.get("KF2601018003")
    (attempt,) = await shop.payments.attempts_of(order.number)
    assert attempt.code
    told = replace(attempt, failure=None)
    found = explain(order, [told], NOW, rules.payments, rules.refunds)
    assert found.cause is PaymentCause.INSUFFICIENT_FUNDS
    foreign = replace(told, code="9Z")
    assert foreign.reason is Failure.UNKNOWN
    found = explain(order, [foreign], NOW, rules.payments, rules.refunds)
    assert found.cause is PaymentCause.NOT_TOLD


async def test_without_a_database_payments_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.payments.attempts_of("KF2601018002")
