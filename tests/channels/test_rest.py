"""The REST channel: Rasa's requests and answers, and a clear refusal of everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from desk.model import Role
from kernel.content import Ask, Button, Choice, Content
from tests.channels.serving import ServedChannels, customer_token, says, serve_channels
from tests.conftest import Databases

WEBHOOK = "/webhooks/rest/webhook"


async def say(
    http: aiohttp.ClientSession, text: object, sender: object = "ann", **metadata: object
) -> list[dict[str, Any]]:
    """Send ``text``; returns the replies."""
    body = {"sender": sender, "message": text, "metadata": metadata}
    async with http.post(WEBHOOK, json=body) as response:
        assert response.status == 200, await response.text()
        replies = await response.json()
        assert isinstance(replies, list)
        return replies


async def test_a_message_is_answered_in_rasas_shape(http: aiohttp.ClientSession) -> None:
    assert await say(http, "hi") == [{"recipient_id": "ann", "text": "You said: hi"}]
    async with http.get("/webhooks/rest/") as health:
        assert await health.json() == {"status": "ok"}


async def test_buttons_pictures_and_what_is_asked_travel_with_the_reply(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    content = Content(
        text="Which order?",
        buttons=(Button("KF1", '/inform{"o": "KF1"}'),),
        image="https://shop.example/a.png",
        card={"type": "order", "number": "KF1"},
        ask=Ask("order_status", "order", (Choice("KF1", "Lamp"),)),
        response="utter_ask_order",
    )
    served.assistant.answer = lambda request: says(content, "Take your time.")
    first, second = await say(http, "my order")
    assert first == {
        "recipient_id": "ann",
        "text": "Which order?",
        "buttons": [{"title": "KF1", "payload": '/inform{"o": "KF1"}'}],
        "image": "https://shop.example/a.png",
        "custom": {
            "card": {"type": "order", "number": "KF1"},
            "ask": {
                "flow": "order_status",
                "slot": "order",
                "choices": [{"id": "KF1", "title": "Lamp"}],
            },
        },
    }
    assert second == {"recipient_id": "ann", "text": "Take your time."}
    await say(http, '/inform{"o": "KF1"}')
    assert served.assistant.asked[-1].payload == '/inform{"o": "KF1"}'


async def test_rasa_payload_syntax_that_was_not_offered_is_only_text(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    await say(http, '/return_request{"order": "KF1"}')
    assert served.assistant.asked[-1].payload is None


async def test_the_same_message_id_gets_the_first_answer_again(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    first = await say(http, "pay", message_id="m1")
    again = await say(http, "pay", message_id="m1")
    other = await say(http, "pay", message_id="m2")
    assert first == again == other
    assert len(served.assistant.asked) == 2


async def test_two_senders_are_two_shoppers(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    await say(http, "one", sender="ann", message_id="1")
    await say(http, "two", sender="bob", message_id="1")
    assert len({request.conversation_id for request in served.assistant.asked}) == 2


async def test_when_a_person_has_the_conversation_the_reply_says_so(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    agent = await served.desk.add_agent("lin", "Lin Yue", "a long password 1", Role.AGENT)
    served.assistant.answer = lambda request: says("I will get somebody.", handoff="asked")
    (handed_off,) = await say(http, "a person please")
    place = {"position": 1, "wait": None, "opens_at": None, "calls_back": False, "contact": None}
    assert handed_off["custom"] == {"owner": "queue", **place}
    (waiting,) = await say(http, "hello?")
    assert waiting["custom"] == {"owner": "queue", **place}
    assert "queue" in waiting["text"]
    (entry,) = await served.desk.queue()
    await served.desk.take(entry.conversation.id, agent.id)
    await served.desk.reply(entry.conversation.id, agent.id, Content(text="Lin here."), "r1")
    (reply,) = await say(http, "thanks for coming")
    assert reply["text"] == "Lin here."
    assert reply["custom"] == {"author": "agent", "agent": "Lin Yue", "owner": "agent"}
    (nothing_new,) = await say(http, "and now?")
    assert nothing_new["custom"] == {"owner": "agent", "agent": "Lin Yue"}
    assert len(served.assistant.asked) == 1


async def test_a_bot_that_takes_too_long_leaves_a_word(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    served.assistant.delay = 6
    (reply,) = await say(http, "你好")
    assert reply["text"].startswith("您的消息已收到")
    assert reply["custom"] == {"owner": "bot"}


async def test_a_customer_token_is_believed_only_if_the_shop_signed_it(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    await say(http, "hi", customer_token=customer_token("C7", "Ann"))
    assert served.assistant.asked[-1].customer == {"id": "C7", "name": "Ann", "proof": "shop_token"}
    notice, reply = await say(http, "hi", sender="bob", customer_token=customer_token()[:-3])
    assert notice["custom"]["refused"]["code"] == "bad_customer_token"
    assert reply["text"] == "You said: hi"
    assert served.assistant.asked[-1].customer is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half of JSON"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'"text"', id="a string"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"message": "hi"}', id="no sender"),
        pytest.param(b'{"sender": "", "message": "hi"}', id="empty sender"),
        pytest.param(b'{"sender": " \\u0000 ", "message": "hi"}', id="sender of nothing visible"),
        pytest.param(b'{"sender": "a\\u202eb", "message": "hi"}', id="sender written backwards"),
        pytest.param(b'{"sender": 5, "message": "hi"}', id="sender is a number"),
        pytest.param(b'{"sender": "%s", "message": "hi"}' % (b"a" * 500), id="long sender"),
        pytest.param(b'{"sender": "ann"}', id="no message"),
        pytest.param(b'{"sender": "ann", "message": null}', id="message is null"),
        pytest.param(b'{"sender": "ann", "message": {"a": 1}}', id="message is an object"),
        pytest.param(b'{"sender": "ann", "message": "hi", "metadata": 1}', id="metadata number"),
        pytest.param(
            b'{"sender": "ann", "message": "hi", "metadata": {"message_id": 5}}',
            id="id is a number",
        ),
    ],
)
async def test_a_request_that_is_not_rasas_is_refused_with_a_reason(
    http: aiohttp.ClientSession, served: ServedChannels, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(WEBHOOK, data=body, headers=headers) as response:
        assert response.status == 400
        error = (await response.json())["error"]
    assert error["code"] == "bad_request"
    assert error["message"]
    assert served.assistant.asked == []


async def test_more_than_the_server_takes_is_refused(http: aiohttp.ClientSession) -> None:
    body = {"sender": "ann", "message": "x" * 2_000_000}
    async with http.post(WEBHOOK, json=body) as response:
        assert response.status == 413
        assert (await response.json())["error"]["code"] == "too_large"


async def test_with_an_api_token_strangers_are_turned_away(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.make("sqlite")
    body = {"sender": "ann", "message": "hi"}
    async with (
        serve_channels(url, tmp_path, api_token="secret") as served,
        aiohttp.ClientSession(served.url) as http,
    ):
        for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "secret"}):
            async with http.post(WEBHOOK, json=body, headers=headers) as response:
                assert response.status == 401
        good = {"Authorization": "Bearer secret"}
        async with http.post(WEBHOOK, json=body, headers=good) as response:
            assert response.status == 200


async def test_the_letters_of_an_order_number_do_not_show_a_language(
    http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    body = {"sender": "number-only", "message": "KF2601018011"}
    async with http.post("/webhooks/rest/webhook", json=body) as response:
        assert response.status == 200
    assert served.assistant.asked[0].language is None
