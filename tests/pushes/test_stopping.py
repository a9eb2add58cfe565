"""A word ends all news: with the bot, with people, in a closed conversation, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from desk.model import Conversation, Handoff, HandoffReason, Incoming, Role
from desk.news.model import NewsRules
from kefu.gate import Gate
from kernel.content import Content
from tests.channels.serving import ScriptedAssistant
from tests.pushes.conftest import LIN, SHANGHAI, World
from tests.pushes.formats import WebhookFormat, trip
from tests.pushes.test_when_and_where import S

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def news_rules() -> NewsRules:
    return NewsRules(zone=SHANGHAI, gap=timedelta(0))


@pytest.fixture
async def gate(world: World) -> AsyncIterator[tuple[Gate, ScriptedAssistant]]:
    assistant = ScriptedAssistant()
    made = Gate(
        world.desk, assistant, world.clock, worker="w", end_news=world.replicas[0].newsroom.end
    )
    yield made, assistant
    await made.stop()


async def say(world: World, gate: Gate, conversation: Conversation, text: str) -> None:
    world.clock.advance(timedelta(seconds=1))
    incoming = Incoming(
        channel=conversation.channel,
        shopper_id=conversation.shopper_id,
        external_id=f"{world.clock.now()}",
        content=Content(text=text),
    )
    await gate.receive(incoming)
    # The platform repeats what it thinks we missed.
    await gate.receive(incoming)


async def told(world: World, lin: Conversation) -> None:
    number = (await world.parcel()).tracking_number
    scans = trip(world.clock.now(), S.OUT_FOR_DELIVERY)
    await world.push("webhook", WebhookFormat().push(number, scans, world.clock.now()))
    await world.tell()


async def answered(assistant: ScriptedAssistant, text: str) -> str | None:
    async with asyncio.timeout(30):
        while not assistant.asked or assistant.asked[-1].text != text:
            await asyncio.sleep(0.01)
    return assistant.asked[-1].payload


@pytest.mark.parametrize("word", ["退订", "unsubscribe", "TD"])
async def test_the_assistant_is_told_what_a_plain_word_means(
    world: World, gate: tuple[Gate, ScriptedAssistant], word: str
) -> None:
    lin = await world.shopper()
    await say(world, gate[0], lin, word)
    assert await answered(gate[1], word) == "/news_stop"


async def test_a_bare_stop_means_the_news_that_was_just_told(
    world: World, gate: tuple[Gate, ScriptedAssistant]
) -> None:
    lin = await world.shopper()
    await world.wants(lin)
    await say(world, gate[0], lin, "stop")
    assert await answered(gate[1], "stop") is None
    await told(world, lin)
    await say(world, gate[0], lin, "停")
    assert await answered(gate[1], "停") == "/news_stop"
    assert gate[1].asked[-1].news == {
        "facts": {"order_number": "KF2601018001"},
        "at": (world.clock.now() - timedelta(seconds=1)).isoformat(),
        "answered": True,
    }
    await say(world, gate[0], lin, "stop")
    assert await answered(gate[1], "stop") is None


@pytest.mark.parametrize("owner", ["queue", "agent"])
@pytest.mark.parametrize(("language", "word"), [("zh", "退订"), ("en", "unsubscribe")])
async def test_it_ends_while_people_have_the_conversation_and_is_said_once(
    world: World, gate: tuple[Gate, ScriptedAssistant], owner: str, language: str, word: str
) -> None:
    lin = await world.shopper(language=language)
    await world.wants(lin)
    handoff = Handoff(HandoffReason.ASKED, {}, world.clock.now())
    await world.desk.hand_off(lin.id, lin.epoch, handoff)
    if owner == "agent":
        agent = await world.desk.add_agent("wen", "Wen", "a long password", Role.AGENT)
        await world.desk.take(lin.id, agent.id)
    await say(world, gate[0], lin, word)
    assert await world.shop.wishes.wishes_of(LIN) == ()
    said = [one.content.response for one in await world.news_in(lin)]
    assert said.count("news_stopped") == 1
