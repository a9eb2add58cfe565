"""Where one request ends and the next begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.clauses import MAX_CLAUSES, split_clauses, stand_apart
from bot.nlu.normalise import for_features


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("我要退货,什么时候退款", ["我要退货", "什么时候退款"]),
        ("改下地址 还有帮我开发票", ["改下地址", "帮我开发票"]),
        ("东西坏了另外快递太慢", ["东西坏了", "快递太慢"]),
        ("我的包裹到哪了", ["我的包裹到哪了"]),
        ("where is it? i also want an invoice", ["where is it", "i also want an invoice"]),
        (
            "track my parcel and can you change the address",
            ["track my parcel", "can you change the address"],
        ),
        ("it costs 1,299.50 yuan", ["it costs 1,299.50 yuan"]),
        ("???", ["???"]),
    ],
)
def test_a_message_is_cut_at_ends_and_connectives(text: str, clauses: list[str]) -> None:
    assert split_clauses(text) == clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "return the lamp in KF2601018211 and change the address of KF2601018214",
            ["return the lamp in 00000", "change the address of 00000"],
        ),
        ("cancel KF2601018211 and tell me the rules", ["cancel 00000", "tell me the rules"]),
        ("cancel KF2601018211 and KF2601018214", ["cancel 00000 and 00000"]),
        ("where is my parcel and cancel the rest", ["where is my parcel", "cancel the rest"]),
        ("return the coat and exchange the mug", ["return the coat", "exchange the mug"]),
        (
            "cancel the pan and send the rug to my office",
            ["cancel the pan", "send the rug to my office"],
        ),
        ("can i return and exchange things", ["can i return", "exchange things"]),
        ("return it and refund it to paypal", ["return it and refund it to paypal"]),
        ("cancel it and send me the money", ["cancel it and send me the money"]),
        ("the lamp in KF2601018211 and the mug in KF2601018214 are broken", None),
    ],
)
def test_a_message_is_cut_between_what_is_said_of_two_orders(
    text: str, clauses: list[str] | None
) -> None:
    read = for_features(text)
    assert split_clauses(read) == (clauses or [read])


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        # told to do, whatever else is told
        ("change the shirt to l and send it to my office", [0, 1]),
        ("把鞋子取消,卫衣改寄到公司", [0, 1]),
        ("大衣退了,杯子换成焦糖棕", [0, 1]),
        ("麻烦催一下,发票开公司", [0]),
        # where a parcel is
        ("水壶帮我退掉,耳机到哪了", [1]),
        ("refund the scarf and tell me where my lamp is", [0, 1]),
        # what happened, and asks for nothing by itself
        ("耳机退了,钱还没到", []),
        ("取消订单了,钱怎么没退", []),
        ("i bought a scarf, it is too short", []),
        ("卫衣寄到公司了吗,谢谢", []),
        ("send me the label, thanks", []),
    ],
)
def test_what_is_told_to_be_done_stands_apart(text: str, apart: list[int]) -> None:
    assert stand_apart(split_clauses(text)) == apart


def test_what_is_said_of_other_goods_stands_apart() -> None:
    clauses = ["the flask broke", "the coat is too long", "what now"]
    assert stand_apart(clauses, [{"flask"}, {"coat"}, set()]) == [0, 1]
    assert stand_apart(clauses, [{"flask"}, {"flask"}, set()]) == []
    assert stand_apart(clauses, [{"flask"}, set(), set()]) == []


@given(st.text(max_size=300))
def test_any_text_gives_a_bounded_number_of_clauses_and_loses_no_word(text: str) -> None:
    read = for_features(text)
    clauses = split_clauses(read)
    assert 1 <= len(clauses) <= MAX_CLAUSES
    assert all(clause == clause.strip() for clause in clauses) or clauses == [read]
