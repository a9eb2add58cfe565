"""Exchanges: goods that come back for another variant of their product, or the same one anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from connectors.backends.catalogue.model import Variant
from connectors.backends.customers.model import BalanceChange, StoredTender
from connectors.backends.drafts.model import Refusal
from connectors.backends.life_cycle import LifeCycle
from connectors.backends.orders.model import Address, Order, OrderLine
from connectors.backends.refunds.differences import (
    Charge,
    MoneyBack,
    TenderRefusal,
    charge_of,
    money_back,
)
from connectors.backends.refunds.model import (
    FreightPayer,
    Handover,
    RefundTo,
    ReturnableLine,
    ReturnReason,
    ReturnRefusal,
    TenderAmount,
)
from connectors.backends.refunds.policy import (
    line_refund,
    order_refusal,
    refusal_for,
    split_over_tenders,
    tender_amount,
)
from connectors.backends.rules import RefundRules
from connectors.backends.text import Bilingual
from kernel.money import Money, total


class ExchangeRefusal(StrEnum):
    """Why something cannot be exchanged; every member has a response of its own.

    The refusals of a return are refusals of an exchange as well.
    """

    NOT_PAID = "not_paid"
    ORDER_CANCELLED = "order_cancelled"
    NOT_DELIVERED = "not_delivered"
    ALREADY_RETURNED = "already_returned"
    CUSTOM_MADE = "custom_made"
    PERISHABLE = "perishable"
    DIGITAL_UNSEALED = "digital_unsealed"
    PRESS = "press"
    EXCLUSION_CONFIRMED = "exclusion_confirmed"
    WINDOW_CLOSED = "window_closed"
    QUANTITY_TOO_HIGH = "quantity_too_high"
    NOTHING_CHOSEN = "nothing_chosen"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"
    PHOTO_MISSING = "photo_missing"
    NOT_AT_FAULT = "not_at_fault"
    NO_PICK_UP = "no_pick_up"
    OTHER_PRODUCT = "other_product"
    """Only another variant of the same product is an exchange."""
    SAME_VARIANT = "same_variant"
    """Nothing would change, and nothing is wrong with it."""
    OUT_OF_STOCK = "out_of_stock"
    TENDER_MISSING = "tender_missing"
    TENDER_UNKNOWN = "tender_unknown"
    TENDER_EXPIRED = "tender_expired"
    BALANCE_TOO_LOW = "balance_too_low"
    DID_NOT_PAY = "did_not_pay"


class ExchangeStatus(StrEnum):
    """Where an exchange stands; what it may become is in ``EXCHANGE_LIFE_CYCLE``."""

    AWAITING_APPROVAL = "awaiting_approval"
    AUTHORISED = "authorised"
    SENT_BACK = "sent_back"
    RECEIVED = "received"
    REPLACED = "replaced"
    COMPLETED = "completed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# Goods that stay with the shopper are replaced without having come back.
EXCHANGE_LIFE_CYCLE = LifeCycle(
    {
        ExchangeStatus.AWAITING_APPROVAL: frozenset(
            {ExchangeStatus.AUTHORISED, ExchangeStatus.REJECTED, ExchangeStatus.CANCELLED}
        ),
        ExchangeStatus.AUTHORISED: frozenset(
            {
                ExchangeStatus.SENT_BACK,
                ExchangeStatus.REPLACED,
                ExchangeStatus.EXPIRED,
                ExchangeStatus.CANCELLED,
            }
        ),
        ExchangeStatus.SENT_BACK: frozenset({ExchangeStatus.RECEIVED}),
        ExchangeStatus.RECEIVED: frozenset({ExchangeStatus.REPLACED, ExchangeStatus.REJECTED}),
        ExchangeStatus.REPLACED: frozenset({ExchangeStatus.COMPLETED}),
        ExchangeStatus.COMPLETED: frozenset(),
        ExchangeStatus.REJECTED: frozenset(),
        ExchangeStatus.EXPIRED: frozenset(),
        ExchangeStatus.CANCELLED: frozenset(),
    }
)
GIVEN_UP = frozenset({ExchangeStatus.REJECTED, ExchangeStatus.EXPIRED, ExchangeStatus.CANCELLED})
"""Exchanges in these states no longer bind their goods, nor the stock kept for them."""


@dataclass(frozen=True)
class ExchangeRequestLine:
    """Units of a line that the shopper wants in another variant (or anew, if at fault)."""

    line_id: str
    quantity: int
    variant_id: str


@dataclass(frozen=True)
class ExchangeWish:
    """How an exchange shall go, beside its lines; ``photos`` are ids of uploads.

    ``tender_id`` is the stored tender that pays a difference, or gets it back; without one it is
    what paid for the order. ``inspected``: a person of the shop has seen what is wrong.
    """

    reason: ReturnReason
    handover: Handover = Handover.DROP_OFF
    photos: tuple[str, ...] = ()
    tender_id: str | None = None
    inspected: bool = False


@dataclass(frozen=True)
class ExchangeLine:
    """One line of an exchange. ``difference`` is what all its units cost more (or less) now."""

    line_id: str
    product_name: Bilingual
    options: Bilingual
    quantity: int
    variant_id: str
    new_options: Bilingual
    difference: Money


@dataclass(frozen=True)
class ExchangeTerms:
    """What an exchange that nothing forbids comes to."""

    lines: tuple[ExchangeLine, ...]
    difference: Money


@dataclass(frozen=True)
class ExchangeDraft:
    """An exchange that is ready to be confirmed: exactly this happens, or nothing.

    ``difference`` is what the new goods cost more, or less. ``charge`` is taken for it from a
    tender on file at the commit; where a person approves first, after that. ``refunds`` go back
    when the new goods leave, to the gift card ``refund_account`` if there is one. ``send_by``:
    until when the goods must be on their way back (UTC).
    """

    id: str
    customer_id: str
    order_number: str
    wish: ExchangeWish
    lines: tuple[ExchangeLine, ...]
    difference: Money
    freight: FreightPayer
    needs_approval: bool
    address: Address
    send_by: datetime
    expires_at: datetime
    charge: Charge | None = None
    refunds: tuple[TenderAmount, ...] = ()
    refund_account: str | None = None
    balances: tuple[BalanceChange, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """The shop's promise to exchange; ``number`` is told to the shopper (EX…).

    ``decided_by`` is the person who approved or rejected it; empty while nobody had to.
    ``payment_id`` is the payment of its order that a difference in price was charged as,
    ``given_back`` that what the new goods cost less has gone back.
    """

    number: str
    order_number: str
    customer_id: str
    status: ExchangeStatus
    wish: ExchangeWish
    lines: tuple[ExchangeLine, ...]
    difference: Money
    freight: FreightPayer
    send_by: datetime
    return_address: Bilingual
    created_at: datetime
    decided_by: str = ""
    payment_id: str | None = None
    given_back: bool = False


def exchange_terms(
    order: Order,
    lines: Sequence[ReturnableLine],
    wanted: Sequence[ExchangeRequestLine],
    variants: Mapping[str, tuple[str, Variant]],
    reason: ReturnReason,
    now: datetime,
) -> ExchangeTerms | Refusal[ExchangeRefusal]:
    """What exchanging ``wanted`` comes to, or why it cannot be.

    ``lines`` come from ``returnable_lines`` with the window of an exchange. ``variants`` gives the
    product of each variant that is wanted, and the variant as it is now.
    """
    whole = order_refusal(order)
    if whole is not None:
        return Refusal(ExchangeRefusal(whole))
    if not wanted:
        return Refusal(ExchangeRefusal.NOTHING_CHOSEN)
    by_id = {returnable.line.id: returnable for returnable in lines}
    left = {key: variant.stock for key, (_, variant) in variants.items()}
    taken: dict[str, int] = {}
    parts = []
    for request in wanted:
        returnable = by_id.get(request.line_id)
        if returnable is None:
            return Refusal(ExchangeRefusal.NOTHING_CHOSEN, request.line_id)
        before = taken.get(request.line_id, 0)
        taken[request.line_id] = before + request.quantity
        open_units = replace(returnable, quantity=returnable.quantity - before)
        refusal = _refusal_for(open_units, request, variants, left, reason, now)
        if refusal is not None:
            return Refusal(refusal, request.line_id)
        left[request.variant_id] -= request.quantity
        variant = variants[request.variant_id][1]
        difference = line_difference(returnable, request.quantity, variant, before)
        parts.append(_exchange_line(returnable.line, request, variant, difference))
    return ExchangeTerms(tuple(parts), total((part.difference for part in parts), order.currency))


def _refusal_for(
    returnable: ReturnableLine,
    request: ExchangeRequestLine,
    variants: Mapping[str, tuple[str, Variant]],
    left: Mapping[str, int],
    reason: ReturnReason,
    now: datetime,
) -> ExchangeRefusal | None:
    refused = refusal_for(returnable, reason, now, quantity=request.quantity)
    if refused is not None:
        return ExchangeRefusal(refused)
    product_id, _ = variants.get(request.variant_id, ("", None))
    if product_id != returnable.line.product_id:
        return ExchangeRefusal.OTHER_PRODUCT
    if request.variant_id == returnable.line.variant_id and not reason.is_our_fault:
        return ExchangeRefusal.SAME_VARIANT
    if left[request.variant_id] < request.quantity:
        return ExchangeRefusal.OUT_OF_STOCK
    return None


def line_difference(
    returnable: ReturnableLine, quantity: int, variant: Variant, before: int = 0
) -> Money:
    """What ``quantity`` units of a line cost more as ``variant``; below zero, what they cost less.

    Their discount goes with them, up to the new price. Whatever that is, no more comes back than
    was paid for them, less what price protection gave back for them. ``before``: units of the line
    that are exchanged in the same request.
    """
    line = returnable.line
    # What is replaced because it is at fault costs nothing, whatever its price is now.
    if variant.id == line.variant_id:
        return Money(0, line.unit_price.currency)
    gone = returnable.returned + before
    discount = line.unit_price * quantity - line.amount_of(quantity, gone + line.cancelled)
    price = variant.price * quantity
    return price - min(discount, price) - line_refund(line, quantity, gone)


def _exchange_line(
    line: OrderLine, request: ExchangeRequestLine, variant: Variant, difference: Money
) -> ExchangeLine:
    return ExchangeLine(
        line_id=line.id,
        product_name=line.product_name,
        options=Bilingual(line.options_text("zh"), line.options_text("en")),
        quantity=request.quantity,
        variant_id=variant.id,
        new_options=Bilingual(variant.options_text("zh"), variant.options_text("en")),
        difference=difference,
    )


def exchange_money(
    order: Order,
    difference: Money,
    wish: ExchangeWish,
    stored: Sequence[StoredTender],
    today: date,
    rules: RefundRules,
) -> tuple[Charge | None, MoneyBack] | ExchangeRefusal:
    """What is charged, or goes back, for ``difference``; ``today`` in the shop's time zone.

    Without a tender of the shopper's choice, the first that paid and covers it is charged.
    """
    nothing = MoneyBack(())
    if difference.minor > 0:
        tender_id = wish.tender_id or _paid_and_covers(order, difference, stored, today)
        charge = charge_of(difference, tender_id, stored, today)
        if isinstance(charge, TenderRefusal):
            return ExchangeRefusal(charge)
        return charge, nothing
    left = order.paid - order.refunded
    amount = -difference if -difference <= left else left
    back = money_back(amount, wish.tender_id, order.payments, stored, rules)
    return ExchangeRefusal(back) if isinstance(back, TenderRefusal) else (None, back)


def charge_back(
    order: Order, payment_id: str, amount: Money, rules: RefundRules
) -> tuple[TenderAmount, ...]:
    """``amount``, which an exchange was charged as this payment, on its way back to it.

    Goods that came back meanwhile took their part of every payment: what this one has no longer
    goes to the others, and never more than is left.
    """
    paid = next(one for one in order.payments if one.id == payment_id)
    own = min(amount, paid.refundable)
    others = [one for one in order.payments if one.id != payment_id]
    left = total((one.refundable for one in others), order.currency)
    rest = split_over_tenders(min(amount - own, left), others, rules)
    if not own:
        return rest
    return (tender_amount(paid.id, paid.tender, own, rules, RefundTo.ORIGINAL), *rest)


def _paid_and_covers(
    order: Order, amount: Money, stored: Sequence[StoredTender], today: date
) -> str | None:
    able = {one.id for one in stored if one.covers(amount, today)}
    return next((one.stored_id for one in order.payments if one.stored_id in able), None)


def return_refusal_of(refusal: ExchangeRefusal) -> ReturnRefusal | None:
    """The refusal of a return that says the same; None if only an exchange knows it."""
    known = {member.value for member in ReturnRefusal}
    return ReturnRefusal(refusal.value) if refusal.value in known else None
