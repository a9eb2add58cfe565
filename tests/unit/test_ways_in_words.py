"""Reading how goods shall leave from a shopper's words, and what is no such wish."""

from __future__ import annotations

import pytest

from actions.pack_reading import Way, names_first, read_parcels, read_way


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("两单能合并发货吗", Way.TOGETHER),
        ("和我上一单一起发", Way.TOGETHER),
        ("麻烦把两个订单合并一起发吧 省得收两次", Way.TOGETHER),
        ("combine my two orders into one box", Way.TOGETHER),
        ("ship both orders together please", Way.TOGETHER),
        ("could KF2601018111 and KF2601018112 travel in one parcel", Way.TOGETHER),
        ("拆成两个包裹发 可以吗", Way.APART),
        ("分批送货", Way.APART),
        ("分开发", Way.APART),
        ("能发的先发", Way.APART),
        ("split my order in two deliveries", Way.APART),
        ("send what is ready", Way.APART),
        ("together", Way.TOGETHER),
        ("apart", Way.APART),
        ("send the mugs first and the rest later", Way.APART),
        ("the socks first, the others can follow", Way.APART),
        ("袜子先发，其他的晚点发", Way.APART),
        ("再加一件一起发", None),
        ("发票拆成两个月", None),
        ("发货时分开包装 两份", None),
        ("能分3期付款吗", None),
        ("can you split this into instalments", None),
        ("i have two accounts, can you merge them", None),
        ("牛奶一箱改成两箱", None),
        ("换成黑色", None),
        ("make it two mugs", None),
    ],
)
def test_a_way_is_read_only_where_parcels_are_meant(text: str, way: Way | None) -> None:
    assert read_way(text) is way


@pytest.mark.parametrize(
    ("text", "parcels"),
    [
        ("拆开发", 2),
        ("拆成三个包裹", 3),
        ("分4批发", 4),
        ("split it", 2),
        ("in three separate parcels", 3),
    ],
)
def test_the_number_of_parcels_is_two_unless_another_is_named(text: str, parcels: int) -> None:
    assert read_parcels(text) == parcels


def test_what_goes_first_is_heard() -> None:
    assert names_first("先发卫衣")
    assert names_first("the hoodie first, please")
    assert not names_first("分开发")
