"""The shop's rules as an operator sets them."""

from __future__ import annotations

import msgspec
import pytest

from connectors.backends.orders.model import Tender
from connectors.backends.rules import ShopRules


def test_rules_are_read_from_plain_data_and_the_rest_keeps_its_default() -> None:
    rules = msgspec.convert(
        {
            "timezone": "Europe/London",
            "returns": {"window_days": 14, "window_days_by_category": {"shoes": 30}},
            "refunds": {"days_by_tender": {"paypal": 2}},
            "approval": {"return_limit_minor": {"CNY": 100}},
        },
        ShopRules,
    )
    assert rules.returns.window_days == 14
    assert rules.returns.window_days_by_category == {"shoes": 30}
    assert rules.returns.send_back_days == ShopRules().returns.send_back_days
    assert rules.refunds.days(Tender.PAYPAL) == 2
    assert rules.refunds.days(Tender.ALIPAY) == rules.refunds.fallback_days


def test_a_tender_that_does_not_exist_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="barter"):
        msgspec.convert({"refunds": {"days_by_tender": {"barter": 2}}}, ShopRules)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [(200_000, "CNY", False), (200_001, "CNY", True), (1, "XYZ", True), (0, "XYZ", False)],
)
def test_above_the_limit_of_its_currency_a_person_looks(
    minor: int, currency: str, expected: bool
) -> None:
    assert ShopRules().approval.needs_person(minor, currency) is expected
