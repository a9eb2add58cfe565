"""The shop's rules of returning: pure functions that give a refusal, a deadline, an amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.backends.orders.model import Order, OrderLine, OrderPayment, OrderStatus, Trait
from connectors.backends.refunds.model import (
    ReturnableLine,
    ReturnLine,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    TenderAmount,
)
from connectors.backends.rules import RefundRules, ReturnRules
from connectors.backends.text import Bilingual
from kernel.money import Money, total

_EXCLUDED = (
    (Trait.CUSTOM_MADE, ReturnRefusal.CUSTOM_MADE),
    (Trait.PERISHABLE, ReturnRefusal.PERISHABLE),
    (Trait.PRESS, ReturnRefusal.PRESS),
)
_EXCLUDED_IF_CONFIRMED = frozenset({Trait.HYGIENE, Trait.CLEARANCE})


def deadline_after(delivered_at: datetime, days: int, timezone: str) -> datetime:
    """The end of a window of ``days``: the clock starts at the midnight after the signing.

    ``timezone`` says whose midnight. The result is aware, in UTC's offset of that moment.
    """
    zone = ZoneInfo(timezone)
    signed_on = delivered_at.astimezone(zone).date()
    ends_on = signed_on + timedelta(days=days + 1)
    return datetime.combine(ends_on, time(), zone).astimezone(ZoneInfo("UTC"))


def window_days(line: OrderLine, rules: ReturnRules) -> int:
    """How many days a return without a reason is open for goods of this kind."""
    return rules.window_days_by_category.get(line.category, rules.window_days)


def refusal_for(
    returnable: ReturnableLine,
    reason: ReturnReason,
    now: datetime,
    *,
    quantity: int = 1,
    unsealed: bool = False,
) -> ReturnRefusal | None:
    """Why these units cannot be returned for this reason, or None if they can.

    What is excluded from a return without a reason still comes back when it is our fault.
    """
    if returnable.delivered_at is None:
        return ReturnRefusal.NOT_DELIVERED
    if returnable.quantity <= 0:
        return ReturnRefusal.ALREADY_RETURNED
    if quantity > returnable.quantity:
        return ReturnRefusal.QUANTITY_TOO_HIGH
    if quantity < 1:
        return ReturnRefusal.NOTHING_CHOSEN
    deadline = returnable.fault_deadline if reason.is_our_fault else returnable.deadline
    if not reason.is_our_fault:
        excluded = _exclusion(returnable.line, unsealed)
        if excluded is not None:
            return excluded
    if deadline is not None and now >= deadline:
        return ReturnRefusal.WINDOW_CLOSED
    return None


def _exclusion(line: OrderLine, unsealed: bool) -> ReturnRefusal | None:
    for trait, refusal in _EXCLUDED:
        if trait in line.traits:
            return refusal
    if Trait.DIGITAL in line.traits and unsealed:
        return ReturnRefusal.DIGITAL_UNSEALED
    # Without the shopper's own confirmation at the purchase, the law knows no such exclusion.
    if line.exclusion_confirmed and line.traits & _EXCLUDED_IF_CONFIRMED:
        return ReturnRefusal.EXCLUSION_CONFIRMED
    return None


def order_refusal(order: Order) -> ReturnRefusal | None:
    """Why nothing of this order can be returned, whatever the line; None if something may."""
    if order.status is OrderStatus.CANCELLED:
        return ReturnRefusal.ORDER_CANCELLED
    if order.status is OrderStatus.UNPAID:
        return ReturnRefusal.NOT_PAID
    if all(fulfilment.delivered_at is None for fulfilment in order.fulfilments):
        return ReturnRefusal.NOT_DELIVERED
    return None


def returnable_lines(
    order: Order,
    returned: Mapping[str, int],
    now: datetime,
    rules: ReturnRules,
    timezone: str,
) -> tuple[ReturnableLine, ...]:
    """Every line of ``order`` with what can still come back of it and until when.

    ``returned`` is the number of units a line that a return already binds. A line that was sent in
    several parcels is delivered with the last of them.
    """
    whole = order_refusal(order)
    lines = []
    for line in order.lines:
        delivered_at = _delivered_at(order, line)
        back = returned.get(line.id, 0)
        open_until = fault_until = None
        if delivered_at is not None:
            open_until = deadline_after(delivered_at, window_days(line, rules), timezone)
            fault_until = deadline_after(delivered_at, rules.fault_window_days, timezone)
        returnable = ReturnableLine(
            line, line.kept - back, back, delivered_at, open_until, fault_until, whole
        )
        if whole is None:
            refusal = refusal_for(returnable, ReturnReason.NO_LONGER_WANTED, now)
            returnable = replace(returnable, refusal=refusal)
        lines.append(returnable)
    return tuple(lines)


def _delivered_at(order: Order, line: OrderLine) -> datetime | None:
    """When the last unit of ``line`` was signed for; None while one is unsent or on the way."""
    last = None
    units = 0
    for fulfilment in order.fulfilments:
        sent = sum(part.quantity for part in fulfilment.lines if part.line_id == line.id)
        if not sent:
            continue
        if fulfilment.delivered_at is None:
            return None
        units += sent
        last = fulfilment.delivered_at if last is None else max(last, fulfilment.delivered_at)
    return last if units >= line.kept else None


def line_refund(line: OrderLine, quantity: int, returned: int) -> Money:
    """What goes back for ``quantity`` units when ``returned`` came back before.

    What price protection gave back for a unit does not go back a second time.
    """
    gone = returned + line.cancelled
    credit = _credit(line, gone + quantity) - _credit(line, gone)
    return line.amount_of(quantity, gone) - Money(credit, line.amount.currency)


def _credit(line: OrderLine, gone: int) -> int:
    """What of the line's credit belongs to its first ``gone`` units; those kept longest have it."""
    if line.credited is None or not line.credited_units:
        return 0
    uncredited = line.quantity - line.credited_units
    return line.credited.minor * max(gone - uncredited, 0) // line.credited_units


def split_over_tenders(
    amount: Money, payments: Sequence[OrderPayment], rules: RefundRules
) -> tuple[TenderAmount, ...]:
    """``amount`` spread over ``payments`` in proportion to what each can still give back.

    No payment gives back more than it can. Raises ValueError if all together cannot.
    """
    refundable = [max(payment.refundable.minor, 0) for payment in payments]
    available = sum(refundable)
    if amount.minor > available:
        raise ValueError("more than was paid")
    if not amount.minor:
        return ()
    shares = [amount.minor * part // available for part in refundable]
    rests = [amount.minor * part % available for part in refundable]
    missing = amount.minor - sum(shares)
    for index in sorted(range(len(rests)), key=lambda i: (-rests[i], i))[:missing]:
        shares[index] += 1
    return tuple(
        TenderAmount(
            payment.id, payment.tender, Money(share, amount.currency), rules.days(payment.tender)
        )
        for payment, share in zip(payments, shares, strict=True)
        if share
    )


@dataclass(frozen=True)
class Refusal:
    """A refusal of one line (or, with ``line_id`` empty, of the whole request)."""

    code: ReturnRefusal
    line_id: str = ""


@dataclass(frozen=True)
class Settlement:
    """What a return that nothing forbids comes to."""

    lines: tuple[ReturnLine, ...]
    shipping_refund: Money
    total: Money
    tenders: tuple[TenderAmount, ...]


def settle(
    order: Order,
    lines: Sequence[ReturnableLine],
    wanted: Sequence[ReturnRequestLine],
    reason: ReturnReason,
    now: datetime,
    rules: RefundRules,
) -> Settlement | Refusal:
    """What goes back if ``wanted`` is returned for ``reason``, or why it cannot be.

    ``lines`` come from ``returnable_lines``. Shipping goes back as well when the return is our
    fault and nothing of the order stays with the shopper.
    """
    whole = order_refusal(order)
    if whole is not None:
        return Refusal(whole)
    by_id = {returnable.line.id: returnable for returnable in lines}
    merged = _merged(wanted)
    if not merged:
        return Refusal(ReturnRefusal.NOTHING_CHOSEN)
    parts = []
    for request in merged:
        returnable = by_id.get(request.line_id)
        if returnable is None:
            return Refusal(ReturnRefusal.NOTHING_CHOSEN, request.line_id)
        refusal = refusal_for(
            returnable, reason, now, quantity=request.quantity, unsealed=request.unsealed
        )
        if refusal is not None:
            return Refusal(refusal, request.line_id)
        parts.append(_return_line(returnable, request.quantity))
    taken = {part.line_id: part.quantity for part in parts}
    all_back = all(line.quantity == taken.get(line.line.id, 0) for line in lines)
    shipping = order.shipping_fee if reason.is_our_fault and all_back else Money(0, order.currency)
    amount = total((part.refund for part in parts), order.currency) + shipping
    left = order.paid - order.refunded
    # A goodwill refund before may have left less than the goods' price.
    amount = amount if amount <= left else left
    return Settlement(
        tuple(parts), shipping, amount, split_over_tenders(amount, order.payments, rules)
    )


def _merged(wanted: Sequence[ReturnRequestLine]) -> list[ReturnRequestLine]:
    """One request a line: the same line named twice counts together."""
    merged: dict[str, ReturnRequestLine] = {}
    for request in wanted:
        before = merged.get(request.line_id)
        merged[request.line_id] = ReturnRequestLine(
            request.line_id,
            request.quantity + (before.quantity if before else 0),
            request.unsealed or (before.unsealed if before else False),
        )
    return list(merged.values())


def _return_line(returnable: ReturnableLine, quantity: int) -> ReturnLine:
    line = returnable.line
    return ReturnLine(
        line_id=line.id,
        product_name=line.product_name,
        options=Bilingual(line.options_text("zh"), line.options_text("en")),
        quantity=quantity,
        refund=line_refund(line, quantity, returnable.returned),
    )
