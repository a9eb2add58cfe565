"""What the types of a shop file cannot say: its parts must fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.embedded.document import CustomerPart, OrderPart, ShopFile
from connectors.backends.embedded.misfit import Misfit, Path, once
from connectors.backends.embedded.references_service import service_misfits
from connectors.backends.orders.model import HAS_BALANCE, OrderStatus
from connectors.backends.refunds import exchanges
from connectors.backends.refunds.model import GIVEN_UP, RefundStatus, ReturnStatus


def misfits(shop: ShopFile) -> Iterator[Misfit]:
    """Everything in ``shop`` that refers to nothing, occurs twice or does not add up."""
    yield from _uniqueness(shop)
    customers = {
        customer.id: {stored.id for stored in customer.tenders} for customer in shop.customers
    }
    carriers = {carrier.code for carrier in shop.carriers}
    for index, order in enumerate(shop.orders):
        at: Path = ("orders", index)
        if order.customer not in customers:
            yield Misfit((*at, "customer"), f"there is no customer {order.customer}")
        for j, payment in enumerate(order.payments):
            if payment.stored is not None and payment.stored not in customers.get(
                order.customer, ()
            ):
                yield Misfit(
                    (*at, "payments", j, "stored"),
                    f"the customer has no stored tender {payment.stored}",
                )
        yield from _lines(order, at)
        yield from _fulfilments(order, at, carriers)
        yield from _money_back(order, at)
    yield from service_misfits(shop)


def _uniqueness(shop: ShopFile) -> Iterator[Misfit]:
    orders = list(enumerate(shop.orders))
    yield from once("product", ((("products", i, "id"), p.id) for i, p in enumerate(shop.products)))
    variants = [
        (("products", i, "variants", j), variant)
        for i, product in enumerate(shop.products)
        for j, variant in enumerate(product.variants)
    ]
    yield from once("variant", (((*at, "id"), variant.id) for at, variant in variants))
    yield from once("SKU", (((*at, "sku"), variant.sku) for at, variant in variants))
    yield from once(
        "carrier", ((("carriers", i, "code"), c.code) for i, c in enumerate(shop.carriers))
    )
    customers = list(enumerate(shop.customers))
    yield from once("customer", ((("customers", i, "id"), c.id) for i, c in customers))
    yield from once(
        "e-mail address",
        ((("customers", i, "email"), c.email.strip().casefold()) for i, c in customers),
    )
    yield from once("order", ((("orders", i, "number"), o.number) for i, o in orders))
    for kind, part in (("address", "addresses"), ("stored tender", "tenders")):
        yield from once(
            kind,
            (
                (("customers", i, part, j, "id"), stored.id)
                for i, customer in customers
                for j, stored in enumerate(getattr(customer, part))
            ),
        )
    for i, customer in customers:
        yield from _book(customer, ("customers", i))
    for kind, part, key in (
        ("note", "notes", "id"),
        ("intercept", "intercepts", "number"),
        ("line", "lines", "id"),
        ("payment", "payments", "id"),
        ("attempt", "attempts", "id"),
        ("fulfilment", "fulfilments", "id"),
        ("return", "returns", "number"),
        ("exchange", "exchanges", "number"),
        ("refund", "refunds", "number"),
    ):
        yield from once(
            kind,
            (
                (("orders", i, part, j, key), getattr(item, key))
                for i, order in orders
                for j, item in enumerate(getattr(order, part))
            ),
        )
    yield from once(
        "parcel",
        (
            (("orders", i, "fulfilments", j, "parcels", k, "tracking_number"), p.tracking_number)
            for i, order in orders
            for j, fulfilment in enumerate(order.fulfilments)
            for k, p in enumerate(fulfilment.parcels)
        ),
    )


def _book(customer: CustomerPart, at: Path) -> Iterator[Misfit]:
    if sum(stored.is_default for stored in customer.addresses) > 1:
        yield Misfit((*at, "addresses"), "only one address can be the default")
    for index, stored in enumerate(customer.tenders):
        if (stored.tender in HAS_BALANCE) != (stored.balance is not None):
            yield Misfit(
                (*at, "tenders", index, "balance"),
                "gift cards and the account have a balance, nothing else has",
            )


def _lines(order: OrderPart, at: Path) -> Iterator[Misfit]:
    total = order.shipping_fee
    for index, line in enumerate(order.lines):
        price = line.unit_price * line.quantity
        if line.discount > price:
            yield Misfit((*at, "lines", index, "discount"), "the discount exceeds the price")
        if line.cancelled > line.quantity:
            yield Misfit((*at, "lines", index, "cancelled"), "more is cancelled than was bought")
        amount = price - line.discount
        total += amount - amount * line.cancelled // line.quantity
    # What exchanged goods cost more may have been paid for them as well.
    dearer = sum(
        max(sum(line.difference for line in made.lines), 0)
        for made in order.exchanges
        if made.status not in exchanges.GIVEN_UP
    )
    # What went back without goods was paid for what the order no longer has.
    back = sum(
        refund.amount
        for refund in order.refunds
        if refund.return_number is None and refund.payment is not None
    )
    paid = sum(payment.amount for payment in order.payments)
    if paid - back > total + dearer:
        yield Misfit((*at, "payments"), f"{paid} were paid for an order of {total}")
    if order.status is OrderStatus.UNPAID and order.payments and paid == total:
        yield Misfit((*at, "status"), "the order is paid in full, yet unpaid")
    if order.status not in (OrderStatus.UNPAID, OrderStatus.CANCELLED) and paid < total:
        yield Misfit((*at, "status"), f"only {paid} of {total} were paid")
    if order.status is OrderStatus.CANCELLED and order.cancelled_at is None:
        yield Misfit((*at, "status"), "a cancelled order needs cancelled_at")


def _fulfilments(order: OrderPart, at: Path, carriers: set[str]) -> Iterator[Misfit]:
    left = {line.id: line.quantity - line.cancelled for line in order.lines}
    parcels = {one.tracking_number for sent in order.fulfilments for one in sent.parcels}
    for i, asked in enumerate(order.intercepts):
        if asked.parcel not in parcels:
            yield Misfit(
                (*at, "intercepts", i, "parcel"), f"the order has no parcel {asked.parcel}"
            )
    for i, fulfilment in enumerate(order.fulfilments):
        for j, part in enumerate(fulfilment.lines):
            here = (*at, "fulfilments", i, "lines", j)
            if part.line not in left:
                yield Misfit((*here, "line"), f"the order has no line {part.line}")
                continue
            left[part.line] -= part.quantity
            if left[part.line] < 0:
                yield Misfit((*here, "quantity"), f"more of line {part.line} than was bought")
        for j, parcel in enumerate(fulfilment.parcels):
            here = (*at, "fulfilments", i, "parcels", j)
            if parcel.carrier not in carriers:
                yield Misfit((*here, "carrier"), f"there is no carrier {parcel.carrier}")
            signed = parcel.status is ShipmentStatus.DELIVERED
            if signed != (parcel.delivered_at is not None):
                yield Misfit((*here, "status"), "status delivered and delivered_at go together")


def _money_back(order: OrderPart, at: Path) -> Iterator[Misfit]:
    left = {payment.id: payment.amount for payment in order.payments}
    units = {line.id: line.quantity - line.cancelled for line in order.lines}
    numbers = {made.number for made in order.returns}
    for i, made in enumerate(order.returns):
        for j, part in enumerate(made.lines):
            here = (*at, "returns", i, "lines", j)
            if part.line not in units:
                yield Misfit((*here, "line"), f"the order has no line {part.line}")
            elif made.status not in GIVEN_UP:
                units[part.line] -= part.quantity
                if units[part.line] < 0:
                    yield Misfit((*here, "quantity"), f"more of line {part.line} than was bought")
        # The money of a refunded return is counted below, with its refunds.
        binds = made.status not in (*GIVEN_UP, ReturnStatus.REFUNDED)
        for j, tender in enumerate(made.tenders):
            here = (*at, "returns", i, "tenders", j)
            yield from _take(left, tender.payment, tender.amount if binds else 0, here)
    for i, exchange in enumerate(order.exchanges):
        if exchange.payment is not None:
            yield from _take(left, exchange.payment, 0, (*at, "exchanges", i))
        for j, swapped in enumerate(exchange.lines):
            here = (*at, "exchanges", i, "lines", j)
            if swapped.line not in units:
                yield Misfit((*here, "line"), f"the order has no line {swapped.line}")
            elif exchange.status not in exchanges.GIVEN_UP:
                units[swapped.line] -= swapped.quantity
                if units[swapped.line] < 0:
                    yield Misfit(
                        (*here, "quantity"), f"more of line {swapped.line} than was bought"
                    )
    for i, refund in enumerate(order.refunds):
        here = (*at, "refunds", i)
        if refund.return_number is not None and refund.return_number not in numbers:
            yield Misfit(
                (*here, "return_number"), f"the order has no return {refund.return_number}"
            )
        if refund.payment is not None:
            counts = refund.status is not RefundStatus.FAILED
            yield from _take(left, refund.payment, refund.amount if counts else 0, here)
        if (refund.status is RefundStatus.COMPLETED) != (refund.completed_at is not None):
            yield Misfit((*here, "status"), "status completed and completed_at go together")


def _take(left: dict[str, int], payment: str, amount: int, at: Path) -> Iterator[Misfit]:
    if payment not in left:
        yield Misfit((*at, "payment"), f"the order has no payment {payment}")
        return
    left[payment] -= amount
    if left[payment] < 0:
        yield Misfit((*at, "amount"), f"more goes back to payment {payment} than was paid")
