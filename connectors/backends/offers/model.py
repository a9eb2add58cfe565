"""What a coupon is, what a claim on a fallen price is, and why either may not work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.backends.customers.model import BalanceChange
from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.life_cycle import LifeCycle
from connectors.backends.orders.model import Trait
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.text import Bilingual
from kernel.money import Money


class CouponStatus(StrEnum):
    """Where a coupon stands; what it may become is in ``COUPON_LIFE_CYCLE``.

    Time alone ends none.
    """

    AVAILABLE = "available"
    USED = "used"
    WITHDRAWN = "withdrawn"


COUPON_LIFE_CYCLE = LifeCycle(
    {
        CouponStatus.AVAILABLE: frozenset({CouponStatus.USED, CouponStatus.WITHDRAWN}),
        # It comes back when its order is cancelled before it was sent.
        CouponStatus.USED: frozenset({CouponStatus.AVAILABLE}),
        CouponStatus.WITHDRAWN: frozenset(),
    }
)


class CouponRefusal(StrEnum):
    """Why a coupon does not fit a purchase. Each member has a response of its name."""

    USED = "used"
    WITHDRAWN = "withdrawn"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    OTHER_CURRENCY = "other_currency"
    NO_FITTING_GOODS = "no_fitting_goods"
    """None of the goods is of the coupon's categories."""
    EXCLUDED_GOODS = "excluded_goods"
    """All fitting goods are excluded from coupons."""
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True)
class Coupon:
    """A coupon of one customer. Exactly one of ``amount_off`` and ``percent_off`` is set.

    ``minimum`` is what fitting goods must come to; ``categories`` it is for, none means all;
    ``order_number`` is the order it was used for. Valid from ``valid_from`` until before
    ``valid_until``.
    """

    code: str
    customer_id: str
    name: Bilingual
    status: CouponStatus
    minimum: Money
    valid_from: datetime
    valid_until: datetime
    amount_off: Money | None = None
    percent_off: int | None = None
    categories: frozenset[str] = frozenset()
    order_number: str | None = None


@dataclass(frozen=True)
class Goods:
    """What a coupon looks at in a purchase: one line of a cart or an order; ``amount`` in all."""

    category: str
    traits: frozenset[Trait]
    amount: Money


@dataclass(frozen=True)
class CouponFit:
    """How a coupon fits a purchase: what it saves, or why not and how much is missing."""

    coupon: Coupon
    saving: Money | None
    refusal: CouponRefusal | None
    missing: Money | None = None


class ClaimStatus(StrEnum):
    """Where a claim on a fallen price stands; what it may become is in ``CLAIM_LIFE_CYCLE``."""

    REQUESTED = "requested"
    """A person decides; nothing goes back until then."""
    GRANTED = "granted"
    REFUSED = "refused"


CLAIM_LIFE_CYCLE = LifeCycle(
    {
        ClaimStatus.REQUESTED: frozenset({ClaimStatus.GRANTED, ClaimStatus.REFUSED}),
        ClaimStatus.GRANTED: frozenset(),
        ClaimStatus.REFUSED: frozenset(),
    }
)


class ClaimGround(StrEnum):
    """Why a person refuses a claim, as its shopper is told (in ``desk.news.words``)."""

    OTHER_GOODS = "other_goods"
    """What became cheaper is another product or variant."""
    OTHER_SELLER = "other_seller"
    SPECIAL_PRICE = "special_price"
    """For a short time, for members or with a coupon."""
    PRICE_ERROR = "price_error"
    NOT_COVERED = "not_covered"
    """Anything else against the conditions."""


class PriceRefusal(StrEnum):
    """Why nothing is given back for a line. Each member has a response of its name."""

    NOT_PAID = "not_paid"
    ORDER_CANCELLED = "order_cancelled"
    PERIOD_OVER = "period_over"
    NOT_LOWER = "not_lower"
    NO_LONGER_SOLD = "no_longer_sold"
    CLAIMED_ALREADY = "claimed_already"
    BEING_CHECKED = "being_checked"
    """A claim for it waits for a person."""
    TURNED_DOWN = "turned_down"
    """A person has refused a claim for it."""
    EXCLUDED = "excluded"
    RETURNED = "returned"
    DRAFT_EXPIRED = DraftRefusal.DRAFT_EXPIRED.value
    TERMS_CHANGED = DraftRefusal.TERMS_CHANGED.value


@dataclass(frozen=True)
class PriceLine:
    """An order line as price protection sees it.

    ``paid_each`` is what a unit cost after discounts, ``price_now`` what the same variant costs
    now (None: no longer sold). ``back`` is due for the ``quantity`` units that the shopper keeps;
    None together with a ``refusal``.
    """

    line_id: str
    product_name: Bilingual
    options: Bilingual
    quantity: int
    paid_each: Money
    price_now: Money | None
    back: Money | None
    refusal: PriceRefusal | None


@dataclass(frozen=True)
class PriceDraft:
    """A claim that is ready to be confirmed: this much goes back to these tenders.

    ``needs_approval``: a person decides after the confirmation. ``balances`` are the gift cards and
    accounts that the confirmation itself credits.
    """

    id: str
    customer_id: str
    order_number: str
    lines: Sequence[PriceLine]
    total: Money
    tenders: tuple[TenderAmount, ...]
    expires_at: datetime
    needs_approval: bool = False
    balances: tuple[BalanceChange, ...] = ()


@dataclass(frozen=True)
class PriceClaim:
    """A claim that was made; ``number`` is told to the shopper.

    ``lines``, ``total`` and ``tenders`` are what goes back when it is granted. ``decided_at``: when
    it was granted or refused (UTC), None while it is neither. ``decided_by`` is the person who did
    it; empty while nobody had to. ``ground``: why it was refused, if that was said.
    """

    number: str
    order_number: str
    customer_id: str
    lines: tuple[tuple[str, int, Money], ...]
    """Line, units, what goes back for them."""
    total: Money
    tenders: tuple[TenderAmount, ...]
    claimed_at: datetime
    status: ClaimStatus = ClaimStatus.GRANTED
    decided_at: datetime | None = None
    decided_by: str = ""
    ground: ClaimGround | None = None
