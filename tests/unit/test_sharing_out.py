"""What shoppers write who want several alike to become different things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.sharing_out import parted, share_in_vain, shared_out
from connectors.backends.orders.model import OrderLine
from connectors.backends.text import Bilingual
from tests.unit.backends.factories import make_line
from tests.unit.test_choosing_variants import SHOES

NAME = Bilingual("居家软底拖鞋", "Soft house slippers")


def _line(key: str, variant_id: str, units: int) -> OrderLine:
    has = next(one for one in SHOES.variants if one.id == variant_id)
    return replace(
        make_line(key, 100, units),
        product_id=SHOES.id,
        product_name=NAME,
        variant_id=variant_id,
        sku=has.sku,
        options=has.options,
    )


# Black 37 and off-white 39.
TWINS = (_line("1", "p-1", 1), _line("2", "p-6", 1))
THREE = (_line("1", "p-1", 3),)


def _became(text: str, lines: tuple[OrderLine, ...]) -> list[list[str]]:
    names = {one.id: one.options_text("en") for one in SHOES.variants}
    found = shared_out(text, lines, {line.id: line.quantity for line in lines}, SHOES)
    return [[names[one] for one in found.get(line.id, ())] for line in lines]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "黑色的37的拖鞋换成米白，37和米白的39的拖鞋改要黑色，41",
            "Off-white / 37",
            "Black / 41",
        ),
        (
            "swap the black slippers for off-white 41 and the off-white ones for black 43",
            "Off-white / 41",
            "Black / 43",
        ),
        (
            "the black ones to 41, the off-white pair to size 43",
            "Black / 41",
            "Off-white / 43",
        ),
        ("一双换黑色41，另一双换黑色43", "Black / 41", "Black / 43"),
        (
            "the first in off-white 41, the second in black 41",
            "Off-white / 41",
            "Black / 41",
        ),
        # Neither becomes what it is.
        ("one in black 37, the other in off-white 39", "Off-white / 39", "Black / 37"),
        ("p-3 and p-4", "Black / 41", "Black / 43"),
    ],
)
def test_each_of_two_lines_of_one_product_has_its_own_wish(
    text: str, first: str, second: str
) -> None:
    assert _became(text, TWINS) == [[first], [second]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("两双换41，一双换43", ["Black / 41", "Black / 41", "Black / 43"]),
        ("41的两双，43的一双", ["Black / 41", "Black / 41", "Black / 43"]),
        (
            "one in black 43, the other two in off-white 43",
            ["Black / 43", "Off-white / 43", "Off-white / 43"],
        ),
        ("2 in size 41 and 1 in size 43", ["Black / 41", "Black / 41", "Black / 43"]),
        ("三双都换，两双要41，一双要43", ["Black / 41", "Black / 41", "Black / 43"]),
        ("p-3, p-3, p-4", ["Black / 41", "Black / 41", "Black / 43"]),
    ],
)
def test_units_of_one_line_have_their_own_wishes(text: str, wanted: list[str]) -> None:
    assert _became(text, THREE) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "换成41码黑色",
        "exchange both pairs of slippers for off-white 41",
        "one in 41 and one in 43",
        "black if there is one, else off-white",
    ],
)
def test_what_does_not_tell_all_of_them_apart_is_left_open(text: str) -> None:
    assert _became(text, THREE) == [[]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("one in off-white, two stay black", ["Off-white / 37", "Black / 37", "Black / 37"]),
        ("两双黑色，一双米白", ["Black / 37", "Black / 37", "Off-white / 37"]),
        ("2 black and 1 off-white", ["Black / 37", "Black / 37", "Off-white / 37"]),
        ("three in black", []),
        ("one in off-white", []),
    ],
)
def test_some_units_may_stay_what_they_are(text: str, wanted: list[str]) -> None:
    names = {one.id: one.options_text("en") for one in SHOES.variants}
    assert [names[one] for one in parted(text, THREE[0], 3, SHOES)] == wanted


@pytest.mark.parametrize("text", ["one in red, two in off-white", "一双红色，两双米白"])
def test_a_share_that_cannot_be_had_is_told(text: str) -> None:
    assert parted(text, THREE[0], 3, SHOES) == []
    vain = share_in_vain(text, THREE[0], 3, SHOES)
    assert vain is not None
    assert vain.unknown
    assert share_in_vain("all three in off-white", THREE[0], 3, SHOES) is None
