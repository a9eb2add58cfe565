"""Cancelling in parts: money is neither made nor lost, and nothing leaves the life cycle."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connectors.backends.drafts.model import Refusal
from connectors.backends.orders.cancelling import (
    CancellationTerms,
    CancelRefusal,
    CancelWish,
    cancellable,
    settle,
)
from connectors.backends.orders.model import Order, OrderStatus, Tender
from connectors.backends.rules import CancelRules, ShopRules
from kernel.money import Money, total
from tests.unit.backends.factories import NOW, make_line, make_order, make_payment, yuan

RULES = ShopRules(cancelling=CancelRules(window_days=365, limit_minor={"CNY": 10**9}))


@st.composite
def orders(draw: st.DrawFn, status: OrderStatus = OrderStatus.PAID) -> Order:
    """An order that was not sent, with discounts and fees, paid by several tenders."""
    lines = tuple(
        make_line(
            str(number),
            price=draw(st.integers(1, 900)),
            quantity=draw(st.integers(1, 5)),
            discount=Money(draw(st.integers(0, 99)), "CNY"),
        )
        for number in range(1, draw(st.integers(1, 4)) + 1)
    )
    fee = Money(draw(st.integers(0, 2_000)), "CNY")
    whole = sum(line.amount.minor for line in lines) + fee.minor
    cuts = sorted(draw(st.lists(st.integers(0, whole), max_size=2)))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]
    payments = tuple(
        make_payment(f"P{place}", tender, Money(share, "CNY"))
        for place, (tender, share) in enumerate(
            zip((Tender.GIFT_CARD, Tender.BALANCE, Tender.ALIPAY), shares, strict=False)
        )
    )
    order = make_order(lines=lines, status=status, payments=payments, shipping_fee=fee)
    return replace(order, fulfilments=())


def _after(order: Order, terms: CancellationTerms) -> Order:
    """``order`` with the cancellation carried out."""
    taken = {line.line_id: line.quantity for line in terms.lines}
    back = {part.payment_id: part.amount for part in terms.tenders}
    nothing = Money(0, order.currency)
    return replace(
        order,
        lines=tuple(
            replace(line, cancelled=line.cancelled + taken.get(line.id, 0)) for line in order.lines
        ),
        payments=tuple(
            replace(payment, refunded=payment.refunded + back.get(payment.id, nothing))
            for payment in order.payments
        ),
    )


def _settle(order: Order, *wishes: CancelWish) -> CancellationTerms | Refusal[CancelRefusal]:
    return settle(cancellable(order, NOW, RULES, payment_under_way=False), wishes, RULES)


@given(order=orders(), data=st.data())
def test_units_taken_in_any_steps_give_back_what_they_cost_and_all_of_it_at_the_end(
    order: Order, data: st.DataObject
) -> None:
    paid = order.paid
    while any(line.kept for line in order.lines):
        line = data.draw(st.sampled_from([line for line in order.lines if line.kept]))
        units = data.draw(st.integers(1, line.kept))
        terms = _settle(order, CancelWish(line.id, units))
        assert isinstance(terms, CancellationTerms)
        assert total((part.amount for part in terms.tenders), "CNY") == terms.refund
        assert all(part.amount.minor > 0 for part in terms.tenders)
        order = _after(order, terms)
        assert all(payment.refundable.minor >= 0 for payment in order.payments)
        if terms.whole:
            break
        assert order.total == paid - order.refunded
    assert order.refunded == paid


@given(order=orders())
def test_cancelling_everything_gives_every_tender_back_what_it_paid(order: Order) -> None:
    terms = _settle(order)
    assert isinstance(terms, CancellationTerms)
    assert terms.whole
    given_back = {part.payment_id: part.amount for part in terms.tenders}
    assert given_back == {one.id: one.amount for one in order.payments if one.amount}


@given(order=orders(), data=st.data())
def test_more_than_is_left_is_never_taken(order: Order, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(order.lines))
    twice = [CancelWish(line.id, line.quantity), CancelWish(line.id, 1)]
    assert _settle(order, *twice) == Refusal(CancelRefusal.QUANTITY_TOO_HIGH, line.id)


@given(order=orders(), status=st.sampled_from(OrderStatus))
def test_only_states_that_may_become_cancelled_are_cancelled_whole(
    order: Order, status: OrderStatus
) -> None:
    terms = _settle(replace(order, status=status))
    if isinstance(terms, CancellationTerms):
        assert status in {
            OrderStatus.UNPAID,
            OrderStatus.PAID,
            OrderStatus.PREPARING,
            OrderStatus.PARTLY_SHIPPED,
        }
        assert terms.refund == (Money(0, "CNY") if status is OrderStatus.UNPAID else order.paid)


def test_what_price_protection_gave_back_does_not_go_back_again_with_a_cancellation() -> None:
    line = replace(make_line("1", 100, 2), credited_units=2, credited=yuan(30))
    other = make_line("2", 50)
    paid = make_payment("P1", Tender.WECHAT_PAY, yuan(250), refunded=yuan(30))
    order = make_order(lines=(line, other), status=OrderStatus.PAID, payments=(paid,))
    order = replace(order, fulfilments=())
    found = cancellable(order, NOW, RULES, payment_under_way=False)
    terms = settle(found, [CancelWish("1", 1)], RULES)
    assert isinstance(terms, CancellationTerms)
    assert terms.refund == yuan(85)
