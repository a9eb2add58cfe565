"""What shoppers write when they say which of their orders they mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from actions.choosing_orders import (
    OrderChoice,
    asks_contents,
    choose_orders,
    means_several,
    spared_lines,
)
from connectors.backends.orders.model import Order, OrderLine, OrderPayment, OrderStatus, Tender
from connectors.backends.text import Bilingual
from kernel.money import Money
from tests.unit.backends.factories import make_line, make_order

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
KETTLE = Bilingual("保温水壶", "Electric kettle")
LAMP = Bilingual("护眼台灯", "Desk lamp")
COAT = Bilingual("双面呢大衣", "Double-faced wool coat")


def _line(key: str, name: Bilingual, price: int) -> OrderLine:
    return replace(make_line(key, price), product_name=name)


def _order(
    number: str, days: int, status: OrderStatus, city: str, street: str, *lines: OrderLine
) -> Order:
    order = make_order(lines=lines, status=status)
    return replace(
        order,
        number=number,
        placed_at=NOW - timedelta(days=days),
        address=replace(order.address, city=city, street=street, province="", district=""),
    )


ORDERS = (
    _order("KF2611210001", 1, OrderStatus.PAID, "杭州市", "公司路 1 号", _line("a", LAMP, 189)),
    _order("KF2611190002", 3, OrderStatus.PREPARING, "London", "Home Row", _line("b", KETTLE, 99)),
    _order(
        "KF2611150003", 7, OrderStatus.SHIPPED, "上海市", "样板街",
        _line("c", COAT, 899), _line("d", LAMP, 189),
    ),
    _order("KF2610010004", 52, OrderStatus.DELIVERED, "杭州市", "示例路", _line("e", COAT, 899)),
    _order("KF2609010005", 82, OrderStatus.CANCELLED, "杭州市", "示例路", _line("f", KETTLE, 99)),
)  # fmt: skip
ONE, TWO, THREE, FOUR, FIVE = (order.number for order in ORDERS)
LABELS = {ONE: ("office", "公司"), TWO: ("home", "家")}


def _choose(text: str, *, by_line: bool = False) -> OrderChoice | None:
    today = date(2026, 11, 22)
    return choose_orders(text, ORDERS, today=today, zone=ZONE, labels=LABELS, by_line=by_line)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("my last order", ONE),
        ("最近那单", ONE),
        ("the one before that", TWO),
        ("上上个订单", TWO),
        ("my oldest order", FIVE),
        ("the one sent to my office", ONE),
        ("寄到公司的那个", ONE),
        ("the order going to London", TWO),
        ("寄到上海的那单", THREE),
        ("the order with the coat and the lamp", THREE),
        ("大衣和台灯那单", THREE),
        ("the delivered one with the coat", FOUR),
        ("签收了的那件大衣", FOUR),
        ("the unshipped order with the kettle", TWO),
        ("没发货的水壶", TWO),
        ("the most expensive order", THREE),
        ("the one I bought yesterday", ONE),
        ("昨天买的那个", ONE),
        ("my cancelled order", FIVE),
        ("已取消的那个订单", FIVE),
        ("还没收到的那单", THREE),
        ("KF2611150003", THREE),
        ("kf 2611150003", THREE),
    ],
)
def test_free_words_become_one_order(text: str, number: str) -> None:
    assert _choose(text) == OrderChoice((number,), all_of=False)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("all my unshipped orders", (ONE, TWO)),
        ("所有没发货的订单", (ONE, TWO)),
        ("both orders that are not shipped yet", (ONE, TWO)),
        ("all my orders", (ONE, TWO, THREE, FOUR, FIVE)),
        ("all unshipped orders except the one with the kettle", (ONE,)),
        ("除了有水壶的，没发货的订单都取消", (ONE,)),
        ("all my orders except the order with the kettle", (ONE, THREE, FOUR)),
        ("所有订单都取消，除了有台灯的那单", (TWO, FOUR, FIVE)),
        ("没发货的都取消，水壶除外", (ONE,)),
        ("没发货的都取消，水壶我还要", (ONE,)),
        ("没发货的都取消，KF2611190002不要动", (ONE,)),
        ("取消所有没发货的订单，但不要取消台灯", (TWO,)),
        ("all my unshipped orders, just not the lamp", (TWO,)),
        ("all my unshipped orders, but I still want the kettle", (ONE,)),
        ("all my unshipped orders, the kettle can stay", (ONE,)),
        ("KF2611210001 and KF2611190002", (ONE, TWO)),
        ("KF2611210001 and KF2611190002, but keep KF2611150003", (ONE, TWO)),
    ],
)
def test_several_orders_are_chosen_together(text: str, numbers: tuple[str, ...]) -> None:
    choice = _choose(text)
    assert choice is not None
    assert choice.numbers == numbers


@pytest.mark.parametrize(
    ("text", "numbers", "spared"),
    [
        ("all my orders but keep the lamp", (TWO, THREE, FOUR, FIVE), {THREE: {"d": 1}}),
        ("订单都取消，台灯留着", (TWO, THREE, FOUR, FIVE), {THREE: {"d": 1}}),
        ("all my orders except the one with the lamp", (TWO, FOUR, FIVE), {}),
        ("订单都取消，台灯那单留着", (TWO, FOUR, FIVE), {}),
    ],
)
def test_goods_that_stay_spare_the_rest_of_their_order_nothing(
    text: str, numbers: tuple[str, ...], spared: dict[str, dict[str, int]]
) -> None:
    assert _choose(text, by_line=True) == OrderChoice(numbers, all_of=True)
    assert spared_lines(text, ORDERS) == spared


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("the order with the lamp", (ONE, THREE)),
        ("台灯那单", (ONE, THREE)),
        ("the unshipped one", (ONE, TWO)),
        ("the order that went to 杭州", (ONE, FOUR, FIVE)),
    ],
)
def test_several_that_fit_are_not_guessed_between(text: str, numbers: tuple[str, ...]) -> None:
    choice = _choose(text)
    assert choice is not None
    assert choice.numbers == ()
    assert choice.unclear == numbers


def test_the_last_one_paid_for_is_the_one_paid_last_whenever_it_was_placed() -> None:
    placed_first, placed_last = (
        replace(order, payments=(_paid(NOW - timedelta(hours=hours)),))
        for order, hours in zip(reversed(ORDERS[:2]), (1, 5), strict=True)
    )
    for text in ("the last one I paid for", "最后付款的那个"):
        orders = (placed_last, placed_first)
        choice = choose_orders(text, orders, today=date(2026, 11, 22), zone=ZONE)
        assert choice == OrderChoice((placed_first.number,))


def _paid(at: datetime) -> OrderPayment:
    return OrderPayment("P-1", Tender.ALIPAY, Money(100, "CNY"), at, Money(0, "CNY"))


@pytest.mark.parametrize(
    "text",
    [
        "what is in KF2611150003?",
        "which order has the lamp",
        "KF2611150003里有什么",
        "台灯在哪一单里",
    ],
)
def test_a_question_after_contents_chooses_no_order(text: str) -> None:
    assert asks_contents(text)


@pytest.mark.parametrize("text", ["the one with the lamp", "台灯那单", "cancel it, what a pity"])
def test_words_that_choose_an_order_ask_for_no_contents(text: str) -> None:
    assert not asks_contents(text)


@pytest.mark.parametrize("text", ["hello", "我想退货", "I want a refund", "it is too small", ""])
def test_what_names_no_order_chooses_none(text: str) -> None:
    assert _choose(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "我所有没发货的订单都取消",
        "没发货的都取消",
        "这两个订单都取消",
        "订单全部取消",
        "cancel all of my orders that haven't shipped",
        "cancel everything that hasn't shipped",
        "cancel my unshipped orders",
        "every unpaid order",
    ],
)
def test_words_for_several_orders(text: str) -> None:
    assert means_several(text)


@pytest.mark.parametrize(
    "text",
    [
        "取消整个订单",
        "这个订单全部取消",
        "取消订单里的所有杯子",
        "这单里所有的都取消",
        "全部取消",
        "cancel all of this order",
        "cancel all the mugs in my order",
        "one of my orders",
    ],
)
def test_words_for_everything_in_one_order(text: str) -> None:
    assert not means_several(text)
