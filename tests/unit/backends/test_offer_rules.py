"""Which coupons fit and why one does not; what a fallen price gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.backends.offers.model import ClaimStatus, Coupon, CouponStatus, Goods
from connectors.backends.offers.policy import best_first, fit, price_lines
from connectors.backends.orders.model import OrderLine, OrderStatus, Trait
from connectors.backends.refunds.policy import line_refund
from connectors.backends.rules import CouponRules, PriceProtectionRules
from connectors.backends.text import Bilingual
from kernel.money import Money
from tests.unit.backends.factories import NOW, make_line, make_order, yuan

ZONE = "Asia/Shanghai"
COUPON = Coupon(
    code="SAVE",
    customer_id="C1",
    name=Bilingual("满减", "Save"),
    status=CouponStatus.AVAILABLE,
    minimum=yuan(100),
    valid_from=NOW - timedelta(days=1),
    valid_until=NOW + timedelta(days=1),
    amount_off=yuan(20),
)
PERCENT = replace(COUPON, code="PERCENT", amount_off=None, percent_off=15)


def _goods(amount: int, category: str = "home", *traits: Trait) -> Goods:
    return Goods(category, frozenset(traits), yuan(amount))


def _refusal(coupon: Coupon, *goods: Goods) -> str | None:
    return fit(coupon, goods, NOW, CouponRules()).refusal


def test_a_coupon_that_fits_says_what_it_saves() -> None:
    assert fit(COUPON, [_goods(60), _goods(40)], NOW, CouponRules()).saving == yuan(20)
    odd = Goods("home", frozenset(), Money(10_001, "CNY"))
    assert fit(PERCENT, [odd], NOW, CouponRules()).saving == Money(1_500, "CNY")


def test_a_coupon_that_does_not_fit_says_why() -> None:
    home = _goods(150)
    assert _refusal(replace(COUPON, status=CouponStatus.USED), home) == "used"
    assert _refusal(replace(COUPON, status=CouponStatus.WITHDRAWN), home) == "withdrawn"
    assert _refusal(replace(COUPON, valid_until=NOW), home) == "expired"
    assert _refusal(replace(COUPON, valid_from=NOW + timedelta(seconds=1)), home) == "not_yet"
    assert _refusal(replace(COUPON, categories=frozenset({"shoes"})), home) == "no_fitting_goods"
    assert _refusal(COUPON, _goods(150, "home", Trait.CLEARANCE)) == "excluded_goods"
    assert _refusal(replace(COUPON, minimum=Money(1, "USD")), home) == "other_currency"
    assert _refusal(COUPON, _goods(99)) == "below_minimum"
    assert fit(COUPON, [_goods(70)], NOW, CouponRules()).missing == yuan(30)


def test_goods_that_are_excluded_do_not_help_to_reach_the_minimum() -> None:
    cart = [_goods(60), _goods(60, "home", Trait.CLEARANCE)]
    assert fit(COUPON, cart, NOW, CouponRules()).missing == yuan(40)


def test_the_coupon_that_saves_most_comes_first() -> None:
    cart = [_goods(200)]
    fits = [fit(one, cart, NOW, CouponRules()) for one in (COUPON, PERCENT)]
    assert [one.coupon.code for one in best_first(fits)] == ["PERCENT", "SAVE"]


@given(amount=st.integers(0, 10**9), off=st.integers(0, 10**9), percent=st.integers(1, 100))
def test_no_coupon_saves_more_than_the_goods_cost(amount: int, off: int, percent: int) -> None:
    goods = [Goods("home", frozenset(), Money(amount, "CNY"))]
    free = replace(COUPON, minimum=yuan(0), amount_off=Money(off, "CNY"))
    for coupon in (free, replace(free, amount_off=None, percent_off=percent)):
        saving = fit(coupon, goods, NOW, CouponRules()).saving
        assert saving is not None
        assert 0 <= saving.minor <= amount


def _lines(
    *lines: OrderLine,
    price: int = 90,
    returned: dict[str, int] | None = None,
    claimed: ClaimStatus | None = None,
    days: int = 7,
    status: OrderStatus = OrderStatus.DELIVERED,
) -> list[tuple[str | None, int | None]]:
    order = make_order(lines=lines, status=status)
    prices = {line.variant_id: yuan(price) for line in lines}
    rules = PriceProtectionRules(days=days)
    before = {line.id: claimed for line in lines if claimed}
    found = price_lines(order, prices, returned or {}, before, NOW, rules, ZONE)
    return [(one.refusal, one.back.minor if one.back else None) for one in found]


def test_the_difference_goes_back_for_the_units_that_are_kept() -> None:
    line = make_line("1", 100, 3)
    assert _lines(line) == [(None, 3_000)]
    assert _lines(line, returned={"1": 2}) == [(None, 1_000)]
    assert _lines(replace(line, cancelled=1)) == [(None, 2_000)]
    assert _lines(make_line("1", 100, 2, discount=yuan(10))) == [(None, 1_000)]


def test_each_reason_for_giving_nothing_back_has_its_name() -> None:
    line = make_line("1", 100)
    assert _lines(line, price=100) == [("not_lower", None)]
    assert _lines(line, price=120) == [("not_lower", None)]
    assert _lines(line, claimed=ClaimStatus.GRANTED) == [("claimed_already", None)]
    assert _lines(line, claimed=ClaimStatus.REQUESTED) == [("being_checked", None)]
    assert _lines(line, claimed=ClaimStatus.REFUSED) == [("turned_down", None)]
    assert _lines(line, returned={"1": 1}) == [("returned", None)]
    assert _lines(make_line("1", traits=frozenset({Trait.CLEARANCE}))) == [("excluded", None)]
    assert _lines(line, status=OrderStatus.CANCELLED) == [("order_cancelled", None)]
    assert _lines(line, status=OrderStatus.UNPAID) == [("not_paid", None)]
    # Paid two days ago: day one began at the midnight after.
    assert _lines(line, days=1) == [("period_over", None)]
    order = make_order(lines=(line,))
    rules = PriceProtectionRules()
    [gone] = price_lines(order, {}, {}, {}, NOW, rules, ZONE)
    assert gone.refusal == "no_longer_sold"


@given(
    price=st.integers(1, 10_000),
    quantity=st.integers(1, 6),
    data=st.data(),
)
def test_a_line_never_gives_back_more_than_was_paid_for_it(
    price: int, quantity: int, data: st.DataObject
) -> None:
    """Units come back one by one, before and after a claim on what was left then."""
    line = replace(make_line("1", 1, quantity), unit_price=Money(price, "CNY"))
    before = data.draw(st.integers(0, quantity - 1))
    now = data.draw(st.integers(0, price))
    back = line_refund(line, before, 0) if before else Money(0, "CNY")
    kept = quantity - before
    credit = line.amount_of(kept, before) - Money(now, "CNY") * kept
    line = replace(line, credited_units=kept, credited=credit)
    returned = before
    total = back + credit
    while returned < quantity:
        units = data.draw(st.integers(1, quantity - returned))
        refund = line_refund(line, units, returned)
        assert refund.minor >= 0
        total += refund
        returned += units
    assert total == line.amount
