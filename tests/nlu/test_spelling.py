"""Which words the classifier reads as another one, and which it leaves alone."""

from __future__ import annotations

import pytest

from bot.nlu.encoder import is_word
from bot.nlu.spelling import Spelling

WORDS = {
    "delivery": 40,
    "refund": 60,
    "order": 90,
    "return": 50,
    "never": 9,
    "hold": 12,
    "slow": 7,
    "trace": 9,
}


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(WORDS, is_word)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("my delivrey is late", "my delivery is late"),
        ("refudn please", "refund please"),
        ("ordr kf00000?", "order kf00000?"),
        ("i want to reeturn it", "i want to return it"),
        ("so sloww", "so slow"),
        ("我的ordr还没到", "我的order还没到"),
    ],
)
def test_a_word_one_slip_away_is_mended(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.mend(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "the lever is loose",  # a word, though one letter from "never"
        "i love bolts and gold",  # of four letters none is exchanged
        "refunded, returning, orders",  # forms of known words
        "zx-ordr-1 ordr@shop.example",  # codes and addresses
        "qwertyuiop",
        "grace",  # though "trace" is common: the first letter is seldom the wrong one
    ],
)
def test_what_may_be_meant_is_left_alone(spelling: Spelling, typed: str) -> None:
    assert spelling.mend(typed) == typed


def test_rare_words_are_known_but_nothing_is_mended_to_them() -> None:
    spelling = Spelling({"zorblax": 2}, is_word)

    assert spelling.mend("zorblax zorblx") == "zorblax zorblx"
