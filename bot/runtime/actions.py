"""Runs actions: in this process without a detour over HTTP, and never without an outcome."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import msgspec
import structlog
from rasa.core.actions.action import (
    Action,
    ActionExecutionRejection,
    RemoteAction,
    create_bot_utterance,
)
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa_sdk.interfaces import ActionExecutionRejection as SdkRejection

from bot.runtime.plain_events import PlainEvents, event_of

log = structlog.get_logger()

UTTER_INTERNAL_ERROR = "utter_internal_error"
UTTER_BACKEND_SLOW = "utter_backend_slow"
# The flow engine reads here what came of the action it ran (docs/journeys.md).
OUTCOME_SLOT = "flow_outcome"
FAILED = "failed"
BACKEND_DOWN = "backend_down"


class ActionRunner(Protocol):
    """What we need of rasa-sdk's ``ActionExecutor``."""

    async def run(self, action_call: Any) -> Any:
        """Run ``action_call["next_action"]``; ``{"events": […], "responses": […]}``."""


class InProcessAction(RemoteAction):
    """A custom action that the executor of this process runs."""

    def __init__(self, name: str, runner: ActionRunner) -> None:
        super().__init__(name, None)
        self._runner = runner

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """(see parent class for full docstring) Raises whatever the action raises."""
        name = self.name()
        state = tracker.current_state(EventVerbosity.NONE)
        state["events"] = PlainEvents(tracker.events)
        # The action gets values of its own: changing one in place must not change the dialogue.
        state["slots"] = msgspec.to_builtins(state["slots"])
        needs_domain = domain.does_custom_action_explicitly_need_domain(name)
        call = {
            "next_action": name,
            "sender_id": tracker.sender_id,
            "tracker": state,
            "domain": domain.as_dict() if needs_domain else {},
        }
        try:
            result = await self._runner.run(call)
        except SdkRejection as rejection:
            raise ActionExecutionRejection(name, rejection.message) from rejection
        uttered = await self._utter_responses(result["responses"], output_channel, nlg, tracker)
        return [*uttered, *(event_of(event) for event in result["events"])]


class GuardedAction(Action):
    """Any action, with a time limit; what it raises becomes an outcome and a line in the log.

    Rasa would drop a raising action and its events in silence. Here the flow engine learns
    ``failed``, or ``backend_down`` when time ran out, and goes on from there.
    """

    def __init__(self, action: Action, time_limit: float) -> None:
        self._action = action
        self._time_limit = time_limit

    def name(self) -> str:
        """(see parent class for full docstring)"""
        name: str = self._action.name()
        return name

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> Event:
        """(see parent class for full docstring)"""
        return self._action.event_for_successful_execution(prediction)

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """(see parent class for full docstring)"""
        try:
            async with asyncio.timeout(self._time_limit):
                events: list[Event] = await self._action.run(output_channel, nlg, tracker, domain)
                return events
        except ActionExecutionRejection:
            raise
        except TimeoutError:
            log.error("action.too_slow", action=self.name(), conversation=tracker.sender_id)
            said = await utterance(UTTER_BACKEND_SLOW, output_channel, nlg, tracker)
            return [*said, *self._outcome(BACKEND_DOWN, tracker)]
        except Exception as error:
            log.error(
                "action.failed", action=self.name(), conversation=tracker.sender_id, exc_info=error
            )
            return self._outcome(FAILED, tracker)

    def _outcome(self, outcome: str, tracker: DialogueStateTracker) -> list[Event]:
        if OUTCOME_SLOT not in tracker.slots:
            return []
        return [SlotSet(OUTCOME_SLOT, {"action": self.name(), "outcome": outcome})]


async def utterance(
    response: str,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
) -> list[BotUttered]:
    """``response`` as the event that says it; empty if the domain has no such response."""
    message = await nlg.generate(response, tracker, output_channel.name())
    if message is None:
        log.error("response.missing", response=response)
        return []
    message["utter_action"] = response
    return [create_bot_utterance(message)]
