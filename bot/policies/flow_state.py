"""What the flow engine remembers of a conversation: the JSON in the slot `dialogue_stack`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class Frame(msgspec.Struct, omit_defaults=True):
    """One request: which flow, how far it has come, and the values that belong to it alone.

    ``called`` frames were put there by the frame under them and end with it; ``returns`` ones by a
    step of it. ``shared`` words asked for other things too; ``own`` are those of them that asked
    for this, empty where nobody knows. ``waited`` is a request that had to wait for its turn.
    ``asked`` says that the question of ``step`` has been put. ``sealed`` slots were confirmed and
    stay as they are. ``offered`` is the reason for which a person was offered instead of going on.
    ``fetched`` slots have their choices, ``hinted`` ones were looked for in ``said`` already.
    """

    flow: str
    intent: str = ""
    said: str = ""
    started: bool = False
    waited: bool = False
    shared: bool = False
    own: str = ""
    called: bool = False
    returns: bool = False
    interrupted: bool = False
    asked: bool = False
    step: str = ""
    prepared: str = ""
    offered: str = ""
    customer: str | None = None
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    given: dict[str, Any] = {}
    learned: dict[str, Any] = {}
    choices: dict[str, list[dict[str, Any]]] = {}
    attempts: dict[str, int] = {}
    checked: list[str] = []
    fetched: list[str] = []
    hinted: list[str] = []
    sealed: list[str] = []


class About(StrEnum):
    """What the engine itself has asked, beside the question of a step."""

    STOP = "stop"
    PERSON = "person"
    MEANING = "meaning"
    ANYTHING_ELSE = "anything_else"


class Asked(msgspec.Struct, omit_defaults=True):
    """An open question of the engine; ``reason`` is that of the handoff it offers."""

    about: About
    reason: str = ""
    misses: int = 0


class Role(StrEnum):
    """Why an action runs, which decides what its end means."""

    ASK = "ask"
    SAY = "say"
    SAY_LAST = "say_last"
    HAND_OFF = "hand_off"
    RUN = "run"
    CHECK = "check"
    CHOICES = "choices"
    PREPARE = "prepare"
    HEAR = "hear"


class Running(msgspec.Struct):
    """The action predicted last."""

    action: str
    role: Role


class Held(msgspec.Struct, omit_defaults=True):
    """A message that was not clear, kept until the shopper has said what it meant."""

    text: str = ""
    entities: list[dict[str, Any]] = []


class State(msgspec.Struct, omit_defaults=True):
    """Everything between two messages; ``frames[-1]`` is served now.

    ``says`` are responses that must come before whatever is said next, ``steps`` counts the
    actions of this turn, ``quiet`` keeps an open question from being asked again. ``upset`` says of
    the last written messages, the newest at the end, which were frustrated; ``urgency`` is the last
    one's. ``served`` is the last request that was answered, ``repeats`` how often in a row;
    ``outages`` counts how often the shop's system did not answer since a request was served.
    """

    frames: list[Frame] = []
    asked: Asked | None = None
    offers: list[str] = []
    held: Held | None = None
    learned: dict[str, Any] = {}
    misses: int = 0
    served: str = ""
    repeats: int = 0
    outages: int = 0
    upset: list[bool] = []
    urgency: float = 0.0
    steps: int = 0
    finished: bool = False
    asked_anything_else: bool = False
    quiet: bool = False
    spoken: bool = False
    says: list[dict[str, Any]] = []
    running: Running | None = None
    task: dict[str, Any] | None = None


def load_state(data: object) -> State:
    """The state out of its slot; a fresh one for None.

    Raises:
        msgspec.ValidationError: The slot holds something that the engine did not write.
    """
    return State() if data is None else msgspec.convert(data, State)


def dump_state(state: State) -> dict[str, Any]:
    """``state`` as plain JSON types, defaults left out."""
    built: dict[str, Any] = msgspec.to_builtins(state)
    return built
