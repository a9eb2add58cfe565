"""The prose in docs/policy/service.*.md says the numbers of kefu.yml, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.backends.orders.model import Tender, Trait
from kefu.settings import load_rulebook

ROOT = Path(__file__).parents[3]
BOLD = re.compile(r"\*\*[^*\d]*(\d+)[^*\d]*\*\*")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_prose_says_the_numbers_of_the_rules(language: str) -> None:
    rulebook = load_rulebook(ROOT / "kefu.yml")
    rules = rulebook.rules
    prose = (ROOT / "docs" / "policy" / f"service.{language}.md").read_text(encoding="utf-8")
    told: dict[str, list[int]] = {}
    for section in re.split(r"^## ", prose, flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        told[title.strip()] = [int(number) for number in BOLD.findall(text)]
    invoices, _, prices, late, complaints, accounts = told.values()
    ours = rules.invoices
    assert invoices == [
        ours.request_days,
        ours.issue_hours,
        ours.change_days,
        ours.changes,
        ours.resends_per_day,
    ]
    # What the prose says without a number.
    assert ours.not_invoiced == {Tender.GIFT_CARD}
    assert rules.coupons.excluded_traits == {Trait.CLEARANCE}
    assert rules.price_protection.excluded_traits == {Trait.CLEARANCE}
    protection = rules.price_protection
    assert prices == [protection.days, protection.limit_minor[rules.currency] // 100]
    compensation = rules.late_delivery
    assert late == [
        compensation.grace_hours,
        compensation.compensation_minor[rules.currency] // 100,
        compensation.coupon_days,
    ]
    handling = rules.complaints
    # The law asks carriers for an answer within seven days.
    assert handling.longest_days <= 7
    assert complaints == [
        handling.answer_hours,
        handling.result_working_days,
        handling.longest_days,
    ]
    assert accounts == [rules.accounts.cooling_days, rulebook.limits.upload_days]


def test_the_articles_that_shoppers_are_read_say_them_too() -> None:
    rules = load_rulebook(ROOT / "kefu.yml").rules
    articles = {
        name: (ROOT / "data" / "knowledge" / f"{name}.md").read_text(encoding="utf-8")
        for name in (
            "invoices",
            "invoice-correction",
            "price-protection",
            "complaints",
            "account-deletion",
        )
    }
    assert f"{rules.invoices.request_days} 天内可以申请" in articles["invoices"]
    assert f"{rules.invoices.issue_hours} hours" in articles["invoices"]
    assert f"within {rules.invoices.change_days} days" in articles["invoice-correction"]
    assert f"{rules.price_protection.days} 天内" in articles["price-protection"]
    assert f"within {rules.price_protection.days} days" in articles["price-protection"]
    assert f"within {rules.complaints.answer_hours} hours" in articles["complaints"]
    assert f"within {rules.complaints.result_working_days} working days" in articles["complaints"]
    assert f"{rules.accounts.cooling_days} 天冷静期" in articles["account-deletion"]
