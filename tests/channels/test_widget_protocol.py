"""The widget's protocol: acknowledgements, repeats, resuming, owners, tokens."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from connectors.channels.tokens import Sessions
from desk.model import Role
from kernel.clock import SetClock, SystemClock
from kernel.content import Button, Content
from tests.channels.conftest import Connect, Widget
from tests.channels.serving import (
    SESSION_KEY,
    SHOP_KEY,
    ServedChannels,
    customer_token,
    says,
    serve_channels,
)
from tests.conftest import Databases


def texts(messages: list[dict[str, object]]) -> list[object]:
    """What was said, in order."""
    return [message["content"]["text"] for message in messages]  # type: ignore[index]


async def test_a_message_is_acknowledged_with_its_number_and_answered(connect: Connect) -> None:
    widget = await connect()
    hello = await widget.hello()
    assert hello["ok"]
    assert (hello["messages"], hello["owner"], hello["last_seq"]) == ([], "bot", 0)
    sent = await widget.send("hi")
    assert (sent["ok"], sent["seq"], sent["duplicate"]) == (True, 1, False)
    reply = await widget.hears("You said: hi")
    assert (reply["seq"], reply["author"]) == (2, "bot")
    assert await widget.heard("typing", lambda sign: sign["on"] and sign["author"] == "bot")


async def test_a_repeated_client_id_is_stored_and_answered_once(
    connect: Connect, served: ServedChannels
) -> None:
    widget = await connect()
    await widget.hello()
    first = await widget.send("once", client_id="a")
    again = await widget.send("once", client_id="a")
    other = await widget.send("twice", client_id="b")
    await widget.hears("You said: twice")
    assert (again["seq"], again["duplicate"]) == (first["seq"], True)
    assert other["seq"] > first["seq"]
    assert [request.text for request in served.assistant.asked] == ["once", "twice"]


async def test_two_shoppers_may_choose_the_same_client_id(connect: Connect) -> None:
    one, other = await connect(), await connect()
    await one.hello()
    await other.hello()
    assert not (await one.send("mine", client_id="1"))["duplicate"]
    assert not (await other.send("yours", client_id="1"))["duplicate"]
    await one.hears("You said: mine")
    await other.hears("You said: yours")
    assert "You said: yours" not in texts(one.told["message"])


async def test_messages_sent_without_waiting_are_stored_in_order(
    connect: Connect, served: ServedChannels
) -> None:
    widget = await connect()
    await widget.hello()
    answers = await asyncio.gather(*(widget.send(str(number)) for number in range(12)))
    numbers = [answer["seq"] for answer in answers]
    assert numbers == sorted(numbers)
    await widget.hears("You said: 11")
    assert [request.text for request in served.assistant.asked] == [str(n) for n in range(12)]


async def test_a_client_that_was_away_resumes_from_the_last_number(
    connect: Connect, served: ServedChannels
) -> None:
    widget = await connect()
    token = (await widget.hello())["token"]
    await widget.send("first")
    last = (await widget.hears("You said: first"))["seq"]
    served.assistant.delay = 0.3
    await widget.send("second")
    await widget.socket.disconnect()
    back = await connect()
    hello = await back.hello(token, after=last)
    said = texts(hello["messages"])
    if "You said: second" not in said:
        said.append((await back.hears("You said: second"))["content"]["text"])
    assert said == ["second", "You said: second"]
    assert hello["messages"][0]["seq"] == last + 1


async def test_a_new_window_gets_the_newest_page_and_may_ask_for_earlier_ones(
    connect: Connect,
) -> None:
    widget = await connect()
    token = (await widget.hello())["token"]
    for number in range(30):
        await widget.send(str(number))
    await widget.hears("You said: 29")
    window = await connect()
    hello = await window.hello(token)
    assert len(hello["messages"]) == 50
    assert hello["more"]
    assert hello["messages"][-1]["seq"] == hello["last_seq"] == 60
    earlier = await window.ask("history", {"before": hello["messages"][0]["seq"]})
    assert [message["seq"] for message in earlier["messages"]] == list(range(1, 11))
    assert not earlier["more"]
    rest = await window.ask("history", {"after": 58})
    assert [message["seq"] for message in rest["messages"]] == [59, 60]


async def test_the_shoppers_other_window_learns_what_was_sent(connect: Connect) -> None:
    one, other = await connect(), await connect()
    token = (await one.hello())["token"]
    await other.hello(token)
    await one.send("from one window", client_id="w1")
    echo = await other.hears("from one window", author="shopper")
    assert (echo["client_id"], echo["seq"]) == ("w1", 1)
    await other.hears("You said: from one window")


async def test_a_pressed_button_reaches_the_bot_as_its_payload(
    connect: Connect, served: ServedChannels
) -> None:
    served.assistant.answer = lambda request: says(
        Content(text="Which?", buttons=(Button("Track", '/track{"n": "1"}'), Button("No", "/deny")))
    )
    widget = await connect()
    await widget.hello()
    await widget.send("hi")
    await widget.hears("Which?")
    await widget.send("anything", payload='/track{"n": "1"}')
    await widget.heard("message", lambda one: one["seq"] == 4)
    asked = served.assistant.asked[-1]
    assert (asked.payload, asked.text) == ('/track{"n": "1"}', "Track")


async def test_a_payload_that_nobody_offered_is_only_text(
    connect: Connect, served: ServedChannels
) -> None:
    widget = await connect()
    await widget.hello()
    await widget.send(payload='/refund{"amount": "9999"}')
    await widget.heard("message", lambda one: one["seq"] == 2)
    asked = served.assistant.asked[-1]
    assert (asked.payload, asked.text) == (None, '/refund{"amount": "9999"}')


async def test_a_button_of_another_conversation_is_only_text(
    connect: Connect, served: ServedChannels
) -> None:
    served.assistant.answer = lambda request: says(
        Content(text="Sure?", buttons=(Button("Yes", "/affirm"),))
    )
    one, other = await connect(), await connect()
    await one.hello()
    await other.hello()
    await one.send("hi")
    await one.hears("Sure?")
    await other.send(payload="/affirm")
    await other.hears("Sure?")
    assert served.assistant.asked[-1].payload is None


async def test_the_shopper_sees_the_queue_and_who_is_speaking(
    connect: Connect, served: ServedChannels
) -> None:
    agent = await served.desk.add_agent("lin", "Lin Yue", "a long password 1", Role.AGENT)
    served.assistant.answer = lambda request: says("I will get somebody.", handoff="asked")
    one, other = await connect(), await connect()
    await one.hello()
    await other.hello()
    await one.send("a person please")
    await one.heard("owner", lambda state: state["owner"] == "queue" and state["position"] == 1)
    await other.send("me too")
    await other.heard("owner", lambda state: state["position"] == 2)
    first, _ = (entry.conversation.id for entry in await served.desk.queue())
    await served.desk.take(first, agent.id)
    taken = await one.heard("owner", lambda state: state["owner"] == "agent")
    assert taken["agent"] == "Lin Yue"
    await other.heard("owner", lambda state: state["position"] == 1)
    await served.desk.reply(first, agent.id, Content(text="Lin here."), "r1")
    reply = await one.hears("Lin here.", author="agent")
    assert reply["agent"] == "Lin Yue"
    typing = await served.desk.conversation(first)
    await served.web.typing(typing, on=True)
    await one.heard("typing", lambda sign: sign["author"] == "agent" and sign["on"])
    await served.desk.close(first, agent.id)
    await one.heard("owner", lambda state: state["owner"] == "closed")


async def test_a_shopper_may_leave_the_queue_once(connect: Connect, served: ServedChannels) -> None:
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    widget = await connect()
    await widget.hello()
    await widget.send("person")
    await widget.heard("owner", lambda state: state["owner"] == "queue")
    assert (await widget.ask("leave_queue", {}))["ok"]
    await widget.heard("owner", lambda state: state["owner"] == "bot")
    again = await widget.ask("leave_queue", {})
    assert again["error"]["code"] == "not_in_queue"


@pytest.mark.parametrize(
    ("stays", "leaves"),
    [("不等了，帮我看看订单", "算了，不排了"), ("and my lamp?", "I don't want to wait any more")],
)
async def test_a_shopper_leaves_the_queue_in_words_of_their_own(
    connect: Connect, served: ServedChannels, stays: str, leaves: str
) -> None:
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    widget = await connect()
    await widget.hello()
    await widget.send("person")
    await widget.heard("owner", lambda state: state["owner"] == "queue")
    await widget.send(stays)
    assert len(await served.desk.queue()) == 1
    await widget.send(leaves)
    await widget.heard("owner", lambda state: state["owner"] == "bot")
    assert await served.desk.queue() == []


async def test_a_shopper_may_keep_the_place_and_be_called_when_it_is_their_turn(
    connect: Connect, served: ServedChannels
) -> None:
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    widget = await connect()
    await widget.hello()
    await widget.send("person")
    await widget.heard("owner", lambda state: state["owner"] == "queue")
    kept = await widget.ask("keep_place", {"contact": "+86 138 0013 8000"})
    assert (kept["ok"], kept["position"], kept["calls_back"]) == (True, 1, True)
    assert kept["contact"] == "+86****8000"
    await widget.hears(
        "It is nearly your turn: an agent is about to call +86****8000.", author="system"
    )
    (entry,) = await served.desk.queue()
    assert entry.conversation.callback
    assert entry.conversation.callback.contact == "+8613800138000"
    for wrong in ("12345", "my number", "1" * 60, "+86 138 0013 800x"):
        refused = await widget.ask("keep_place", {"contact": wrong})
        assert (refused["ok"], refused["error"]["code"]) == (False, "bad_contact")
    assert "country or area code" in refused["error"]["message"]


async def test_who_keeps_the_place_may_simply_write_the_number(
    connect: Connect, served: ServedChannels
) -> None:
    served.assistant.answer = lambda request: says("稍等。", handoff="asked")
    widget = await connect()
    await widget.hello(language="zh")
    await widget.send("转人工")
    await widget.heard("owner", lambda state: state["owner"] == "queue")
    await widget.send("13800138000")
    (entry,) = await served.desk.queue()
    assert entry.conversation.callback is None
    await widget.ask("send", {"client_id": "keep", "payload": "/keep_place"})
    await widget.heard("owner", lambda state: state["calls_back"])
    await widget.send("０５７１-8888 6666")
    told = await widget.heard("owner", lambda state: state["contact"])
    assert told["contact"] == "057****6666"
    (entry,) = await served.desk.queue()
    assert entry.conversation.callback
    assert entry.conversation.callback.contact == "057188886666"


async def test_the_buttons_of_the_line_do_what_they_say(
    connect: Connect, served: ServedChannels
) -> None:
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    widget = await connect()
    await widget.hello()
    await widget.send("person")
    await widget.heard("owner", lambda state: state["owner"] == "queue")
    offered = await widget.heard("message", lambda one: one["content"].get("buttons"))
    payloads = [button["payload"] for button in offered["content"]["buttons"]]
    assert payloads == ["/keep_place", "/leave_queue"]
    await widget.ask("send", {"client_id": "keep", "payload": "/keep_place"})
    await widget.heard("owner", lambda state: state["calls_back"])
    await widget.ask("send", {"client_id": "leave", "payload": "/leave_queue"})
    await widget.heard("owner", lambda state: state["owner"] == "bot")


def forged(
    sub: str = "somebody", aud: str = "web", key: str = "another key of thirty-two bytes!!"
) -> str:
    """A session token that somebody made up."""
    claims = {"sub": sub, "aud": aud, "exp": datetime(2100, 1, 1, tzinfo=UTC)}
    return jwt.encode(claims, key, algorithm="HS256")


def unsigned() -> str:
    """A session token that wants no signature."""
    return jwt.encode({"sub": "x", "aud": "web", "exp": 9999999999}, "", algorithm="none")


def expired() -> str:
    """A session token of ours, two months old."""
    then = SetClock(SystemClock().now() - timedelta(days=60))
    return Sessions(SESSION_KEY, then, audience="web").issue("x")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged(), id="forged"),
        pytest.param(unsigned(), id="unsigned"),
        pytest.param(forged(aud="console", key=SESSION_KEY), id="for somebody else"),
        pytest.param(expired(), id="expired"),
        pytest.param("not.a.token", id="nonsense"),
        pytest.param("x" * 100_000, id="very long"),
        pytest.param(7, id="a number"),
        pytest.param({"sub": "x"}, id="an object"),
    ],
)
async def test_a_bad_session_token_is_refused_and_the_client_may_start_anew(
    connect: Connect, token: object
) -> None:
    widget = await connect()
    refused = await widget.ask("hello", {"token": token, "language": "zh"})
    assert not refused["ok"]
    assert refused["error"] == {"code": "no_session", "message": "会话已过期，请刷新后重新开始。"}
    assert (await widget.send("hi"))["error"]["code"] == "no_session"
    assert (await widget.hello())["ok"]
    assert (await widget.send("hi"))["ok"]


async def test_a_session_lasts_as_long_as_it_is_used(
    connect: Connect, served: ServedChannels
) -> None:
    month_old = SetClock(SystemClock().now() - timedelta(days=29))
    shopper = served.sessions.new_shopper()
    widget = await connect()
    fresh = (await widget.hello(Sessions(SESSION_KEY, month_old, "web").issue(shopper)))["token"]
    in_ten_days = SetClock(SystemClock().now() + timedelta(days=10))
    assert Sessions(SESSION_KEY, in_ten_days, "web").open(fresh) == shopper


async def test_a_customer_whom_the_shops_page_vouches_for_is_known_to_the_bot(
    connect: Connect, served: ServedChannels
) -> None:
    widget = await connect()
    hello = await widget.hello(customer_token=customer_token("C7", "王芳"))
    assert (hello["customer"], hello.get("notice")) == ("王芳", None)
    await widget.send("hi")
    await widget.hears("You said: hi")
    assert served.assistant.asked[-1].customer == {
        "id": "C7",
        "name": "王芳",
        "proof": "shop_token",
    }


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(
            jwt.encode(
                {"sub": "C7", "exp": 9999999999}, "somebody else's key, long enough!", "HS256"
            ),
            id="forged",
        ),
        pytest.param(customer_token(exp=1_600_000_000), id="expired"),
        pytest.param(customer_token(exp=9_999_999_999), id="valid for ever"),
        pytest.param(customer_token(sub=""), id="nobody"),
        pytest.param(jwt.encode({"sub": "C7"}, SHOP_KEY, "HS256"), id="without an end"),
        pytest.param("x", id="nonsense"),
        pytest.param([1], id="a list"),
    ],
)
async def test_a_bad_customer_token_is_told_and_the_chat_goes_on_as_a_strangers(
    connect: Connect, served: ServedChannels, token: object
) -> None:
    widget = await connect()
    hello = await widget.hello(customer_token=token)
    assert hello["ok"]
    assert hello["notice"]["code"] == "bad_customer_token"
    assert "could not confirm" in hello["notice"]["message"]
    await widget.send("hi")
    await widget.hears("You said: hi")
    assert served.assistant.asked[-1].customer is None


async def test_who_signs_in_at_a_browser_does_not_read_what_another_customer_wrote(
    connect: Connect,
) -> None:
    widget = await connect()
    token = (await widget.hello(customer_token=customer_token("C1")))["token"]
    await widget.send("my secret")
    await widget.hears("You said: my secret")
    same = await widget.hello(token, customer_token=customer_token("C1"))
    assert "my secret" in texts(same["messages"])
    other = await (await connect()).hello(token, customer_token=customer_token("C2"))
    assert other["fresh"]
    assert other["messages"] == []
    assert other["token"] != token


@pytest.mark.parametrize("data", [None, 7, "x", [], {"client_id": 5}, {"text": ["x"]}])
async def test_a_request_of_the_wrong_shape_is_refused_in_words(
    connect: Connect, data: object
) -> None:
    widget = await connect()
    await widget.hello()
    refused = await widget.ask("send", data)
    assert refused["error"]["code"] in {"bad_request", "empty"}
    assert (await widget.send("still here"))["ok"]


@pytest.mark.parametrize("page", [{"after": -1}, {"after": "1"}, {"before": True}, {"after": 1e9}])
async def test_a_page_that_cannot_be_is_refused(connect: Connect, page: dict[str, object]) -> None:
    widget = await connect()
    await widget.hello()
    await widget.send("hi")
    assert (await widget.ask("history", page))["error"]["code"] == "bad_request"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_pages_language_counts_when_the_first_message_shows_none(
    connect: Connect, served: ServedChannels, language: str
) -> None:
    widget = await connect()
    await widget.hello(language=f"{language}-XX")
    await widget.send("KF2601018011")
    await widget.hears("You said: KF2601018011")
    assert served.assistant.asked[0].language == language


async def test_the_words_after_a_handoff_do_not_say_again_who_takes_over(
    connect: Connect, served: ServedChannels
) -> None:
    served.assistant.answer = lambda request: says("I've passed you on.", handoff="asked")
    widget = await connect()
    await widget.hello()
    await widget.send("person")
    await widget.hears("I've passed you on.")
    await widget.heard(
        "message",
        lambda one: one["content"]["text"].startswith("You are in the queue now. You are next"),
    )


@pytest.mark.parametrize(("proxies", "refused"), [(0, True), (1, False)])
async def test_one_address_may_open_only_so_many_sessions_whatever_it_says_of_itself(
    databases: Databases, tmp_path: Path, proxies: int, refused: bool
) -> None:
    async with serve_channels(
        databases.make("sqlite"), tmp_path, new_sessions=1, proxies=proxies
    ) as served:
        answers = []
        for address in ("10.0.0.1", "10.0.0.2"):
            widget = Widget()
            headers = {"X-Forwarded-For": f"192.0.2.1, {address}"}
            await widget.socket.connect(
                served.url, headers, namespaces=["/widget"], transports=["websocket"]
            )
            answers.append(await widget.hello())
            again = await widget.hello(answers[0]["token"])
            assert again["ok"]
            await widget.socket.disconnect()
        assert answers[0]["ok"]
        assert answers[1]["ok"] is not refused
        if refused:
            assert answers[1]["error"]["code"] == "too_many_sessions"
            assert "network" in answers[1]["error"]["message"]
