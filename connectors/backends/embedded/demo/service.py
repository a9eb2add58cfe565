"""What the demo shop's known customers have of invoices, coupons, complaints and logins."""

# ruff: noqa: E501 - coupons are a table: one a row

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from connectors.backends.accounts.model import Login
from connectors.backends.embedded.document import CustomerPart, OrderPart
from connectors.backends.embedded.document_service import (
    AccountPart,
    CouponPart,
    FeedbackPart,
    InvoicePart,
    TicketPart,
)
from connectors.backends.embedded.document_types import Words
from connectors.backends.invoices.model import InvoiceKind, InvoiceStatus
from connectors.backends.offers.model import CouponStatus
from connectors.backends.orders.model import HAS_BALANCE
from connectors.backends.tickets.model import TicketStatus, TicketTopic

PAPERS = ("C0013", "C0014")
"""Customers whose orders have invoices, and who have coupons of every kind."""
SETTLED = ("C0015", "C0016")
"""Customers with nothing open and nothing left on a gift card: they may delete their accounts."""
_COMPANY = ("上海木禾科技有限公司", "91310115MA1K4XJF2F")
_LOGINS = {
    "C0013": (Login.PHONE, Login.EMAIL, Login.WECHAT),
    "C0014": (Login.PHONE, Login.EMAIL, Login.ALIPAY),
    "C0015": (Login.PHONE, Login.WECHAT),
    "C0016": (Login.EMAIL,),
}


def with_account(customer: CustomerPart) -> CustomerPart:
    """``customer`` with the logins of a known one; a settled one has no money left with us."""
    if customer.id in SETTLED:
        tenders = tuple(one for one in customer.tenders if one.tender not in HAS_BALANCE)
        customer = replace(customer, tenders=tenders)
    if customer.id not in _LOGINS:
        return customer
    return replace(customer, account=AccountPart(logins=tuple(sorted(_LOGINS[customer.id]))))


def with_invoices(order: OrderPart, email: str, now: datetime) -> OrderPart:
    """``order`` with the invoices of docs/demo-shop.md, by the last digit of its number."""
    if order.customer not in PAPERS or order.number[-1] not in "235":
        return order
    story = order.number[-1]
    amount = sum(payment.amount for payment in order.payments)
    if story == "5":
        asked = _invoice(order, email, "1", InvoiceStatus.REQUESTED, amount, now, 0)
        return replace(order, invoices=(asked,))
    if story == "2":
        issued = _invoice(order, email, "1", InvoiceStatus.ISSUED, amount, now, 5)
        return replace(order, invoices=(issued,))
    first = _invoice(order, email, "1", InvoiceStatus.REVERSED, amount, now, 15)
    red = replace(
        _invoice(order, email, "2", InvoiceStatus.ISSUED, amount, now, 6), reverses=first.number
    )
    second = _invoice(order, email, "3", InvoiceStatus.ISSUED, amount, now, 5)
    return replace(order, invoices=(first, red, second))


def _invoice(
    order: OrderPart,
    email: str,
    serial: str,
    status: InvoiceStatus,
    amount: int,
    now: datetime,
    days: int,
) -> InvoicePart:
    at = (now - timedelta(days=days, hours=6)).replace(microsecond=0)
    waiting = status is InvoiceStatus.REQUESTED
    return InvoicePart(
        number=f"INV{order.number[2:]}{serial}",
        kind=InvoiceKind.COMPANY,
        title=_COMPANY[0],
        tax_number=_COMPANY[1],
        email=email,
        amount=amount,
        status=status,
        requested_at=at,
        due_at=at + timedelta(hours=24),
        issued_at=None if waiting else at + timedelta(hours=2),
    )


def make_coupons(
    now: datetime, orders: Sequence[OrderPart], currency: str
) -> tuple[CouponPart, ...]:
    """Coupons that fit, that are too small, too old, used, or for other goods."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)

    def coupon(
        customer: str, code: str, zh: str, en: str, days: int, **terms: object
    ) -> CouponPart:
        given: dict[str, object] = {
            "status": CouponStatus.AVAILABLE,
            "minimum": 0,
            "valid_from": today - timedelta(days=40),
        }
        return CouponPart(
            code=f"{code}-{customer[1:]}",
            customer=customer,
            name=Words(zh=zh, en=en),
            valid_until=today + timedelta(days=days),
            currency=currency,
            **(given | terms),  # type: ignore[arg-type]
        )

    made: list[CouponPart] = []
    for customer in PAPERS:
        used = next(one for one in orders if one.customer == customer and one.number[-1] == "2")
        made += [
            coupon(customer, "SAVE20", "满 199 减 20", "20 off from 199", 20, amount_off=2_000, minimum=19_900),
            coupon(customer, "HOME15", "家居厨房八五折", "15 % off home and kitchen", 12, percent_off=15, categories=("home", "kitchen")),
            coupon(customer, "BIG200", "满 1500 减 200", "200 off from 1,500", 30, amount_off=20_000, minimum=150_000),
            coupon(customer, "SUMMER50", "夏日立减 50", "Summer 50", -10, amount_off=5_000),
            coupon(customer, "WELCOME10", "新人立减 10", "Welcome 10", 60, amount_off=1_000, status=CouponStatus.USED, order=used.number),
        ]  # fmt: skip
    for customer in SETTLED:
        made += [
            coupon(customer, "SAVE20", "满 199 减 20", "20 off from 199", 20, amount_off=2_000, minimum=19_900),
            coupon(customer, "HOME15", "家居厨房八五折", "15 % off home and kitchen", 12, percent_off=15, categories=("home", "kitchen")),
        ]  # fmt: skip
    return tuple(sorted(made, key=lambda coupon: coupon.code))


def make_tickets(now: datetime) -> tuple[TicketPart, ...]:
    """A settled complaint of each of them."""
    at = (now - timedelta(days=30)).replace(microsecond=0)
    texts = (
        "快递员态度不好，没打电话就放驿站了",
        "The courier left it at a shop without calling me",
    )
    return tuple(
        TicketPart(
            number=f"TS{at:%y%m%d}{serial:04d}",
            customer=customer,
            topic=TicketTopic.COURIER,
            text=text,
            status=TicketStatus.CLOSED,
            created_at=at,
            answer_by=at + timedelta(hours=24),
            resolve_by=at + timedelta(days=5),
        )
        for serial, (customer, text) in enumerate(zip(PAPERS, texts, strict=True), start=1)
    )


def make_feedback(now: datetime) -> tuple[FeedbackPart, ...]:
    """What two of them thought of us."""
    at = (now - timedelta(days=20)).replace(microsecond=0)
    texts = ("客服很耐心，发货也快", "Quick and friendly")
    return tuple(
        FeedbackPart(
            number=f"FB{at:%y%m%d}{serial:04d}",
            key=f"demo-{customer}",
            score=5,
            text=text,
            created_at=at,
            customer=customer,
        )
        for serial, (customer, text) in enumerate(zip(PAPERS, texts, strict=True), start=1)
    )
