"""The shop's rules of returning: pure functions that give a refusal, a deadline, an amount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.backends.drafts.model import Refusal
from connectors.backends.orders.model import (
    Order,
    OrderLine,
    OrderPayment,
    OrderStatus,
    Tender,
    Trait,
)
from connectors.backends.refunds.model import (
    FreightPayer,
    Handover,
    RefundTo,
    ReturnableLine,
    ReturnLine,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnWish,
    TenderAmount,
)
from connectors.backends.rules import ApprovalRules, RefundRules, ReturnRules
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
    *,
    for_exchange: bool = False,
) -> tuple[ReturnableLine, ...]:
    """Every line of ``order`` with what can still come back of it and until when.

    ``returned`` is the number of units a line that a return or an exchange already binds. A line
    that was sent in several parcels is delivered with the last of them. ``for_exchange``: the
    window is that of an exchange.
    """
    whole = order_refusal(order)
    lines = []
    for line in order.lines:
        delivered_at = _delivered_at(order, line)
        back = returned.get(line.id, 0)
        open_until = fault_until = None
        if delivered_at is not None:
            days = window_days(line, rules)
            if for_exchange:
                days = max(days, rules.exchange_window_days)
            open_until = deadline_after(delivered_at, days, timezone)
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


def freight_of(reason: ReturnReason, handover: Handover) -> FreightPayer:
    """Who pays for sending the goods back; the shop does where nothing is sent."""
    if reason.is_our_fault or handover is Handover.KEEP:
        return FreightPayer.SHOP
    return FreightPayer.SHOPPER


def wish_refusal(
    reason: ReturnReason,
    handover: Handover,
    seen: bool,
    order: Order,
    rules: ReturnRules,
) -> ReturnRefusal | None:
    """Why a return or an exchange cannot go this way, whatever its lines; None if it can.

    ``seen``: there is a picture of what is wrong, or a person of the shop has looked at it.
    """
    if handover is Handover.KEEP and not reason.is_our_fault:
        return ReturnRefusal.NOT_AT_FAULT
    if handover is Handover.PICK_UP and not can_pick_up(order, rules):
        return ReturnRefusal.NO_PICK_UP
    if needs_photo(reason, rules) and not seen:
        return ReturnRefusal.PHOTO_MISSING
    return None


def can_pick_up(order: Order, rules: ReturnRules) -> bool:
    """Whether a courier collects goods where this order was delivered."""
    return order.address.country in rules.pick_up_countries


def needs_photo(reason: ReturnReason, rules: ReturnRules) -> bool:
    """Whether a picture must show what is wrong."""
    return reason.value in rules.photo_reasons


@dataclass(frozen=True)
class Record:
    """What a customer gave back in the days that the risk score looks at."""

    returns: int = 0
    kept: int = 0
    rejected: int = 0


def risk_score(record: Record, rules: ApprovalRules) -> int:
    """How carefully a customer's returns are looked at, from 0 to 100; never told to anybody."""
    points = (
        record.returns * rules.risk_points_return
        + record.kept * rules.risk_points_kept
        + record.rejected * rules.risk_points_rejected
    )
    return min(100, points)


def approval_rule(
    together: Money, handover: Handover, record: Record, rules: ApprovalRules
) -> str | None:
    """The rule by which a person must approve, by its name in kefu.yml; None if none says so.

    ``together`` is the amount with what the same order has given back before.
    """
    if risk_score(record, rules) >= rules.risk_limit:
        return "approval.risk_limit"
    if handover is Handover.KEEP and rules.needs_person_to_keep(together.minor, together.currency):
        return "approval.keep_limit_minor"
    if rules.needs_person(together.minor, together.currency):
        return "approval.return_limit_minor"
    return None


_WISHED = {RefundTo.GIFT_CARD: Tender.GIFT_CARD, RefundTo.BALANCE: Tender.BALANCE}


def goes_elsewhere(
    parts: Sequence[TenderAmount], payments: Sequence[OrderPayment], account: str | None = None
) -> bool:
    """Whether some of the money goes to a tender that did not pay.

    ``account`` is the gift card that it goes to, if it goes to a certain one.
    """
    paid = {payment.id: payment for payment in payments}
    return any(
        part.tender is not paid[part.payment_id].tender
        or account not in (None, paid[part.payment_id].stored_id)
        for part in parts
    )


def split_over_tenders(
    amount: Money,
    payments: Sequence[OrderPayment],
    rules: RefundRules,
    to: RefundTo = RefundTo.ORIGINAL,
) -> tuple[TenderAmount, ...]:
    """``amount`` spread over ``payments`` in proportion to what each can still give back.

    No payment gives back more than it can, wherever the money goes ``to``. Raises ValueError if
    all together cannot.
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
        tender_amount(payment.id, payment.tender, Money(share, amount.currency), rules, to)
        for payment, share in zip(payments, shares, strict=True)
        if share
    )


def tender_amount(
    payment_id: str, tender: Tender, amount: Money, rules: RefundRules, to: RefundTo
) -> TenderAmount:
    """``amount`` of a payment on its way: back to its ``tender``, or where it is wished."""
    goes_to = _WISHED.get(to, tender)
    return TenderAmount(payment_id, goes_to, amount, rules.days(goes_to))


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
    wish: ReturnWish,
    now: datetime,
    rules: RefundRules,
    return_rules: ReturnRules,
) -> Settlement | Refusal[ReturnRefusal]:
    """What goes back if ``wanted`` is returned as wished, or why it cannot be.

    ``lines`` come from ``returnable_lines``. Shipping goes back as well when the return is our
    fault and nothing of the order stays with the shopper.
    """
    whole = order_refusal(order)
    if whole is not None:
        return Refusal(whole)
    reason = wish.reason
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
    seen = bool(wish.photos) or wish.inspected
    manner = wish_refusal(reason, wish.handover, seen, order, return_rules)
    if manner is not None:
        return Refusal(manner)
    taken = {part.line_id: part.quantity for part in parts}
    all_back = all(line.quantity == taken.get(line.line.id, 0) for line in lines)
    shipping = order.shipping_fee if reason.is_our_fault and all_back else Money(0, order.currency)
    amount = total((part.refund for part in parts), order.currency) + shipping
    left = order.paid - order.refunded
    # A goodwill refund before may have left less than the goods' price.
    amount = amount if amount <= left else left
    return Settlement(
        tuple(parts),
        shipping,
        amount,
        split_over_tenders(amount, order.payments, rules, wish.refund_to),
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
