"""One turn: what may be an intent, what is answered when things go wrong, what is said twice."""

from __future__ import annotations

import asyncio
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from structlog.testing import capture_logs

from bot.runtime.bot import Bot, BotTimes
from bot.runtime.turn import HandoffRequest, TurnRequest, TurnTimeout
from kernel.content import Ask, Button, Choice
from tests.runtime.conftest import CALLER_WENT_ON, COMPUTING, asking


async def test_a_reply_carries_text_buttons_image_card_question_and_the_name_of_its_response(
    bot: Bot,
) -> None:
    ask = asking(bot)
    (hello,) = (await ask("hello")).replies
    assert (hello.text, hello.response) == ("Hello", "utter_greet")
    assert hello.buttons == (Button("My order", "/order_status"),)
    assert hello.image == "https://shop.example/hello.png"

    (order,) = (await ask("order")).replies
    assert (order.text, order.response) == ("Order KF2611190042", "utter_order")
    assert order.card == {"type": "order", "number": "KF2611190042"}
    assert order.ask == Ask("f", "s", (Choice("a", "A"),))
    assert order.buttons == (Button("Return it", "/return_request"),)
    assert order.custom == {"more": 1}


@pytest.mark.parametrize("typed", ["/order_status", ' /order_status{"order_number": "KF1"}', "/"])
async def test_payload_syntax_typed_by_a_shopper_is_only_text(bot: Bot, typed: str) -> None:
    result = await asking(bot)(typed)
    assert "utter_order" not in [reply.response for reply in result.replies]
    dump = await bot.tracker("c1")
    assert dump is not None
    assert dump["latest_message"]["intent"]["name"] is None
    assert dump["latest_message"]["entities"] == []
    assert dump["latest_message"]["text"] == typed.strip()
    assert (await bot.parse(typed))["intent"]["name"] is None


async def test_a_payload_is_an_intent_with_entities(bot: Bot) -> None:
    result = await asking(bot)("My order", payload='/order_status{"order_number": "KF1"}')
    assert [reply.response for reply in result.replies] == ["utter_order"]
    dump = await bot.tracker("c1")
    assert dump is not None
    message = dump["latest_message"]
    assert message["text"] == "My order"
    assert message["intents"] == [{"name": "order_status", "confidence": 1.0}]
    assert [(found["entity"], found["value"]) for found in message["entities"]] == [
        ("order_number", "KF1")
    ]


@pytest.mark.parametrize("payload", ["/no_such_intent", "no slash", '/order_status{"broken": '])
async def test_a_payload_that_means_nothing_still_gets_an_answer(bot: Bot, payload: str) -> None:
    result = await asking(bot)("pressed", payload=payload)
    assert len(result.replies) == 1


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂🙂", "\u202ehello", "\x00", "a" * 100_000])
async def test_odd_text_gets_an_answer(bot: Bot, text: str) -> None:
    assert (await asking(bot)(text)).replies


async def test_the_same_message_again_gets_the_same_answer_and_acts_once(bot: Bot) -> None:
    ask = asking(bot)
    first = await ask("count", message_id="m1")
    assert await ask("count", message_id="m1") == first
    later = await ask("count", message_id="m2")
    assert [reply.text for reply in later.replies] == ["That is 2"]
    again = await ask("count", message_id="m1")
    assert again.replies == first.replies


async def test_a_message_is_recognised_when_its_turn_is_long_past(bot: Bot) -> None:
    ask = asking(bot)
    first = await ask("count", message_id="long-past")
    for _ in range(40):
        await ask("count")
    again = await ask("count", message_id="long-past")
    assert again.replies == first.replies
    assert [reply.text for reply in (await ask("count")).replies] == ["That is 42"]


async def test_a_repeated_message_finds_its_handoff_too(bot: Bot) -> None:
    ask = asking(bot)
    first = await ask("person", message_id="m1")
    assert first.handoff == HandoffRequest("asked", {"order": "KF1"})
    assert (await ask("person", message_id="m1")).handoff == first.handoff
    assert (await ask("hello")).handoff is None


async def test_an_action_that_raises_ends_in_an_answer_and_a_log_line(bot: Bot) -> None:
    with capture_logs() as lines:
        result = await asking(bot)("break")
    assert [reply.response for reply in result.replies] == ["utter_internal_error"]
    (line,) = [line for line in lines if line["event"] == "action.failed"]
    assert (line["action"], line["log_level"]) == ("action_break", "error")
    dump = await bot.tracker("c1")
    assert dump is not None
    assert dump["slots"]["flow_outcome"] == {"action": "action_break", "outcome": "failed"}


async def test_an_action_that_hangs_ends_in_an_answer_within_its_limit(bot: Bot) -> None:
    with capture_logs() as lines:
        result = await asking(bot)("hang")
    assert [reply.response for reply in result.replies] == ["utter_backend_slow"]
    assert "action.too_slow" in [line["event"] for line in lines]
    assert [reply.response for reply in (await asking(bot)("hello")).replies] == ["utter_greet"]


async def test_a_turn_beyond_its_limit_is_reported_and_leaves_nothing_behind(
    model: Path, executor: ActionExecutor, database_url: str
) -> None:
    bot = Bot(model, database_url=database_url, actions=executor, times=BotTimes(turn=2, action=30))
    await bot.start()
    try:
        ask = asking(bot)
        await ask("count")
        with pytest.raises(TurnTimeout):
            await ask("hang")
        assert [reply.text for reply in (await ask("count")).replies] == ["That is 2"]
    finally:
        await bot.stop()


async def test_language_and_customer_of_the_request_are_known_in_the_turn(bot: Bot) -> None:
    ask = asking(bot)
    ann = {"id": "c17", "name": "Ann", "proof": "token"}
    zh = await ask("hello", language="zh", customer=ann)
    assert zh.replies[0].text == "您好"
    assert (zh.language, zh.customer) == ("zh", ann)
    silent = await ask("hello", language=None, customer=None)
    assert (silent.language, silent.customer) == ("zh", ann)
    en = await ask("hello", language="en")
    assert (en.replies[0].text, en.language) == ("Hello", "en")


async def test_what_a_person_agreed_is_known_to_every_journey_from_then_on(bot: Bot) -> None:
    facts = {"order_number": "KF2601018011"}
    agreed = {"text": "a new parcel by Friday", "facts": facts, "at": "2026-11-22T12:00:00+00:00"}
    for number, settled in enumerate([agreed, None]):
        request = TurnRequest("settled", f"m{number}", "hello", agreed=settled)
        await bot.turn(request)
    tracker = await bot.tracker("settled")
    assert tracker
    assert tracker["slots"]["agreed"] == agreed
    assert tracker["slots"]["dialogue_stack"] == {"learned": facts}


async def test_a_customer_whose_proof_is_too_old_is_forgotten_by_the_dialogue(bot: Bot) -> None:
    ask = asking(bot)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    ann = {"id": "c17", "name": "Ann", "proof": "order_and_phone", "proven_at": noon.isoformat()}
    before, after = noon - timedelta(seconds=1), noon + timedelta(seconds=1)
    assert (await ask("hello", customer=ann, proven_since=before)).customer == ann
    assert (await ask("hello", customer=ann, proven_since=after)).customer is None
    assert (await ask("hello", customer=ann, proven_since=before)).customer == ann
    known_to_the_dialogue_alone = await ask("hello", customer=None, proven_since=after)
    assert known_to_the_dialogue_alone.customer is None


async def test_a_customer_for_whom_the_shop_vouches_is_not_forgotten(bot: Bot) -> None:
    ann = {"id": "c17", "name": "Ann", "proof": "shop_token"}
    later = datetime(2036, 11, 20, tzinfo=UTC)
    assert (await asking(bot)("hello", customer=ann, proven_since=later)).customer == ann


async def test_messages_of_one_conversation_are_answered_in_order(bot: Bot) -> None:
    ask = asking(bot)
    results = await asyncio.gather(*(ask("count") for _ in range(12)))
    assert [result.replies[0].text for result in results] == [f"That is {n + 1}" for n in range(12)]


async def test_the_callers_loop_goes_on_while_the_bot_computes(bot: Bot) -> None:
    turn = asyncio.create_task(asking(bot)("compute"))
    async with asyncio.timeout(20):
        while not COMPUTING.is_set():
            await asyncio.sleep(0.01)
    CALLER_WENT_ON.set()
    assert [reply.text for reply in (await turn).replies] == ["Computed"]


async def test_a_new_model_takes_over_while_turns_run(
    bot: Bot, model: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copy(model, tmp_path / "other.tar.gz"))
    ask = asking(bot)
    await ask("count")
    results, _ = await asyncio.gather(
        asyncio.gather(*(asking(bot, f"c{n}")("count") for n in range(2, 12))), bot.load(other)
    )
    assert [result.replies[0].text for result in results] == ["That is 1"] * 10
    assert (await ask("count")).replies[0].text == "That is 2"


async def test_a_dump_is_rasas_and_full_on_request(bot: Bot) -> None:
    ask = asking(bot)
    for _ in range(40):
        await ask("count")
    tail, everything = await bot.tracker("c1"), await bot.tracker("c1", full=True)
    assert tail is not None
    assert everything is not None
    assert everything["slots"] == tail["slots"]
    assert len([e for e in everything["events"] if e["event"] == "user"]) == 40
    assert len(tail["events"]) < 140
    assert everything["events"][-len(tail["events"]) :] == tail["events"]
    assert await bot.tracker("nobody") is None


async def test_what_is_forgotten_is_gone(bot: Bot) -> None:
    ask = asking(bot)
    await ask("count")
    await bot.forget("c1")
    assert await bot.tracker("c1") is None
    assert (await ask("count")).replies[0].text == "That is 1"


async def test_a_dialogue_at_rest_is_forgotten(bot: Bot) -> None:
    ask = asking(bot)
    await ask("count")

    assert await bot.forget_idle_since(datetime.now(UTC) - timedelta(days=1)) == 0
    assert await bot.forget_idle_since(datetime.now(UTC) + timedelta(days=1)) == 1
    assert await bot.tracker("c1") is None


async def test_stopping_ends_the_thread(
    model: Path, executor: ActionExecutor, tmp_path: Path
) -> None:
    ended: list[str] = []

    async def at_stop() -> None:
        ended.append(threading.current_thread().name)

    before = {thread for thread in threading.enumerate() if thread.name == "bot"}
    bot = Bot(model, database_url=f"sqlite:///{tmp_path}/x.db", actions=executor, at_stop=at_stop)
    await bot.start()
    await bot.turn(TurnRequest("c", "m", "hello"))
    await bot.stop()
    assert ended == ["bot"]
    assert {thread for thread in threading.enumerate() if thread.name == "bot"} == before


async def test_an_action_endpoint_is_asked_over_http_when_one_is_named(
    model: Path, executor: ActionExecutor, tmp_path: Path
) -> None:
    asked: list[Any] = []

    async def webhook(request: web.Request) -> web.Response:
        asked.append((await request.json())["next_action"])
        return web.json_response({"events": [], "responses": [{"text": "from afar"}]})

    app = web.Application()
    app.router.add_post("/webhook", webhook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(
        f"action_endpoint:\n  url: http://127.0.0.1:{runner.addresses[0][1]}/webhook\n"
    )
    bot = Bot(
        model,
        database_url=f"sqlite:///{tmp_path}/x.db",
        actions=executor,
        endpoints=endpoints,
    )
    await bot.start()
    try:
        assert (await asking(bot)("count")).replies[0].text == "from afar"
        await runner.cleanup()
        gone = await asking(bot)("compute")
        assert [reply.response for reply in gone.replies] == ["utter_internal_error"]
    finally:
        await bot.stop()
        await runner.cleanup()
    assert asked == ["action_count"]
