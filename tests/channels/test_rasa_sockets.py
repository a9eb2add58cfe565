"""Rasa's Socket.IO events, asked by a plain client."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio

from desk.model import Role
from kernel.content import Button, Content
from tests.channels.serving import ServedChannels, customer_token, says


class RasaClient:
    """What a Rasa web client does and hears."""

    def __init__(self) -> None:
        self.socket = socketio.AsyncClient(reconnection=False)
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._confirmed: asyncio.Queue[str] = asyncio.Queue()
        self.socket.on("bot_uttered", self._heard.put)
        self.socket.on("session_confirm", self._confirmed.put)

    async def session(self, session_id: object) -> str:
        """Ask for a session; returns the confirmed one."""
        await self.socket.emit("session_request", {"session_id": session_id})
        return await asyncio.wait_for(self._confirmed.get(), 10)

    async def utter(self, message: object, **more: object) -> None:
        """Say something."""
        await self.socket.emit("user_uttered", {"message": message, **more})

    async def hear(self) -> dict[str, Any]:
        """The next utterance of the bot."""
        return await asyncio.wait_for(self._heard.get(), 10)


@pytest.fixture
async def client(served: ServedChannels) -> AsyncIterator[RasaClient]:
    """A connected client."""
    one = RasaClient()
    await one.socket.connect(served.url, transports=["websocket"])
    yield one
    await one.socket.disconnect()


async def test_a_session_is_confirmed_and_a_message_answered(client: RasaClient) -> None:
    session_id = await client.session(None)
    await client.utter("hi", session_id=session_id, customData={"language": "en"})
    assert await client.hear() == {"text": "You said: hi"}


async def test_replies_have_exactly_the_keys_that_stock_clients_look_for(
    client: RasaClient, served: ServedChannels
) -> None:
    content = Content(
        text="Which?",
        buttons=(Button("Track", "/track"),),
        image="https://shop.example/a.png",
        card={"type": "order"},
    )
    served.assistant.answer = lambda request: says(content, "Bye")
    await client.session(None)
    await client.utter("hi")
    assert await client.hear() == {
        "attachment": {
            "type": "image",
            "payload": {"src": "https://shop.example/a.png", "title": "Which?"},
        }
    }
    assert await client.hear() == {
        "text": "Which?",
        "quick_replies": [{"content_type": "text", "title": "Track", "payload": "/track"}],
    }
    assert await client.hear() == {"text": "Bye"}
    await client.utter("/track")
    await client.hear()
    assert served.assistant.asked[-1].payload == "/track"


async def test_an_id_that_cannot_be_guessed_is_kept_over_connections(
    client: RasaClient, served: ServedChannels
) -> None:
    wanted = uuid.uuid4().hex
    assert await client.session(wanted) == wanted
    await client.utter("first")
    await client.hear()
    again = RasaClient()
    await again.socket.connect(served.url)
    assert await again.session(wanted) == wanted
    await again.utter("second")
    assert await again.hear() == {"text": "You said: second"}
    assert len({request.conversation_id for request in served.assistant.asked}) == 1
    await again.socket.disconnect()


@pytest.mark.parametrize("guessable", ["ann", "1", "", 7, ["x"], "a" * 32 + "\n", "Z" * 32])
async def test_an_id_that_can_be_guessed_is_replaced(client: RasaClient, guessable: object) -> None:
    confirmed = await client.session(guessable)
    assert confirmed != guessable
    assert len(confirmed) == 32
    await client.utter("hi", session_id=guessable)
    assert await client.hear() == {"text": "You said: hi"}


async def test_clients_that_open_with_a_payload_are_greeted(
    client: RasaClient, served: ServedChannels
) -> None:
    await client.session(None)
    await client.utter("/get_started", customData={"language": "zh"})
    await client.hear()
    asked = served.assistant.asked[-1]
    assert (asked.text, asked.payload) == ("你好", None)


async def test_an_agents_words_arrive_like_the_bots(
    client: RasaClient, served: ServedChannels
) -> None:
    agent = await served.desk.add_agent("lin", "Lin Yue", "a long password 1", Role.AGENT)
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    await client.session(None)
    await client.utter("person")
    assert (await client.hear())["text"] == "One moment."
    (entry,) = await served.desk.queue()
    await served.desk.take(entry.conversation.id, agent.id)
    await served.desk.reply(entry.conversation.id, agent.id, Content(text="Lin here."), "r1")
    heard = [(await client.hear())["text"] for _ in range(3)]
    assert heard[-1] == "Lin here."
    assert "Lin Yue" in heard[-2]


async def test_what_an_agent_said_while_the_client_was_away_comes_once_and_in_order(
    client: RasaClient, served: ServedChannels
) -> None:
    agent = await served.desk.add_agent("lin", "Lin Yue", "a long password 1", Role.AGENT)
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    wanted = await client.session(uuid.uuid4().hex)
    await client.utter("person")
    assert (await client.hear())["text"] == "One moment."
    # The desk's own notice that the shopper waits in line.
    await client.hear()
    await client.socket.disconnect()
    (entry,) = await served.desk.queue()
    await served.desk.take(entry.conversation.id, agent.id)
    for number in range(3):
        content = Content(text=f"Word {number}.")
        await served.desk.reply(entry.conversation.id, agent.id, content, f"r{number}")
    # Long enough for a first attempt to reach nobody.
    await asyncio.sleep(0.5)

    again = RasaClient()
    await again.socket.connect(served.url, transports=["websocket"])
    assert await again.session(wanted) == wanted
    heard = [(await again.hear())["text"] for _ in range(4)]
    assert "Lin Yue" in heard[0]
    assert heard[1:] == ["Word 0.", "Word 1.", "Word 2."]
    await served.desk.reply(entry.conversation.id, agent.id, Content(text="The last."), "r3")
    assert (await again.hear())["text"] == "The last."
    await again.socket.disconnect()


async def test_what_is_said_quickly_is_answered_in_order(client: RasaClient) -> None:
    await client.session(None)
    for number in range(8):
        await client.utter(str(number))
    heard = [(await client.hear())["text"] for _ in range(8)]
    assert heard == [f"You said: {number}" for number in range(8)]


async def test_a_customer_token_is_believed_only_if_the_shop_signed_it(
    client: RasaClient, served: ServedChannels
) -> None:
    await client.utter("hi", customData={"customer_token": customer_token("C7", "Ann") + "x"})
    await client.hear()
    assert served.assistant.asked[-1].customer is None
    await client.utter("hi", customData={"customer_token": customer_token("C7", "Ann")})
    await client.hear()
    assert served.assistant.asked[-1].customer == {"id": "C7", "name": "Ann", "proof": "shop_token"}


@pytest.mark.parametrize("data", [None, 5, "hi", [], {}, {"message": None}, {"message": {"a": 1}}])
async def test_an_utterance_of_the_wrong_shape_is_refused_in_words(
    client: RasaClient, served: ServedChannels, data: object
) -> None:
    await client.socket.emit("user_uttered", data)
    assert "空" in (await client.hear())["text"]
    assert served.assistant.asked == []
