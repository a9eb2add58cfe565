"""What may be exchanged for what, at which difference of price, within which stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.backends.catalogue.model import Variant
from connectors.backends.drafts.model import Refusal
from connectors.backends.orders.model import Order, OrderStatus, Trait
from connectors.backends.refunds.exchanges import (
    ExchangeRefusal,
    ExchangeRequestLine,
    ExchangeTerms,
    exchange_terms,
    line_difference,
)
from connectors.backends.refunds.model import ReturnableLine, ReturnReason, ReturnRefusal
from connectors.backends.refunds.policy import returnable_lines
from connectors.backends.rules import ReturnRules
from kernel.money import Money, total
from tests.unit.backends.factories import NOW, make_line, make_order, yuan

SIZE, FAULTY = ReturnReason.WRONG_SIZE, ReturnReason.FAULTY
ORDER = make_order(lines=(make_line("1", 100, 2), make_line("2", 50, 3)))
Stock = Mapping[str, tuple[str, Variant]]


def _variant(key: str, price: int, stock: int) -> Variant:
    return Variant(key, f"SKU-{key}", (), yuan(price), stock)


SHOP: Stock = {
    "variant-1": ("product-1", _variant("variant-1", 100, 9)),
    "big-1": ("product-1", _variant("big-1", 120, 2)),
    "small-1": ("product-1", _variant("small-1", 90, 1)),
    "gone-1": ("product-1", _variant("gone-1", 100, 0)),
    "big-2": ("product-2", _variant("big-2", 50, 5)),
}


def _lines(order: Order = ORDER, **back: int) -> tuple[ReturnableLine, ...]:
    return returnable_lines(order, back, NOW, ReturnRules(), "Asia/Shanghai", for_exchange=True)


def _terms(
    *wanted: ExchangeRequestLine, reason: ReturnReason = SIZE, order: Order = ORDER
) -> ExchangeTerms | Refusal[ExchangeRefusal]:
    return exchange_terms(order, _lines(order), wanted, SHOP, reason, NOW)


def test_several_lines_are_exchanged_each_at_its_own_difference() -> None:
    terms = _terms(ExchangeRequestLine("1", 2, "big-1"), ExchangeRequestLine("2", 1, "big-2"))
    assert isinstance(terms, ExchangeTerms)
    assert [(line.variant_id, line.quantity, line.difference) for line in terms.lines] == [
        ("big-1", 2, yuan(40)),
        ("big-2", 1, yuan(0)),
    ]
    assert terms.difference == yuan(40)


def test_units_of_one_line_may_become_different_variants() -> None:
    terms = _terms(ExchangeRequestLine("1", 1, "big-1"), ExchangeRequestLine("1", 1, "small-1"))
    assert isinstance(terms, ExchangeTerms)
    assert terms.difference == yuan(10)


@pytest.mark.parametrize(
    ("wanted", "refusal", "line"),
    [
        ((), ExchangeRefusal.NOTHING_CHOSEN, ""),
        ((ExchangeRequestLine("9", 1, "big-1"),), ExchangeRefusal.NOTHING_CHOSEN, "9"),
        ((ExchangeRequestLine("1", 3, "big-1"),), ExchangeRefusal.QUANTITY_TOO_HIGH, "1"),
        ((ExchangeRequestLine("1", 0, "big-1"),), ExchangeRefusal.NOTHING_CHOSEN, "1"),
        ((ExchangeRequestLine("1", 1, "big-2"),), ExchangeRefusal.OTHER_PRODUCT, "1"),
        ((ExchangeRequestLine("1", 1, "nowhere"),), ExchangeRefusal.OTHER_PRODUCT, "1"),
        ((ExchangeRequestLine("1", 1, "variant-1"),), ExchangeRefusal.SAME_VARIANT, "1"),
        ((ExchangeRequestLine("1", 1, "gone-1"),), ExchangeRefusal.OUT_OF_STOCK, "1"),
        ((ExchangeRequestLine("1", 2, "small-1"),), ExchangeRefusal.OUT_OF_STOCK, "1"),
        (
            (ExchangeRequestLine("1", 1, "small-1"), ExchangeRequestLine("1", 1, "small-1")),
            ExchangeRefusal.OUT_OF_STOCK,
            "1",
        ),
        (
            (ExchangeRequestLine("1", 2, "big-1"), ExchangeRequestLine("1", 1, "variant-1")),
            ExchangeRefusal.ALREADY_RETURNED,
            "1",
        ),
    ],
)
def test_a_refusal_names_its_reason_and_its_line(
    wanted: tuple[ExchangeRequestLine, ...], refusal: ExchangeRefusal, line: str
) -> None:
    assert _terms(*wanted) == Refusal(refusal, line)


def test_what_is_faulty_is_replaced_by_the_same_at_no_cost() -> None:
    dearer = {"variant-1": ("product-1", _variant("variant-1", 130, 9))}
    terms = exchange_terms(
        ORDER, _lines(), [ExchangeRequestLine("1", 1, "variant-1")], dearer, FAULTY, NOW
    )
    assert isinstance(terms, ExchangeTerms)
    assert terms.difference == yuan(0)


def test_the_window_of_an_exchange_is_longer_than_that_of_a_return() -> None:
    order = make_order(lines=(make_line("1", 100, 2),), delivered_at=NOW - timedelta(days=12))
    (for_return,) = returnable_lines(order, {}, NOW, ReturnRules(), "Asia/Shanghai")
    assert for_return.refusal is ReturnRefusal.WINDOW_CLOSED
    assert isinstance(_terms(ExchangeRequestLine("1", 1, "big-1"), order=order), ExchangeTerms)
    late = make_order(lines=(make_line("1", 100, 2),), delivered_at=NOW - timedelta(days=17))
    refused = _terms(ExchangeRequestLine("1", 1, "big-1"), order=late)
    assert refused == Refusal(ExchangeRefusal.WINDOW_CLOSED, "1")


def test_made_to_order_goods_and_cancelled_orders_are_not_exchanged() -> None:
    custom = make_order(lines=(make_line("1", traits=frozenset({Trait.CUSTOM_MADE})),))
    refused = _terms(ExchangeRequestLine("1", 1, "big-1"), order=custom)
    assert refused == Refusal(ExchangeRefusal.CUSTOM_MADE, "1")
    cancelled = replace(ORDER, status=OrderStatus.CANCELLED)
    refused = _terms(ExchangeRequestLine("1", 1, "big-1"), order=cancelled)
    assert refused == Refusal(ExchangeRefusal.ORDER_CANCELLED)


def test_every_refusal_of_a_return_is_one_of_an_exchange() -> None:
    assert {refusal.value for refusal in ReturnRefusal} <= {one.value for one in ExchangeRefusal}


def test_a_discount_goes_with_the_goods_and_no_more_comes_back_than_was_paid() -> None:
    off = make_order(lines=(make_line("1", 100, 2, discount=yuan(30)),))
    terms = _terms(ExchangeRequestLine("1", 1, "small-1"), order=off)
    assert isinstance(terms, ExchangeTerms)
    # 85 were paid; of 90, too, 15 are off.
    assert terms.difference == yuan(-10)
    gift = make_order(lines=(make_line("1", 100, 1, discount=yuan(95)),))
    terms = _terms(ExchangeRequestLine("1", 1, "small-1"), order=gift)
    assert isinstance(terms, ExchangeTerms)
    assert terms.difference == yuan(-5)


def test_what_price_protection_gave_back_does_not_come_back_with_an_exchange() -> None:
    line = replace(make_line("1", 100, 2), credited_units=2, credited=yuan(20))
    terms = _terms(
        ExchangeRequestLine("1", 1, "small-1"),
        ExchangeRequestLine("1", 1, "big-1"),
        order=make_order(lines=(line,)),
    )
    assert isinstance(terms, ExchangeTerms)
    assert [part.difference for part in terms.lines] == [yuan(0), yuan(30)]


@given(st.integers(1, 300), st.integers(1, 5), st.data())
def test_no_line_gives_more_back_in_exchanges_than_was_paid_for_it(
    now: int, units: int, data: st.DataObject
) -> None:
    line = make_line("1", data.draw(st.integers(1, 300)), units)
    line = replace(line, discount=Money(data.draw(st.integers(0, line.amount.minor)), "CNY"))
    credited = data.draw(st.integers(0, units))
    if credited:
        most = line.amount_of(credited, units - credited).minor
        credit = Money(data.draw(st.integers(0, most)), "CNY")
        line = replace(line, credited_units=credited, credited=credit)
    order = make_order(lines=(line,))
    variant, given_back, gone = _variant("other", now, 99), Money(0, "CNY"), 0
    while gone < units:
        some = data.draw(st.integers(1, units - gone))
        (returnable,) = _lines(order, **{"1": gone})
        difference = line_difference(returnable, some, variant)
        given_back += max(-difference, Money(0, "CNY"))
        gone += some
    assert given_back <= line.amount - (line.credited or Money(0, "CNY"))


@given(st.data())
def test_no_more_is_exchanged_than_was_bought_nor_than_is_in_stock(data: st.DataObject) -> None:
    wanted = data.draw(
        st.lists(
            st.builds(
                ExchangeRequestLine,
                st.sampled_from(["1", "2"]),
                st.integers(0, 4),
                st.sampled_from(sorted(SHOP)),
            ),
            max_size=5,
        )
    )
    terms = _terms(*wanted, reason=data.draw(st.sampled_from(list(ReturnReason))))
    if isinstance(terms, Refusal):
        return
    for bought in ORDER.lines:
        given_back = sum(line.quantity for line in terms.lines if line.line_id == bought.id)
        assert given_back <= bought.quantity
    for key, (_, variant) in SHOP.items():
        assert sum(line.quantity for line in terms.lines if line.variant_id == key) <= variant.stock
    assert terms.difference == total((line.difference for line in terms.lines), "CNY")
    assert all(isinstance(line.difference, Money) for line in terms.lines)
