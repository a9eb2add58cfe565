"""A tiny assistant for the tests of the runtime: trained once, with actions that misbehave."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from rasa.model_training import train
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor

from bot.runtime.bot import Bot, BotTimes
from bot.runtime.turn import TurnRequest, TurnResult

PROJECT = Path(__file__).parent / "project"

Ask = Callable[..., Awaitable[TurnResult]]
COMPUTING, CALLER_WENT_ON = threading.Event(), threading.Event()


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """structlog's default draws every local variable of a traceback, which takes seconds."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of this folder, trained."""
    result = train(
        domain=str(PROJECT / "domain.yml"),
        config=str(PROJECT / "config.yml"),
        training_files=str(PROJECT / "data"),
        output=str(tmp_path_factory.mktemp("models")),
    )
    assert result.model is not None
    return Path(result.model)


async def action_order(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    dispatcher.utter_message(
        response="utter_order",
        number="KF2611190042",
        buttons=[{"title": "Return it", "payload": "/return_request"}],
        json_message={
            "card": {"type": "order", "number": "KF2611190042"},
            "ask": {"flow": "f", "slot": "s", "choices": [{"id": "a", "title": "A"}]},
            "more": 1,
        },
    )
    return []


async def action_break(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    raise ValueError("this action has a bug")


async def action_hang(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    await asyncio.sleep(60)
    return []


async def action_compute(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    """Keep the bot's loop busy until the caller's loop has been seen to go on, 20 s at most."""
    COMPUTING.set()
    went_on = CALLER_WENT_ON.wait(20)
    dispatcher.utter_message(text="Computed" if went_on else "Nobody else could run")
    return []


async def action_person(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    dispatcher.utter_message(text="One moment")
    return [SlotSet("handoff_request", {"reason": "asked", "summary": {"order": "KF1"}})]


async def action_count(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
    counted = (tracker.get_slot("counted") or 0) + 1
    dispatcher.utter_message(text=f"That is {counted}")
    return [SlotSet("counted", counted)]


@pytest.fixture(scope="session")
def executor() -> ActionExecutor:
    """The actions of the project."""
    executor = ActionExecutor()
    for action in (
        action_order,
        action_break,
        action_hang,
        action_compute,
        action_person,
        action_count,
    ):
        executor.register_function(action.__name__, action)
    return executor


@pytest.fixture
async def bot(model: Path, executor: ActionExecutor, database_url: str) -> AsyncIterator[Bot]:
    """The assistant on a fresh database; an action may take 0.3 s, a turn 20 s."""
    bot = Bot(
        model, database_url=database_url, actions=executor, times=BotTimes(turn=20, action=0.3)
    )
    await bot.start()
    yield bot
    await bot.stop()


def asking(bot: Bot, conversation_id: str = "c1") -> Ask:
    """A function that says things in one conversation, each under an id of its own."""

    async def ask(text: str = "", **more: Any) -> TurnResult:
        more.setdefault("message_id", uuid4().hex)
        more.setdefault("language", "en")
        return await bot.turn(TurnRequest(conversation_id, text=text, **more))

    return ask
