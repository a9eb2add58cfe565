"""How an action reads the flow that runs it and reports what came of it (docs/journeys.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet

STATE_SLOT = "dialogue_stack"
OUTCOME_SLOT = "flow_outcome"


@dataclass(frozen=True)
class Frame:
    """The flow on top of the stack; a value that is absent from ``values`` is not known.

    ``sources`` says by which kind of answer each value came, ``said`` is the message that asked
    for the flow, ``learned`` is what is known in this conversation beyond the frame. ``shared``
    words asked for other things as well; ``own`` are those of them that asked for this flow, in
    lower case, empty where nobody knows. ``choices`` are those that were shown, by slot.
    """

    flow: str
    intent: str
    said: str
    values: Mapping[str, Any]
    sources: Mapping[str, str]
    learned: Mapping[str, Any]
    shared: bool = False
    own: str = ""
    choices: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    beneath: Mapping[str, Any] = field(default_factory=dict)
    """The values of the frame below, which is that of the caller where there is one."""

    @property
    def part(self) -> str:
        """Of words that ask for goods of several orders, those about the order served now."""
        return str(self.values.get("words") or self.said)

    @property
    def asked_in(self) -> tuple[str, ...]:
        """Where to read what is asked, the closest first: its own words, then all of them."""
        return (self.own, self.part) if self.own and "words" not in self.values else (self.part,)

    @property
    def offered(self) -> frozenset[str]:
        """The ids of all choices that were shown."""
        return frozenset(str(one["id"]) for shown in self.choices.values() for one in shown)

    @classmethod
    def of(cls, tracker: Tracker) -> Frame:
        """The frame on top; an empty one when no flow is open."""
        state = tracker.get_slot(STATE_SLOT) or {}
        frames = state.get("frames") or [{}]
        top = frames[-1]
        return cls(
            flow=top.get("flow", ""),
            intent=top.get("intent", ""),
            said=top.get("said", ""),
            values=top.get("values", {}),
            sources=top.get("sources", {}),
            learned=state.get("learned", {}),
            shared=bool(top.get("shared")),
            own=top.get("own", ""),
            choices=top.get("choices", {}),
            beneath=frames[-2].get("values", {}) if len(frames) > 1 else {},
        )


def task_of(tracker: Tracker) -> Mapping[str, Any]:
    """What the engine wants said or asked by the engine action that runs now."""
    state = tracker.get_slot(STATE_SLOT) or {}
    task: Mapping[str, Any] = state.get("task") or {}
    return task


def report(
    action: Action,
    outcome: str,
    *,
    values: Mapping[str, Any] | None = None,
    choices: Sequence[Mapping[str, Any]] | None = None,
    learned: Mapping[str, Any] | None = None,
    read: bool = False,
    secret: str | None = None,
) -> list[EventType]:
    """The one event by which ``action`` tells the flow engine its ``outcome``.

    ``values`` change the frame (None forgets one), ``choices`` are ``{"id", "title", "words"?}``,
    ``learned`` outlives the frame. ``read``: the action has read the words of the request itself;
    the engine does not look for the choices in them. ``secret``: digits of the message that the
    runtime takes out of it, and of all that came of it, when the turn is over.
    """
    told: dict[str, Any] = {"action": action.name(), "outcome": outcome}
    if values is not None:
        told["values"] = dict(values)
    if choices is not None:
        told["choices"] = [dict(choice) for choice in choices]
    if learned is not None:
        told["learned"] = dict(learned)
    if read:
        told["read"] = True
    if secret is not None:
        told["secret"] = secret
    return [SlotSet(OUTCOME_SLOT, told)]
