"""When an invoice may be asked for, changed, sent again; what a tax number looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.backends.invoices.model import (
    Invoice,
    InvoiceDetails,
    InvoiceKind,
    InvoiceStatus,
    InvoiceStep,
)
from connectors.backends.invoices.policy import InvoicePlan, details_refusal, invoiceable, plan
from connectors.backends.invoices.tax_number import is_tax_number, tax_number_key
from connectors.backends.orders.model import Order, OrderStatus, Tender
from connectors.backends.rules import InvoiceRules
from tests.unit.backends.factories import NOW, make_line, make_order, make_payment, yuan

RULES = InvoiceRules()
COMPANY = InvoiceDetails(
    InvoiceKind.COMPANY, "木禾科技", "91330100799655058B", "finance@example.com"
)
PERSON = InvoiceDetails(InvoiceKind.PERSONAL, "张伟", "", "zhang.wei@example.com")


def _issued(days: int = 3, amount: int = 100, reverses: str | None = None) -> Invoice:
    at = NOW - timedelta(days=days)
    return Invoice(
        f"INV{days}{reverses or ''}",
        "KF1",
        "C1",
        COMPANY,
        yuan(amount),
        InvoiceStatus.ISSUED,
        at,
        at,
        at,
        reverses,
    )


def _plan(
    step: InvoiceStep,
    order: Order,
    *invoices: Invoice,
    details: InvoiceDetails = PERSON,
    sent: int = 0,
) -> object:
    return plan(step, order, invoices, details, sent, NOW, RULES)


# Published numbers of listed companies, and one of the form before 2016.
@pytest.mark.parametrize(
    "number",
    ["91330100799655058B", "91110000802100433B", "914403001922038216", "91350100M000100Y43"],
)
def test_real_tax_numbers_are_believed_in_any_spelling(number: str) -> None:
    assert is_tax_number(number)
    assert is_tax_number(f" {number[:6]} {number[6:].lower()} ")
    assert is_tax_number("".join(chr(ord(letter) + 0xFEE0) for letter in number))


def test_the_fifteen_characters_of_old_papers_are_believed() -> None:
    assert is_tax_number("330100799655058")
    assert not is_tax_number("330100799655059")


@given(
    place=st.integers(0, 17),
    other=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
def test_one_wrong_character_is_always_found(place: int, other: str) -> None:
    number = "91330100799655058B"
    changed = number[:place] + other + number[place + 1 :]
    assert is_tax_number(changed) == (changed == number)


@given(st.text(max_size=30))
def test_any_text_at_all_is_only_looked_at(text: str) -> None:
    assert is_tax_number(text) in (True, False)
    assert tax_number_key(tax_number_key(text)) == tax_number_key(text)


def test_an_invoice_is_for_what_was_paid_without_gift_cards_and_refunds() -> None:
    order = make_order(
        payments=(
            make_payment("P1", Tender.GIFT_CARD, yuan(40)),
            make_payment("P2", Tender.ALIPAY, yuan(60), yuan(25)),
        )
    )
    assert invoiceable(order, RULES) == yuan(35)


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        (replace(PERSON, title="张"), "bad_title"),
        (replace(PERSON, title="张" * 101), "bad_title"),
        (replace(PERSON, email="nobody"), "bad_email"),
        (replace(PERSON, email="a@b"), "bad_email"),
        (replace(COMPANY, tax_number="91330100799655058A"), "bad_tax_number"),
        (replace(COMPANY, tax_number=""), "bad_tax_number"),
        (PERSON, None),
        (COMPANY, None),
    ],
)
def test_what_stands_on_an_invoice_must_be_right(
    details: InvoiceDetails, refusal: str | None
) -> None:
    assert details_refusal(details) == refusal


def test_each_reason_for_not_issuing_has_its_name() -> None:
    issue = InvoiceStep.ISSUE
    order = make_order()
    gift = (make_payment("P1", Tender.GIFT_CARD, yuan(100)),)
    old = replace(order, placed_at=NOW - timedelta(days=RULES.request_days))
    assert _plan(issue, make_order(status=OrderStatus.UNPAID, payments=())) == "not_paid"
    assert _plan(issue, make_order(status=OrderStatus.CANCELLED)) == "order_cancelled"
    assert _plan(issue, make_order(payments=gift)) == "nothing_left"
    assert _plan(issue, old) == "request_closed"
    assert _plan(issue, order, _issued()) == "already_there"
    assert _plan(issue, order) == InvoicePlan(yuan(100), None, False)


def test_an_issued_invoice_is_taken_back_by_a_red_one_and_a_requested_one_is_not() -> None:
    order = make_order()
    issued = _issued()
    waiting = replace(issued, status=InvoiceStatus.REQUESTED, issued_at=None)
    assert _plan(InvoiceStep.CHANGE, order, issued) == InvoicePlan(yuan(100), issued, True)
    assert _plan(InvoiceStep.CHANGE, order, waiting) == InvoicePlan(yuan(100), waiting, False)


def test_a_change_is_refused_when_late_repeated_or_none() -> None:
    change = InvoiceStep.CHANGE
    order = make_order()
    red = _issued(reverses="INV9")
    assert _plan(change, order) == "no_invoice"
    assert _plan(change, order, _issued(RULES.change_days)) == "change_closed"
    assert _plan(change, order, _issued(2), red) == "changed_already"
    assert _plan(change, order, _issued(), details=COMPANY) == "same_as_before"


def test_after_a_refund_an_invoice_is_put_right_however_late() -> None:
    order = make_order(payments=(make_payment("P1", Tender.ALIPAY, yuan(100), yuan(30)),))
    late = _issued(RULES.change_days + 1)
    planned = _plan(InvoiceStep.CHANGE, order, late, _issued(2, reverses="INV9"), details=COMPANY)
    assert planned == InvoicePlan(yuan(70), late, True)


def test_an_invoice_is_sent_again_so_many_times_a_day() -> None:
    order, issued = make_order(), _issued()
    resend = InvoiceStep.RESEND
    assert _plan(resend, order, issued, sent=2) == InvoicePlan(yuan(100), issued, False)
    assert _plan(resend, order, issued, sent=3) == "sent_too_often"
    waiting = replace(issued, status=InvoiceStatus.REQUESTED, issued_at=None)
    assert _plan(resend, order, waiting) == "not_issued_yet"
    assert _plan(resend, order) == "no_invoice"


def test_lines_of_an_order_do_not_matter_to_what_is_invoiced() -> None:
    order = make_order(lines=(make_line("1", 30), make_line("2", 70)))
    assert invoiceable(order, RULES) == yuan(100)
