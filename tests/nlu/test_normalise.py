"""What people type comes out in one form, and every character can be found again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import MAX_CHARACTERS, fold, for_features, simplify


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ＫＦ２６１１２２０００１", "KF2611220001"),
        ("你好，在吗？", "你好,在吗?"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("one\ttwo\x00three", "one two three"),
        ("５０％　ｏｆｆ", "50% off"),
    ],
)
def test_full_width_and_invisible_characters_are_folded(typed: str, read: str) -> None:
    assert fold(typed).text == read


def test_a_folded_span_points_at_the_characters_the_shopper_typed() -> None:
    typed = "订单 K\u200bF２６"
    folded = fold(typed)
    start = folded.text.index("KF26")
    assert typed[slice(*folded.span(start, start + 4))] == "K\u200bF２６"


@given(st.text(max_size=200))
def test_every_folded_character_stands_where_its_span_says(typed: str) -> None:
    folded = fold(typed)
    assert len(folded.text) == len(folded.offsets)
    for place, character in enumerate(folded.text):
        assert fold(typed[slice(*folded.span(place, place + 1))]).text == character


@given(st.text(max_size=300))
def test_simplifying_never_moves_a_character(typed: str) -> None:
    assert len(simplify(typed)) == len(typed)


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("我要退貨,訂單還沒發貨", "我要退货,订单还没发货"),
        ("我要退欠", "我要退钱"),
        ("定单什么时候发或", "订单什么时候发货"),
        ("人呢？？？！！！", "人呢?!"),
        ("？？？", ""),
        ("Where is it??????", "where is it?"),
        ("好好好好好", "好好"),
        ("sooooo slow", "soo slow"),
        ("查 KF2611220001", "查 KF2611229999"),
        ("mail a.b@example.com", "mail c@example.org"),
        ("why won't SUMMER50 work", "why won't LUCKYDAY8 work"),
        ("welcome10-0013 用不了", "BIG200用不了"),
    ],
)
def test_two_ways_to_say_the_same_are_read_the_same(typed: str, same_as: str) -> None:
    assert for_features(typed) == for_features(same_as)


@pytest.mark.parametrize(("one", "other"), [("170的尺码", "175的尺码"), ("退货", "退款")])
def test_what_differs_in_meaning_stays_different(one: str, other: str) -> None:
    assert for_features(one) != for_features(other)


@given(st.text(max_size=400))
def test_normalising_any_text_is_bounded_and_one_line(typed: str) -> None:
    read = for_features(typed)
    assert len(read) <= 3 * max(len(typed), 1)
    assert "\n" not in read
    assert read == read.strip()


def test_of_a_very_long_text_only_the_beginning_is_read() -> None:
    read = for_features("退货 ab " * 50_000)
    assert len(read) <= MAX_CHARACTERS
    assert read.startswith("退货")


@pytest.mark.parametrize(
    "typed", ["iphone15", "IPHONE15", "MATE60", "SPF50", "RTX4090", "size 38", "KF2611220001"]
)
def test_models_and_sizes_are_no_coupons(typed: str) -> None:
    assert "promo" not in for_features(typed)
