"""From a push to a message in the shopper's conversation: to who asked for it, and once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta

import pytest

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.embedded.warehouse import Warehouse
from connectors.backends.news.model import NewsKind
from connectors.backends.offers.model import ClaimGround
from connectors.backends.refunds.model import RefundStatus
from connectors.backends.rules import PriceProtectionRules, ShopRules
from desk.news.model import NewsRules, QuietHours
from tests.pushes.conftest import EMMA, EMMAS, LIN, MOVING, NOW, PREPARING, SHANGHAI, World
from tests.pushes.formats import FORMATS, Format, WebhookFormat, trip

S = ShipmentStatus
SOON = NOW - timedelta(minutes=30)
WEBHOOK = WebhookFormat()


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
async def test_who_asked_is_told_once_in_their_language(world: World, form: Format) -> None:
    lin = await world.shopper()
    emma = await world.shopper("emma", EMMA, "en")
    await world.wants(lin, NewsKind.OUT_FOR_DELIVERY, order=MOVING)
    await world.wants(emma, NewsKind.OUT_FOR_DELIVERY, customer=EMMA)
    for order in (MOVING, EMMAS):
        number = (await world.parcel(order)).tracking_number
        request = form.push(number, trip(SOON, S.OUT_FOR_DELIVERY), world.clock.now())
        for _ in range(10):
            await world.push(form.name, request)
    await world.tell()
    await world.tell()
    told, emmas = await world.news_in(lin), await world.news_in(emma)
    assert [MOVING in one.content.text and "派送" in one.content.text for one in told] == [True]
    assert [EMMAS in one.content.text and "out for" in one.content.text for one in emmas] == [True]
    assert [button.title for button in told[0].content.buttons] == ["查看物流", "不再通知"]


async def test_nobody_is_told_what_they_did_not_ask_for(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin, NewsKind.DELIVERED, order=PREPARING)
    await world.wants(lin, NewsKind.SHIPPED, order=MOVING)
    number = (await world.parcel()).tracking_number
    push = WEBHOOK.push(number, trip(SOON, S.OUT_FOR_DELIVERY, S.DELIVERED), world.clock.now())
    await world.push("webhook", push)
    await world.tell()
    assert await world.news_in(lin) == []


async def test_the_pickup_code_comes_with_the_news(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin, NewsKind.OUT_FOR_DELIVERY)
    number = (await world.parcel()).tracking_number
    scans = trip(SOON, S.AWAITING_PICKUP)
    await world.push("webhook", WEBHOOK.push(number, scans, world.clock.now(), code="6-2-1234"))
    await world.tell()
    (told,) = await world.news_in(lin)
    assert "取件码 6-2-1234" in told.content.text


async def test_an_order_that_leaves_is_news_once_also_when_the_carrier_scans_it(
    world: World,
) -> None:
    lin = await world.shopper()
    await world.wants(lin, NewsKind.SHIPPED, order=PREPARING)
    shipped = WEBHOOK.event(
        "order.shipped",
        world.clock.now(),
        id="e1",
        order_number=PREPARING,
        carrier="sf",
        tracking_number="SF9000000000001",
        at=SOON.isoformat(),
    )
    await world.push("webhook", shipped)
    await world.tell()
    scans = trip(SOON, S.PICKED_UP, S.IN_TRANSIT)
    await world.push("webhook", WEBHOOK.push("SF9000000000001", scans, world.clock.now()))
    await world.tell()
    (told,) = await world.news_in(lin)
    assert told.content.text == f"订单 {PREPARING} 已发货：顺丰速运 SF9000000000001。"


async def test_two_replicas_tell_it_once(world: World) -> None:
    await world.start()
    lin = await world.shopper()
    await world.wants(lin)
    number = (await world.parcel()).tracking_number
    request = WEBHOOK.push(number, trip(SOON, S.OUT_FOR_DELIVERY), world.clock.now())
    await asyncio.gather(*(world.push("webhook", request, at % 2) for at in range(10)))
    await asyncio.gather(world.tell(), world.tell(), world.tell())
    assert len(await world.news_in(lin)) == 1


async def test_a_crash_between_noting_and_telling_loses_and_doubles_nothing(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin)
    number = (await world.parcel()).tracking_number
    request = WEBHOOK.push(number, trip(SOON, S.OUT_FOR_DELIVERY), world.clock.now())
    await world.push("webhook", request)
    await world.worked_off()
    # Handed to the desk, and then the process dies before the shop hears of it.
    untold = await world.shop.news.untold(10)
    assert len(untold) == 1
    await world.replicas[0].newsroom.hand_over(*untold[0])
    await world.end(world.replicas[0])
    await world.start()
    await world.tell()
    assert len(await world.news_in(lin)) == 1


async def test_a_stranger_in_the_same_conversation_is_told_nothing(world: World) -> None:
    lin = await world.shopper("shared")
    await world.wants(lin)
    world.clock.advance(timedelta(minutes=1))
    await world.shopper("shared", EMMA)
    number = (await world.parcel()).tracking_number
    await world.push(
        "webhook", WEBHOOK.push(number, trip(SOON, S.OUT_FOR_DELIVERY), world.clock.now())
    )
    await world.tell()
    assert await world.news_in(lin) == []


async def test_what_was_told_late_about_yesterday_is_no_news(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin, customer=LIN)
    number = (await world.parcel()).tracking_number
    scans = trip(SOON, S.OUT_FOR_DELIVERY, S.DELIVERED)
    world.clock.advance(timedelta(hours=2))
    await world.push("webhook", WEBHOOK.push(number, scans[:1], world.clock.now()))
    await world.tell()
    await world.push("webhook", WEBHOOK.push(number, scans[1:], world.clock.now()))
    await world.tell()
    (told,) = await world.news_in(lin)
    assert "签收" in told.content.text


async def test_a_parcel_that_falls_silent_is_news_once(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin, NewsKind.STUCK, order=MOVING)
    await world.tell()
    assert await world.news_in(lin) == []
    for _ in range(3):
        world.clock.advance(timedelta(hours=80))
        await world.tell()
    (told,) = await world.news_in(lin)
    assert "没有新的轨迹" in told.content.text


async def test_a_refund_that_arrives_is_told_with_amount_and_tender(world: World) -> None:
    li = await world.shopper("li", "C0007")
    await world.wants(li, NewsKind.REFUND_ARRIVED, customer="C0007")
    (refund,) = await world.shop.refunds.refunds_of("C0007", "KF2601018065")
    now = world.clock.now()
    for number in (refund.number, "RF0000000000"):
        fields = {"refund_number": number, "status": "completed", "at": now.isoformat()}
        request = WEBHOOK.event("refund.update", now, id=number, **fields)
        assert (await world.push("webhook", request))[0] == 200
        again = WEBHOOK.event("refund.update", now, id=f"{number}-again", **fields)
        await world.push("webhook", again)
    await world.tell()
    (told,) = await world.news_in(li)
    assert f"退款 {refund.amount} 已退到您的" in told.content.text
    (after,) = await world.shop.refunds.refunds_of("C0007", "KF2601018065")
    assert (after.status, after.completed_at) == (RefundStatus.COMPLETED, now)


async def test_the_money_of_a_price_claim_is_news_of_its_own(world: World) -> None:
    grace, fell = "C0014", "KF2601018131"
    conversation = await world.shopper("grace", grace, "en")
    await world.wants(conversation, NewsKind.PRICE_PROTECTION, customer=grace)
    draft = await world.shop.offers.prepare_claim(grace, fell, [f"{fell}-2"])
    claim = await world.shop.offers.commit_claim(grace, draft.id)
    (refund,) = await world.shop.refunds.refunds_of(grace, fell)
    now = world.clock.now()
    fields = {"refund_number": refund.number, "status": "completed", "at": now.isoformat()}
    await world.push("webhook", WEBHOOK.event("refund.update", now, id="e1", **fields))
    await world.tell()
    (told,) = await world.news_in(conversation)
    assert f"The price difference of {claim.total} for order {fell}" in told.content.text


NIGHT = NewsRules(quiet=QuietHours(time(22), time(8), SHANGHAI), zone=SHANGHAI, gap=timedelta(0))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("news_rules", [NIGHT], ids=["night"])
@pytest.mark.parametrize(
    ("language", "step", "ground", "words"),
    [
        ("zh", "granted", None, "通过了，差价"),
        ("zh", "refused", None, "没有通过"),
        ("zh", "refused", ClaimGround.SPECIAL_PRICE, "不能退：那是限时、会员或用券后的价格"),
        ("en", "granted", None, "is granted"),
        ("en", "refused", None, "was refused"),
        ("en", "refused", ClaimGround.SPECIAL_PRICE, "not go back: the lower price was for a"),
    ],
)
async def test_what_a_person_decides_of_a_claim_is_told_to_who_asked_and_not_at_night(
    world: World, language: str, step: str, ground: ClaimGround | None, words: str
) -> None:
    grace, fell = "C0014", "KF2601018131"
    strict = replace(ShopRules(), price_protection=PriceProtectionRules(limit_minor={"CNY": 0}))
    engine = world.replicas[0].engine
    offers = make_embedded_shop(engine, world.clock, strict, world.folder).offers
    asked = await world.shopper("grace", grace, language)
    await world.wants(asked, NewsKind.PRICE_PROTECTION, customer=grace)
    draft = await offers.prepare_claim(grace, fell, [f"{fell}-2"])
    claim = await offers.commit_claim(grace, draft.id)
    await world.tell()
    assert await world.news_in(asked) == []
    world.clock.advance(timedelta(hours=8))
    await Warehouse(engine, world.clock, strict).book(claim.number, step, ground)
    await world.tell()
    assert await world.news_in(asked) == []
    world.clock.advance(timedelta(hours=9))
    await world.tell()
    (told,) = await world.news_in(asked)
    assert words in told.content.text
    assert str(claim.total) in told.content.text
