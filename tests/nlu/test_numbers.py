"""Which long number is what, for all numbers there are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.entity_extractor import EntityExtractor
from bot.nlu.extraction.numerals import parse_integer
from bot.nlu.extraction.tracking import fedex_fits, recognise, s10_fits, ups_fits, usps_fits
from bot.nlu.surroundings import surroundings
from tests.nlu.pipeline import make, read

_DIGITS = st.characters(min_codepoint=ord("0"), max_codepoint=ord("9"))
_SERIAL = st.text(_DIGITS, min_size=10, max_size=10)
_AROUND = st.sampled_from(
    [
        "",
        "我的订单",
        "电话 ",
        "手机号 ",
        "my number is ",
        "call me at ",
        "快递单号",
        "please track ",
        ",",
    ]
)
_AFTER = st.sampled_from(["", " 到哪了", "?", ", thanks", "谢谢", " 2 items"])
_SEPARATOR = st.sampled_from(["", " ", "-"])
_SERVICE = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ABOUT_A_PARCEL = st.sampled_from(
    ["{carrier} {number}", "{carrier}快递单号{number}到哪了", "please track {number}, by {carrier}"]
)


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> EntityExtractor:
    """An extractor for a shop whose order numbers are KF and ten digits."""
    component: EntityExtractor = make(EntityExtractor, tmp_path_factory.mktemp("extractor"))
    return component


def entities(extractor: EntityExtractor, text: str) -> list[dict[str, Any]]:
    """Everything found in ``text``."""
    found: list[dict[str, Any]] = read(text, extractor)["entities"]
    return found


@settings(deadline=None)
@given(serial=_SERIAL, before=_AROUND, after=_AFTER, separator=_SEPARATOR, lower=st.booleans())
def test_an_order_number_is_found_everywhere_and_is_never_a_phone(
    extractor: EntityExtractor,
    serial: str,
    before: str,
    after: str,
    separator: str,
    lower: bool,
) -> None:
    number = separator.join(["KF", serial[:4], serial[4:]])
    found = entities(extractor, before + (number.lower() if lower else number) + after)
    assert [(e["entity"], e["value"]) for e in found if e["entity"] == "order_number"] == [
        ("order_number", f"KF{serial}")
    ]
    assert not [e for e in found if e["entity"] in ("phone", "phone_tail", "tracking_number")]


@settings(deadline=None)
@given(serial=st.text(_DIGITS, min_size=8, max_size=8), prefix=st.sampled_from("REC"))
def test_exactly_one_check_digit_makes_a_postal_number_certain(
    extractor: EntityExtractor, serial: str, prefix: str
) -> None:
    certain = []
    for check in "0123456789":
        found = entities(extractor, f"R{prefix}{serial}{check}GB")
        assert [e["entity"] for e in found] == ["tracking_number"]
        certain.append(found[0].get("certain", True))
    assert certain.count(True) == 1


@settings(max_examples=10, deadline=None)
@given(
    serial=st.text(_DIGITS, min_size=11, max_size=11),
    service=st.text(_SERVICE, min_size=6, max_size=6),
    words=_ABOUT_A_PARCEL,
)
def test_exactly_one_check_digit_makes_a_number_of_ups_fedex_or_dhl_certain(
    extractor: EntityExtractor, serial: str, service: str, words: str
) -> None:
    for carrier, rest in {
        "ups": f"1Z{service}{serial[:9]}",
        "fedex": serial,
        "dhl": serial[:9],
    }.items():
        certain = []
        for check in "0123456789":
            found = entities(extractor, words.format(carrier=carrier, number=rest + check))
            parcels = [one for one in found if one["entity"] == "tracking_number"]
            assert [one["value"] for one in parcels] in ([], [rest + check])
            certain += [check for one in parcels if one.get("certain", True)]
        assert len(certain) == 1, (carrier, rest, certain)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KF2611220001 和 WB123456 一起发", ["KF2611220001", "WB123456"]),
        ("where are wb 123456 and kf-2611-220001?", ["WB123456", "KF2611220001"]),
        ("WB12345678", ["WB12345678"]),
        ("WB1234567", []),
        ("订单 2611220001", ["KF2611220001"]),
        ("XKF2611220001", []),
    ],
)
def test_a_shop_may_have_several_shapes_of_order_numbers(
    extractor: EntityExtractor, text: str, expected: list[str]
) -> None:
    around = surroundings()
    before = around.order_number_pattern
    # One shape begins like another: the longer one is found as well.
    around.order_number_pattern = r"WB\d{6}|KF\d{10}|WB\d{8}"
    try:
        found = entities(extractor, text)
    finally:
        around.order_number_pattern = before
    assert [
        one["value"]
        for one in found
        if one["entity"] == "order_number" and (one.get("certain", True) or "订单" in text)
    ] == expected


@pytest.mark.parametrize(
    ("fits", "right", "wrong"),
    [
        (s10_fits, "RB123456785GB", "RB123456786GB"),
        (s10_fits, "RR473124829US", "RR473124828US"),
        (ups_fits, "1Z5R89390357567127", "1Z5R89390357567126"),
        (fedex_fits, "986578788855", "986578788856"),
        (usps_fits, "9400111202555842332669", "9400111202555842332668"),
    ],
)
def test_check_digits_of_known_numbers(fits: Any, right: str, wrong: str) -> None:
    assert fits(right)
    assert not fits(wrong)


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("SF1234567890123", "sf"),
        ("YT1234567890123", "yto"),
        ("YT2229521272164446", "yunexpress"),
        ("JT1234567890123", "jt"),
        ("JD0123456789012", "jd"),
        ("EA123456785CN", "ems"),
        ("1Z5R89390357567127", "ups"),
    ],
)
def test_a_shape_of_its_own_names_the_carrier(number: str, carrier: str) -> None:
    parcel = recognise(number)
    assert parcel is not None
    assert parcel.carrier == carrier
    assert parcel.certain


@settings(deadline=None)
@given(st.text(_DIGITS, min_size=8, max_size=20))
def test_digits_alone_are_never_certainly_a_tracking_number(
    extractor: EntityExtractor, digits: str
) -> None:
    for entity in entities(extractor, digits):
        if entity["entity"] == "tracking_number" and entity.get("certain", True):
            assert usps_fits(digits)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_entities_that_lie_inside_it(extractor: EntityExtractor, text: str) -> None:
    for entity in entities(extractor, text) if text else []:
        assert 0 <= entity["start"] < entity["end"] <= len(text)
        assert text[entity["start"] : entity["end"]] == entity["text"]


def _written(number: int) -> str:
    """``number`` below ten thousand as Chinese writes it."""
    digits, units = "零一二三四五六七八九", ["", "十", "百", "千"]
    text, pending_zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if pending_zero and text else "") + digits[digit] + units[place]
            pending_zero = False
        else:
            pending_zero = bool(text)
    return text or "零"


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=9_999))
def test_a_number_written_in_chinese_is_read_back(number: int) -> None:
    assert parse_integer(_written(number)) == number
    assert parse_integer(str(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("两", 2),
        ("十五", 15),
        ("三百五", 350),
        ("两万三", 23_000),
        ("twelve", 12),
        ("a", 1),
        ("x", None),
    ],
)
def test_short_forms_are_understood(text: str, number: int | None) -> None:
    assert parse_integer(text) == number
