"""Takes out of a turn what nobody may read once it is over: a one-time code that was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.events import Event, SlotSet, UserUttered

from bot.runtime.actions import OUTCOME_SLOT
from bot.runtime.plain_events import event_of
from bot.runtime.tracker import ConversationTracker
from kernel.masking import hide_digits, places_of

_IS_HIDDEN = "hidden"


def hide_secrets(tracker: ConversationTracker, happened: Sequence[Event]) -> None:
    """Hide in the last events of ``tracker``, ``happened``, what actions called secret in them.

    Do it before they are saved: neither the database nor who reads the tracker ever has it.
    """
    for secret in _secrets_in(happened):
        for place in range(len(tracker.events) - len(happened), len(tracker.events)):
            event = tracker.events[place]
            plain = event.as_dict()
            hidden = _without(plain, secret)
            if hidden == plain:
                continue
            tracker.events[place] = event_of(hidden)
            if event is tracker.latest_message:
                tracker.latest_message = tracker.events[place]
        for slot in tracker.slots.values():
            value = hide_digits(slot.value, secret)
            if value != slot.value:
                slot.value = value


def heard_in(happened: Sequence[Event]) -> str | None:
    """How the message that began the turn may be kept; None if nothing in it was hidden."""
    for event in happened:
        if isinstance(event, UserUttered) and event.metadata.get(_IS_HIDDEN):
            return str(event.text)
    return None


def _secrets_in(happened: Sequence[Event]) -> set[str]:
    return {
        str(event.value["secret"])
        for event in happened
        if isinstance(event, SlotSet)
        and event.key == OUTCOME_SLOT
        and "secret" in (event.value or {})
    }


def _without(plain: dict[str, Any], secret: str) -> dict[str, Any]:
    hidden: dict[str, Any] = hide_digits(plain, secret)
    places = places_of(str(plain.get("text") or ""), secret)
    if plain["event"] != UserUttered.type_name or not places:
        return hidden
    hidden["metadata"] = {**(plain.get("metadata") or {}), _IS_HIDDEN: True}
    # A part of it may have been read as something else: a number, a postcode.
    hidden["parse_data"]["entities"] = [
        one
        for one in hidden["parse_data"].get("entities") or ()
        if not any(one.get("start", 0) < end and start < one.get("end", 0) for start, end in places)
    ]
    return hidden
