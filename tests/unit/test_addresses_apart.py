"""Which order shall go where, where one sentence says it of several."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.addresses_apart import Divided, addresses_apart
from connectors.backends.orders.model import Order, OrderLine
from connectors.backends.text import Bilingual
from tests.unit.backends.factories import make_line, make_order
from tests.unit.test_addresses_in_words import BOOK, EN_BOOK, HOME, LONDON

LAMP, KETTLE = Bilingual("护眼台灯", "Desk lamp"), Bilingual("保温水壶", "Electric kettle")
COAT, MUG = Bilingual("双面呢大衣", "Wool coat"), Bilingual("马克杯", "Ceramic mug")


def _line(name: Bilingual, number: str) -> OrderLine:
    return replace(make_line(f"{number} {name.en}", 100), product_name=name, product_id=name.en)


ORDERS = tuple(
    replace(
        make_order(lines=tuple(_line(one, number) for one in names)), number=number, address=HOME
    )
    for number, names in (
        ("KF2611210001", (LAMP, MUG)),
        ("KF2611190002", (KETTLE,)),
        ("KF2611150003", (COAT, MUG)),
    )
)
ONE, TWO, THREE = (order.number for order in ORDERS)


def _told(text: str, *, chinese: bool, listed: bool = False) -> dict[str, str]:
    orders: tuple[Order, ...] = ORDERS
    if not chinese:
        orders = tuple(replace(order, address=LONDON) for order in ORDERS)
    together = (ONE, TWO, THREE) if text.startswith(("都", "all")) else ()
    book = BOOK if chinese else EN_BOOK
    told = addresses_apart(text, orders, book, listed=listed, together=together)
    return {number: one.one_line() for number, one in told.items()}


OFFICE = "上海市上海市静安区样本路 88 号 12 层"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ONE}寄公司，{TWO}寄成都市武侯区一环路1号", {ONE: OFFICE, TWO: "成都市武侯区一环路1号"}),
        ("台灯那单改寄到公司，水壶改成寄南京", {ONE: OFFICE, TWO: "南京市"}),
        (f"{ONE}和{TWO}寄公司，大衣寄南京", {ONE: OFFICE, TWO: OFFICE, THREE: "南京市"}),
        (f"{ONE}寄公司，{TWO}也是，大衣不改", {ONE: OFFICE, TWO: OFFICE}),
        ("都寄公司，但水壶寄南京", {ONE: OFFICE, TWO: "南京市", THREE: OFFICE}),
        ("台灯寄公司，其他的寄南京", {ONE: OFFICE, TWO: "南京市", THREE: "南京市"}),
        ("台灯寄公司，杯子寄南京", {ONE: OFFICE, THREE: "南京市"}),
        ("第一单寄公司，第二单寄南京", {ONE: OFFICE, TWO: "南京市"}),
        ("杯子寄公司，水壶寄南京", {}),
        (f"{ONE}寄公司，{TWO}呢", {}),
        ("寄公司", {}),
    ],
)
def test_chinese_words_tell_apart_where_orders_go(text: str, expected: dict[str, str]) -> None:
    assert _told(text, chinese=True, listed=True) == expected


LEEDS = "12 Rose Lane, Leeds, LS1 4DY"
WORK = "样本路 88 号 12 层, 上海市, 200040"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ONE} to {LEEDS} and {TWO} to Bristol", {ONE: LEEDS, TWO: "Bristol"}),
        (f"the lamp to {LEEDS}, and the order with the kettle to York", {ONE: LEEDS, TWO: "York"}),
        (f"send to {LEEDS} the lamp and to York the kettle", {ONE: LEEDS, TWO: "York"}),
        (f"all to {LEEDS} but the kettle to York", {ONE: LEEDS, TWO: "York", THREE: LEEDS}),
        (f"the lamp to {LEEDS}, the others to York", {ONE: LEEDS, TWO: "York", THREE: "York"}),
        (f"the lamp to {LEEDS}, the kettle too, and leave the coat", {ONE: LEEDS, TWO: LEEDS}),
        (f"the first one should go to {LEEDS}, the second to York", {ONE: LEEDS, TWO: "York"}),
        ("12 Rose Lane, 2nd floor, Leeds, LS1 4DY", {}),
        (f"the lamp to {LEEDS} and where is the kettle", {}),
    ],
)
def test_english_words_tell_apart_where_orders_go(text: str, expected: dict[str, str]) -> None:
    assert _told(text, chinese=False, listed=True) == expected


def test_the_goods_of_one_order_go_to_one_place() -> None:
    with pytest.raises(Divided, match=TWO):
        _told("the kettle to York, the kettle to Leeds", chinese=False)


def test_without_a_list_nothing_is_the_second_one() -> None:
    assert not _told("第一单寄公司，第二单寄南京", chinese=True)
