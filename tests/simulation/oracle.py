"""What the shop's rules come to, worked out from the shop file and apart from the shop's own code.

Windows and limits are those of ``ShopRules()``, under which the simulated shop is served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from connectors.backends.embedded.document import (
    AddressPart,
    CustomerPart,
    LinePart,
    OrderPart,
    PaymentPart,
    VariantPart,
)
from connectors.backends.orders.model import OrderStatus, Tender, Trait
from connectors.backends.payments.model import AttemptStatus
from tests.simulation.market import Market

ZONE = ZoneInfo("Asia/Shanghai")
FAULTS = frozenset({"damaged", "faulty", "wrong_item", "missing_parts", "not_as_described"})
PHOTO_REASONS = frozenset({"damaged", "wrong_item"})
_PLAIN_DAYS, _EXCHANGE_DAYS, _FAULT_DAYS = 7, 15, 30
_RETURN_LIMIT = 200_000
_CANCEL_LIMIT, _CANCEL_DAYS = 500_000, 30
_RETURNS_UNTIL_RISKY = 6
_NEVER_BACK = {Trait.CUSTOM_MADE, Trait.PERISHABLE, Trait.PRESS, Trait.DIGITAL}
_EXCLUDABLE = {Trait.HYGIENE, Trait.CLEARANCE}

Units = Mapping[str, int]
"""Units of lines, by line id."""


def delivered_at(order: OrderPart, line: LinePart) -> datetime | None:
    """When the last unit of ``line`` was signed for; None while one of them was not."""
    moments: list[datetime] = []
    units = 0
    for sent in order.fulfilments:
        taken = sum(part.quantity for part in sent.lines if part.line == line.id)
        if not taken:
            continue
        if not sent.parcels or any(parcel.delivered_at is None for parcel in sent.parcels):
            return None
        units += taken
        moments += [parcel.delivered_at for parcel in sent.parcels if parcel.delivered_at]
    return max(moments) if units >= line.quantity - line.cancelled and moments else None


def _open_until(signed: datetime, days: int) -> datetime:
    return datetime.combine(signed.astimezone(ZONE).date() + timedelta(days=days + 1), time(), ZONE)


def may_come_back(
    order: OrderPart, line: LinePart, reason: str, now: datetime, *, exchange: bool = False
) -> bool:
    """Whether ``line`` may come back for ``reason``, by its kind and by the date."""
    signed = delivered_at(order, line)
    if signed is None or is_bound(order, line):
        return False
    if reason in FAULTS:
        return now < _open_until(signed, _FAULT_DAYS)
    if _NEVER_BACK & set(line.traits):
        return False
    if line.exclusion_confirmed and _EXCLUDABLE & set(line.traits):
        return False
    return now < _open_until(signed, _EXCHANGE_DAYS if exchange else _PLAIN_DAYS)


def is_bound(order: OrderPart, line: LinePart) -> bool:
    """Whether a return or an exchange has taken units of ``line`` already."""
    back = {part.line for made in order.returns for part in made.lines}
    anew = {part.line for made in order.exchanges for part in made.lines}
    return line.id in back | anew


def is_trusted(market: Market, customer: str) -> bool:
    """Whether nobody need look at every return of this customer."""
    returns = [made for order in market.orders_of(customer) for made in order.returns]
    return len(returns) < _RETURNS_UNTIL_RISKY and not any(
        made.handover == "keep" or made.status == "rejected" for made in returns
    )


def line_amount(line: LinePart, units: int) -> int:
    """What ``units`` of a line that nothing was taken off cost, in minor units."""
    return (line.unit_price * line.quantity - line.discount) * units // line.quantity


def return_total(order: OrderPart, units: Units, reason: str) -> int:
    """What goes back for ``units``; the shipping fee too, if it is our fault and nothing stays."""
    goods = sum(line_amount(line, units.get(line.id, 0)) for line in order.lines)
    whole = all(units.get(line.id, 0) == line.quantity for line in order.lines)
    return goods + (order.shipping_fee if reason in FAULTS and whole else 0)


def needs_approval(order: OrderPart, total: int) -> bool:
    """Whether a person looks at a return of this ``total``, with the order's earlier returns."""
    earlier = sum(made.total for made in order.returns)
    return total + earlier > _RETURN_LIMIT


def expected_return(
    order: OrderPart, units: Units, reason: str, handover: str, refund_to: str
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The changes of the shop's export, and what the new return must say."""
    total = return_total(order, units, reason)
    status = "awaiting_approval" if needs_approval(order, total) else "authorised"
    changes = {f"orders/{order.number}/returns/* +": [status]}
    part = {
        "reason": reason,
        "handover": handover,
        "refund_to": refund_to,
        "total": total,
        "lines": [
            {"line": line.id, "quantity": units[line.id]}
            for line in order.lines
            if units.get(line.id)
        ],
        "tenders": [
            {"payment": payment.id, "amount": share}
            for payment, share in _shares(order, total)
            if share
        ],
    }
    return changes, part


def expected_exchange(
    order: OrderPart, units: Units, targets: Mapping[str, VariantPart], handover: str
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The changes of the shop's export, and what the new exchange must say."""
    products = {line.id: line.product for line in order.lines}
    changes: dict[str, list[Any]] = {f"orders/{order.number}/exchanges/* +": ["authorised"]}
    for line, target in targets.items():
        path = f"products/{products[line]}/variants/{target.id}/stock"
        changes[path] = [target.stock - units[line]]
    lines = [
        {"line": line.id, "quantity": units[line.id], "variant": targets[line.id].id}
        for line in order.lines
        if line.id in targets
    ]
    return changes, {"lines": lines, "handover": handover}


def expected_address(order: OrderPart, address: AddressPart) -> dict[str, list[Any]]:
    """The changes of the shop's export when ``order`` goes to ``address``."""
    old, new = msgspec.to_builtins(order.address), msgspec.to_builtins(address)
    return {
        f"orders/{order.number}/address/{name}": [value]
        for name, value in new.items()
        if old[name] != value
    }


def _refundable(order: OrderPart, payment: PaymentPart) -> int:
    gone = sum(refund.amount for refund in order.refunds if refund.payment == payment.id)
    return payment.amount - gone


def _shares(order: OrderPart, amount: int) -> list[tuple[PaymentPart, int]]:
    """``amount`` over the payments in proportion; the largest remainders get what is left over."""
    rests = [_refundable(order, payment) for payment in order.payments]
    whole = sum(rests)
    shares = [amount * rest // whole for rest in rests] if whole else [0 for _ in rests]
    over = sorted(range(len(rests)), key=lambda at: (-(amount * rests[at] % (whole or 1)), at))
    for at in over[: amount - sum(shares)]:
        shares[at] += 1
    return list(zip(order.payments, shares, strict=True))


def unsent(order: OrderPart) -> dict[str, int]:
    """Units that no fulfilment has taken yet."""
    left: dict[str, int] = {}
    for line in order.lines:
        sent = sum(
            part.quantity for one in order.fulfilments for part in one.lines if part.line == line.id
        )
        if line.quantity - line.cancelled > sent:
            left[line.id] = line.quantity - line.cancelled - sent
    return left


def may_be_cancelled(order: OrderPart, units: Units, now: datetime) -> bool:
    """Whether the assistant may cancel ``units`` of ``order`` alone."""
    left = unsent(order)
    if not units or any(left.get(key, 0) < count for key, count in units.items()):
        return False
    if order.status is OrderStatus.UNPAID:
        under_way = {AttemptStatus.SUCCEEDED, AttemptStatus.PROCESSING}
        return not any(attempt.status in under_way for attempt in order.attempts)
    if order.status not in (OrderStatus.PAID, OrderStatus.PREPARING, OrderStatus.PARTLY_SHIPPED):
        return False
    by_id = {line.id: line for line in order.lines}
    begun = order.status is not OrderStatus.PAID
    if begun and any(Trait.CUSTOM_MADE in by_id[key].traits for key in units):
        return False
    paid = sum(payment.amount for payment in order.payments)
    return paid <= _CANCEL_LIMIT and now < order.placed_at + timedelta(days=_CANCEL_DAYS)


def expected_cancellation(
    market: Market, customer: CustomerPart, order: OrderPart, units: Units
) -> dict[str, list[Any]]:
    """The changes of the shop's export when ``units`` are cancelled."""
    whole = all(units.get(line.id, 0) == line.quantity - line.cancelled for line in order.lines)
    changes: dict[str, list[Any]] = {}
    at = f"orders/{order.number}"
    stock: dict[str, int] = {}
    for line in order.lines:
        count = units.get(line.id, 0)
        if not count:
            continue
        path = f"products/{line.product}/variants/{line.variant}/stock"
        stock[path] = stock.get(path, market.variant(line).stock) + count
        if not whole:
            changes[f"{at}/lines/{line.id}/cancelled"] = [line.cancelled + count]
    changes |= {path: [count] for path, count in stock.items()}
    if whole:
        changes[f"{at}/status"] = ["cancelled"]
        for attempt in order.attempts:
            if attempt.status is AttemptStatus.AWAITING_ACTION:
                changes[f"{at}/attempts/{attempt.id}/status"] = ["closed"]
    elif order.status is OrderStatus.PARTLY_SHIPPED and dict(units) == unsent(order):
        arrived = all(
            parcel.delivered_at is not None for sent in order.fulfilments for parcel in sent.parcels
        )
        changes[f"{at}/status"] = ["delivered" if arrived else "shipped"]
    if order.status is not OrderStatus.UNPAID:
        left = sum(_refundable(order, payment) for payment in order.payments)
        goods = sum(line_amount(line, units.get(line.id, 0)) for line in order.lines)
        _give_back(customer, order, left if whole else min(goods, left), changes)
    return changes


def _give_back(
    customer: CustomerPart, order: OrderPart, amount: int, changes: dict[str, list[Any]]
) -> None:
    refunds = [(payment, share) for payment, share in _shares(order, amount) if share]
    if refunds:
        changes[f"orders/{order.number}/refunds/* +"] = sorted(share for _, share in refunds)
    for payment, share in refunds:
        stored = next((one for one in customer.tenders if one.id == payment.stored), None)
        keeps = payment.tender in (Tender.GIFT_CARD, Tender.BALANCE)
        if stored is not None and stored.balance is not None and keeps:
            path = f"customers/{customer.id}/tenders/{stored.id}/balance"
            changes[path] = [stored.balance + share]


def same_lines(first: Units, second: Units) -> bool:
    """Whether both choose the same units."""
    return {k: n for k, n in first.items() if n} == {k: n for k, n in second.items() if n}


def units_of(lines: Sequence[LinePart]) -> dict[str, int]:
    """All units of ``lines``."""
    return {line.id: line.quantity - line.cancelled for line in lines}
