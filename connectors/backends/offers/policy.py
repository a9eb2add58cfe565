"""The shop's rules of coupons and price protection: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.backends.offers.model import (
    ClaimStatus,
    Coupon,
    CouponFit,
    CouponRefusal,
    CouponStatus,
    Goods,
    PriceLine,
    PriceRefusal,
)
from connectors.backends.orders.model import Order, OrderLine, OrderStatus
from connectors.backends.refunds.policy import deadline_after
from connectors.backends.rules import CouponRules, PriceProtectionRules
from connectors.backends.text import Bilingual
from kernel.money import Money, total

_CLAIMED = {
    ClaimStatus.REQUESTED: PriceRefusal.BEING_CHECKED,
    ClaimStatus.GRANTED: PriceRefusal.CLAIMED_ALREADY,
    ClaimStatus.REFUSED: PriceRefusal.TURNED_DOWN,
}


def fit(coupon: Coupon, goods: Sequence[Goods], now: datetime, rules: CouponRules) -> CouponFit:
    """Whether ``coupon`` can be used for ``goods``, and what it saves then."""
    refusal = _own_refusal(coupon, now)
    if refusal is not None:
        return CouponFit(coupon, None, refusal)
    if any(one.amount.currency != coupon.minimum.currency for one in goods):
        return CouponFit(coupon, None, CouponRefusal.OTHER_CURRENCY)
    meant = [one for one in goods if not coupon.categories or one.category in coupon.categories]
    if not meant:
        return CouponFit(coupon, None, CouponRefusal.NO_FITTING_GOODS)
    allowed = [one for one in meant if not one.traits & rules.excluded_traits]
    if not allowed:
        return CouponFit(coupon, None, CouponRefusal.EXCLUDED_GOODS)
    amount = total((one.amount for one in allowed), coupon.minimum.currency)
    if amount < coupon.minimum:
        return CouponFit(coupon, None, CouponRefusal.BELOW_MINIMUM, coupon.minimum - amount)
    return CouponFit(coupon, _saving(coupon, amount), None)


def _own_refusal(coupon: Coupon, now: datetime) -> CouponRefusal | None:
    if coupon.status is CouponStatus.USED:
        return CouponRefusal.USED
    if coupon.status is CouponStatus.WITHDRAWN:
        return CouponRefusal.WITHDRAWN
    if now >= coupon.valid_until:
        return CouponRefusal.EXPIRED
    return CouponRefusal.NOT_YET if now < coupon.valid_from else None


def _saving(coupon: Coupon, amount: Money) -> Money:
    """Never more than the goods cost; a percentage is rounded down to whole minor units."""
    if coupon.amount_off is not None:
        return min(coupon.amount_off, amount)
    return Money(amount.minor * (coupon.percent_off or 0) // 100, amount.currency)


def best_first(fits: Sequence[CouponFit]) -> list[CouponFit]:
    """Those that fit, the largest saving first and then what ends soonest; then the others."""
    return sorted(
        fits,
        key=lambda one: (
            one.saving is None,
            -(one.saving.minor if one.saving else 0),
            one.coupon.valid_until,
            one.coupon.code,
        ),
    )


def goods_of(order: Order) -> tuple[Goods, ...]:
    """What of ``order`` a coupon looks at."""
    return tuple(
        Goods(line.category, line.traits, line.kept_amount) for line in order.lines if line.kept
    )


def price_lines(
    order: Order,
    prices: Mapping[str, Money],
    returned: Mapping[str, int],
    claimed: Mapping[str, ClaimStatus],
    now: datetime,
    rules: PriceProtectionRules,
    timezone: str,
) -> tuple[PriceLine, ...]:
    """Every line of ``order`` with what goes back for it, or why nothing does.

    ``prices`` are those of today by variant, ``returned`` units by line that a return binds,
    ``claimed`` how the claim stands that was made for a line before. The clock starts at the
    midnight after the payment.
    """
    paid_at = max((payment.paid_at for payment in order.payments), default=None)
    whole: PriceRefusal | None = None
    if order.status is OrderStatus.CANCELLED:
        whole = PriceRefusal.ORDER_CANCELLED
    elif order.status is OrderStatus.UNPAID or paid_at is None:
        whole = PriceRefusal.NOT_PAID
    elif now >= deadline_after(paid_at, rules.days, timezone):
        whole = PriceRefusal.PERIOD_OVER

    seen = []
    for line in order.lines:
        kept, price = line.kept - returned.get(line.id, 0), prices.get(line.variant_id)
        refusal = whole or _line_refusal(line, kept, price, claimed, rules)
        back = None if refusal or price is None else _difference(line, kept, price)
        seen.append(
            PriceLine(
                line_id=line.id,
                product_name=line.product_name,
                options=Bilingual(line.options_text("zh"), line.options_text("en")),
                quantity=kept,
                paid_each=Money(line.amount.minor // line.quantity, line.amount.currency),
                price_now=price,
                back=back,
                refusal=refusal,
            )
        )
    return tuple(seen)


def _line_refusal(
    line: OrderLine,
    kept: int,
    price: Money | None,
    claimed: Mapping[str, ClaimStatus],
    rules: PriceProtectionRules,
) -> PriceRefusal | None:
    if kept <= 0:
        return PriceRefusal.RETURNED
    if line.id in claimed:
        return _CLAIMED[claimed[line.id]]
    if line.traits & rules.excluded_traits:
        return PriceRefusal.EXCLUDED
    if price is None or price.currency != line.amount.currency:
        return PriceRefusal.NO_LONGER_SOLD
    return None if _difference(line, kept, price).minor > 0 else PriceRefusal.NOT_LOWER


def _difference(line: OrderLine, kept: int, price: Money) -> Money:
    """What the last ``kept`` units cost then, after discounts, above what they cost now."""
    return line.amount_of(kept, line.quantity - kept) - price * kept
