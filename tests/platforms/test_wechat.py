"""Shoppers in WeChat: what either side says arrives once, in order, within the quota."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from PIL import Image

from connectors.channels.envelope import signature_of
from connectors.channels.inbox import Callback, Inbox
from connectors.channels.rendering import choice_id
from connectors.channels.wechat.account import MenuEntry, WaitingTemplate, menu_json
from connectors.channels.wechat.payloads import read_push
from connectors.channels.wechat.signature import Mode
from desk.model import Author, Owner, Role
from desk.reach import Reach, ReachState
from kefu.sandbox.wechat import Misfortunes
from kernel.clock import SystemClock
from kernel.content import Attachment, Button, Content
from kernel.database import make_engine
from tests.channels.serving import says
from tests.conftest import Databases
from tests.platforms.wechat import RETRY, TOKEN, Box, wechat_in_a_box

PATIENT = {"retry_after_seconds": 2.5, "passive_reply_seconds": 2.2}
CHOICES = (Button("退货", "/return_request"), Button("转人工", "/human_agent"))


@pytest.fixture
async def box(databases: Databases, tmp_path: Path) -> AsyncIterator[Box]:
    """An Official Account in secure mode."""
    async with wechat_in_a_box(databases.make("sqlite"), tmp_path) as running:
        yield running


@pytest.fixture
async def patient_box(databases: Databases, tmp_path: Path) -> AsyncIterator[Box]:
    """The same with time for a passive answer also where the machine is busy."""
    async with wechat_in_a_box(
        databases.make("sqlite"), tmp_path, settings=PATIENT, retry_seconds=2.5
    ) as running:
        yield running


async def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


async def until_said(box: Box, openid: str, *texts: str) -> None:
    """Wait until the phone shows exactly these texts of the account's."""
    with contextlib.suppress(TimeoutError):
        await until(lambda: len(box.platform.account_said(openid)) >= len(texts))
    assert box.platform.account_said(openid) == list(texts)


async def until_reached(box: Box, holds: Callable[[Reach], bool]) -> Reach:
    """Wait until this is so of what may be sent to the shopper o1."""
    conversation = await box.conversation("o1")
    async with asyncio.timeout(30):
        while (reach := await box.desk.reach(conversation.id)) is None or not holds(reach):
            await asyncio.sleep(0.02)
    return reach


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_shopper_is_answered_in_every_mode(
    mode: Mode, databases: Databases, tmp_path: Path
) -> None:
    settings = {"mode": mode, **PATIENT}
    async with wechat_in_a_box(
        databases.make("sqlite"), tmp_path, settings=settings, retry_seconds=2.5
    ) as box:
        box.platform.say("o1", "你好")
        await until_said(box, "o1", "You said: 你好")
        [answer] = [one for one in box.platform.phone("o1").seen if one.by == "account"]
        # In time, so it came with the callback and used up nothing.
        assert answer.via == "passive"
        assert box.platform.phone("o1").allowed["message"][0] == 5
        assert [one.text for one in box.assistant.asked] == ["你好"]
        assert box.assistant.asked[0].channel == "wechat"


async def test_a_slow_answer_follows_as_a_message_of_its_own(box: Box) -> None:
    box.assistant.delay = 0.6
    box.platform.say("o1", "慢慢来")
    await until_said(box, "o1", "You said: 慢慢来")
    assert box.platform.phone("o1").seen[-1].via == "api"
    assert max(box.platform.acknowledged_seconds) < RETRY
    assert box.platform.given_up == []


async def test_what_wechat_repeats_is_answered_once(databases: Databases, tmp_path: Path) -> None:
    doubled = Misfortunes(doubled=1.0)
    async with wechat_in_a_box(databases.make("sqlite"), tmp_path, misfortunes=doubled) as box:
        for number in range(5):
            box.platform.say("o1", f"第{number}条")
        box.platform.event("o1", "CLICK", EventKey="say:查订单")
        await box.platform.quiet()
        await until(lambda: len(box.assistant.asked) == 6)
        await asyncio.sleep(0.3)
        conversation = await box.conversation("o1")
        messages = await box.desk.messages_after(conversation.id, 0, 100)
        said = [one.content.text for one in messages if one.author is Author.SHOPPER]
        assert sorted(said) == sorted([*(f"第{n}条" for n in range(5)), "查订单"])
        assert len(box.assistant.asked) == 6


async def test_a_passive_answer_that_was_lost_follows_as_a_message(
    databases: Databases, tmp_path: Path
) -> None:
    lost = Misfortunes(lost_acknowledgement=0.5)
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        misfortunes=lost,
        settings=PATIENT,
        retry_seconds=2.5,
        seed=3,
    ) as box:
        shoppers = [f"o{number}" for number in range(6)]
        for openid in shoppers:
            box.platform.say(openid, f"我是{openid}")
        await box.platform.quiet()
        for openid in shoppers:
            await until_said(box, openid, f"You said: 我是{openid}")
        ways = {one.via for o in shoppers for one in box.platform.phone(o).seen}
        assert ways >= {"passive", "api"}


async def test_a_lost_answer_of_the_send_api_is_asked_after_not_sent_again(
    databases: Databases, tmp_path: Path
) -> None:
    cut = Misfortunes(lost_answer=0.5)
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        misfortunes=cut,
        settings={"passive_reply_seconds": 0},
        seed=1,
    ) as box:
        for number in range(8):
            box.platform.say(f"o{number}", "在吗")
        for number in range(8):
            await until_said(box, f"o{number}", "You said: 在吗")
        await asyncio.sleep(3)
        assert [len(box.platform.account_said(f"o{n}")) for n in range(8)] == [1] * 8


async def test_what_a_dead_process_left_undone_comes_before_what_was_written_since(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.make("sqlite")
    engine, clock = make_engine(url), SystemClock()
    dead = Inbox(engine, clock, "wechat", "the one that died", timedelta(seconds=1))
    for number in range(3):
        fields = {
            "ToUserName": "gh_sandbox",
            "FromUserName": "o1",
            "CreateTime": str(int(clock.now().timestamp()) - 10 + number),
            "MsgType": "text",
            "Content": f"先{number}",
            "MsgId": str(number + 1),
        }
        left = read_push(fields)
        await dead.put(Callback(left.id, left.openid, left.sent_at, msgspec.to_builtins(left)))
    async with wechat_in_a_box(url, tmp_path) as box:
        box.platform.say("o1", "后来")
        await until(lambda: len(box.assistant.asked) >= 4)
        assert [one.text for one in box.assistant.asked] == ["先0", "先1", "先2", "后来"]
        ever = datetime.max.replace(tzinfo=UTC)
        async with asyncio.timeout(30):
            # The last one is done only when its answer is on the way.
            while await dead.held_by_others({"o1": (ever, "")}):
                await asyncio.sleep(0.02)
    await engine.dispose()


async def test_a_message_that_is_taken_after_we_gave_up_waiting_is_not_sent_again(
    databases: Databases, tmp_path: Path
) -> None:
    asked, taken, sends = asyncio.Event(), asyncio.Event(), 0

    @web.middleware
    async def late_once(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal sends
        if request.path.endswith("/getmsglist"):
            asked.set()
        if request.path.endswith("/custom/send"):
            sends += 1
            await request.read()
            await taken.wait()
        return await handler(request)

    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        settings={
            "passive_reply_seconds": 0,
            "request_seconds": 0.3,
            "taken_within_seconds": 30,
        },
        middlewares=[late_once],
    ) as box:
        box.platform.say("o1", "在吗")
        # The records say that there is no such message: not yet.
        await asked.wait()
        taken.set()
        await until_said(box, "o1", "You said: 在吗")
        conversation = await box.conversation("o1")
        async with asyncio.timeout(30):
            while await box.desk.is_sending(conversation.id):
                await asyncio.sleep(0.05)
        assert (sends, box.platform.account_said("o1")) == (1, ["You said: 在吗"])


async def test_what_follows_a_passive_answer_does_not_overtake_it(
    databases: Databases, tmp_path: Path
) -> None:
    async with wechat_in_a_box(databases.make("sqlite"), tmp_path, slow_line=0.15) as box:
        # Too long for one message together.
        long = ["一" * 500, "二" * 500]
        box.assistant.answer = lambda _: says(*long)
        box.platform.say("o1", "讲讲")
        await until_said(box, "o1", *long)
        assert [one.via for one in box.platform.phone("o1").seen[1:]] == ["passive", "api"]


async def test_who_asks_more_at_once_than_may_be_answered_is_answered_all_of_it(
    databases: Databases, tmp_path: Path
) -> None:
    async with wechat_in_a_box(
        databases.make("sqlite"), tmp_path, settings={"passive_reply_seconds": 0}
    ) as box:
        for number in range(9):
            box.platform.say("o1", f"问{number}")
        asked = [f"You said: 问{number}" for number in range(9)]

        def said() -> list[str]:
            return sorted("\n\n".join(box.platform.account_said("o1")).split("\n\n"))

        with contextlib.suppress(TimeoutError):
            await until(lambda: len(said()) >= len(asked))
        assert said() == asked
        assert len(box.platform.account_said("o1")) <= 5
        assert box.platform.refusals == {}


async def test_the_quota_is_never_exceeded_and_what_waits_comes_with_the_next_message(
    databases: Databases, tmp_path: Path
) -> None:
    async with wechat_in_a_box(
        databases.make("sqlite"), tmp_path, settings={"passive_reply_seconds": 0}
    ) as box:
        agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
        box.platform.say("o1", "你好")
        await until_said(box, "o1", "You said: 你好")
        conversation = await box.conversation("o1")
        await box.desk.take(conversation.id, agent.id)
        await until(lambda: len(box.platform.account_said("o1")) == 2)
        for number in range(5):
            await box.desk.reply(
                conversation.id, agent.id, Content(text=f"答{number}"), f"c{number}"
            )
            # Each of the first three goes out by itself, before the next is said.
            gone = min(number, 2) + 3
            await until(lambda: len(box.platform.account_said("o1")) >= gone)  # noqa: B023
        reach = await until_reached(box, lambda reach: reach.parked == 2)
        assert box.platform.account_said("o1")[2:] == ["答0", "答1", "答2"]
        assert reach.state_at(box.desk.now()) is ReachState.QUOTA_USED
        assert box.platform.refusals == {}
        await asyncio.sleep(2.2)
        box.platform.say("o1", "还在吗")
        await until(lambda: len(box.platform.account_said("o1")) == 6)
        assert box.platform.account_said("o1")[-1] == "答3\n\n答4"


async def test_a_turn_of_many_replies_is_one_message(box: Box) -> None:
    box.assistant.answer = lambda _: says("一", "二", Content(text="三", buttons=CHOICES))
    box.assistant.delay = 0.5
    box.platform.say("o1", "查订单")
    await until_said(box, "o1", "一\n\n二\n\n三")
    seen = box.platform.phone("o1").seen[-1]
    assert (seen.kind, [title for _, title in seen.choices]) == ("msgmenu", ["退货", "转人工"])


async def test_a_choice_is_pressed_or_typed_as_a_number(patient_box: Box) -> None:
    box = patient_box
    box.assistant.answer = lambda _: says(Content(text="请选择", buttons=CHOICES))
    box.platform.say("o1", "怎么办")
    await until(lambda: len(box.platform.account_said("o1")) == 1)
    shown = box.platform.account_said("o1")[0]
    assert "1. <a href=" in shown
    assert "回复序号即可选择" in shown or "Reply with a number" in shown
    box.platform.say("o1", "2")
    await until(lambda: len(box.assistant.asked) == 2)
    assert (box.assistant.asked[1].payload, box.assistant.asked[1].text) == (
        "/human_agent",
        "转人工",
    )
    box.platform.say("o1", "退货", choice=choice_id("/return_request"))
    await until(lambda: len(box.assistant.asked) == 3)
    assert box.assistant.asked[2].payload == "/return_request"
    box.platform.say("o1", "/human_agent")
    box.platform.say("o1", "9")
    box.platform.say("o1", "假的", choice="0" * 16)
    await until(lambda: len(box.assistant.asked) == 6)
    assert {one.payload for one in box.assistant.asked[3:]} == {None}


@pytest.mark.parametrize("has_menus", [True, False])
async def test_a_score_is_pressed_or_typed_in_the_chat(
    has_menus: bool, databases: Databases, tmp_path: Path
) -> None:
    async with wechat_in_a_box(
        databases.make("sqlite"), tmp_path, has_choice_menus=has_menus
    ) as box:
        box.desk.surveys.link = lambda survey_id, _until: f"https://shop.example/rate/{survey_id}"
        agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
        box.assistant.answer = lambda _: says("您好", language="zh")
        box.platform.say("o1", "你好")
        await until_said(box, "o1", "您好")
        conversation = await box.conversation("o1")
        await box.desk.take(conversation.id, agent.id)
        await box.desk.close(conversation.id, agent.id)
        assert await box.desk.surveys.ask_due() == 1
        await until(lambda: "请为本次服务打分" in box.platform.account_said("o1")[-1])
        shown = box.platform.phone("o1").seen[-1]
        if has_menus:
            choice = next(one for one, title in shown.choices if title == "满意")
            box.platform.say("o1", "满意", choice)
        else:
            assert "4. " in shown.text
            box.platform.say("o1", "4")
        await until(lambda: "谢谢您的评价" in box.platform.account_said("o1")[-1])
        survey_id = box.platform.account_said("o1")[-1].rsplit("/", 1)[1]
        survey = await box.desk.surveys.survey(survey_id)
        assert (survey.score, survey.agent_id) == (4, agent.id)
        assert (await box.conversation("o1")).owner is Owner.CLOSED
        assert len(box.assistant.asked) == 1


async def test_an_account_without_menus_gets_words(databases: Databases, tmp_path: Path) -> None:
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        settings={"passive_reply_seconds": 0},
        has_choice_menus=False,
    ) as box:
        box.assistant.answer = lambda _: says(Content(text="请选择", buttons=CHOICES))
        for number in range(2):
            box.platform.say(f"o{number}", "怎么办")
            await until(lambda: bool(box.platform.account_said(f"o{number}")))  # noqa: B023
            assert "1. <a href=" in box.platform.account_said(f"o{number}")[0]
        # Learnt the first time, not tried the second.
        assert box.platform.refusals[40200] == 1
        assert box.platform.phone("o0").allowed["message"][0] == 4


async def test_pictures_go_both_ways(box: Box) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    box.platform.send_picture("o1", out.getvalue())
    await until(lambda: len(box.assistant.asked) == 1)
    [picture] = box.assistant.asked[0].attachments
    assert picture.media_type == "image/jpeg"
    agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
    conversation = await box.conversation("o1")
    await box.desk.take(conversation.id, agent.id)
    shown = Content(attachments=(Attachment(picture.id, picture.media_type, picture.size),))
    await box.desk.reply(conversation.id, agent.id, shown, "c1")
    await until(lambda: box.platform.phone("o1").seen[-1].kind == "image")


@pytest.mark.parametrize("data", [b"no picture at all", b"\xff" * 2_000_000])
async def test_a_picture_that_is_none_or_too_large_is_said_to_be_missing(
    data: bytes, databases: Databases, tmp_path: Path
) -> None:
    settings = {"picture_megabytes": 1}
    async with wechat_in_a_box(databases.make("sqlite"), tmp_path, settings=settings) as box:
        box.platform.send_picture("o1", data)
        await until(lambda: len(box.platform.account_said("o1")) == 1)
        assert "图片" in box.platform.account_said("o1")[0]
        assert box.assistant.asked == []


async def test_what_nobody_can_read_is_answered_and_kept_for_people(box: Box) -> None:
    box.platform.send_other("o1", "voice", MediaId="m1", Recognition="我的包裹到哪了")
    await until(lambda: len(box.assistant.asked) == 1)
    assert box.assistant.asked[0].text == "我的包裹到哪了"
    await until(lambda: len(box.platform.account_said("o1")) == 1)
    for kind in ("voice", "video", "hologram"):
        before = len(box.platform.account_said("o1"))
        box.platform.send_other("o1", kind, MediaId="m1")
        await until(lambda: len(box.platform.account_said("o1")) == before + 1)  # noqa: B023
        assert box.platform.account_said("o1")[-1].startswith("Sorry")
    assert len(box.assistant.asked) == 1
    conversation = await box.conversation("o1")
    messages = await box.desk.messages_after(conversation.id, 0, 100)
    texts = [one.content.text for one in messages if one.author is Author.SHOPPER]
    assert texts == ["我的包裹到哪了", "[语音]", "[视频]", "[暂不支持的消息]"]


async def test_places_links_and_cards_are_said_in_words(box: Box) -> None:
    box.platform.send_other("o1", "location", Label="广州塔", Location_X="23", Location_Y="113")
    await until(lambda: len(box.assistant.asked) == 1)
    box.platform.send_other("o1", "link", Title="马克杯", Url="https://shop.example/1")
    await until(lambda: len(box.assistant.asked) == 2)
    box.platform.send_other(
        "o1", "miniprogrampage", Title="我的订单", PagePath="pages/order?no=KF2611190042"
    )
    await until(lambda: len(box.assistant.asked) == 3)
    assert [one.text for one in box.assistant.asked] == [
        "我的位置：广州塔",
        "马克杯 https://shop.example/1",
        "我的订单 KF2611190042",
    ]


async def test_events_open_the_conversation_with_their_scene(
    databases: Databases, tmp_path: Path
) -> None:
    settings = {"scenes": {"goods_*": "我想了解商品 {rest}"}, "greet_on": ("follow",)}
    async with wechat_in_a_box(databases.make("sqlite"), tmp_path, settings=settings) as box:
        box.platform.event("o1", "subscribe", EventKey="qrscene_shelf")
        await until(lambda: len(box.assistant.asked) == 1)
        assert box.assistant.asked[0].payload == "/greet"
        box.platform.event("o1", "SCAN", EventKey="goods_MUG")
        await until(lambda: len(box.assistant.asked) == 2)
        assert box.assistant.asked[1].text == "我想了解商品 MUG"
        box.platform.event("o1", "SCAN", EventKey="elsewhere")
        box.platform.event("o1", "LOCATION", Latitude="1", Longitude="2")
        box.platform.event("o1", "VIEW", EventKey="https://shop.example")
        await box.platform.quiet()
        await asyncio.sleep(0.2)
        conversation = await box.conversation("o1")
        messages = await box.desk.messages_after(conversation.id, 0, 100)
        heard = [one.content.custom for one in messages if one.author is Author.SHOPPER]
        assert [one and one["scene"] for one in heard] == ["shelf", "goods_MUG"]
        assert box.platform.given_up == []


async def test_who_unfollows_cannot_be_reached_until_they_are_back(box: Box) -> None:
    agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
    box.platform.say("o1", "你好")
    await until_said(box, "o1", "You said: 你好")
    conversation = await box.conversation("o1")
    await box.desk.take(conversation.id, agent.id)
    await until(lambda: len(box.platform.account_said("o1")) == 2)
    box.platform.event("o1", "unsubscribe")
    await box.platform.quiet()
    await until_reached(box, lambda reach: reach.state is ReachState.UNFOLLOWED)
    await box.desk.reply(conversation.id, agent.id, Content(text="您还在吗"), "c1")
    await asyncio.sleep(0.5)
    assert len(box.platform.account_said("o1")) == 2
    await asyncio.sleep(1)
    box.platform.event("o1", "subscribe")
    await until(lambda: "您还在吗" in box.platform.account_said("o1"))


async def test_refusals_become_states_and_the_unknown_is_unknown(box: Box) -> None:
    box.assistant.delay = 0.5
    box.platform.say("o1", "你好")
    box.platform.phone("o1").blacklisted = True
    await until(lambda: box.platform.refusals[43019] == 1)
    reach = await until_reached(box, lambda reach: reach.parked == 1)
    assert (reach.state, reach.code) == (ReachState.BLACKLISTED, "43019")
    box.platform.phone("o1").blacklisted = False
    await asyncio.sleep(1)
    box.platform.say("o1", "又来了")
    await until(lambda: len(box.platform.account_said("o1")) >= 1)
    assert box.platform.account_said("o1")[0].startswith("You said: 你好")


async def test_one_token_serves_everybody_and_a_refused_one_is_replaced(box: Box) -> None:
    box.assistant.delay = 0.5
    for number in range(6):
        box.platform.say(f"o{number}", "你好")
    for number in range(6):
        await until_said(box, f"o{number}", "You said: 你好")
    assert box.platform.tokens_issued == 1
    box.platform.expire_token()
    box.platform.say("o9", "你好")
    await until_said(box, "o9", "You said: 你好")
    assert box.platform.tokens_issued == 2


async def test_a_busy_platform_is_asked_again_and_costs_nothing(
    databases: Databases, tmp_path: Path
) -> None:
    busy = Misfortunes(busy=0.5)
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        misfortunes=busy,
        settings={"passive_reply_seconds": 0},
        seed=5,
    ) as box:
        box.platform.say("o1", "你好")
        await until(lambda: bool(box.platform.account_said("o1")), seconds=30)
        conversation = await box.conversation("o1")
        reach = await box.desk.reach(conversation.id)
        assert reach is not None
        assert reach.left_at(box.desk.now()) == 4


async def test_an_account_without_customer_service_answers_in_the_repeats(
    databases: Databases, tmp_path: Path
) -> None:
    # Windows of 1.2 s, half a second of which may pass on a busy machine.
    retry = 2 * RETRY
    settings = {
        "customer_service": False,
        "retry_after_seconds": retry,
        "passive_reply_seconds": 0.75 * retry,
    }
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        settings=settings,
        has_customer_service=False,
        retry_seconds=retry,
    ) as box:
        box.assistant.delay = retry * 1.4
        box.platform.say("o1", "慢")
        await until_said(box, "o1", "You said: 慢")
        assert box.platform.phone("o1").seen[-1].via == "passive"
        await box.platform.quiet()
        box.assistant.delay = retry * 3.5
        box.platform.say("o2", "太慢")
        await until_said(box, "o2", "还在为您查询，请稍后发送任意消息查看结果。")
        await asyncio.sleep(retry)
        box.assistant.delay = 0
        box.platform.say("o2", "好了吗")
        await until(lambda: len(box.platform.account_said("o2")) >= 2)
        assert box.platform.account_said("o2")[1].startswith("You said: 太慢")
        assert box.platform.refusals == {}


async def test_a_bound_shopper_is_known(box: Box) -> None:
    await box.bindings.bind("wechat", "o1", {"id": "C7", "name": "王芳"})
    box.platform.say("o1", "我的订单")
    await until(lambda: len(box.assistant.asked) == 1)
    assert box.assistant.asked[0].customer == {
        "id": "C7",
        "name": "王芳",
        "proof": "bound_account",
    }


async def test_who_writes_too_fast_is_told_so_where_there_is_a_place_for_it(
    databases: Databases, tmp_path: Path
) -> None:
    # An account that may only answer callbacks keeps every one of them open for an answer.
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        burst=1,
        messages_per_minute=0.001,
        settings={"customer_service": False},
        has_customer_service=False,
    ) as box:
        box.platform.say("o1", "在吗")
        await until_said(box, "o1", "You said: 在吗")
        await box.platform.quiet()
        box.platform.say("o1", "再来")
        await until(lambda: any("有点快" in one for one in box.platform.account_said("o1")))


async def test_who_writes_too_fast_and_cannot_be_told_is_answered_a_little_later(
    databases: Databases, tmp_path: Path
) -> None:
    # It is acknowledged before it is looked at, so WeChat will not bring it again.
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        burst=2,
        messages_per_minute=60,
        settings={"passive_reply_seconds": 0},
    ) as box:
        for number in range(4):
            box.platform.say("o1", f"{number}条")
        await until(lambda: len(box.assistant.asked) == 4)
        assert [one.text for one in box.assistant.asked] == ["0条", "1条", "2条", "3条"]


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b"<xml>", {}),
        (b"<xml><FromUserName>o1</FromUserName></xml>", {"signature": "0" * 40}),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>", {"good": "1"}),
        (b"", {"good": "1"}),
        (b"x" * 1_000_000, {"good": "1"}),
        (b"<xml><Encrypt>AAAA</Encrypt></xml>", {"good": "1", "encrypt_type": "aes"}),
    ],
)
async def test_bad_callbacks_are_refused_without_a_word_of_the_inside(
    box: Box, body: bytes, query: dict[str, str]
) -> None:
    if query.pop("good", None):
        now = str(int(box.desk.now().timestamp()))
        query |= {"timestamp": now, "nonce": "1", "signature": signature_of(TOKEN, now, "1")}
    address = f"{box.url}/channels/wechat"
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=body, params=query) as answer,
    ):
        assert answer.status in (403, 413)
        assert await answer.text() in ("refused", "")
    assert box.assistant.asked == []


async def test_the_address_is_confirmed_with_and_without_a_slash(box: Box) -> None:
    now = str(int(box.desk.now().timestamp()))
    query = {"timestamp": now, "nonce": "1", "echostr": "8413"}
    query["signature"] = signature_of(TOKEN, now, "1")
    async with aiohttp.ClientSession() as session:
        for path in ("/channels/wechat", "/channels/wechat/"):
            async with session.get(box.url + path, params=query) as answer:
                assert (answer.status, await answer.text()) == (200, "8413")
        async with session.get(f"{box.url}/channels/wechat", params={}) as answer:
            assert answer.status == 403


async def test_a_mini_program_speaks_json_and_is_answered(
    databases: Databases, tmp_path: Path
) -> None:
    async with wechat_in_a_box(databases.make("sqlite"), tmp_path, is_mini_program=True) as box:
        box.assistant.answer = lambda _: says(Content(text="请选择", buttons=CHOICES))
        box.platform.event("o1", "user_enter_tempsession", SessionFrom="goods_7")
        await until(lambda: len(box.assistant.asked) == 1)
        await until(lambda: len(box.platform.account_said("o1")) == 1)
        assert box.platform.account_said("o1")[0].endswith(
            "2. 转人工\nReply with a number to choose"
        )
        assert box.platform.phone("o1").allowed["enter"][0] == 1
        box.platform.say("o1", "1")
        await until(lambda: len(box.assistant.asked) == 2)
        assert box.assistant.asked[1].payload == "/return_request"
        assert box.assistant.asked[1].channel == "miniprogram"


async def test_a_menu_says_what_its_entries_say(box: Box) -> None:
    entries = (
        MenuEntry("查订单", says="我的订单到哪了"),
        MenuEntry("更多", entries=(MenuEntry("商城", url="https://shop.example"),)),
    )
    await box.client.create_menu(menu_json(entries))
    assert box.platform.menu is not None
    first, more = box.platform.menu["button"]
    assert more["sub_button"] == [{"type": "view", "name": "商城", "url": "https://shop.example"}]
    box.platform.event("o1", "CLICK", EventKey=first["key"])
    await until(lambda: len(box.assistant.asked) == 1)
    assert box.assistant.asked[0].text == "我的订单到哪了"


async def test_a_template_tells_once_that_an_answer_waits(
    databases: Databases, tmp_path: Path
) -> None:
    template = WaitingTemplate("T1", {"thing1": "您咨询的问题有新的回复，请打开会话查看详细内容"})
    settings = {"waiting_template": template, "passive_reply_seconds": 0}
    async with wechat_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        settings=settings,
        allowances={"message": (1, 60.0)},
    ) as box:
        box.assistant.answer = lambda _: says("一" * 600, "二" * 600)
        box.platform.say("o1", "你好")
        await until(lambda: len(box.platform.templates) == 1)
        [sent] = box.platform.templates
        assert len(sent["data"]["thing1"]["value"]) == 20
        assert sent["client_msg_id"]


async def test_who_waits_longer_sees_that_somebody_writes(box: Box) -> None:
    box.assistant.delay = 1.0
    box.platform.say("o1", "慢")
    await until(lambda: box.platform.phone("o1").typing)
    await until_said(box, "o1", "You said: 慢")
    assert not box.platform.phone("o1").typing
