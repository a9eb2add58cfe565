"""One content on channels of different abilities: nothing is lost, nothing is cut in two."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.channels.long_text import cut, size
from connectors.channels.rendering import (
    Capabilities,
    LinkPart,
    MenuPart,
    PagePart,
    PicturePart,
    TextPart,
    choice_id,
    compose,
    parts_of,
    within,
)
from kernel.content import Attachment, Button, Content

PLAIN = Capabilities()
MENUS = Capabilities(menu_items=10)
RICH = Capabilities(
    menu_items=10, pictures=True, links=True, pages={"order": "pages/order?no={number}"}
)
CHOICES = (Button("退货", "/return_request"), Button("转人工", "/human_agent"))
ORDER = {
    "type": "order",
    "number": "KF2611190042",
    "status": "shipped",
    "lines": [{"name": "马克杯", "options": "白色", "quantity": 2, "amount": "¥58.00"}],
    "total": "¥58.00",
    "tracking": ["YT1", "YT2"],
}


def test_choices_are_a_menu_where_there_is_one_and_numbers_elsewhere() -> None:
    content = Content(text="请选择", buttons=CHOICES)
    assert parts_of(content, MENUS, "zh") == [
        MenuPart("请选择", parts_of(content, MENUS, "zh")[0].choices)  # type: ignore[union-attr]
    ]
    [menu] = parts_of(content, MENUS, "zh")
    assert isinstance(menu, MenuPart)
    assert [one.id for one in menu.choices] == [choice_id(one.payload) for one in CHOICES]
    [text] = parts_of(content, PLAIN, "zh")
    assert text == TextPart("请选择\n1. 退货\n2. 转人工\n回复序号即可选择")
    linked = Capabilities(choice_link="weixin://x?c={title}&i={id}")
    [text] = parts_of(content, linked, "en")
    assert isinstance(text, TextPart)
    assert f'1. <a href="weixin://x?c=退货&i={choice_id("/return_request")}">退货</a>' in text.text
    assert text.text.endswith("Reply with a number to choose")


def test_more_choices_than_a_menu_holds_are_numbered() -> None:
    many = tuple(Button(f"选项{n}", f"/x{n}") for n in range(1, 12))
    [text] = parts_of(Content(text="哪个？", buttons=many), MENUS, "zh")
    assert isinstance(text, TextPart)
    assert "11. 选项11" in text.text


def test_a_card_is_a_page_where_there_is_one_and_words_elsewhere() -> None:
    content = Content(text="订单已发货", card=ORDER)
    assert parts_of(content, RICH, "zh") == [
        TextPart("订单已发货"),
        PagePart("订单已发货", "pages/order?no=KF2611190042"),
    ]
    [words] = parts_of(content, PLAIN, "zh")
    assert isinstance(words, TextPart)
    for fact in ("KF2611190042", "马克杯（白色） ×2", "¥58.00", "YT1、YT2"):
        assert fact in words.text
    [words] = parts_of(content, PLAIN, "en")
    assert isinstance(words, TextPart)
    assert "马克杯 (白色) ×2" in words.text
    assert "Total: ¥58.00" in words.text


@pytest.mark.parametrize("kind", ["shipment", "return", "refund", "payment", "new"])
def test_every_card_can_be_said_whatever_it_lacks(kind: str) -> None:
    content = Content(text="说明", card={"type": kind, "order_number": "KF1", "amount": "¥1.00"})
    for can in (PLAIN, RICH):
        [part] = parts_of(content, can, "zh")
        assert isinstance(part, TextPart)
        assert part.text.startswith("说明")


def test_pictures_links_and_files_are_shown_or_said() -> None:
    picture = Attachment("p1", "image/png", 10, "裂痕.png")
    invoice = Attachment("f1", "application/pdf", 10, "invoice.pdf")
    content = Content(
        text="看这里",
        attachments=(picture, invoice),
        custom={"link": {"title": "进度", "url": "https://shop.example/1"}},
    )
    assert parts_of(content, RICH, "zh") == [
        TextPart("看这里\n\n[文件] invoice.pdf"),
        LinkPart("进度", "", "https://shop.example/1"),
        PicturePart("p1"),
    ]
    assert parts_of(content, PLAIN, "zh") == [
        TextPart("看这里\n\n进度 https://shop.example/1\n\n[图片] 裂痕.png\n\n[文件] invoice.pdf")
    ]


def test_a_turn_is_folded_into_one_message() -> None:
    said = [Content(text="查到了。"), Content(text="还需要什么？", buttons=CHOICES)]
    [message] = compose(said, MENUS, "zh")
    assert isinstance(message.part, MenuPart)
    assert message.part.text == "查到了。\n\n还需要什么？"
    assert (message.touched, message.complete, message.partly) == ((0, 1), (0, 1), None)


def test_what_does_not_fit_is_left_and_said_to_be_there() -> None:
    said = [Content(text="长" * 600), Content(text="文" * 600), Content(text="尾" * 600)]
    messages, tight = within(said, PLAIN, "zh", at_most=2)
    assert tight
    assert [one.complete for one in messages] == [(0,), (1,)]
    assert isinstance(messages[-1].part, TextPart)
    assert messages[-1].part.text.endswith("（还有内容，回复任意消息继续查看）")
    assert within(said, PLAIN, "zh", at_most=0)[0] == []
    assert len(within(said, PLAIN, "zh", at_most=None)[0]) == 3


def test_a_content_in_several_messages_goes_on_where_it_stopped() -> None:
    long = Content(text="第一句话。" * 300)
    messages = compose([long], PLAIN, "zh")
    assert len(messages) > 2
    assert [one.partly for one in messages[:-1]] == [
        (0, number) for number in range(1, len(messages))
    ]
    assert compose([long], PLAIN, "zh", said=1)[0].part == messages[1].part


def test_texts_are_cut_after_sentences() -> None:
    text = "一共三句。第二句很长很长！Third one here. The end?"
    assert cut(text, 40) == ["一共三句。第二句很长很长！", "Third one here. The end?"]
    assert cut(text, 30)[:2] == ["一共三句。", "第二句很长很长！"]
    assert cut("a" * 10, 4) == ["aaaa", "aaaa", "aa"]
    assert cut("  \n ", 10) == []


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from([*"订单 。，.! \nabc1", "👨‍👩‍👧‍👦", "🇨🇳", "é", "👍🏽", "ａ", "…"]),
        max_size=120,
    ).map("".join),
    st.integers(30, 90),
)
def test_nothing_is_lost_at_a_cut_and_no_character_is_broken(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert all(0 < size(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    whole = regex.findall(r"\X", "".join(text.split()))
    cut_up = [one for piece in pieces for one in regex.findall(r"\X", "".join(piece.split()))]
    assert cut_up == whole
    assert not any(unicodedata.combining(piece[0]) for piece in pieces)
