"""How times, lists and buttons are said in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from actions.wording import (
    Language,
    button,
    day,
    days_long,
    last_day,
    listing,
    moment,
    payload,
    quantity,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
# Half past four in the morning of the next day in Shanghai.
LATE = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        (SHANGHAI, "zh", "11月23日（周一）04:30"),
        (SHANGHAI, "en", "Mon 23 Nov, 04:30"),
        (NEW_YORK, "zh", "11月22日（周日）15:30"),
        (NEW_YORK, "en", "Sun 22 Nov, 15:30"),
    ],
)
def test_a_time_is_told_in_the_shops_own_zone(
    zone: ZoneInfo, language: Language, said: str
) -> None:
    assert moment(LATE, language, NOW, zone) == said


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "2027年1月1日（周五）"), ("en", "Fri 1 Jan 2027")]
)
def test_the_year_is_told_only_when_it_is_another(language: Language, said: str) -> None:
    assert day(datetime(2026, 12, 31, 17, 0, tzinfo=UTC), language, NOW, SHANGHAI) == said


def test_the_last_day_before_a_midnight_is_the_day_before() -> None:
    midnight = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    assert last_day(midnight, "en", NOW, SHANGHAI) == "Fri 27 Nov"


@pytest.mark.parametrize(
    ("items", "zh", "en"),
    [
        ((), "", ""),
        (("灯",), "灯", "灯"),
        (("灯", "杯"), "灯和杯", "灯 and 杯"),
        (("灯", "杯", "被"), "灯、杯和被", "灯, 杯 and 被"),
    ],
)
def test_a_list_reads_as_one_phrase(items: tuple[str, ...], zh: str, en: str) -> None:
    assert listing(items, "zh") == zh
    assert listing(items, "en") == en


def test_one_piece_needs_no_number() -> None:
    assert quantity(1, "灯", "zh") == "灯"
    assert quantity(2, "lamp", "en") == "lamp × 2"


def test_one_day_is_no_days() -> None:
    assert [days_long(count, "en") for count in (1, 3)] == ["1 day", "3 days"]
    assert days_long(1, "zh") == "1 天"


def test_a_payload_is_valid_json_whatever_the_value_holds() -> None:
    assert payload("affirm") == "/affirm"
    assert payload("inform", product='12" lamp') == '/inform{"product": "12\\" lamp"}'
    assert button("是", "affirm") == {"title": "是", "payload": "/affirm"}
