"""Shoppers in 微信客服: what either side says arrives once, in order, in the right hands."""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from connectors.channels.envelope import Envelope
from connectors.channels.rendering import choice_id
from connectors.channels.wecom.account import AnswerIn, shopper_of
from connectors.channels.wecom.sending import delivery_of, message_key
from desk.model import Agent, Author, Owner, Role
from desk.reach import ReachState
from desk.service import Desk
from kefu.sandbox.wecom import KfMisfortunes
from kernel.clock import SystemClock
from kernel.content import Button, Content
from kernel.database import make_engine
from tests.channels.serving import says
from tests.conftest import Databases
from tests.platforms.wechat import KEY
from tests.platforms.wecom import CORPID, KFID, KfBox, wecom_in_a_box

INSIDE = {"answer_in": AnswerIn.WECOM, "servicers": {"zhangsan": "lin", "lisi": "wu"}}


@pytest.fixture
async def box(databases: Databases, tmp_path: Path) -> AsyncIterator[KfBox]:
    """One enterprise whose people answer in Kefu."""
    async with wecom_in_a_box(databases.make("sqlite"), tmp_path) as running:
        yield running


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.03)


async def until_said(box: KfBox, person: str, *texts: str) -> None:
    """Wait until the phone shows exactly these texts that the shopper did not write."""

    async def enough() -> bool:
        return len(box.platform.account_said(KFID, person)) >= len(texts)

    with contextlib.suppress(TimeoutError):
        await until(enough)
    assert box.platform.account_said(KFID, person) == list(texts)


async def until_owned(box: KfBox, person: str, owner: Owner) -> None:
    async def owned() -> bool:
        found = await box.desk.conversation_of("wecom", shopper_of(KFID, person))
        return found is not None and found.owner is owner

    await until(owned)


async def test_a_shopper_writes_and_is_answered(box: KfBox) -> None:
    box.platform.say(KFID, "u1", "我的快递到哪了")
    await until_said(box, "u1", "You said: 我的快递到哪了")
    [asked] = box.assistant.asked
    assert (asked.channel, asked.text) == ("wecom", "我的快递到哪了")
    assert box.platform.tokens_issued == 1


async def test_calls_doubled_or_lost_lose_and_double_nothing(
    databases: Databases, tmp_path: Path
) -> None:
    async with wecom_in_a_box(
        databases.make("sqlite"),
        tmp_path,
        misfortunes=KfMisfortunes(lost_call=0.3, doubled_call=0.5, busy=0.1, lost_answer=0.2),
        settings={"poll_seconds": 0.5},
        page=3,
        replicas=3,
        seed=5,
    ) as box:
        people = [f"u{number}" for number in range(5)]
        for number in range(6):
            for person in people:
                box.platform.say(KFID, person, f"第{number}条")
            await asyncio.sleep(0.05)

        async def all_answered() -> bool:
            return len(box.assistant.asked) >= 30

        await until(all_answered, 40)
        await asyncio.sleep(2.5)
        # What came in one second counts against the quota; whoever writes once more has it all.
        for person in people:
            box.platform.say(KFID, person, "都收到了吗")
        wanted = [*(f"第{number}条" for number in range(6)), "都收到了吗"]
        for person in people:

            async def heard(whose: str = person) -> bool:
                return wanted[-1] in "\n".join(box.platform.account_said(KFID, whose))

            await until(heard, 60)
            conversation = await box.conversation(person)
            messages = await box.desk.messages_after(conversation.id, 0, 100)
            said = [one.content.text for one in messages if one.author is Author.SHOPPER]
            assert said == wanted
            words = "\n".join(box.platform.account_said(KFID, person))
            assert [words.count(text) for text in wanted] == [1] * 7
            places = [words.index(text) for text in wanted]
            assert places == sorted(places)
        assert len(box.assistant.asked) == 35
        # One process at a time reads an account.
        assert box.platform.most_syncs_at_once == 1


async def test_a_choice_is_pressed_in_wecoms_own_menu(box: KfBox) -> None:
    buttons = (Button("KF1", "/pick{1}"), Button("KF2", "/pick{2}"))
    box.assistant.answer = lambda _: says(Content(text="哪个订单？", buttons=buttons))
    box.platform.say(KFID, "u1", "退货")
    await until_said(box, "u1", "哪个订单？")
    assert box.platform.session(KFID, "u1").choices == [
        (choice_id("/pick{1}"), "KF1"),
        (choice_id("/pick{2}"), "KF2"),
    ]
    box.platform.say(KFID, "u1", "KF2", choice=choice_id("/pick{2}"))

    async def asked() -> bool:
        return len(box.assistant.asked) == 2

    await until(asked)
    assert box.assistant.asked[1].payload == "/pick{2}"


async def test_no_sixth_message_goes_out_and_it_comes_with_the_next_word(box: KfBox) -> None:
    agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
    box.platform.say(KFID, "u1", "你好")
    await until_said(box, "u1", "You said: 你好")
    conversation = await box.conversation("u1")
    await box.desk.take(conversation.id, agent.id)
    session = box.platform.session(KFID, "u1")

    async def one_less() -> bool:
        return session.left < left

    left = 4
    await until(one_less)
    for number in range(8):
        left = session.left
        await box.desk.reply(conversation.id, agent.id, Content(text=f"回复{number}"), f"c{number}")
        if left:
            # By itself, before the next is said.
            await until(one_less)

    async def used_up() -> bool:
        reach = await box.desk.reach(conversation.id)
        return reach is not None and reach.parked > 0

    await until(used_up)
    assert session.left == 0
    assert box.platform.refusals[6] == 0
    # What goes out in the very second of a message counts against the quota that it opens.
    await asyncio.sleep(2.5)
    box.platform.say(KFID, "u1", "在吗")

    async def all_there() -> bool:
        return "回复7" in "".join(box.platform.account_said(KFID, "u1"))

    await until(all_there)
    words = "".join(box.platform.account_said(KFID, "u1"))
    assert [words.count(f"回复{number}") for number in range(8)] == [1] * 8
    assert sorted(range(8), key=lambda n: words.index(f"回复{n}")) == list(range(8))


async def test_a_message_that_did_not_arrive_waits_and_the_desk_knows_why(box: KfBox) -> None:
    box.platform.say(KFID, "u1", "你好")
    await until_said(box, "u1", "You said: 你好")
    [key] = box.platform.keys
    box.platform.fail(KFID, "u1", key, 10)
    conversation = await box.conversation("u1")

    async def known() -> bool:
        reach = await box.desk.reach(conversation.id)
        return reach is not None and reach.state is ReachState.REFUSED

    await until(known)
    reach = await box.desk.reach(conversation.id)
    assert reach is not None
    assert reach.parked == 1
    box.platform.say(KFID, "u1", "又来了")
    # Under a key that the platform knows it would be taken for the lost one.

    async def all_there() -> bool:
        return "又来了" in "".join(box.platform.account_said(KFID, "u1"))

    await until(all_there)
    words = "".join(box.platform.account_said(KFID, "u1"))
    assert [words.count(text) for text in ("你好", "又来了")] == [1, 1]


async def test_whoever_comes_in_is_welcomed_and_a_scene_says_what_they_want(
    databases: Databases, tmp_path: Path
) -> None:
    settings = {"welcome": {"zh": "欢迎光临"}, "scenes": {"goods_*": "我想了解商品 {rest}"}}
    async with wecom_in_a_box(databases.make("sqlite"), tmp_path, settings=settings) as box:
        box.platform.enter(KFID, "u1", "goods_P0001")

        async def welcomed() -> bool:
            return "欢迎光临" in box.platform.account_said(KFID, "u1")

        await until(welcomed)

        async def asked() -> bool:
            return [one.text for one in box.assistant.asked] == ["我想了解商品 P0001"]

        await until(asked)


async def test_pictures_places_and_what_nobody_can_read_arrive(box: KfBox) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    box.platform.send_picture(KFID, "u1", out.getvalue())
    box.platform.send_other(
        KFID, "u1", "location", name="北门", address="人民路1号", latitude=31.2, longitude=121.5
    )
    box.platform.send_other(KFID, "u1", "voice", media_id="v1")
    box.platform.send_other(KFID, "u1", "holographic", beam="?")

    async def said() -> list[Content]:
        found = await box.desk.conversation_of("wecom", shopper_of(KFID, "u1"))
        messages = await box.desk.messages_after(found.id, 0, 100) if found else []
        return [one.content for one in messages if one.author is Author.SHOPPER]

    async def all_there() -> bool:
        return len(await said()) == 4

    await until(all_there)
    picture, place, voice, unknown = await said()
    assert (await box.uploads.find(picture.attachments[0].id)) is not None
    assert place.text == "我的位置：北门 人民路1号"
    assert place.custom == {"kind": "location", "latitude": "31.2", "longitude": "121.5"}
    assert voice.text == "[语音]"
    assert unknown.custom is not None
    assert unknown.custom["vendor_kind"] == "holographic"


async def people_of(box: KfBox) -> tuple[Agent, Agent]:
    lin = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
    wu = await box.desk.add_agent("wu", "吴", "a long password", Role.AGENT)
    return lin, wu


async def test_people_answer_inside_wecom_and_the_desk_has_it_all(
    databases: Databases, tmp_path: Path
) -> None:
    async with wecom_in_a_box(databases.make("sqlite"), tmp_path, settings=INSIDE) as box:
        lin, wu = await people_of(box)
        box.assistant.answer = lambda _: says(handoff="asked", language="zh")
        box.platform.say(KFID, "u1", "转人工")
        await until_owned(box, "u1", Owner.QUEUE)

        async def in_pool() -> bool:
            return box.platform.session(KFID, "u1").state == 2

        await until(in_pool)
        box.platform.take(KFID, "u1", "zhangsan")
        await until_owned(box, "u1", Owner.AGENT)
        assert (await box.conversation("u1")).agent_id == lin.id
        box.platform.servicer_says(KFID, "u1", "您好，我是林")
        box.platform.take(KFID, "u1", "lisi")
        box.platform.servicer_says(KFID, "u1", "我来继续")

        async def recorded() -> bool:
            conversation = await box.conversation("u1")
            messages = await box.desk.messages_after(conversation.id, 0, 100)
            said = [(m.agent_id, m.content.text) for m in messages if m.author is Author.AGENT]
            return said == [(lin.id, "您好，我是林"), (wu.id, "我来继续")]

        await until(recorded)
        await asyncio.sleep(0.4)
        # What was said inside WeCom is not sent a second time.
        said = box.platform.account_said(KFID, "u1")
        assert said.count("您好，我是林") == 1
        assert said.count("我来继续") == 1
        box.platform.end(KFID, "u1")
        await until_owned(box, "u1", Owner.CLOSED)


async def test_what_is_closed_at_the_desk_is_ended_in_wecom(box: KfBox) -> None:
    agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
    box.platform.say(KFID, "u1", "hello there")
    await until_said(box, "u1", "You said: hello there")
    conversation = await box.conversation("u1")
    await box.desk.take(conversation.id, agent.id)
    await box.desk.close(conversation.id, agent.id)

    async def ended() -> bool:
        session = box.platform.session(KFID, "u1")
        return session.state == 4 and "closed" in session.seen[-1].text

    await until(ended)


def choice_shown(box: KfBox, person: str, title: str) -> str:
    """The id behind a choice of the menu that a phone shows last."""
    return next(one for one, shown in box.platform.session(KFID, person).choices if shown == title)


async def test_a_score_is_pressed_in_the_chat_and_the_session_ends_after_the_question(
    databases: Databases, tmp_path: Path
) -> None:
    patient = {"last_words_seconds": 20}
    async with wecom_in_a_box(databases.make("sqlite"), tmp_path, settings=patient) as box:
        agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
        box.assistant.answer = lambda _: says("您好", language="zh")
        box.platform.say(KFID, "u1", "你好")
        await until_said(box, "u1", "您好")
        conversation = await box.conversation("u1")
        await box.desk.take(conversation.id, agent.id)
        await box.desk.close(conversation.id, agent.id)
        await asyncio.sleep(0.3)
        session = box.platform.session(KFID, "u1")
        assert session.state != 4
        assert await box.desk.surveys.ask_due() == 1

        async def ended() -> bool:
            return session.state == 4

        await until(ended)
        assert "请为本次服务打分" in session.seen[-1].text
        box.platform.say(KFID, "u1", "满意", choice_shown(box, "u1", "满意"))

        async def thanked() -> bool:
            return "谢谢您的评价" in box.platform.account_said(KFID, "u1")[-1]

        await until(thanked)
        assert (await box.conversation("u1")).owner is Owner.CLOSED
        messages = await box.desk.messages_after(conversation.id, 0, 100)
        [asked] = [m for m in messages if (m.content.custom or {}).get("event") == "survey"]
        survey = await box.desk.surveys.survey((asked.content.custom or {})["survey"])
        assert (survey.score, survey.agent_id) == (4, agent.id)
        assert len(box.assistant.asked) == 1
        assert box.platform.refusals == {}


async def test_who_is_served_inside_wecom_is_asked_there_too_once_it_has_ended(
    databases: Databases, tmp_path: Path
) -> None:
    patient = {**INSIDE, "last_words_seconds": 20}
    async with wecom_in_a_box(databases.make("sqlite"), tmp_path, settings=patient) as box:
        await people_of(box)
        box.assistant.answer = lambda _: says("您好", language="zh")
        box.platform.say(KFID, "u1", "你好")
        await until_said(box, "u1", "您好")
        box.platform.take(KFID, "u1", "zhangsan")
        await until_owned(box, "u1", Owner.AGENT)
        box.platform.end(KFID, "u1")
        await until_owned(box, "u1", Owner.CLOSED)
        assert await box.desk.surveys.ask_due() == 1

        async def asked() -> bool:
            return "请为本次服务打分" in box.platform.account_said(KFID, "u1")[-1]

        await until(asked)
        box.platform.say(KFID, "u1", "非常满意", choice_shown(box, "u1", "非常满意"))

        async def thanked() -> bool:
            return "谢谢您的评价" in box.platform.account_said(KFID, "u1")[-1]

        await until(thanked)
        # The session that the score began anew is left open.
        await asyncio.sleep(2)
        assert box.platform.session(KFID, "u1").state != 4


async def test_a_change_that_nobody_lived_to_tell_of_is_told(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.make("sqlite")
    async with wecom_in_a_box(url, tmp_path) as box:
        agent = await box.desk.add_agent("lin", "林", "a long password", Role.AGENT)
        box.platform.say(KFID, "u1", "你好")
        await until_said(box, "u1", "You said: 你好")
        # A process that nobody here hears of changes the owner, and is gone.
        conversation = await box.conversation("u1")
        engine = make_engine(url)
        elsewhere = Desk(engine, SystemClock())
        await elsewhere.take(conversation.id, agent.id)
        await elsewhere.close(conversation.id, agent.id)
        await engine.dispose()

        async def ended() -> bool:
            return box.platform.session(KFID, "u1").state == 4

        await until(ended)


async def test_bad_callbacks_are_refused_and_the_address_is_confirmed(box: KfBox) -> None:
    envelope = Envelope(KEY, CORPID)
    echo = box.platform.sealed("4711")
    signed = box.platform.signed(echo)
    stale = box.platform.signed(echo, at=time.time() - 3600)
    foreign = Envelope(KEY, "ww0000000000000009").seal(b"<xml/>")
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><xml><Encrypt>&a;</Encrypt></xml>"
    address = f"{box.url}/channels/wecom"
    async with aiohttp.ClientSession() as http:

        async def status(body: str, query: dict[str, str]) -> int:
            async with http.post(address, data=body.encode(), params=query) as answer:
                assert "Traceback" not in await answer.text()
                return answer.status

        async with http.get(address, params={**signed, "echostr": echo}) as answer:
            assert await answer.text() == "4711"
        async with http.get(address, params={**signed, "echostr": envelope.seal(b"x")}) as answer:
            assert answer.status == 403
        async with http.get(address, params={**stale, "echostr": echo}) as answer:
            assert answer.status == 403
        whole = f"<xml><Encrypt>{foreign}</Encrypt></xml>"
        assert await status(whole, box.platform.signed(foreign)) == 403
        assert await status("not xml at all", signed) == 403
        assert await status(bomb, signed) == 403
        assert await status("x" * 400_000, signed) == 413
        assert box.platform.syncs == 0

        async def in_pieces() -> AsyncIterator[bytes]:
            yield b"<xml><Encrypt>"
            await asyncio.sleep(0.1)
            yield f"{called}</Encrypt></xml>".encode()

        called = box.platform.sealed(
            f"<xml><Event>kf_msg_or_event</Event><OpenKfId>{KFID}</OpenKfId></xml>"
        )
        query = box.platform.signed(called)
        async with http.post(address, data=in_pieces(), params=query) as answer:
            assert (answer.status, await answer.text()) == (200, "success")


async def test_a_card_opens_a_page_of_the_mini_program_and_a_link_has_room(
    databases: Databases, tmp_path: Path
) -> None:
    settings = {
        "thumb_media_id": "thumb",
        "mini_program_appid": "wx0000000000000000",
        "pages": {"order": "pages/order?no={number}"},
    }
    async with wecom_in_a_box(databases.make("sqlite"), tmp_path, settings=settings) as box:
        address = "https://shop.example/1"
        link = {"title": "说明" * 60, "description": "怎么退货" * 80, "url": address}
        order = {"type": "order", "number": "KF1"}
        told = Content(text="😀" * 20, card=order, custom={"link": link})
        box.assistant.answer = lambda _: says(told, language="zh")
        box.platform.send_other(
            KFID, "u1", "miniprogram", title="我的订单", pagepath="pages/order?no=KF2611190042"
        )

        async def arrived() -> bool:
            return len(box.platform.account_said(KFID, "u1")) == 3

        await until(arrived)
        assert [one.text for one in box.assistant.asked] == ["我的订单 KF2611190042"]
        _, card, shown = box.platform.session(KFID, "u1").seen[1:]
        assert (card.kind, card.text) == ("miniprogram", "😀" * 16)
        assert shown.kind == "link"
        assert not box.platform.refusals


def test_a_key_stands_for_its_delivery_and_is_short_enough() -> None:
    delivery_id = "0123456789abcdef0123456789abcdef"
    key = message_key(f"{delivery_id}-12")
    assert len(key) <= 32
    assert delivery_of(key) == delivery_id
    assert delivery_of("msgid-of-somebody-else") is None
    assert delivery_of("") is None
