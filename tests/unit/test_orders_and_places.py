"""Which orders a sentence speaks of, and where they shall go."""

from __future__ import annotations

import pytest

from actions.address_leads import orders_told, place_told, speaks_of_orders, target_of
from actions.choosing_orders import how_many_orders
from actions.reading_addresses import AddressParts, parts_of
from connectors.backends.orders.model import Address

HOME = Address(
    "Emma Clark", "+44 7700 900117", "United Kingdom", "Greater London", "London", "",
    "14 Example Street", "SW1A 9ZZ",
)  # fmt: skip
OFFICE = Address(
    "E. Clark", "+44 7700 900118", "United Kingdom", "", "London", "", "3 Sample Row", ""
)


@pytest.mark.parametrize(
    ("text", "orders", "place"),
    [
        ("send all my open orders to my office", "send all my open orders to", "my office"),
        ("没发货的订单都改寄到公司", "没发货的订单都改寄到", "公司"),
        ("这两单寄家里", "这两单寄", "家里"),
        ("KF12345678 and KF12345679 go to my home", "KF12345678 and KF12345679 go to", "my home"),
        ("both orders to 9 Quay Road, Leeds", "both orders to", "9 Quay Road, Leeds"),
        ("the lamp, to my office", "the lamp, to", "my office"),
        ("送到公司，没发货的都改", "，没发货的都改 送到", "公司"),
        ("to my office, but not the lamp's order", ", but not the lamp's order to", "my office"),
        ("9 Quay Road, Leeds for all my orders",) * 2 + ("9 Quay Road, Leeds",),
        ("寄到公司的订单都改到家里", "寄到公司的 订单都改到", "家里"),
        ("成都市一环路1号，这单改寄这里", "，这单改寄这里", "成都市一环路1号"),
        ("9 Quay Rd, Leeds, please send it there", ", please send it there", "9 Quay Rd, Leeds"),
        ("台灯那单不改", "台灯那单不改", ""),
        ("the second one", "the second one", ""),
    ],
)  # fmt: skip
def test_orders_and_the_place_are_told_apart(text: str, orders: str, place: str) -> None:
    assert (orders_told(text), target_of(text)) == (orders, place)


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("no, to my home", False),
        ("还是寄家里吧", False),
        ("成都市武侯区一环路1号", False),
        ("12 All Saints Road, London SW1A 9ZZ", False),
        ("to my home, and not the lamp's order", True),
        ("寄家里，台灯那单别改", True),
    ],
)
def test_a_correction_may_speak_of_the_orders_too(text: str, speaks: bool) -> None:
    assert speaks_of_orders(text) is speaks


def test_what_is_said_of_the_orders_is_no_part_of_the_address() -> None:
    text = "change it to 9 Quay Road, Leeds LS1 4ZZ for all my orders"
    assert parts_of(place_told(text)).city == "Leeds"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("both orders to my office", 2),
        ("both of my unshipped orders", 2),
        ("these three orders", 3),
        ("两单都寄公司", 2),
        ("这两个没发货的订单都改", 2),
        ("三个订单一起改", 3),
        ("all my orders", None),
        ("没发货的都改", None),
        ("两件卫衣都退", None),
    ],
)
def test_how_many_orders_are_spoken_of(text: str, count: int | None) -> None:
    assert how_many_orders(text) == count


def test_an_address_on_file_lacks_nothing_and_changes_nothing() -> None:
    wish = AddressParts.on_file_as(OFFICE)
    assert wish.is_enough
    assert wish.address(HOME) == OFFICE


@pytest.mark.parametrize(
    ("text", "name", "street"),
    [
        ("收件人都改成王芳", "王芳", "14 Example Street"),
        ("the other one", "Emma Clark", "14 Example Street"),
    ],
)
def test_another_recipient_leaves_every_order_at_its_place(
    text: str, name: str, street: str
) -> None:
    read = parts_of(text).address(HOME)
    assert (read.name, read.street, read.city) == (name, street, "London")
