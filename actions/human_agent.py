"""Getting a person: what must still be asked so that nothing has to be told twice."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.base import Outcome, ShopAction, Turn
from actions.frame import OUTCOME_SLOT, STATE_SLOT


def requests_open(tracker: Tracker) -> int:
    """How many requests are open, the one served now included."""
    state = tracker.get_slot(STATE_SLOT) or {}
    return sum(not frame.get("called", False) for frame in state.get("frames", ()))


class ActionCheckHandoffTopic(ShopAction):
    """Whether the conversation already says what it is about. Outcomes: ``known``, ``unknown``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_handoff_topic"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        spoken_of = any(
            event.get("event") == "slot" and event.get("name") == OUTCOME_SLOT
            for event in turn.tracker.events
        )
        known = spoken_of or requests_open(turn.tracker) > 1
        return Outcome("known" if known else "unknown")
