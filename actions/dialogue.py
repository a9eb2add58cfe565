"""The engine's own actions: they say and ask what its task says, and decide nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.frame import task_of
from actions.handing_over import summary_of
from actions.wording import Language, button, language_of, said_in

_YES_NO_INTENTS = {"yes": "affirm", "no": "deny"}


def say_all(
    dispatcher: CollectingDispatcher, says: Iterable[Mapping[str, Any]], language: Language
) -> None:
    """Each response of ``says`` with its arguments, in order."""
    for said in says:
        dispatcher.utter_message(response=said["response"], **_arguments(said, language))


def _arguments(said: Mapping[str, Any], language: Language) -> dict[str, Any]:
    arguments = said.get("args") or {}
    return {name: said_in(value, language) for name, value in arguments.items()}


class ActionSay(Action):
    """Says the responses of the task."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_say"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """(see parent class for full docstring)"""
        say_all(dispatcher, task_of(tracker).get("says", ()), language_of(tracker))
        return []


class ActionAsk(Action):
    """Asks the task's question, with a button for each choice."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_ask"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """(see parent class for full docstring)"""
        task, language = task_of(tracker), language_of(tracker)
        say_all(dispatcher, task.get("says", ()), language)
        slot = task["slot"]
        choices = [
            {"id": choice["id"], "title": said_in(choice["title"], language)}
            for choice in task.get("choices") or ()
        ]
        yes_no = task.get("kind") == "yes_no"
        buttons = [
            button(choice["title"], _YES_NO_INTENTS[choice["id"]])
            if yes_no
            else button(choice["title"], "inform", **{slot: choice["id"]})
            for choice in choices
        ]
        dispatcher.utter_message(
            response=task["response"],
            buttons=buttons,
            json_message={"ask": {"flow": task["flow"], "slot": slot, "choices": choices}},
            **_arguments(task, language),
        )
        return []


class ActionClarify(Action):
    """Offers the likeliest meanings of a message as buttons."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_clarify"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """(see parent class for full docstring)"""
        task, language = task_of(tracker), language_of(tracker)
        say_all(dispatcher, task.get("says", ()), language)
        choices = [
            {"id": offer["intent"], "title": said_in(offer["title"], language)}
            for offer in task["offers"]
        ]
        dispatcher.utter_message(
            response="utter_clarify",
            buttons=[button(choice["title"], choice["id"]) for choice in choices],
            json_message={"ask": {"flow": "", "slot": "intent", "choices": choices}},
        )
        return []


class ActionRepeat(Action):
    """Says again what the assistant said in its last turn."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_repeat"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """(see parent class for full docstring)"""
        for event in _said_last_turn(tracker):
            data = event.get("data") or {}
            dispatcher.utter_message(
                text=event.get("text"),
                buttons=data.get("buttons"),
                json_message=data.get("custom"),
                image=data.get("image"),
                utter_action=(event.get("metadata") or {}).get("utter_action"),
            )
        return []


def _said_last_turn(tracker: Tracker) -> list[dict[str, Any]]:
    """What the bot said between the shopper's last message but one and the last one."""
    said: list[dict[str, Any]] = []
    shopper_messages = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            shopper_messages += 1
            if said:
                break
        elif event.get("event") == "bot" and shopper_messages:
            said.append(event)
    return list(reversed(said))


class ActionHandOff(Action):
    """Gives the conversation to a person, with everything that was learned and tried."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hand_off"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """(see parent class for full docstring)"""
        task, language = task_of(tracker), language_of(tracker)
        say_all(dispatcher, task.get("says", ()), language)
        dispatcher.utter_message(response="utter_handoff")
        request = {"reason": task["reason"], "summary": summary_of(tracker, task, language)}
        return [SlotSet("handoff_request", request)]
