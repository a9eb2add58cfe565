"""Returns and refunds: what may come back, until when, how much goes back to which tender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.backends.customers.model import BalanceChange
from connectors.backends.life_cycle import LifeCycle
from connectors.backends.orders.model import Address, OrderLine, Tender
from connectors.backends.text import Bilingual
from kernel.money import Money


class ReturnReason(StrEnum):
    """Why goods come back."""

    NO_LONGER_WANTED = "no_longer_wanted"
    WRONG_SIZE = "wrong_size"
    DAMAGED = "damaged"
    FAULTY = "faulty"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    NOT_AS_DESCRIBED = "not_as_described"

    @property
    def is_our_fault(self) -> bool:
        """Whether the shop answers for it: it pays the freight, and exclusions do not count."""
        return self not in (ReturnReason.NO_LONGER_WANTED, ReturnReason.WRONG_SIZE)


class ReturnRefusal(StrEnum):
    """Why something cannot be returned; every member has a response of its own."""

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
    """Something else was refunded between preparing and confirming: prepare again."""
    PHOTO_MISSING = "photo_missing"
    """Goods at fault are looked at first, if only in a picture."""
    NOT_AT_FAULT = "not_at_fault"
    """Money back for goods that stay with the shopper is for goods at fault."""
    NO_PICK_UP = "no_pick_up"
    """No courier of ours collects where this order went."""


OF_THE_ORDER = frozenset(
    {ReturnRefusal.NOT_PAID, ReturnRefusal.ORDER_CANCELLED, ReturnRefusal.NOT_DELIVERED}
)
"""Refusals of the whole order: no choice of lines or reason changes them."""


class RefundTo(StrEnum):
    """Where the money of a return goes."""

    ORIGINAL = "original"
    """To the tenders that paid, each its part."""
    GIFT_CARD = "gift_card"
    BALANCE = "balance"
    """As a whole to the customer's account with the shop."""


class Handover(StrEnum):
    """How the goods get back to the shop."""

    PICK_UP = "pick_up"
    """A courier collects them where they were delivered."""
    DROP_OFF = "drop_off"
    """The shopper sends them."""
    KEEP = "keep"
    """Not at all: the shopper keeps them, or never had them."""


class FreightPayer(StrEnum):
    """Who pays for sending the goods back."""

    SHOP = "shop"
    SHOPPER = "shopper"


class ReturnStatus(StrEnum):
    """Where a return stands; what it may become is in ``RETURN_LIFE_CYCLE``."""

    AWAITING_APPROVAL = "awaiting_approval"
    AUTHORISED = "authorised"
    SENT_BACK = "sent_back"
    RECEIVED = "received"
    REFUNDED = "refunded"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


# A person who approves a refund for goods that stay with the shopper has nothing to wait for.
RETURN_LIFE_CYCLE = LifeCycle(
    {
        ReturnStatus.AWAITING_APPROVAL: frozenset(
            {
                ReturnStatus.AUTHORISED,
                ReturnStatus.REFUNDED,
                ReturnStatus.REJECTED,
                ReturnStatus.CANCELLED,
            }
        ),
        ReturnStatus.AUTHORISED: frozenset(
            {ReturnStatus.SENT_BACK, ReturnStatus.EXPIRED, ReturnStatus.CANCELLED}
        ),
        ReturnStatus.SENT_BACK: frozenset({ReturnStatus.RECEIVED}),
        ReturnStatus.RECEIVED: frozenset({ReturnStatus.REFUNDED, ReturnStatus.REJECTED}),
        ReturnStatus.REFUNDED: frozenset(),
        ReturnStatus.REJECTED: frozenset(),
        ReturnStatus.EXPIRED: frozenset(),
        ReturnStatus.CANCELLED: frozenset(),
    }
)
GIVEN_UP = frozenset({ReturnStatus.REJECTED, ReturnStatus.EXPIRED, ReturnStatus.CANCELLED})
"""Returns in these states no longer bind their goods: they may be returned anew."""


@dataclass(frozen=True)
class ReturnableLine:
    """An order line as the return rules see it.

    ``quantity`` can still come back, ``returned`` already does or did. ``delivered_at`` is None
    while a unit of it is on the way. ``deadline`` is the end of the window for a return without
    a reason, ``fault_deadline`` for goods at fault; both None before delivery. ``refusal`` says
    why the line cannot be returned without a reason, None if it can.
    """

    line: OrderLine
    quantity: int
    returned: int
    delivered_at: datetime | None
    deadline: datetime | None
    fault_deadline: datetime | None
    refusal: ReturnRefusal | None


@dataclass(frozen=True)
class ReturnWish:
    """How a return shall go, beside its lines.

    ``photos`` are ids of uploads that show what is wrong; ``inspected``: a person of the shop has
    seen it, so that none is needed.
    """

    reason: ReturnReason
    refund_to: RefundTo = RefundTo.ORIGINAL
    handover: Handover = Handover.DROP_OFF
    photos: tuple[str, ...] = ()
    inspected: bool = False


@dataclass(frozen=True)
class ReturnRequestLine:
    """What the shopper wants to give back. ``unsealed`` matters for sealed digital goods."""

    line_id: str
    quantity: int
    unsealed: bool = False


@dataclass(frozen=True)
class ReturnLine:
    """One line of a return, with what is refunded for it."""

    line_id: str
    product_name: Bilingual
    options: Bilingual
    quantity: int
    refund: Money


@dataclass(frozen=True)
class TenderAmount:
    """How much goes back of which payment, to which tender.

    ``days`` is how long that usually takes. ``tender`` is the payment's own, unless the shopper
    wants the money on a gift card.
    """

    payment_id: str
    tender: Tender
    amount: Money
    days: int


@dataclass(frozen=True)
class ReturnDraft:
    """A return that is ready to be confirmed: exactly this happens, or nothing.

    ``shipping_refund`` is part of ``total``. ``send_by``: until when the goods must be on their
    way back (UTC). ``needs_approval``: a person decides after the confirmation. ``pick_up_at`` is
    where a courier collects them, None if none does. ``balances`` are the gift cards and accounts
    that the confirmation itself credits: those of money for goods that stay with the shopper.
    """

    id: str
    customer_id: str
    order_number: str
    wish: ReturnWish
    lines: tuple[ReturnLine, ...]
    shipping_refund: Money
    total: Money
    tenders: tuple[TenderAmount, ...]
    freight: FreightPayer
    needs_approval: bool
    pick_up_at: Address | None
    send_by: datetime
    expires_at: datetime
    balances: tuple[BalanceChange, ...] = ()


@dataclass(frozen=True)
class ReturnAuthorisation:
    """The shop's permission to send goods back; ``number`` is told to the shopper (RMA…).

    ``decided_by`` is the person who approved or rejected it; empty while nobody had to.
    """

    number: str
    order_number: str
    customer_id: str
    status: ReturnStatus
    wish: ReturnWish
    lines: tuple[ReturnLine, ...]
    shipping_refund: Money
    total: Money
    tenders: tuple[TenderAmount, ...]
    freight: FreightPayer
    send_by: datetime
    return_address: Bilingual
    created_at: datetime
    decided_by: str = ""


class RefundStatus(StrEnum):
    """Where money on its way back is; what it may become is in ``REFUND_LIFE_CYCLE``."""

    REQUESTED = "requested"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


# What failed is requested again once shopper and shop have agreed on another way.
REFUND_LIFE_CYCLE = LifeCycle(
    {
        RefundStatus.REQUESTED: frozenset({RefundStatus.PROCESSING, RefundStatus.FAILED}),
        RefundStatus.PROCESSING: frozenset({RefundStatus.COMPLETED, RefundStatus.FAILED}),
        RefundStatus.COMPLETED: frozenset(),
        RefundStatus.FAILED: frozenset({RefundStatus.REQUESTED}),
    }
)


@dataclass(frozen=True)
class Refund:
    """Money that goes back to one payment of an order.

    ``return_number`` is the return it belongs to, None for one without goods (a cancellation, a
    double charge). ``expected_by``: the usual time of its tender.
    """

    number: str
    order_number: str
    customer_id: str
    return_number: str | None
    payment_id: str | None
    tender: Tender
    amount: Money
    status: RefundStatus
    requested_at: datetime
    expected_by: datetime
    completed_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it should have arrived by ``now`` and has not."""
        return self.status is not RefundStatus.COMPLETED and now > self.expected_by
