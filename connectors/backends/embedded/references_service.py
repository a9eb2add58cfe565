"""What the types of a shop file cannot say of invoices, coupons, claims and complaints."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.backends.accounts.model import AccountStatus
from connectors.backends.embedded.document import OrderPart, ShopFile
from connectors.backends.embedded.misfit import Misfit, Path, once
from connectors.backends.invoices.model import IN_FORCE, InvoiceStatus
from connectors.backends.offers.model import ClaimStatus, CouponStatus


def service_misfits(shop: ShopFile) -> Iterator[Misfit]:
    """Everything of the service in ``shop`` that refers to nothing or does not add up."""
    yield from _uniqueness(shop)
    customers = {customer.id for customer in shop.customers}
    owners = {order.number: order.customer for order in shop.orders}
    for index, order in enumerate(shop.orders):
        at: Path = ("orders", index)
        yield from _invoices(order, at)
        yield from _claims(order, at)
    for index, customer in enumerate(shop.customers):
        account = customer.account
        if account and not account.logins and account.status is not AccountStatus.DELETED:
            yield Misfit(("customers", index, "account", "logins"), "nobody could sign in")
    for index, coupon in enumerate(shop.coupons):
        at = ("coupons", index)
        if coupon.customer not in customers:
            yield Misfit((*at, "customer"), f"there is no customer {coupon.customer}")
        if (coupon.amount_off is None) == (coupon.percent_off is None):
            yield Misfit(at, "a coupon has either amount_off or percent_off")
        if (coupon.status is CouponStatus.USED) != (coupon.order is not None):
            yield Misfit((*at, "status"), "status used and an order go together")
        if coupon.order is not None and coupon.order not in owners:
            yield Misfit((*at, "order"), f"there is no order {coupon.order}")
    for index, ticket in enumerate(shop.tickets):
        at = ("tickets", index)
        if ticket.customer not in customers:
            yield Misfit((*at, "customer"), f"there is no customer {ticket.customer}")
        if ticket.order is not None and owners.get(ticket.order) != ticket.customer:
            yield Misfit((*at, "order"), f"there is no order {ticket.order} of this customer")
    for index, one in enumerate(shop.feedback):
        at = ("feedback", index)
        if one.customer is not None and one.customer not in customers:
            yield Misfit((*at, "customer"), f"there is no customer {one.customer}")
        if one.order is not None and one.order not in owners:
            yield Misfit((*at, "order"), f"there is no order {one.order}")


def _uniqueness(shop: ShopFile) -> Iterator[Misfit]:
    orders = list(enumerate(shop.orders))
    yield from once(
        "invoice",
        (
            (("orders", i, "invoices", j, "number"), invoice.number)
            for i, order in orders
            for j, invoice in enumerate(order.invoices)
        ),
    )
    yield from once(
        "price claim",
        (
            (("orders", i, "price_claims", j, "number"), claim.number)
            for i, order in orders
            for j, claim in enumerate(order.price_claims)
        ),
    )
    yield from once(
        "coupon", ((("coupons", i, "code"), one.code) for i, one in enumerate(shop.coupons))
    )
    yield from once(
        "complaint", ((("tickets", i, "number"), one.number) for i, one in enumerate(shop.tickets))
    )
    yield from once(
        "feedback", ((("feedback", i, "number"), one.number) for i, one in enumerate(shop.feedback))
    )
    yield from once(
        "feedback key", ((("feedback", i, "key"), one.key) for i, one in enumerate(shop.feedback))
    )


def _invoices(order: OrderPart, at: Path) -> Iterator[Misfit]:
    numbers = {invoice.number for invoice in order.invoices}
    blue = 0
    for index, invoice in enumerate(order.invoices):
        here = (*at, "invoices", index)
        if invoice.reverses is not None and invoice.reverses not in numbers:
            yield Misfit((*here, "reverses"), f"the order has no invoice {invoice.reverses}")
        if invoice.status is InvoiceStatus.ISSUED and invoice.issued_at is None:
            yield Misfit((*here, "status"), "an issued invoice needs issued_at")
        blue += invoice.reverses is None and invoice.status in IN_FORCE
        if blue > 1:
            yield Misfit((*here, "status"), "the order has another invoice in force")


def _claims(order: OrderPart, at: Path) -> Iterator[Misfit]:
    units = {line.id: line.quantity for line in order.lines}
    payments = {payment.id for payment in order.payments}
    seen: set[str] = set()
    for i, claim in enumerate(order.price_claims):
        for j, part in enumerate(claim.lines):
            here = (*at, "price_claims", i, "lines", j)
            if part.line not in units:
                yield Misfit((*here, "line"), f"the order has no line {part.line}")
                continue
            if part.line in seen:
                yield Misfit((*here, "line"), f"line {part.line} was claimed before")
            seen.add(part.line)
            if part.units > units[part.line]:
                yield Misfit((*here, "units"), f"more of line {part.line} than was bought")
        for j, tender in enumerate(claim.tenders):
            if tender.payment not in payments:
                here = (*at, "price_claims", i, "tenders", j, "payment")
                yield Misfit(here, f"the order has no payment {tender.payment}")
        if claim.status is ClaimStatus.REFUSED and claim.decided_at is None:
            yield Misfit((*at, "price_claims", i, "status"), "a refused claim needs decided_at")
        if sum(tender.amount for tender in claim.tenders) != claim.total:
            yield Misfit((*at, "price_claims", i, "total"), "the tenders do not add up to it")
