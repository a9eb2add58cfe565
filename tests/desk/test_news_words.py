"""How news reads, when it may be told, and which words end it; in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.backends.carriers.model import ShipmentStatus, Signature
from connectors.backends.offers.model import ClaimGround
from desk.news.model import NewsRules, QuietHours, Tidings, newest_of_each
from desk.news.words import GROUNDS, asks_to_stop, news_content

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(time(22), time(8), SHANGHAI)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
EVENTS = [
    "shipped",
    *(
        status.value
        for status in (
            ShipmentStatus.OUT_FOR_DELIVERY,
            ShipmentStatus.AWAITING_PICKUP,
            ShipmentStatus.FAILED_ATTEMPT,
            ShipmentStatus.DELIVERED,
            ShipmentStatus.CUSTOMS,
            ShipmentStatus.RETURNING,
            ShipmentStatus.RETURNED,
            ShipmentStatus.DAMAGED,
            ShipmentStatus.LOST,
        )
    ),
    "stuck",
    "refund_arrived",
    "refund_failed",
    "price_protection",
    "price_protection_failed",
    "price_protection_granted",
    "price_protection_refused",
]


def tidings(event: str, about: str = "SF1", hours: int = 0, **facts: object) -> Tidings:
    known = {
        "tracking_number": about,
        "carrier": {"zh": "顺丰速运", "en": "SF Express"},
        "since": NOW.isoformat(),
        "amount": "¥12.00",
        "claim_number": "PP1",
        "tender": {"zh": "支付宝", "en": "Alipay"},
        **facts,
    }
    at = NOW + timedelta(hours=hours)
    return Tidings(f"{about}:{event}", "C1", "x", event, "KF1", about, at, known, ())


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_reads_in_both_languages(event: str) -> None:
    chinese, english = (
        news_content([tidings(event)], language, SHANGHAI).text for language in ("zh", "en")
    )
    assert "KF1" in chinese
    assert "KF1" in english
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english)


@pytest.mark.parametrize("ground", ClaimGround)
def test_every_ground_on_which_a_claim_is_refused_reads_in_both_languages(
    ground: ClaimGround,
) -> None:
    refused = tidings("price_protection_refused", ground=ground.value)
    chinese, english = (news_content([refused], one, SHANGHAI).text for one in ("zh", "en"))
    assert f"不能退：{GROUNDS[ground]['zh']}。" in chinese
    assert f"does not go back: {GROUNDS[ground]['en']}." in english
    unknown = tidings("price_protection_refused", ground="of another shop's system")
    assert "想知道原因" in news_content([unknown], "zh", SHANGHAI).text


@pytest.mark.parametrize("signature", Signature)
def test_who_signed_is_told_if_known(signature: Signature) -> None:
    text = news_content([tidings("delivered", signature=signature.value)], "zh", SHANGHAI).text
    assert ("（" in text.replace("（顺丰", "")) == (signature is not Signature.UNKNOWN)


def test_a_digest_says_how_much_there_is_and_each_on_a_line() -> None:
    news = [tidings("shipped", "SF1"), tidings("delivered", "SF2")]
    content = news_content(news, "en", SHANGHAI)
    assert content.text.splitlines()[0] == "2 updates on your orders:"
    assert len(content.text.splitlines()) == 3


def test_only_the_newest_of_a_parcel_is_told() -> None:
    first, other, last = (
        tidings("out_for_delivery"),
        tidings("shipped", "SF2", 1),
        tidings("delivered", hours=2),
    )
    assert newest_of_each([last, first, other]) == [other, last]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-22T21:59:59+08:00", "2026-11-22T21:59:59+08:00"),
        ("2026-11-22T22:00:00+08:00", "2026-11-23T08:00:00+08:00"),
        ("2026-11-23T00:30:00+08:00", "2026-11-23T08:00:00+08:00"),
        ("2026-11-23T07:59:59+08:00", "2026-11-23T08:00:00+08:00"),
        ("2026-11-23T08:00:00+08:00", "2026-11-23T08:00:00+08:00"),
    ],
)
def test_a_night_is_waited_for(now: str, told: str) -> None:
    rules = NewsRules(quiet=NIGHT, zone=SHANGHAI)
    assert rules.not_before(datetime.fromisoformat(now), None) == datetime.fromisoformat(told)


def test_quiet_hours_of_a_day_and_across_the_change_of_clocks() -> None:
    noon = QuietHours(time(12), time(14), SHANGHAI)
    at = datetime.fromisoformat("2026-11-22T12:30:00+08:00")
    assert noon.over_at(at) == datetime.fromisoformat("2026-11-22T14:00:00+08:00")
    berlin = QuietHours(time(22), time(8), ZoneInfo("Europe/Berlin"))
    saturday = datetime.fromisoformat("2026-10-24T23:00:00+02:00")
    assert berlin.over_at(saturday) == datetime.fromisoformat("2026-10-25T08:00:00+01:00")


@given(
    st.times(),
    st.times(),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_waits_for_the_end_of_the_quiet_is_never_told_in_it(
    start: time, end: time, now: datetime
) -> None:
    hours = QuietHours(start.replace(microsecond=0), end.replace(microsecond=0), SHANGHAI)
    over = hours.over_at(now)
    assert now <= over <= now + timedelta(days=1)
    assert not hours.is_quiet(over)


@pytest.mark.parametrize(
    "words", ["退订", "TD", "我要退订", "取消订阅", "Unsubscribe", "stop notifications", "opt out."]
)
def test_some_words_end_news_whatever_is_being_talked_about(words: str) -> None:
    assert asks_to_stop(words, after_news=False)


@pytest.mark.parametrize(
    "words", ["stop", "STOP!", "停", "停止", "别发了。", "please stop", "ｓｔｏｐ"]
)
def test_a_bare_stop_ends_news_only_as_an_answer_to_it(words: str) -> None:
    assert asks_to_stop(words, after_news=True)
    assert not asks_to_stop(words, after_news=False)


@pytest.mark.parametrize(
    "words", ["", "stop the parcel", "我要退货", "停一下", "unsubscribe me from life", "订单停了吗"]
)
def test_other_words_are_for_the_assistant(words: str) -> None:
    assert not asks_to_stop(words, after_news=True)
