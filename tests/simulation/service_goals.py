"""Goals about invoices, prices, coupons and payments.

What they end in is worked out by the shop itself: ``Goal.carry`` has its verbs do what is wished.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from connectors.backends.embedded.document import CustomerPart, OrderPart
from connectors.backends.invoices.model import InvoiceDetails, InvoiceKind, InvoiceStep
from connectors.backends.invoices.tax_number import is_tax_number
from connectors.backends.offers.model import PriceRefusal
from connectors.backends.orders.model import OrderStatus
from connectors.backends.shop import Shop
from kernel.errors import Refused
from tests.simulation.goal import Draw, Goal, Task, draw_twist
from tests.simulation.market import Market

_FIRMS = (
    "杭州云上贸易有限公司", "青岛海角食品有限公司", "成都小径设计工作室",
    "Northwind Paper Ltd", "Harbour Lane Trading Ltd",
)  # fmt: skip
_TAX_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CLAIM_DAYS = 40


def _invoice(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    if order.status in (OrderStatus.UNPAID, OrderStatus.CANCELLED):
        return None
    present = [one for one in order.invoices if one.status in ("requested", "issued")]
    issued = [one for one in present if one.status == "issued" and one.reverses is None]
    step = InvoiceStep.ISSUE
    if present:
        if len(issued) != 1:
            return None
        step = random.choice((InvoiceStep.CHANGE, InvoiceStep.RESEND))
    company = step is InvoiceStep.CHANGE or random.random() < 0.5
    details = InvoiceDetails(
        InvoiceKind.COMPANY if company else InvoiceKind.PERSONAL,
        random.choice(_FIRMS) if company else customer.name,
        _tax_number(random) if company else "",
        issued[0].email if issued else customer.email,
    )

    async def carry(shop: Shop) -> object:
        draft = await shop.invoices.prepare(customer.id, order.number, step, details)
        return await shop.invoices.commit(customer.id, draft.id)

    written = () if step is InvoiceStep.RESEND else (details.title, details.tax_number)
    return Goal(
        Task.INVOICE,
        frozenset({"invoice"}),
        customer,
        order,
        values={
            "invoice_kind": details.kind.value,
            "invoice_title": details.title,
            "tax_number": details.tax_number,
            "invoice_email": details.email,
            "invoice_step": step.value,
        },
        twist=draw_twist(random, more=False),
        carry=carry,
        opening=f"invoice_{step.value}",
        written=(order.number, *filter(None, written)) if written else (),
    )


def _tax_number(random: Random) -> str:
    """A company's tax number with right check characters (GB 32100-2015)."""
    region = random.choice(("330106", "370202", "510104", "310115"))
    body = "".join(random.choice("0123456789") for _ in range(8))
    for inner in "0123456789X":
        for last in _TAX_LETTERS:
            number = f"91{region}{body}{inner}{last}"
            if is_tax_number(number):
                return number
    return _tax_number(random)


def _price_claim(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    recent = market.now - order.placed_at < timedelta(days=_CLAIM_DAYS)
    fallen = [line for line in order.lines if market.variant(line).price < line.unit_price]
    if not recent or not fallen or order.status in (OrderStatus.UNPAID, OrderStatus.CANCELLED):
        return None

    async def carry(shop: Shop) -> object:
        lines = await shop.offers.price_lines(customer.id, order.number)
        due = [line.line_id for line in lines if line.back is not None]
        if not due:
            raise Refused(PriceRefusal.NOT_LOWER)
        draft = await shop.offers.prepare_claim(customer.id, order.number, due)
        return await shop.offers.commit_claim(customer.id, draft.id)

    return Goal(
        Task.PRICE_CLAIM,
        frozenset({"coupon_promotion"}),
        customer,
        order,
        fallen,
        twist=draw_twist(random, more=False),
        carry=carry,
    )


def _coupons(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    if not any(coupon.customer == customer.id for coupon in market.shop.coupons):
        return None
    return Goal(
        Task.COUPONS,
        frozenset({"coupon_promotion"}),
        customer,
        order,
        told=frozenset({"utter_coupon_list", "utter_coupon_fits", "utter_coupon_fails"}),
        calls=frozenset({"my_coupons"}),
    )


def _payment(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    if order.status is not OrderStatus.UNPAID or not order.attempts:
        return None
    return Goal(
        Task.PAYMENT,
        frozenset({"payment_failed"}),
        customer,
        order,
        shown=frozenset({("payment", order.number)}),
    )


SERVICE_DRAWS: dict[Task, Draw] = {
    Task.INVOICE: _invoice,
    Task.PRICE_CLAIM: _price_claim,
    Task.COUPONS: _coupons,
    Task.PAYMENT: _payment,
}
