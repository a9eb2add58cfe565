"""What a message names: every value found, none invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.catalogue import CataloguePhrase
from bot.nlu.entity_extractor import EntityExtractor
from bot.nlu.surroundings import surroundings
from kernel.clock import SetClock
from tests.nlu.pipeline import make, read

# Saturday afternoon in Shanghai.
NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


@pytest.fixture
def extractor(tmp_path: Path) -> Iterator[EntityExtractor]:
    """An extractor that lives in November 2026 and knows a small catalogue."""
    around = surroundings()
    before = around.clock, around.catalogue, around.order_number_pattern, around.timezone
    around.clock = SetClock(NOW)
    around.set_catalogue(
        [
            CataloguePhrase("竹纤维四件套", "p1"),
            CataloguePhrase("Bamboo bedding set", "p1"),
            CataloguePhrase("真无线降噪耳机", "p2"),
            CataloguePhrase("Wireless noise-cancelling earbuds", "p2"),
            CataloguePhrase("Ceramic pour-over kettle", "p3"),
            CataloguePhrase("雾霾蓝", "", "colour", is_name=False),
        ]
    )
    yield make(EntityExtractor, tmp_path)
    around.clock, around.catalogue, around.order_number_pattern, around.timezone = before


def found(extractor: EntityExtractor, text: str) -> list[tuple[str, Any]]:
    """Kind and value of everything found in ``text``; uncertain finds are marked with "?"."""
    entities = read(text, extractor)["entities"]
    for entity in entities:
        assert text[entity["start"] : entity["end"]] == entity["text"]
        assert entity["extractor"] == "EntityExtractor"
    return [
        (entity["entity"] + ("" if entity.get("certain", True) else "?"), entity["value"])
        for entity in entities
    ]


SENTENCES: list[tuple[str, list[tuple[str, Any]]]] = [
    # order numbers
    ("订单KF2611220001到哪了", [("order_number", "KF2611220001")]),
    ("kf 2611 220 001", [("order_number", "KF2611220001")]),
    ("ＫＦ２６１１２２０００１ 怎么还没发", [("order_number", "KF2611220001")]),
    (
        "KF-261122-0001 and kf2611220002",
        [("order_number", "KF2611220001"), ("order_number", "KF2611220002")],
    ),
    ("where is KF2611220001?", [("order_number", "KF2611220001")]),
    ("2611220001", [("order_number?", "KF2611220001")]),
    ("我的订单号是 20261122334455", [("order_number?", "20261122334455")]),
    ("KF26112200015", [("order_number?", "KF26112200015"), ("tracking_number?", "KF26112200015")]),
    # tracking numbers
    ("SF1234567890123 到哪了", [("tracking_number", "SF1234567890123")]),
    ("track RB123456785GB please", [("tracking_number", "RB123456785GB")]),
    ("track RB123456786GB please", [("tracking_number?", "RB123456786GB")]),
    ("RB123456785XX", [("tracking_number?", "RB123456785XX")]),
    ("1Z5R89390357567127", [("tracking_number", "1Z5R89390357567127")]),
    ("1Z5R89390357567128", [("tracking_number?", "1Z5R89390357567128")]),
    ("快递单号 773012345678901", [("tracking_number?", "773012345678901")]),
    ("fedex 986578788855", [("carrier", "fedex"), ("tracking_number", "986578788855")]),
    # people
    ("我的手机号13800000000", [("phone", "+8613800000000")]),
    ("电话 138 0000 0000", [("phone", "+8613800000000")]),
    ("+86 138-0000-0000", [("phone", "+8613800000000")]),
    ("my number is (212) 555-0123", [("phone", "+12125550123")]),
    ("手机尾号1234", [("phone_tail", "1234")]),
    ("后四位是 0042", [("phone_tail", "0042")]),
    ("phone ending in 1234", [("phone_tail", "1234")]),
    ("the last four digits are 9876", [("phone_tail", "9876")]),
    ("write to Mei.Lin@Example.com", [("email", "mei.lin@example.com")]),
    ("邮箱是 mei.lin@example.com,谢谢", [("email", "mei.lin@example.com")]),
    ("邮编200000", [("postcode", "200000")]),
    ("my zip code is 10001", [("postcode", "10001")]),
    ("我叫王小明", [("person_name", "王小明")]),
    ("收件人是李雷,手机尾号1234", [("person_name", "李雷"), ("phone_tail", "1234")]),
    ("my name is Anna Smith", [("person_name", "Anna Smith")]),
    ("I'm Anna, my order is late", [("person_name", "Anna")]),
    ("I'm not happy", []),
    ("我是来退货的", []),
    # money
    ("扣了我¥1,299.50", [("amount", {"minor": 129950, "currency": "CNY"})]),
    ("退了120块5", [("amount", {"minor": 12050, "currency": "CNY"})]),
    ("一百二十元", [("amount", {"minor": 12000, "currency": "CNY"})]),
    ("I was charged $49.99 twice", [("amount", {"minor": 4999, "currency": "USD"})]),
    ("20 dollars", [("amount", {"minor": 2000, "currency": "USD"})]),
    # dates
    ("昨天下的单", [("date", "2026-11-20")]),
    ("三天前买的", [("date", "2026-11-18")]),
    ("上周五下午3点", [("date", "2026-11-13T15:00")]),
    ("11月18号", [("date", "2026-11-18")]),
    ("2026-11-01到的", [("date", "2026-11-01")]),
    ("上周买的", [("date", "2026-11-09/2026-11-15")]),
    ("下周一能到吗", [("date", "2026-11-23")]),
    ("15号之前能到吗", [("date", "2026-11-15")]),
    ("I ordered it two days ago", [("reference", "it"), ("date", "2026-11-19")]),
    ("on November 3rd", [("date", "2026-11-03")]),
    ("5 Nov 2025", [("date", "2025-11-05")]),
    ("delivered last Friday at 3pm", [("date", "2026-11-20T15:00")]),
    ("by tomorrow", [("date", "2026-11-22")]),
    ("next week", [("date", "2026-11-23/2026-11-29")]),
    ("11月31号", []),
    ("1月3号", [("date", "2027-01-03")]),
    # how many, which size, which colour
    ("我要两件黑色的L码", [("quantity", 2), ("colour", "black"), ("size", "L")]),
    ("买一个", [("quantity", 1)]),
    ("有一个问题", []),
    ("3 items in blue, size medium", [("quantity", 3), ("colour", "blue"), ("size", "M")]),
    ("42码换43码", [("size", "42"), ("size", "43")]),
    ("等了3个月", []),
    ("256GB", [("size", "256GB")]),
    # words of the trade
    ("收到的杯子碎了", [("reason", "damaged")]),
    ("太大了不合身", [("reason", "wrong_size"), ("reason", "wrong_size")]),
    ("你们发错货了", [("reason", "wrong_item")]),
    ("it doesn't work", [("reason", "faulty")]),
    ("I changed my mind", [("reason", "no_longer_wanted")]),
    ("可以发顺丰吗", [("carrier", "sf")]),
    ("支付宝付不了", [("payment_method", "alipay")]),
    ("can I use a credit card", [("payment_method", "credit_card")]),
    # pointing
    ("第二个", [("ordinal", 2)]),
    ("the second one", [("ordinal", 2)]),
    ("最后一个", [("ordinal", -1)]),
    ("option 3", [("ordinal", 3)]),
    ("第一次买", []),
    ("我上一单到哪了", [("reference", "last_order")]),
    ("my last order", [("reference", "last_order")]),
    ("刚才那个订单", [("reference", "that")]),
    ("cancel it", [("reference", "it")]),
    ("is it possible", []),
    # products
    ("四件套掉色吗", [("product", "四件套"), ("reason", "faulty")]),
    ("我的降噪耳機壞了", [("product", "降噪耳机"), ("reason", "faulty")]),
    ("my wireless earbuds are broken", [("product", "earbuds"), ("reason", "damaged")]),
    ("the ketle is cracked", [("product", "ketle"), ("reason", "damaged")]),
    ("the kettel is cracked", [("product", "kettel"), ("reason", "damaged")]),
    ("有雾霾蓝吗", [("colour", "雾霾蓝")]),
    # nothing
    ("你好", []),
    ("http://shop.example/p/1234567890123?x=KF2611220001", []),
    ("税号91310000MA1FL0001X", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_a_sentence_names_exactly_this(
    extractor: EntityExtractor, text: str, expected: list[tuple[str, Any]]
) -> None:
    assert found(extractor, text) == expected


@pytest.mark.parametrize("words", ["昨天下的单", "I ordered it yesterday"])
def test_yesterday_is_meant_where_the_shop_is(extractor: EntityExtractor, words: str) -> None:
    # Saturday morning in Shanghai, Friday evening in New York.
    surroundings().clock = SetClock(datetime(2026, 11, 21, 2, 0, tzinfo=UTC))
    for zone, day in (("Asia/Shanghai", "2026-11-20"), ("America/New_York", "2026-11-19")):
        surroundings().timezone = zone
        assert ("date", day) in found(extractor, words)


@pytest.mark.parametrize("words", ["订单 13812345678 到哪了", "where is order 13812345678"])
def test_what_the_shop_calls_an_order_number_is_no_phone(
    extractor: EntityExtractor, words: str
) -> None:
    surroundings().order_number_pattern = r"1\d{10}"
    assert found(extractor, words) == [("order_number", "13812345678")]
