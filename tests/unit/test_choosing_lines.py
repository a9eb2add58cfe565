"""What shoppers write when they say which lines of an order they mean, and how many of each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from actions.choosing_lines import choose_lines
from connectors.backends.orders.model import Option, OrderLine
from connectors.backends.text import Bilingual
from kernel.money import Money


def _line(
    key: str, zh: str, en: str, price: int, quantity: int = 1, colour: tuple[str, str] | None = None
) -> OrderLine:
    options = (Option(Bilingual("颜色", "Colour"), Bilingual(*colour)),) if colour else ()
    return OrderLine(
        id=key,
        product_id=en.split(",")[0],
        variant_id=f"V-{key}",
        sku=f"K{len(key):03d}-{price}",
        product_name=Bilingual(zh, en),
        options=options,
        category="clothing" if key in ("coat", "black", "white") else "home",
        image="",
        quantity=quantity,
        unit_price=Money(price * 100, "CNY"),
        discount=Money(0, "CNY"),
    )


COAT = _line("coat", "双面呢大衣", "Double-faced wool coat", 899)
MUG = _line("mug", "手作陶瓷马克杯", "Handmade ceramic mug", 69, 2)
LAMP = _line("lamp", "护眼台灯", "Desk lamp", 189)
BLACK = _line("black", "中筒棉袜五双装", "Crew socks, five pairs", 59, colour=("黑色", "Black"))
WHITE = _line("white", "中筒棉袜五双装", "Crew socks, five pairs", 59, colour=("米白", "Off-white"))
BOOK = _line("book", "布面手账本", "Cloth-bound notebook", 45, 3)
PEN = _line("pen", "钢笔礼盒", "Fountain pen gift box", 159)
ORDER = (COAT, MUG, LAMP, BLACK, WHITE, BOOK, PEN)
WHOLE: dict[str, int | None] = {line.id: line.quantity for line in ORDER}


def _all_but(*keys: str) -> dict[str, int | None]:
    return {key: count for key, count in WHOLE.items() if key not in keys}


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("everything except the lamp", _all_but("lamp")),
        ("Everything in it except the lamp and the mugs", _all_but("lamp", "mug")),
        ("all but the coat", _all_but("coat")),
        ("除了灯都退", _all_but("lamp")),
        ("除了台灯和杯子以外全部退掉", _all_but("lamp", "mug")),
        ("杯子不退，其他都退", _all_but("mug")),
        ("留下钢笔，剩下的都退", _all_but("pen")),
        ("有台灯的那个订单里除了杯子都退", _all_but("mug")),
        ("everything in the order with the kettle except the lamp", _all_but("lamp")),
        ("all of it please, the money to my gift card", WHOLE),
        ("全都不要了", WHOLE),
        ("整单退", WHOLE),
        ("both pairs of socks", {"black": 1, "white": 1}),
        ("两双袜子都退", {"black": 1, "white": 1}),
        ("all the socks", {"black": 1, "white": 1}),
        ("the black socks", {"black": 1}),
        ("黑色那双袜子", {"black": 1}),
        ("那双白色的袜子", {"white": 1}),
        ("the off-white ones", {"white": 1}),
        ("最贵的那个", {"coat": 1}),
        ("the cheapest one", {"book": None}),
        ("the most expensive thing and the pen", {"coat": 1, "pen": 1}),
        ("one of the mugs", {"mug": 1}),
        ("both mugs", {"mug": 2}),
        ("both pairs of socks and two of the mugs", {"black": 1, "white": 1, "mug": 2}),
        ("the mugs", {"mug": 2}),
        ("两个马克杯", {"mug": 2}),
        ("马克杯退一个", {"mug": 1}),
        ("杯子退一个，大衣也退", {"mug": 1, "coat": 1}),
        ("the mug", {"mug": None}),
        ("杯子", {"mug": None}),
        ("two of the three notebooks", {"book": 2}),
        ("三本里退两本手账", {"book": 2}),
        ("手账本三本里退两本", {"book": 2}),
        ("2 notebooks and the lamp", {"book": 2, "lamp": 1}),
        ("2个手账本和台灯", {"book": 2, "lamp": 1}),
        ("all but one of the mugs", {"mug": 1}),
        ("return the coat but keep the mug", {"coat": 1}),
        ("大衣退，杯子留着", {"coat": 1}),
        ("not the mug but the coat", {"coat": 1}),
        ("no, not the mug but the coat", {"coat": 1}),
        ("不是杯子，是大衣", {"coat": 1}),
        ("the coat instead of the mug", {"coat": 1}),
        ("第一个和第三个", {"coat": 1, "lamp": 1}),
        ("the first and the third", {"coat": 1, "lamp": 1}),
        ("first two", {"coat": 1, "mug": None}),
        ("前两个", {"coat": 1, "mug": None}),
        ("1和3", {"coat": 1, "lamp": 1}),
        ("last one", {"pen": 1}),
        ("最后一个", {"pen": 1}),
        ("V-lamp", {"lamp": 1}),
        ("K004-189", {"lamp": 1}),
        ("the 189 one", {"lamp": 1}),
        ("189那个", {"lamp": 1}),
        ("the wolo coat", {"coat": 1}),
        ("I want to return the coat, it's too small", {"coat": 1}),
        ("礼盒和大衣都退", {"pen": 1, "coat": 1}),
        ("ＬＡＭＰ", {"lamp": 1}),
    ],
)
def test_free_words_become_lines_and_units(text: str, units: Mapping[str, int | None]) -> None:
    choice = choose_lines(text, ORDER)
    assert choice is not None
    assert dict(choice.units) == units
    assert choice.is_clear


@pytest.mark.parametrize("text", ["the socks", "袜子", "one pair of socks", "一双袜子"])
def test_two_lines_of_one_product_are_not_guessed_between(text: str) -> None:
    choice = choose_lines(text, ORDER)
    assert choice is not None
    assert set(choice.unclear) == {"black", "white"}
    assert not choice.is_clear


@pytest.mark.parametrize("text", ["that's right", "I'm sure", "it’s fine, I’m done"])
def test_a_contraction_names_no_size(text: str) -> None:
    sized = [_line("s", "亚麻衬衫", "Linen shirt", 199, colour=("S", "S"))]
    sized += [_line("m", "轻便雨衣", "Light raincoat", 159, colour=("M", "M"))]
    assert choose_lines(text, sized) is None


def test_a_size_is_no_number_of_units() -> None:
    slippers = _line("slippers", "居家软底拖鞋", "Soft house slippers", 49, 2, colour=("37", "37"))
    choice = choose_lines("the 37 soft house slippers and the lamp", [slippers, LAMP])
    assert choice is not None
    assert dict(choice.units) == {"slippers": None, "lamp": 1}


def test_a_number_in_a_name_is_no_number_of_units() -> None:
    dumbbells = _line("dumbbells", "可调哑铃一对", "Adjustable dumbbells, pair", 399, 2)
    choice = choose_lines("台灯和可调哑铃一对", [LAMP, dumbbells])
    assert choice is not None
    assert dict(choice.units) == {"lamp": 1, "dumbbells": None}


def test_what_is_clear_is_kept_beside_what_is_not() -> None:
    choice = choose_lines("the coat and the socks", ORDER)
    assert choice is not None
    assert dict(choice.units) == {"coat": 1}
    assert set(choice.unclear) == {"black", "white"}


@pytest.mark.parametrize("text", ["五本手账本", "5 notebooks"])
def test_more_than_there_are_is_told_with_the_number(text: str) -> None:
    choice = choose_lines(text, ORDER)
    assert choice is not None
    assert dict(choice.beyond) == {"book": 5}
    assert not choice.is_clear


@pytest.mark.parametrize(
    "text",
    [
        "hello there",
        "where is my parcel",
        "refund to my gift card please",
        "退到礼品卡",
        "包裹到哪了",
        "too small",
        "太小了",
        "不想要了",
        "a quick question",
        "",
    ],
)
def test_what_names_nothing_chooses_nothing(text: str) -> None:
    assert choose_lines(text, ORDER) is None


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("also the mug", {"coat": 1, "mug": None}),
        ("还有杯子", {"coat": 1, "mug": None}),
        ("no, the lamp", {"lamp": 1}),
        ("not the coat", {}),
        ("the other one", {"mug": 2}),
        ("另外一个", {"mug": 2}),
        ("actually only one of the mugs", {"mug": 1}),
        ("no, just one", {"coat": 1}),
        ("算了，只要一件", {"coat": 1}),
    ],
)
def test_later_words_change_what_was_chosen_before(
    text: str, units: Mapping[str, int | None]
) -> None:
    order = (COAT, MUG) if "one" in text or "另外" in text else (COAT, MUG, LAMP)
    choice = choose_lines(text, order, before={"coat": 1})
    assert choice is not None
    assert dict(choice.units) == units


def test_a_wider_word_means_everything_of_its_kind() -> None:
    choice = choose_lines("all the clothes", ORDER)
    assert choice is not None
    assert set(choice.units) == {"coat", "black", "white"}


def test_only_what_can_still_come_back_counts() -> None:
    choice = choose_lines("both mugs", (COAT, MUG), units={"mug": 1})
    assert choice is not None
    assert dict(choice.beyond) == {"mug": 2}


def test_a_number_alone_counts_where_only_one_thing_can_be_meant() -> None:
    choice = choose_lines("两个", (MUG,))
    assert choice is not None
    assert dict(choice.units) == {"mug": 2}
    assert choose_lines("两个", ORDER) is None
