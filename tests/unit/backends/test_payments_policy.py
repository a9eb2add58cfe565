"""The prose in docs/policy/payments.*.md says the rules; every code of a bank means something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.backends.orders.model import Tender
from connectors.backends.payments.codes import CODES, Failure, failure_of
from connectors.backends.payments.model import CAUSES, PaymentCause
from kefu.settings import load_rulebook

ROOT = Path(__file__).parents[3]
BOLD = re.compile(r"\*\*(\d+)[^*]*\*\*")
HELD = (
    Tender.WECHAT_PAY,
    Tender.ALIPAY,
    Tender.BANK_CARD,
    Tender.CREDIT_CARD,
    Tender.PAYPAL,
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_prose_says_the_numbers_of_the_rules(language: str) -> None:
    rules = load_rulebook(ROOT / "kefu.yml").rules.payments
    prose = (ROOT / "docs" / "policy" / f"payments.{language}.md").read_text(encoding="utf-8")
    assert [int(number) for number in BOLD.findall(prose)] == [
        rules.callback_minutes,
        rules.processing_hours,
        *(rules.hold_days(tender) for tender in HELD),
    ]


@pytest.mark.parametrize(
    ("tender", "code", "failure"),
    [
        (Tender.BANK_CARD, "51", Failure.INSUFFICIENT_FUNDS),
        (Tender.CREDIT_CARD, " 61 ", Failure.LIMIT_EXCEEDED),
        (Tender.CREDIT_CARD, "1a", Failure.AUTHENTICATION_NEEDED),
        (Tender.WECHAT_PAY, "notenough", Failure.INSUFFICIENT_FUNDS),
        (Tender.ALIPAY, "ACQ.PAYMENT_REQUEST_HAS_RISK", Failure.RISK_CONTROL),
        (Tender.PAYPAL, "PAYER_ACTION_REQUIRED", Failure.AUTHENTICATION_NEEDED),
        (Tender.PAYPAL, "51", Failure.UNKNOWN),
        (Tender.GIFT_CARD, "51", Failure.UNKNOWN),
        (Tender.BANK_CARD, "Z9", Failure.UNKNOWN),
    ],
)
def test_a_code_means_what_its_bank_or_wallet_means(
    tender: Tender, code: str, failure: Failure
) -> None:
    assert failure_of(tender, code) is failure


def test_no_code_of_fraud_has_a_cause_that_tells_it() -> None:
    told = {
        CAUSES[failure][0]
        for codes in CODES.values()
        for failure in codes.values()
        if failure is Failure.RISK_CONTROL
    }
    assert told == {PaymentCause.NOT_TOLD}
    assert CAUSES[Failure.RISK_CONTROL] == CAUSES[Failure.UNKNOWN]
