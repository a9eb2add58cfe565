"""The policy inside Rasa: a model is trained with it and runs an interrupted flow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.model_training import train
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk.events import SlotSet as SdkSlotSet
from rasa_sdk.executor import ActionExecutor

from actions.dialogue import ActionAsk, ActionClarify, ActionHandOff, ActionRepeat, ActionSay
from bot.policies.flow_policy import FlowPolicy, InvalidFlows
from bot.runtime.bot import Bot
from bot.runtime.turn import TurnRequest, TurnResult
from kefu import migrate
from kernel.content import Content
from tests.dialogue.talk import FLOWS, VOCABULARY, Doing, working_shop

SLOTS = ("customer", "dialogue_stack", "flow_outcome", "handoff_request")


def variations(name: str) -> list[dict[str, Any]]:
    """A response in both languages that says its own name."""
    return [
        {
            "text": f"{name} {language}",
            "condition": [{"type": "slot", "name": "language", "value": language}],
        }
        for language in ("zh", "en")
    ]


def domain() -> dict[str, Any]:
    """The domain of the small shop."""
    custom = {"influence_conversation": False, "mappings": [{"type": "custom"}]}
    names = (*VOCABULARY.responses, "utter_handoff", "utter_internal_error", "utter_backend_slow")
    return {
        "version": "3.1",
        "intents": sorted(VOCABULARY.intents),
        "entities": sorted(VOCABULARY.entities),
        "actions": sorted(VOCABULARY.actions),
        "slots": {name: {"type": "any", **custom} for name in SLOTS}
        | {"language": {"type": "text", **custom}},
        "responses": {name: variations(name) for name in names},
    }


def project(folder: Path, flows: Path = FLOWS) -> dict[str, str]:
    """A Rasa project on disk: what ``train`` takes."""
    files: dict[str, Any] = {
        "domain.yml": domain(),
        "config.yml": {
            "recipe": "default.v1",
            "language": "en",
            "assistant_id": "flows",
            "pipeline": [{"name": "KeywordIntentClassifier"}],
            "policies": [
                {
                    "name": "bot.policies.flow_policy.FlowPolicy",
                    "flows": str(flows),
                    "domain": str(folder / "domain.yml"),
                    "usual_offers": ["track"],
                }
            ],
        },
        "data/nlu.yml": {
            "version": "3.1",
            "nlu": [
                {"intent": intent, "examples": f"- {intent}"}
                for intent in sorted(VOCABULARY.intents - {"nlu_fallback"})
            ],
        },
        # Rasa trains no policy without a single story.
        "data/stories.yml": {
            "version": "3.1",
            "stories": [{"story": "s", "steps": [{"intent": "greet"}, {"action": "action_say"}]}],
        },
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return {
        "domain": str(folder / "domain.yml"),
        "config": str(folder / "config.yml"),
        "training_files": str(folder / "data"),
        "output": str(folder / "models"),
    }


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the small shop."""
    result = train(**project(tmp_path_factory.mktemp("flows")))
    assert result.model is not None
    return Path(result.model)


def shop_action(name: str, do: Doing) -> Callable[..., list[Any]]:
    """An action that reports what ``do`` says of the frame on top."""

    def run(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        frame = {"values": {}, "sources": {}, **tracker.get_slot("dialogue_stack")["frames"][-1]}
        told = {"action": name, **(do(frame) or {})}
        dispatcher.utter_message(text=f"{name} {frame['values']}")
        return [SdkSlotSet("flow_outcome", told)]

    return run


@pytest.fixture
async def assistant(model: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    """The model at work, its actions in process."""
    executor = ActionExecutor()
    for action in (ActionSay, ActionAsk, ActionClarify, ActionRepeat, ActionHandOff):
        executor.register_action(action)
    for name, do in working_shop().items():
        executor.register_function(name, shop_action(name, do))
    bot = Bot(model, database_url=await tracker_database(tmp_path), actions=executor)
    await bot.start()
    yield bot
    await bot.stop()


async def tracker_database(folder: Path) -> str:
    """A migrated database of its own."""
    url = f"sqlite+aiosqlite:///{folder / 'kefu.db'}"
    await migrate.upgrade(url)
    return url


@pytest.fixture
def says(assistant: Bot) -> Callable[..., Any]:
    """One message of a verified shopper."""
    number = 0

    async def say(text: str, payload: str | None = None) -> TurnResult:
        nonlocal number
        number += 1
        request = TurnRequest(
            "c1", f"m{number}", text, payload, language="en", customer={"id": "ann", "name": "Ann"}
        )
        return await assistant.turn(request)

    return say


def responses(result: TurnResult) -> list[str]:
    """The names of the responses said, without what the shop's actions said."""
    return [reply.response for reply in result.replies if reply.response]


def last(result: TurnResult) -> Content:
    """The last message of a turn."""
    return result.replies[-1]


async def test_an_interrupted_flow_is_resumed_and_ends(says: Callable[..., Any]) -> None:
    asked = last(await says("send_back"))
    assert asked.ask is not None
    assert (asked.ask.flow, asked.ask.slot) == ("send_back", "order_number")
    assert [button.payload for button in asked.buttons] == [
        '/inform{"order_number": "W1001"}',
        '/inform{"order_number": "W1002"}',
    ]
    await says("W1001", '/inform{"order_number": "W1001"}')
    await says("track")
    resumed = await says("W1002", '/inform{"order_number": "W1002"}')
    assert responses(resumed) == ["utter_resume", "utter_ask_send_back_lines"]
    assert "action_track {'order_number': 'W1002'}" in [reply.text for reply in resumed.replies]
    await says("Kettle", '/inform{"lines": "W1001-3"}')
    confirmed = last(await says("Broken", '/inform{"reason": "broken"}'))
    assert [button.payload for button in confirmed.buttons] == ["/affirm", "/deny"]
    done = await says("Yes", "/affirm")
    assert "'draft': 'W1001/W1001-3/broken'" in done.replies[0].text
    assert responses(done) == ["utter_anything_else"]


async def test_what_is_not_understood_twice_goes_to_a_person(says: Callable[..., Any]) -> None:
    offered = await says("hrmpf")
    assert responses(offered) == ["utter_clarify"]
    handed = await says("hrmpf")
    assert handed.handoff is not None
    assert handed.handoff.reason == "low_confidence"


def test_a_mistake_in_a_flow_fails_the_training_with_file_and_line(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    text = (FLOWS / "shop.yml").read_text(encoding="utf-8")
    broken = text.replace("run: action_track", "run: action_trakc")
    (flows / "shop.yml").write_text(broken, encoding="utf-8")
    line = broken.splitlines().index("      - run: action_trakc") + 1
    with pytest.raises(InvalidFlows) as failure:
        train(**project(tmp_path, flows))
    assert f"shop.yml:{line}: " in str(failure.value)
    assert "action_trakc" in str(failure.value)


def test_a_changed_flow_changes_the_fingerprint(tmp_path: Path) -> None:
    flow = tmp_path / "a.yml"
    flow.write_text("flows: {}", encoding="utf-8")
    before = FlowPolicy.fingerprint_addon({"flows": str(tmp_path)})
    assert FlowPolicy.fingerprint_addon({"flows": str(tmp_path)}) == before
    flow.write_text("flows: {x: 1}", encoding="utf-8")
    assert FlowPolicy.fingerprint_addon({"flows": str(tmp_path)}) != before


def test_an_outcome_is_taken_away_before_the_next_action(tmp_path: Path) -> None:
    policy = policy_of_the_shop(tmp_path)
    shop = Domain.from_dict(domain())
    tracker = DialogueStateTracker("c1", shop.slots)
    order = {"entity": "order_number", "value": "W1001"}
    tracker.update(UserUttered("", {"name": "track", "confidence": 1.0}, [order]), shop)
    tracker.update(SlotSet("flow_outcome", {"action": "action_track", "outcome": "old"}), shop)
    prediction = policy.predict_action_probabilities(tracker, shop)
    assert SlotSet("flow_outcome", None) in prediction.optional_events
    tracker.update_with_events(prediction.optional_events, shop)
    tracker.update(ActionExecuted("action_track"), shop)
    prediction = policy.predict_action_probabilities(tracker, shop)
    asked = prediction.optional_events[0].value["task"]
    assert asked["response"] == "utter_ask_person"


def policy_of_the_shop(folder: Path) -> FlowPolicy:
    """The policy, trained and loaded without the rest of Rasa."""
    storage, resource = LocalModelStorage(folder), Resource("flows")
    context = ExecutionContext(GraphSchema({}))
    path = folder / "domain.yml"
    path.write_text(yaml.safe_dump(domain(), allow_unicode=True), encoding="utf-8")
    config = FlowPolicy.get_default_config() | {"flows": str(FLOWS), "domain": str(path)}
    FlowPolicy(config, storage, resource, context).train([], Domain.from_dict(domain()))
    return FlowPolicy.load(config, storage, resource, context)
