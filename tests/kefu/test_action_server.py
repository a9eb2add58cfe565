"""The actions behind Rasa's own action-server protocol, for those who run them elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from kefu.action_server import make_action_app


class Greets(Action):
    def name(self) -> str:
        return "action_greets"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Any]:
        dispatcher.utter_message(response="utter_greet")
        return [SlotSet("flow_outcome", {"action": self.name(), "outcome": "ok"})]


class Breaks(Action):
    def name(self) -> str:
        return "action_breaks"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Any]:
        raise RuntimeError("13800138000 is nobody's business")


class Rejects(Action):
    def name(self) -> str:
        return "action_rejects"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Any]:
        raise ActionExecutionRejection(self.name(), "not now")


def call(action: str) -> dict[str, Any]:
    tracker = {
        "sender_id": "ann",
        "slots": {},
        "latest_message": {},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": action, "sender_id": "ann", "tracker": tracker, "domain": {}}


@pytest.fixture
async def server() -> AsyncIterator[TestClient[Any, Any]]:
    executor = ActionExecutor()
    for action in (Greets(), Breaks(), Rejects()):
        executor.register_action(action)
    async with TestClient(TestServer(make_action_app(executor))) as client:
        yield client


async def test_an_action_runs_and_tells_events_and_responses(
    server: TestClient[Any, Any],
) -> None:
    answer = await server.post("/webhook", json=call("action_greets"))

    told = await answer.json()
    assert answer.status == 200
    assert told["events"][0]["value"] == {"action": "action_greets", "outcome": "ok"}
    assert told["responses"][0]["response"] == "utter_greet"


@pytest.mark.parametrize(
    ("action", "status"), [("action_rejects", 400), ("action_nobody_has", 404)]
)
async def test_what_cannot_run_is_told_as_rasa_expects(
    server: TestClient[Any, Any], action: str, status: int
) -> None:
    answer = await server.post("/webhook", json=call(action))

    assert answer.status == status
    assert (await answer.json())["action_name"] == action


async def test_a_broken_action_shows_nothing_of_its_inside(server: TestClient[Any, Any]) -> None:
    answer = await server.post("/webhook", json=call("action_breaks"))

    assert answer.status == 500
    assert "13800138000" not in await answer.text()


async def test_it_says_that_it_is_well(server: TestClient[Any, Any]) -> None:
    assert (await server.get("/health")).status == 200
