"""Cancelling: which units of an order may be taken out before they are sent, and what goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.backends.customers.model import BalanceChange
from connectors.backends.drafts.model import Refusal
from connectors.backends.orders.model import OpenOrder, Order, OrderLine, OrderStatus, Trait
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.refunds.policy import line_refund, split_over_tenders
from connectors.backends.rules import ShopRules
from connectors.backends.text import Bilingual
from kernel.money import Money, total


class CancelReason(StrEnum):
    """Why the shopper cancels; for the shop's statistics, it changes nothing."""

    NO_LONGER_NEEDED = "no_longer_needed"
    ORDERED_BY_MISTAKE = "ordered_by_mistake"
    FOUND_CHEAPER = "found_cheaper"
    TAKES_TOO_LONG = "takes_too_long"
    WRONG_DETAILS = "wrong_details"
    OTHER = "other"


class CancelRefusal(StrEnum):
    """Why something cannot be cancelled; every member has a response of its own."""

    ORDER_CANCELLED = "order_cancelled"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    PAYMENT_UNDER_WAY = "payment_under_way"
    WINDOW_CLOSED = "window_closed"
    BEING_PACKED = "being_packed"
    CUSTOM_MADE_STARTED = "custom_made_started"
    LINE_SHIPPED = "line_shipped"
    LINE_CANCELLED = "line_cancelled"
    QUANTITY_TOO_HIGH = "quantity_too_high"
    NOTHING_CHOSEN = "nothing_chosen"
    ABOVE_LIMIT = "above_limit"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"


OF_ORDER = frozenset(
    {
        CancelRefusal.ORDER_CANCELLED,
        CancelRefusal.SHIPPED,
        CancelRefusal.DELIVERED,
        CancelRefusal.PAYMENT_UNDER_WAY,
        CancelRefusal.WINDOW_CLOSED,
        CancelRefusal.BEING_PACKED,
    }
)
"""Refusals of the whole order: no choice of lines changes them."""


@dataclass(frozen=True)
class CancelWish:
    """Units of a line that the shopper does not want any more."""

    line_id: str
    quantity: int


@dataclass(frozen=True)
class CancelledLine:
    """Units that are taken out of an order, and what they cost.

    What price protection gave back for them is off: it does not go back a second time.
    """

    line_id: str
    product_name: Bilingual
    options: Bilingual
    quantity: int
    amount: Money


@dataclass(frozen=True)
class CancellationTerms:
    """What a cancellation that nothing forbids comes to.

    ``whole``: nothing of the order is left. ``refund`` is what goes back in all, shipping
    included; ``tenders`` is where it goes. An order that was not paid gets nothing back.
    """

    whole: bool
    lines: tuple[CancelledLine, ...]
    shipping_refund: Money
    refund: Money
    tenders: tuple[TenderAmount, ...]


@dataclass(frozen=True)
class Cancellable(OpenOrder):
    """An order as the rules of cancelling see it: units by line that may be taken out.

    ``refusal`` says why nothing of it can be cancelled, None if something can.
    """

    refusal: CancelRefusal | None


@dataclass(frozen=True)
class CancellationDraft:
    """A cancellation that is ready to be confirmed: exactly this happens, or nothing.

    ``balances`` are the gift cards and accounts that money goes back to, before and after.
    """

    id: str
    customer_id: str
    order_number: str
    reason: CancelReason
    terms: CancellationTerms
    balances: tuple[BalanceChange, ...]
    expires_at: datetime


@dataclass(frozen=True)
class Cancellation:
    """What was cancelled; ``refunds`` are the numbers of the refunds that it caused."""

    order_number: str
    reason: CancelReason
    terms: CancellationTerms
    refunds: tuple[str, ...]
    at: datetime


def cancellable(
    order: Order, now: datetime, rules: ShopRules, *, payment_under_way: bool
) -> Cancellable:
    """What of ``order`` may be cancelled at ``now``.

    ``payment_under_way``: money for the unpaid order is with a bank or provider.
    """
    units = order.unsent_units
    return Cancellable(order, units, _refusal(order, units, now, rules, payment_under_way))


def _refusal(
    order: Order,
    units: Mapping[str, int],
    now: datetime,
    rules: ShopRules,
    payment_under_way: bool,
) -> CancelRefusal | None:
    if order.status is OrderStatus.CANCELLED:
        return CancelRefusal.ORDER_CANCELLED
    if order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED):
        return CancelRefusal.DELIVERED
    if order.status is OrderStatus.SHIPPED or not units:
        return CancelRefusal.SHIPPED
    if order.status is OrderStatus.UNPAID:
        return CancelRefusal.PAYMENT_UNDER_WAY if payment_under_way else None
    if order.status is not OrderStatus.PAID and not rules.cancelling.while_packing:
        return CancelRefusal.BEING_PACKED
    if now >= order.placed_at + timedelta(days=rules.cancelling.window_days):
        return CancelRefusal.WINDOW_CLOSED
    return None


def settle(
    found: Cancellable, wishes: Sequence[CancelWish], rules: ShopRules
) -> CancellationTerms | Refusal[CancelRefusal]:
    """What it comes to if ``wishes`` are cancelled, or why they cannot be.

    No wishes at all mean everything that was not sent.
    """
    order = found.order
    if found.refusal is not None:
        return Refusal(found.refusal)
    wanted = _merged(wishes) if wishes else dict(found.units)
    for line_id, quantity in wanted.items():
        refusal = _line_refusal(found, line_id, quantity)
        if refusal is not None:
            return Refusal(refusal, line_id)
    lines = tuple(
        _cancelled_line(line, wanted[line.id]) for line in order.lines if line.id in wanted
    )
    whole = all(wanted.get(line.id, 0) == line.kept for line in order.lines)
    refund, shipping = _refund(order, lines, whole)
    if rules.cancelling.needs_person(refund.minor, refund.currency):
        return Refusal(CancelRefusal.ABOVE_LIMIT)
    tenders = split_over_tenders(refund, order.payments, rules.refunds)
    return CancellationTerms(whole, lines, shipping, refund, tenders)


def _merged(wishes: Sequence[CancelWish]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for wish in wishes:
        wanted[wish.line_id] = wanted.get(wish.line_id, 0) + wish.quantity
    return wanted


def _line_refusal(found: Cancellable, line_id: str, quantity: int) -> CancelRefusal | None:
    line = found.order.line(line_id)
    if line is None or quantity < 1:
        return CancelRefusal.NOTHING_CHOSEN
    left = found.units.get(line_id, 0)
    if not left:
        return CancelRefusal.LINE_SHIPPED if line.kept else CancelRefusal.LINE_CANCELLED
    if quantity > left:
        return CancelRefusal.QUANTITY_TOO_HIGH
    begun = found.order.status not in (OrderStatus.UNPAID, OrderStatus.PAID)
    if begun and Trait.CUSTOM_MADE in line.traits:
        return CancelRefusal.CUSTOM_MADE_STARTED
    return None


def _cancelled_line(line: OrderLine, quantity: int) -> CancelledLine:
    return CancelledLine(
        line_id=line.id,
        product_name=line.product_name,
        options=Bilingual(line.options_text("zh"), line.options_text("en")),
        quantity=quantity,
        amount=line_refund(line, quantity, 0),
    )


def _refund(order: Order, lines: Sequence[CancelledLine], whole: bool) -> tuple[Money, Money]:
    """What goes back in all, and how much of it is for shipping."""
    nothing = Money(0, order.currency)
    left = order.paid - order.refunded
    if order.status is OrderStatus.UNPAID or left.minor <= 0:
        return nothing, nothing
    if whole:
        return left, order.shipping_fee if order.shipping_fee <= left else left
    goods = total((line.amount for line in lines), order.currency)
    # A goodwill refund before may have left less than the goods' price.
    return (goods if goods <= left else left), nothing
