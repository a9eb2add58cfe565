"""Tenders on file as shoppers name them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.choosing_tenders import choose_tenders, usable_tenders
from connectors.backends.customers.model import StoredTender
from connectors.backends.orders.model import Tender
from kernel.money import Money

STORED = (
    StoredTender("PT-1", Tender.WECHAT_PAY, ""),
    StoredTender("PT-2", Tender.ALIPAY, ""),
    StoredTender("PT-3", Tender.BANK_CARD, "4242"),
    StoredTender("PT-4", Tender.BANK_CARD, "1881"),
    StoredTender("PT-5", Tender.CREDIT_CARD, "7310"),
    StoredTender("PT-6", Tender.GIFT_CARD, "8800", Money(30_000, "CNY")),
    StoredTender("PT-7", Tender.BALANCE, "", Money(5_000, "CNY")),
    StoredTender("PT-8", Tender.PAYPAL, ""),
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("微信", ["PT-1"]),
        ("用支付宝付", ["PT-2"]),
        ("the card ending 4242", ["PT-3"]),
        ("尾号1881那张", ["PT-4"]),
        ("my credit card", ["PT-5"]),
        ("信用卡吧", ["PT-5"]),
        ("礼品卡", ["PT-6"]),
        ("the gift card please", ["PT-6"]),
        ("账户余额", ["PT-7"]),
        ("PayPal", ["PT-8"]),
        ("银行卡", ["PT-3", "PT-4"]),
        ("with a card", ["PT-3", "PT-4", "PT-5"]),
        ("PT-6", ["PT-6"]),
        ("not the gift card, alipay", ["PT-2"]),
        ("不要礼品卡，微信支付", ["PT-1"]),
        ("14242", []),
        ("whatever", []),
    ],
)
def test_a_tender_is_named_in_words(text: str, ids: list[str]) -> None:
    assert [one.id for one in choose_tenders(text, STORED)] == ids


TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the other card", ["PT-4"]),
        ("use my other bank card please", ["PT-4"]),
        ("用另一张银行卡", ["PT-4"]),
        ("另外那张卡", ["PT-4"]),
        ("with a bank card", ["PT-3"]),
        ("银行卡", ["PT-3"]),
    ],
)
def test_the_other_card_is_the_one_that_has_expired(text: str, ids: list[str]) -> None:
    cards = (STORED[2], replace(STORED[3], expires_on=date(2026, 10, 31)))
    chosen = usable_tenders(text, choose_tenders(text, cards), TODAY)
    assert [one.id for one in chosen] == ids
