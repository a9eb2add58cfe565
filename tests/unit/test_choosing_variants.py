"""What shoppers write when they say which other variant of a product they want."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product as combinations

import pytest

from actions.choosing_variants import Otherwise, VariantChoice, choose_variant
from actions.exchange_lines import words_for
from connectors.backends.catalogue.model import Product, Variant
from connectors.backends.orders.model import Option
from connectors.backends.text import Bilingual
from kernel.money import Money
from tests.unit.backends.factories import make_line

COLOUR, SIZE, CAPACITY = ("颜色", "Colour"), ("尺码", "Size"), ("容量", "Capacity")
Axis = tuple[tuple[str, str], list[tuple[str, str]]]


def _product(
    *axes: Axis, price: Callable[[str], int] = lambda _: 100, gone: tuple[str, ...] = ()
) -> Product:
    variants = []
    for place, values in enumerate(combinations(*(values for _, values in axes)), start=1):
        text = " / ".join(value[1] for value in values)
        options = tuple(
            Option(Bilingual(*name), Bilingual(*value))
            for (name, _), value in zip(axes, values, strict=True)
        )
        amount = Money(price(text) * 100, "CNY")
        variants.append(
            Variant(f"p-{place}", f"K-{place:02d}", options, amount, 0 if text in gone else 5)
        )
    name = Bilingual("商品", "Thing")
    return Product("p", name, "c", name, name, "", frozenset(), tuple(variants))


SHIRT = _product(
    (COLOUR, [("米白", "Off-white"), ("雾霾蓝", "Misty blue")]),
    (SIZE, [(size, size) for size in ("S", "M", "L", "XL")]),
    gone=("Misty blue / L",),
)
SHOES = _product(
    (COLOUR, [("黑色", "Black"), ("米白", "Off-white")]),
    (SIZE, [(size, size) for size in ("37", "39", "41", "43")]),
)
CUP = _product(
    (COLOUR, [("米白", "Off-white"), ("墨绿", "Forest green")]),
    (CAPACITY, [("350 毫升", "350 ml"), ("500 毫升", "500 ml")]),
    price=lambda text: 149 if "500" in text else 129,
)
BED = _product((("规格", "Bed size"), [("1.5 米床", "1.5 m bed"), ("1.8 米床", "1.8 m bed")]))


@pytest.mark.parametrize(
    ("product", "has", "text", "wanted"),
    [
        (SHIRT, 0, "an L please", "Off-white / L"),
        (SHIRT, 0, "换成L码", "Off-white / L"),
        (SHIRT, 0, "blue", "Misty blue / S"),
        (SHIRT, 0, "蓝色的", "Misty blue / S"),
        (SHIRT, 0, "a size up", "Off-white / M"),
        (SHIRT, 0, "大一号", "Off-white / M"),
        (SHIRT, 2, "one size smaller", "Off-white / M"),
        (SHIRT, 2, "小一码", "Off-white / M"),
        (SHIRT, 0, "blue L if there is one, else white L", "Off-white / L"),
        (SHIRT, 0, "蓝色L，没有的话就白色L", "Off-white / L"),
        (SHIRT, 0, "blue M if there is one, else white L", "Misty blue / M"),
        (SHIRT, 0, "K-04", "Off-white / XL"),
        (SHIRT, 0, "from S to XL", "Off-white / XL"),
        (SHIRT, 0, "从S换成XL", "Off-white / XL"),
        (SHIRT, 0, "same size in misty blue", "Misty blue / S"),
        (SHIRT, 0, "a new one, the same", "Off-white / S"),
        (SHIRT, 0, "换件新的", "Off-white / S"),
        (SHIRT, 0, "a medium", "Off-white / M"),
        (SHIRT, 0, "中号", "Off-white / M"),
        (SHIRT, 0, "too small, I need XL", "Off-white / XL"),
        (SHOES, 0, "41码", "Black / 41"),
        (SHOES, 0, "size 41 in white", "Off-white / 41"),
        (SHOES, 0, "白色41", "Off-white / 41"),
        (CUP, 1, "the cheaper one", "Off-white / 350 ml"),
        (CUP, 1, "便宜一点的那款", "Off-white / 350 ml"),
        (CUP, 1, "绿色500毫升", "Forest green / 500 ml"),
        (CUP, 1, "350ml", "Off-white / 350 ml"),
        (CUP, 0, "the most expensive one", "Off-white / 500 ml"),
        (CUP, 0, "换大的", "Off-white / 500 ml"),
        (CUP, 0, "a bigger one", "Off-white / 500 ml"),
        (CUP, 1, "要个小的", "Off-white / 350 ml"),
        (BED, 0, "换成1.8的", "1.8 m bed"),
        (BED, 1, "the 1.5 one", "1.5 m bed"),
        (SHIRT, 0, "keep the size, only the colour", "Misty blue / S"),
        (SHIRT, 1, "换个颜色，尺码不变", "Misty blue / M"),
        (SHIRT, 3, "the same size but in another colour", "Misty blue / XL"),
        (SHOES, 0, "anything but black", "Off-white / 37"),
        (SHOES, 1, "只要不是黑色都行", "Off-white / 39"),
        (SHOES, 0, "not black, size 41", "Off-white / 41"),
        (SHOES, 0, "不要黑色的，要41码", "Off-white / 41"),
        (SHOES, 0, "not white, size 41", "Black / 41"),
        (SHOES, 0, "除了白色，43码", "Black / 43"),
        (SHOES, 0, "white instead of black", "Off-white / 37"),
        (SHOES, 0, "the black pair to white 41", "Off-white / 41"),
        (SHOES, 0, "黑色那双换成白色41的", "Off-white / 41"),
        (SHIRT, 0, "a size between M and XL", "Off-white / L"),
        (SHIRT, 0, "M和XL之间的码", "Off-white / L"),
        (SHIRT, 0, "two sizes up", "Off-white / L"),
        (SHIRT, 0, "大两码", "Off-white / L"),
        (SHIRT, 0, "the largest you have", "Off-white / XL"),
        (SHIRT, 3, "要最小的", "Off-white / S"),
        (SHIRT, 2, "XL or bigger", "Off-white / XL"),
        (SHIRT, 4, "in wihte, L", "Off-white / L"),
        (SHOES, 0, "换成白se", "Off-white / 37"),
        (CUP, 0, "the one 20 yuan dearer", "Off-white / 500 ml"),
        (CUP, 1, "便宜20块的那个", "Off-white / 350 ml"),
        (CUP, 0, "same price as mine, another colour", "Forest green / 350 ml"),
        (CUP, 0, "价格一样的那款", "Forest green / 350 ml"),
        (CUP, 1, "whatever is cheapest in my colour", "Off-white / 350 ml"),
        (CUP, 0, "whatever is cheapest in another colour", "Forest green / 350 ml"),
        (SHIRT, 2, "blue, or if that's gone a bigger one", "Off-white / XL"),
    ],
)
def test_free_words_become_a_variant(product: Product, has: int, text: str, wanted: str) -> None:
    choice = choose_variant(text, product, product.variants[has])
    assert choice is not None
    assert choice.variant is not None
    assert choice.variant.options_text("en") == wanted


@pytest.mark.parametrize("text", ["the cheapest one you have", "换成最贵的那款"])
def test_where_all_cost_the_same_the_price_chooses_none(text: str) -> None:
    choice = choose_variant(text, SHOES, SHOES.variants[0])
    assert choice is not None
    assert choice.variant is None
    assert choice.open == SHOES.variants[1:]


@pytest.mark.parametrize("text", ["the same as mine but in linen", "跟我那件一样，要亚麻的"])
def test_the_same_but_in_what_it_does_not_come_in_is_another_one(text: str) -> None:
    choice = choose_variant(text, SHOES, SHOES.variants[0])
    assert choice is not None
    assert choice.unknown
    assert choice.open == SHOES.variants[1:]


def test_what_is_sold_out_is_told_with_what_there_is_instead() -> None:
    choice = choose_variant("blue L", SHIRT, SHIRT.variants[0])
    assert choice is not None
    assert choice.variant is None
    assert choice.sold_out is not None
    assert choice.sold_out.options_text("en") == "Misty blue / L"
    assert all(one.stock > 0 and one != SHIRT.variants[0] for one in choice.open)


@pytest.mark.parametrize("text", ["换成42码黑色", "size 42"])
def test_a_size_that_does_not_exist_is_not_guessed(text: str) -> None:
    choice = choose_variant(text, SHOES, SHOES.variants[0])
    assert choice is not None
    assert choice.variant is None
    assert choice.unknown
    assert choice.open == SHOES.variants[1:]


@pytest.mark.parametrize(
    ("text", "otherwise"),
    [
        ("blue L, if there is none leave it", Otherwise.LEAVE),
        ("如果有蓝色L就换，没有就不换了", Otherwise.LEAVE),
        ("in red if you have it, otherwise never mind", Otherwise.LEAVE),
        ("要红色的，没有就退款", Otherwise.REFUND),
        ("blue L, else red, failing that I want my money back", Otherwise.REFUND),
        ("blue L", None),
        ("in red", None),
    ],
)
def test_what_cannot_be_had_becomes_what_is_said_then(text: str, otherwise: Otherwise) -> None:
    choice = choose_variant(text, SHIRT, SHIRT.variants[0])
    assert choice is not None
    assert choice.is_in_vain
    assert choice.variant is None
    assert choice.otherwise is otherwise


@pytest.mark.parametrize("text", ["500 ml, only if it costs no more", "换500毫升的，要加钱就算了"])
def test_what_may_cost_no_more_is_left_where_it_does(text: str) -> None:
    choice = choose_variant(text, CUP, CUP.variants[0])
    assert choice is not None
    assert choice.variant is None
    assert choice.otherwise is Otherwise.TOO_DEAR
    assert choose_variant("green, only if it costs no more", CUP, CUP.variants[0]) == VariantChoice(
        CUP.variants[2]
    )


@pytest.mark.parametrize("text", ["a size up", "XXL", "大一码"])
def test_beyond_the_last_size_there_is_none(text: str) -> None:
    choice = choose_variant(f"换个{text}码" if text == "XXL" else text, SHIRT, SHIRT.variants[3])
    assert choice is not None
    assert choice.unknown


@pytest.mark.parametrize("text", ["hello", "where is my parcel", "太小了", ""])
def test_what_names_no_variant_chooses_none(text: str) -> None:
    assert choose_variant(text, SHIRT, SHIRT.variants[0]) is None


def test_each_clause_speaks_of_the_line_that_it_names() -> None:
    shirt, lamp = make_line("1"), make_line("2")
    lines = (shirt, lamp)
    text = "product-1, 换成蓝色，L码；variant-2 in black and white"
    assert words_for(shirt, lines, "SKU-1 in blue, size L and SKU-2 in white") == (
        "sku-1 in blue,  size l and "
    )
    assert words_for(lamp, lines, "SKU-1 in blue, size L and SKU-2 in white") == "sku-2 in white"
    assert words_for(lamp, lines, "in white") == ""
    assert words_for(lamp, (lamp,), text) == text.casefold().replace("，", ",").replace("；", ";")


@pytest.mark.parametrize("words", ["make it L", "还是L吧"])
def test_a_correction_keeps_what_else_was_wanted_before(words: str) -> None:
    has, wanted = SHIRT.variants[0], SHIRT.variants[5]
    assert [option.value.en for option in wanted.options] == ["Misty blue", "M"]
    choice = choose_variant(words, SHIRT, has, wanted)
    assert choice is not None
    found = choice.variant or choice.sold_out
    assert found is not None
    assert found.options_text("en") == "Misty blue / L"


def test_a_question_asked_first_chooses_no_variant() -> None:
    assert (
        choose_variant("one thing first, which courier do you use?", SHIRT, SHIRT.variants[1])
        is None
    )


MUG = _product((COLOUR, [("雾霾蓝", "Misty blue"), ("焦糖棕", "Caramel"), ("樱花粉", "Blossom")]))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("都换成焦糖色的", "Caramel"),
        ("咖啡色的吧", "Caramel"),
        ("the brown one", "Caramel"),
        ("粉红色", "Blossom"),
        ("pink please", "Blossom"),
        ("都换成墨绿的", None),
        ("all of them in black", None),
    ],
)
def test_a_shade_has_more_names_than_its_own(text: str, wanted: str | None) -> None:
    choice = choose_variant(text, MUG, MUG.variants[0])
    found = choice.variant if choice else None
    assert (found.options[0].value.en if found else None) == wanted
