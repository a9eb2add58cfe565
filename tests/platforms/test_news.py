"""News over the platforms' true protocols: every kind, stopped, answered, carried by templates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.wechat.account import AllowanceSettings, NewsTemplate
from connectors.channels.wechat.news_templates import check_templates
from desk.model import Conversation
from desk.news.model import NewsRules, Tidings
from desk.news.words import STOP_PAYLOAD
from desk.service import Desk
from kefu.news import carried_by
from kefu.sandbox.wechat import Misfortunes
from kernel.errors import SettingsError
from tests.channels.serving import ScriptedAssistant, says
from tests.conftest import Databases
from tests.platforms.test_wechat import until
from tests.platforms.wechat import Box, wechat_in_a_box
from tests.platforms.wecom import KFID, KfBox, wecom_in_a_box

NOTHING_HELD_BACK = NewsRules(gap=timedelta(0), look_again=timedelta(0))
PARCEL = {
    "tracking_number": "SF1234567890123",
    "carrier": {"zh": "顺丰速运", "en": "SF Express"},
    "since": "2026-11-20T08:00:00+00:00",
}
MONEY = {"refund_number": "RF1", "amount": "¥12.00", "tender": {"zh": "支付宝", "en": "Alipay"}}
PICKUP = {"code": "6-2-1234", "place": "Locker 6", "until": None}
# kind, event, facts, and what a shopper reads of it in either language.
EVERY_KIND: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("shipped", "shipped", PARCEL, "已发货", "on its way"),
    ("out_for_delivery", "out_for_delivery", PARCEL, "正在派送", "out for delivery"),
    ("out_for_delivery", "awaiting_pickup", PARCEL | {"pickup": PICKUP}, "6-2-1234", "6-2-1234"),
    ("delivered", "delivered", PARCEL, "已签收", "was delivered"),
    ("stuck", "stuck", PARCEL, "没有新的轨迹", "no scan since"),
    ("customs", "customs", PARCEL, "清关", "customs"),
    ("returned", "returned", PARCEL, "已退回我们仓库", "come back to us"),
    ("refund_arrived", "refund_arrived", MONEY, "¥12.00 已退到您的支付宝", "has gone back"),
    ("price_protection", "price_protection", MONEY, "价保差价", "price difference"),
    ("price_protection", "price_protection_failed", MONEY, "没能退到您的支付宝", "could not reach"),
]


class Phones:
    """Shoppers of either platform, by names that are their ids there."""

    def __init__(self, box: Box | KfBox) -> None:
        self.box = box

    @property
    def desk(self) -> Desk:
        return self.box.desk

    @property
    def assistant(self) -> ScriptedAssistant:
        return self.box.assistant

    def say(self, name: str, text: str, choice: str = "") -> None:
        """The shopper writes, or presses a choice."""
        if isinstance(self.box, KfBox):
            self.box.platform.say(KFID, name, text, choice)
        else:
            self.box.platform.say(name, text, choice)

    def read(self, name: str) -> list[str]:
        """What the shopper has read that they did not write."""
        if isinstance(self.box, KfBox):
            return self.box.platform.account_said(KFID, name)
        return self.box.platform.account_said(name)

    def choice(self, name: str, title: str) -> str:
        """The id of the choice called ``title``, as the shopper was last offered it."""
        if isinstance(self.box, KfBox):
            choices = self.box.platform.session(KFID, name).choices
        else:
            choices = list(self.box.platform.phone(name).seen[-1].choices)
        return next(id_ for id_, said in choices if said == title)

    async def greets(self, name: str, language: str = "zh") -> Conversation:
        """The shopper has written, in ``language``, and is answered."""
        self.assistant.answer = lambda _: says("在的", language=language)
        self.say(name, "在吗")
        await until(lambda: bool(self.read(name)))
        return await self.box.conversation(name)

    async def tell(self, conversation: Conversation, *news: Tidings) -> None:
        """News comes for whoever has ``conversation``."""
        for one in news:
            await self.desk.news.add(one)
        await self.desk.news.tell_due(all_of_it)
        self.box.gate.wake_outbox()


async def waiting(phones: Phones) -> int:
    """How much news waits, after another attempt to tell it."""
    seen: list[Tidings] = []

    async def all_that_waits(_customer: str, found: Sequence[Tidings]) -> Collection[str]:
        seen.extend(found)
        return {one.key for one in found}

    for _ in range(2):
        seen.clear()
        await phones.desk.news.tell_due(all_that_waits)
    return len(seen)


async def until_holds(holds: Callable[[], Awaitable[bool]], *, wanted: bool = True) -> None:
    """Wait until ``holds`` says so."""
    async with asyncio.timeout(30):
        while await holds() is not wanted:
            await asyncio.sleep(0.02)


async def settled(phones: Phones, conversation: Conversation, parked: int = 0) -> None:
    """Wait until nothing is on its way, and so many messages are parked."""

    async def is_so() -> bool:
        reach = await phones.desk.reach(conversation.id)
        is_sending = await phones.desk.is_sending(conversation.id)
        return reach is not None and reach.parked == parked and not is_sending

    await until_holds(is_so)


async def all_of_it(_customer: str, waiting: Sequence[Tidings]) -> Collection[str]:
    """Everything is still wanted."""
    return {one.key for one in waiting}


def tidings(
    conversation: Conversation, kind: str, event: str, facts: dict[str, Any], about: str = "1"
) -> Tidings:
    return Tidings(
        key=f"{about}:{event}",
        customer_id=f"C-{conversation.shopper_id}",
        kind=kind,
        event=event,
        order_number="KF2601018001",
        about=about,
        at=datetime.now(UTC),
        facts=facts,
        asked_in=(conversation.id,),
    )


@asynccontextmanager
async def on(channel: str, databases: Databases, data: Path, **how: Any) -> AsyncIterator[Phones]:
    """Phones of a platform whose channel tells news as soon as it comes."""
    url = databases.make("sqlite")
    if channel == "wecom":
        async with wecom_in_a_box(url, data) as kf:
            kf.desk.news.rules = NOTHING_HELD_BACK
            yield Phones(kf)
        return
    is_mini = channel == "miniprogram"
    settings = {"passive_reply_seconds": 0, **how.pop("settings", {})}
    async with wechat_in_a_box(url, data, settings=settings, is_mini_program=is_mini, **how) as box:
        box.desk.news.rules = NOTHING_HELD_BACK
        box.desk.news.may_carry = carried_by({channel: box.channel.templates})
        yield Phones(box)


@pytest.mark.parametrize("channel", ["wechat", "miniprogram", "wecom"])
async def test_news_of_every_kind_arrives_in_both_languages(
    databases: Databases, tmp_path: Path, channel: str
) -> None:
    async with on(channel, databases, tmp_path) as phones:
        for language in ("zh", "en"):
            for place, (kind, event, facts, chinese, english) in enumerate(EVERY_KIND):
                name = f"o{language}{place}"
                conversation = await phones.greets(name, language)
                await phones.tell(conversation, tidings(conversation, kind, event, facts))
                await until(lambda name=name: len(phones.read(name)) == 2)  # type: ignore[misc]
                expected = chinese if language == "zh" else english
                assert expected in phones.read(name)[1]


@pytest.mark.parametrize("channel", ["wechat", "wecom"])
async def test_what_is_said_to_news_is_known_to_be_about_it(
    databases: Databases, tmp_path: Path, channel: str
) -> None:
    async with on(channel, databases, tmp_path) as phones:
        conversation = await phones.greets("o1")
        await phones.tell(conversation, tidings(conversation, "delivered", "delivered", PARCEL))
        await until(lambda: len(phones.read("o1")) == 2)
        where = phones.choice("o1", "查看物流")
        phones.say("o1", "我没收到")
        await until(lambda: len(phones.assistant.asked) == 2)
        news = phones.assistant.asked[1].news
        assert news is not None
        assert (news["facts"], news["answered"]) == ({"order_number": "KF2601018001"}, True)
        phones.say("o1", "查看物流", where)
        await until(lambda: len(phones.assistant.asked) == 3)
        payload = phones.assistant.asked[2].payload or ""
        assert payload.startswith("/track_shipment")
        assert PARCEL["tracking_number"] in payload


@pytest.mark.parametrize("channel", ["wechat", "wecom"])
@pytest.mark.parametrize("word", ["停", "stop", "退订", "不再通知"])
async def test_a_word_or_the_button_ends_news(
    databases: Databases, tmp_path: Path, channel: str, word: str
) -> None:
    async with on(channel, databases, tmp_path) as phones:
        conversation = await phones.greets("o1")
        await phones.tell(conversation, tidings(conversation, "shipped", "shipped", PARCEL))
        await until(lambda: len(phones.read("o1")) == 2)
        phones.say("o1", word, phones.choice("o1", word) if word == "不再通知" else "")
        await until(lambda: len(phones.assistant.asked) == 2)
        assert phones.assistant.asked[1].payload == STOP_PAYLOAD


# One of them is for the greeting, the other is left for an answer.
TWO_MESSAGES = {"allowances": {"message": AllowanceSettings(60.0, 2)}}
FIELDS = {"thing1": "{what}", "character_string2": "{number}", "thing3": "订单 {order}"}
BY_TEMPLATE = {
    "delivered": NewsTemplate("T-PARCEL", FIELDS, url="https://shop.example/o/{order}"),
    "out_for_delivery": NewsTemplate("T-PARCEL", FIELDS),
}
BY_CONSENT = {
    kind: NewsTemplate("S-PARCEL", FIELDS, kind="subscribe", page="pages/order?no={order}")
    for kind in ("delivered", "out_for_delivery")
}


async def test_a_template_carries_news_where_no_message_is_left(
    databases: Databases, tmp_path: Path
) -> None:
    settings = {**TWO_MESSAGES, "news_templates": BY_TEMPLATE}
    async with on("wechat", databases, tmp_path, settings=settings) as phones:
        assert isinstance(phones.box, Box)
        platform = phones.box.platform
        conversation = await phones.greets("o1")
        # Its answer is lost: the platform takes the same again for the same.
        platform.misfortunes = Misfortunes(lost_answer=1.0)
        await phones.tell(conversation, tidings(conversation, "delivered", "delivered", PARCEL))
        await until(lambda: len(platform.templates) == 1)
        platform.misfortunes = Misfortunes()
        await settled(phones, conversation)
        (sent,) = platform.templates
        assert {name: one["value"] for name, one in sent["data"].items()} == {
            "thing1": "已签收",
            "character_string2": "SF1234567890123",
            "thing3": "订单 KF2601018001",
        }
        assert sent["url"] == "https://shop.example/o/KF2601018001"
        # What it said is not said again, and the answer to it is known to be one.
        phones.say("o1", "我没收到")
        await until(lambda: len(phones.read("o1")) == 3)
        assert phones.assistant.asked[1].news is not None
        assert phones.read("o1")[2] == "在的"
        assert platform.refusals == {}


async def test_a_digest_is_announced_and_follows_when_the_shopper_comes(
    databases: Databases, tmp_path: Path
) -> None:
    settings = {**TWO_MESSAGES, "news_templates": BY_TEMPLATE}
    async with on("wechat", databases, tmp_path, settings=settings) as phones:
        assert isinstance(phones.box, Box)
        conversation = await phones.greets("o1")
        await phones.tell(
            conversation,
            tidings(conversation, "out_for_delivery", "out_for_delivery", PARCEL, "1"),
            tidings(conversation, "delivered", "delivered", PARCEL, "2"),
        )
        await until(lambda: len(phones.box.platform.templates) == 1)  # type: ignore[union-attr]
        (sent,) = phones.box.platform.templates
        assert sent["data"]["thing1"]["value"] == "已签收 等2条"
        phones.box.platform.misfortunes = Misfortunes(clock_skew=2.0)
        phones.say("o1", "在吗")
        await until(lambda: any("2 条新消息" in text for text in phones.read("o1")))
        assert len(phones.box.platform.templates) == 1


@pytest.mark.parametrize("channel", ["wechat", "miniprogram"])
async def test_a_subscription_message_needs_a_consent_and_uses_it_up(
    databases: Databases, tmp_path: Path, channel: str
) -> None:
    settings = {**TWO_MESSAGES, "news_templates": BY_CONSENT}
    async with on(channel, databases, tmp_path, settings=settings) as phones:
        assert isinstance(phones.box, Box)
        platform, may_carry = phones.box.platform, phones.box.channel.templates.may_carry

        async def allowed() -> bool:
            return await may_carry("o1", ["delivered"])

        conversation = await phones.greets("o1")
        news = [
            tidings(conversation, "delivered", "delivered", PARCEL, str(about)) for about in "1234"
        ]
        await phones.tell(conversation, news[0])
        assert await waiting(phones) == 1
        platform.answer_popup("o1", {"S-PARCEL": "accept", "S-OTHER": "reject"})
        await platform.quiet()
        await until_holds(allowed)
        platform.misfortunes = Misfortunes(lost_answer=1.0)
        await phones.tell(conversation)
        await until(lambda: len(platform.templates) == 1)
        platform.misfortunes = Misfortunes()
        await settled(phones, conversation)
        assert platform.templates[0]["page"] == "pages/order?no=KF2601018001"
        assert not await allowed()
        await phones.tell(conversation, news[1])
        assert await waiting(phones) == 1
        # Events are told apart by the second in which they happen.
        platform.misfortunes = Misfortunes(clock_skew=2.0)
        # Allowed, and taken back where the platform does not tell us: its refusal counts.
        platform.answer_popup("o1", {"S-PARCEL": "accept"})
        await platform.quiet()
        await until_holds(allowed)
        platform.phone("o1").consents.clear()
        await phones.tell(conversation)
        await settled(phones, conversation, parked=1)
        assert not await allowed()
        assert len(platform.templates) == 1
        platform.misfortunes = Misfortunes(clock_skew=4.0)
        platform.answer_popup("o1", {"S-PARCEL": "accept"})
        await platform.quiet()
        await until_holds(allowed)
        platform.misfortunes = Misfortunes(clock_skew=6.0)
        platform.answer_popup("o1", {"S-PARCEL": "reject"})
        await platform.quiet()
        await until_holds(allowed, wanted=False)


@pytest.mark.parametrize(
    ("kind", "fields", "complaint"),
    [
        ("weather", {"thing1": "{what}"}, "no news of this kind"),
        ("delivered", {"thing1": "{amount}"}, "there is no {amount}"),
        ("delivered", {"thing1": "{what"}, "is no pattern"),
        ("delivered", {"character_string1": "{what}"}, "takes no Chinese"),
    ],
)
def test_a_template_that_cannot_work_is_refused_at_the_start(
    kind: str, fields: dict[str, str], complaint: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        check_templates("kefu.yml: channels.wechat", {kind: NewsTemplate("T", fields)})
    assert complaint in str(refused.value)
