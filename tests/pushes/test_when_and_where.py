"""When news is told and where: quiet hours, one digest, quotas, the channel that can be reached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta

import pytest

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.news.model import NewsKind
from desk.model import Conversation, Incoming
from desk.news.model import NewsRules, QuietHours, Tidings
from desk.reach import Allowance, ReachState
from kernel.content import Content
from tests.pushes.conftest import LIN, MOVING, PREPARING, SHANGHAI, World
from tests.pushes.formats import WebhookFormat, trip

S = ShipmentStatus
WEBHOOK = WebhookFormat()
HOUR = timedelta(hours=1)


@pytest.fixture
def news_rules() -> NewsRules:
    """As kefu.yml has them: a night, half an hour between messages."""
    quiet = QuietHours(time(22), time(8), SHANGHAI)
    return NewsRules(quiet=quiet, zone=SHANGHAI, announced_on=frozenset({"wechat"}))


async def scanned(world: World, *statuses: ShipmentStatus, order: str = MOVING) -> None:
    """The carrier pushes, now, that it has just scanned the order's parcel."""
    number = (await world.parcel(order)).tracking_number
    now = world.clock.now()
    scans = trip(now - HOUR * (len(statuses) - 1), *statuses)
    await world.push("webhook", WEBHOOK.push(number, scans, now))
    await world.tell()


async def sent(world: World, tracking_number: str = "SF9000000000001") -> None:
    """The warehouse pushes that the order that was being packed has left."""
    now = world.clock.now()
    request = WEBHOOK.event(
        "order.shipped",
        now,
        id=tracking_number,
        order_number=PREPARING,
        carrier="sf",
        tracking_number=tracking_number,
        at=now.isoformat(),
    )
    await world.push("webhook", request)
    await world.tell()


async def test_nobody_is_woken_and_the_morning_brings_one_message(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin)
    world.clock.advance(HOUR * 7 - timedelta(minutes=1))  # 22:59 in Shanghai
    await sent(world)
    await scanned(world, S.OUT_FOR_DELIVERY)
    world.clock.advance(timedelta(minutes=1))
    await scanned(world, S.DELIVERED)
    assert await world.news_in(lin) == []
    world.clock.advance(HOUR * 8 + timedelta(minutes=59))
    await world.tell()
    assert await world.news_in(lin) == []
    world.clock.advance(timedelta(minutes=1))
    await world.tell()
    (told,) = await world.news_in(lin)
    assert told.content.text.splitlines()[0] == "您关注的订单有 2 条新消息："
    assert "已发货" in told.content.text
    assert "签收" in told.content.text
    assert "正在派送" not in told.content.text


async def test_ten_things_in_half_an_hour_are_two_messages(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin)
    await sent(world)
    for status in (S.OUT_FOR_DELIVERY, S.FAILED_ATTEMPT, S.CUSTOMS, S.OUT_FOR_DELIVERY):
        world.clock.advance(timedelta(minutes=2))
        await scanned(world, status)
        world.clock.advance(timedelta(minutes=2))
        await scanned(world, status, order=PREPARING)
    assert len(await world.news_in(lin)) == 1
    world.clock.advance(timedelta(minutes=30))
    await world.tell()
    assert len(await world.news_in(lin)) == 2


async def test_scans_of_one_moment_stand_in_the_order_in_which_they_came(world: World) -> None:
    lin = await world.shopper()
    at = world.clock.now()
    for number in "DBECA":
        world.clock.advance(timedelta(seconds=1))
        news = Tidings(number, LIN, "customs", "customs", f"KF{number}", number, at, {}, (lin.id,))
        await world.desk.news.add(news)

    async def all_of_it(_customer: str, waiting: Sequence[Tidings]) -> set[str]:
        return {one.key for one in waiting}

    await world.desk.news.tell_due(all_of_it)
    (told,) = await world.news_in(lin)
    assert re.findall("KF([A-E])", told.content.text) == list("DBECA")


async def test_what_is_stopped_while_it_waits_is_not_told(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin)
    world.clock.advance(HOUR * 7)
    await scanned(world, S.DELIVERED)
    await world.shop.wishes.stop(lin.id, LIN)
    world.clock.advance(HOUR * 10)
    await world.tell()
    assert await world.news_in(lin) == []


async def test_what_is_old_is_no_news(world: World) -> None:
    lin = await world.shopper(channel="wechat")
    await world.wants(lin)
    world.replicas[0].desk.news.rules = NewsRules(zone=SHANGHAI)
    await exhausted(world, lin, left=0)
    await scanned(world, S.OUT_FOR_DELIVERY)
    world.clock.advance(HOUR * 49)
    await write(world, lin, left=5)
    await world.tell()
    assert await world.news_in(lin) == []


async def write(world: World, conversation: Conversation, *, left: int) -> None:
    """The shopper writes, by which the platform allows so many messages."""
    now = world.clock.now()
    await world.desk.record(
        Incoming(
            channel=conversation.channel,
            shopper_id=conversation.shopper_id,
            external_id=f"m{now.timestamp()}",
            content=Content(text="你好"),
            customer=conversation.customer,
            allowance=Allowance("message", left, now, now + HOUR * 48),
        )
    )


async def exhausted(world: World, conversation: Conversation, *, left: int) -> None:
    """The platform allows only so many more messages."""
    world.clock.advance(timedelta(seconds=5))
    await write(world, conversation, left=max(left, 1))
    if not left:
        await world.desk.reach_changed(conversation.id, ReachState.QUOTA_USED, "45047")


async def test_the_last_message_of_a_quota_is_left_for_an_answer(world: World) -> None:
    wechat = await world.shopper("openid", channel="wecom")
    await world.wants(wechat, NewsKind.OUT_FOR_DELIVERY)
    await exhausted(world, wechat, left=1)
    await scanned(world, S.OUT_FOR_DELIVERY)
    assert await world.news_in(wechat) == []
    world.clock.advance(timedelta(minutes=10))
    await write(world, wechat, left=5)
    await world.tell()
    assert len(await world.news_in(wechat)) == 1


async def test_news_goes_where_the_shopper_wrote_last_and_can_be_reached(world: World) -> None:
    web = await world.shopper("browser")
    wechat = await world.shopper("openid", channel="wechat", proof="bound_account")
    await world.wants(web)
    await exhausted(world, wechat, left=5)
    await scanned(world, S.OUT_FOR_DELIVERY)
    assert [len(await world.news_in(one)) for one in (web, wechat)] == [0, 1]
    await exhausted(world, wechat, left=0)
    world.clock.advance(HOUR)
    await scanned(world, S.DELIVERED)
    assert [len(await world.news_in(one)) for one in (web, wechat)] == [1, 1]


async def test_a_template_announces_it_where_nothing_else_reaches_the_shopper(
    world: World,
) -> None:
    wechat = await world.shopper("openid", channel="wechat")
    await world.wants(wechat)
    await exhausted(world, wechat, left=0)
    await scanned(world, S.OUT_FOR_DELIVERY)
    # It is in the outbox, from where the channel parks it and announces it by its template.
    assert len(await world.news_in(wechat)) == 1


async def test_a_proof_once_given_elsewhere_opens_no_conversation_to_news(world: World) -> None:
    web = await world.shopper("browser")
    await world.wants(web)
    world.clock.advance(timedelta(minutes=1))
    proven = world.clock.now().isoformat()
    other = await world.shopper("somebody", proof="order_and_phone", proven_at=proven)
    await scanned(world, S.OUT_FOR_DELIVERY)
    assert [len(await world.news_in(one)) for one in (web, other)] == [1, 0]


async def test_what_was_told_is_what_the_conversation_is_about(world: World) -> None:
    lin = await world.shopper()
    await world.wants(lin)
    await scanned(world, S.OUT_FOR_DELIVERY)
    told = (await world.desk.conversation(lin.id)).told
    (message,) = await world.news_in(lin)
    assert told is not None
    assert (told.seq, told.facts) == (message.seq, {"order_number": MOVING})
