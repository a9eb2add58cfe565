"""The prose in docs/policy/returns.*.md says the numbers of kefu.yml, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.backends.orders.model import Tender
from connectors.backends.refunds.model import ReturnReason
from kefu.settings import load_rulebook

ROOT = Path(__file__).parents[3]
BOLD = re.compile(r"\*\*[^*\d]*(\d+)[^*\d]*\*\*")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_prose_says_the_numbers_of_the_rules(language: str) -> None:
    rules = load_rulebook(ROOT / "kefu.yml").rules
    prose = (ROOT / "docs" / "policy" / f"returns.{language}.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", prose, flags=re.MULTILINE)[1:]
    told = [[int(number) for number in BOLD.findall(section)] for section in sections]
    windows, exclusions, sending, exchanges, refunds, approval = told
    ours, currency = rules.returns, rules.currency
    by_category = ours.window_days_by_category
    assert windows == [
        ours.window_days,
        by_category["shoes"],
        by_category["home"],
        ours.exchange_window_days,
        ours.fault_window_days,
    ]
    assert set(by_category) == {"shoes", "home"}
    assert exclusions == []
    assert sending == [ours.pick_up_days, ours.send_back_days]
    assert exchanges == [ours.replacement_days]
    assert refunds == [
        rules.refunds.inspection_days,
        *(
            rules.refunds.days(tender)
            for tender in (
                Tender.WECHAT_PAY,
                Tender.ALIPAY,
                Tender.BANK_CARD,
                Tender.CREDIT_CARD,
                Tender.PAYPAL,
                Tender.GIFT_CARD,
            )
        ),
    ]
    limits = rules.approval
    assert approval == [
        limits.return_limit_minor[currency] // 100,
        limits.keep_limit_minor[currency] // 100,
        limits.risk_days,
        limits.risk_points_return,
        limits.risk_points_kept,
        limits.risk_points_rejected,
        limits.risk_limit,
        ours.draft_minutes,
    ]
    # What the prose says without a number.
    assert set(ours.photo_reasons) == {ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM}
    assert set(ours.pick_up_countries) == {"中国", "China"}
    assert set(rules.refunds.instant) == {Tender.GIFT_CARD, Tender.BALANCE}
    assert limits.fallback_limit_minor == 0


def test_the_law_is_kept() -> None:
    rules = load_rulebook(ROOT / "kefu.yml").rules
    windows = [rules.returns.window_days, *rules.returns.window_days_by_category.values()]
    assert min(windows) >= 7
    assert rules.returns.fault_window_days >= 7
    # The refund of a return must be on its way within seven days of the goods' arrival.
    assert rules.refunds.inspection_days <= 7
    assert rules.returns.return_address.zh
    assert rules.returns.return_address.en


def test_the_articles_that_shoppers_are_read_do_not_contradict_the_rules() -> None:
    rules = load_rulebook(ROOT / "kefu.yml").rules
    text = (ROOT / "data" / "knowledge" / "refund-times.md").read_text(encoding="utf-8")
    assert f"within {rules.refunds.inspection_days} days" in text
    assert f"{rules.refunds.inspection_days} 天内" in text
