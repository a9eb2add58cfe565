"""What stands alone as a name, and what only looks like one."""

from __future__ import annotations

import pytest

from kernel.people import name_alone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王芳", "王芳"),
        ("欧阳娜娜。", "欧阳娜娜"),
        ("叫李小明", "李小明"),
        ("Grace Hall", "Grace Hall"),
        ("it's Ava Miller", "Ava Miller"),
        ("Mary Ann O'Neil.", "Mary Ann O'Neil"),
        ("单号", ""),
        ("白色", ""),
        ("谢谢", ""),
        ("Yes Please", ""),
        ("不用了", ""),
        ("杭州", ""),
        ("San Francisco", ""),
        ("Not Sure", ""),
        ("grace", ""),
        ("where is it", ""),
        ("王芳 13912345678", ""),
    ],
)
def test_a_name_alone(text: str, name: str) -> None:
    assert name_alone(text) == name
