"""Which proof is the strongest, and when money goes to a tender that did not pay."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.backends.customers.model import Proof, is_as_strong, strongest
from connectors.backends.orders.model import OrderPayment, Tender
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.refunds.policy import goes_elsewhere
from tests.unit.backends.factories import yuan

_AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "best"),
    [
        ([Proof.NAME_AND_POSTCODE, Proof.ORDER_AND_PHONE], Proof.ORDER_AND_PHONE),
        ([Proof.EMAIL_AND_NAME, Proof.ONE_TIME_CODE], Proof.ONE_TIME_CODE),
        ([Proof.NAME_AND_POSTCODE], Proof.NAME_AND_POSTCODE),
    ],
)
def test_the_strongest_is_so_wherever_it_stands(accepted: list[Proof], best: Proof) -> None:
    assert strongest(accepted) is best


def test_what_comes_proven_from_outside_is_stronger_and_no_proof_is_none() -> None:
    assert is_as_strong("shop_token", Proof.ONE_TIME_CODE)
    assert is_as_strong("one_time_code", Proof.ORDER_AND_PHONE)
    assert not is_as_strong("email_and_name", Proof.ORDER_AND_PHONE)
    assert not is_as_strong("", Proof.NAME_AND_POSTCODE)


@pytest.mark.parametrize(
    ("payment", "to", "account", "elsewhere"),
    [
        ("card", Tender.CREDIT_CARD, None, False),
        ("card", Tender.GIFT_CARD, None, True),
        ("card", Tender.GIFT_CARD, "G1", True),
        ("gift", Tender.GIFT_CARD, None, False),
        ("gift", Tender.GIFT_CARD, "G1", False),
        ("gift", Tender.GIFT_CARD, "G2", True),
    ],
)
def test_money_goes_elsewhere_if_it_goes_to_what_did_not_pay(
    payment: str, to: Tender, account: str | None, elsewhere: bool
) -> None:
    payments = [
        OrderPayment("card", Tender.CREDIT_CARD, yuan(100), _AT, yuan(0), "C1"),
        OrderPayment("gift", Tender.GIFT_CARD, yuan(100), _AT, yuan(0), "G1"),
    ]
    parts = [TenderAmount(payment, to, yuan(10), 1)]
    assert goes_elsewhere(parts, payments, account) is elsewhere
    assert not goes_elsewhere([], payments, account)
