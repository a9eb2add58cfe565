"""What waiting shoppers say of the line: leaving it is told from all that people must read."""

from __future__ import annotations

import pytest

from desk.line_wishes import wants_to_leave


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不排了",
            "不等了",
            "算了，不排了",
            "太久了，我不等了。",
            "不想排队了",
            "别排了，谢谢",
            "退出排队",
        ),
        *(
            "取消排隊",
            "不用人工了",
            "那不找人工了",
            "我不想再等了",
            "还是不等了吧",
            "不等人工了",
            "不转人工了",
        ),
        *(
            "I don't want to wait any more",
            "I don’t want to wait anymore.",
            "Forget it, I won't wait",
        ),
        *("leave the queue please", "stop waiting", "Never mind, I'm not waiting any longer"),
        *(
            "I no longer need a person",
            "take me out of the line",
            "this takes too long, cancel waiting",
        ),
    ],
)
def test_whoever_says_so_leaves(text: str) -> None:
    assert wants_to_leave(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "再不来我就不等了",
            "不等了，直接退款",
            "可以不排了吗",
            "还要等多久",
            "不要了，我要退货",
            "等不了了吗",
        ),
        *(
            "不排除是你们的问题",
            "他不等人",
            "算了",
            "快点",
            "我的灯不亮了",
            "别等了快发货",
            "不要人了解我的事",
        ),
        *("I can't wait to get my lamp", "if nobody comes I leave", "how long do I have to wait?"),
        *("I don't want to wait for my refund", "cancel my order", "I left the parcel in line", ""),
    ],
)
def test_all_else_is_for_the_person(text: str) -> None:
    assert not wants_to_leave(text)


@pytest.mark.parametrize("text", ["那我" * 40, "不" * 90, "i " * 45, "," * 100, "算了" * 5000])
def test_no_text_keeps_it_busy_for_ever(text: str) -> None:
    assert not wants_to_leave(text)
