"""The language of a message, and of messages that have none."""

from __future__ import annotations

import pytest

from bot.nlu.language import Language, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我的快递到哪了", Language.ZH),
        ("訂單還沒到", Language.ZH),
        ("KF2611220001 到哪了", Language.ZH),
        ("iPhone 15 有货吗", Language.ZH),
        ("where is my order", Language.EN),
        ("hello", Language.EN),
        ("Where is KF2611220001?", Language.EN),
        ("can I pay with 支付宝", Language.EN),
        ("我想 return 这个 order, 可以 refund 吗", Language.MIXED),
        ("please 帮我查一下 my order 的状态", Language.MIXED),
    ],
)
def test_the_script_tells_the_language(text: str, language: Language) -> None:
    assert detect_language(text) is language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2611220001",
        "KF2611220001",
        "lin.xiaoman@example.com",
        "😀😀",
        "???",
        "1",
        "ok",
        "XL",
        "ありがとう",
        "спасибо",
    ],
)
def test_a_message_without_words_of_ours_has_no_language(text: str) -> None:
    assert detect_language(text) is None
