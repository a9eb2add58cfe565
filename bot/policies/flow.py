"""Compiled flows: what `rasa train` makes of `data/flows/*.yml` and the flow engine runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

IDENTIFY = "identify"
"""Name of the flow that finds out who is writing."""

# Kinds of answer beside the names of entities.
REFERENCE = "reference"
TEXT = "text"
YES_NO = "yes_no"
CHOICE = "choice"

ANY = "any"
"""In ``answered_by``: whatever is said is meant as an answer."""
LIKELY = "likely"
"""In ``answered_by``: whatever is said is, unless it asks for something else beyond doubt."""

# Where a value came from when no answer of the shopper gave it.
FROM_ACTION = "action"
FROM_LEARNED = "learned"


class Bilingual(msgspec.Struct, frozen=True):
    """One wording in both languages."""

    zh: str
    en: str


class Identity(StrEnum):
    """What a flow must know about the shopper before its first step."""

    NONE = "none"
    READ = "read"


class Way(StrEnum):
    """The ways on from a step."""

    STEP = "step"
    END = "end"
    STOP = "stop"
    HANDOFF = "handoff"
    OFFER_PERSON = "offer_person"


class Target(msgspec.Struct, frozen=True):
    """Where a flow goes on: ``name`` is a step id or the reason of a handoff."""

    way: Way
    name: str = ""


END = Target(Way.END)
STOP = Target(Way.STOP)


class Choice(msgspec.Struct, frozen=True):
    """One answer that a flow file lists; ``words`` are other ways to say it."""

    id: str
    title: Bilingual
    words: tuple[str, ...] = ()


class Collect(msgspec.Struct, frozen=True, tag="collect"):
    """Get one value from the shopper; ``sources`` are entity names and kinds of answer.

    ``answered_by`` are intents that a good answer may resemble: no requests of their own here.
    ``hears`` is an action that reads what is no answer: a change of what was said before.
    """

    id: str
    slot: str
    sources: tuple[str, ...]
    ask: str
    next: Target
    choices: tuple[Choice, ...] = ()
    choices_action: str = ""
    check: str = ""
    many: bool = False
    then: dict[str, Target] = {}
    depends_on: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    hears: str | None = None

    @property
    def written_choices(self) -> list[dict[str, Any]]:
        """The choices of the flow file, in the shape in which actions tell theirs."""
        written: list[dict[str, Any]] = msgspec.to_builtins(self.choices)
        return written

    @property
    def resembled(self) -> frozenset[str]:
        """The intents among ``answered_by``."""
        return frozenset(self.answered_by) - {ANY, LIKELY}


class Run(msgspec.Struct, frozen=True, tag="run"):
    """Run an action and go where its outcome says."""

    id: str
    action: str
    next: Target
    then: dict[str, Target] = {}


class Confirm(msgspec.Struct, frozen=True, tag="confirm"):
    """Prepare a draft, show it, and go on only with the shopper's yes.

    ``no`` is None when the flow file leaves the refusal to the engine. ``hears`` is an action
    that reads what is neither a plain yes nor a plain no: a change of mind, a question.
    """

    id: str
    action: str
    ask: str
    yes: Target
    no: Target | None = None
    then: dict[str, Target] = {}
    hears: str | None = None
    answered_by: tuple[str, ...] = ()


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Say a response."""

    id: str
    response: str
    next: Target


class Branch(msgspec.Struct, frozen=True, tag="branch"):
    """Choose the way by a value of the frame."""

    id: str
    slot: str
    next: Target
    then: dict[str, Target] = {}


class Call(msgspec.Struct, frozen=True, tag="call"):
    """Run another flow, then go on."""

    id: str
    flow: str
    next: Target


class Handoff(msgspec.Struct, frozen=True, tag="handoff"):
    """Hand the conversation to a person."""

    id: str
    reason: str


Step = Collect | Run | Confirm | Say | Branch | Call | Handoff


class Flow(msgspec.Struct, frozen=True):
    """One journey as data; ``takes`` are entities that alone suggest it.

    ``shows`` are entities that start it when they come with a proof of who writes, and no more.
    """

    name: str
    description: Bilingual
    title: Bilingual
    steps: tuple[Step, ...]
    intents: tuple[str, ...] = ()
    identity: Identity = Identity.NONE
    takes: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    asks_again: bool = True

    @property
    def is_one_turn(self) -> bool:
        """Whether the flow answers at once, without a question of its own."""
        return self.identity is Identity.NONE and not any(
            isinstance(step, Collect | Confirm | Call) for step in self.steps
        )

    @property
    def has_something_to_lose(self) -> bool:
        """Whether stopping half-way throws away the shopper's work: it leads to a draft."""
        return any(isinstance(step, Confirm) for step in self.steps)

    @property
    def collects(self) -> tuple[Collect, ...]:
        """The steps that get a value, in the order of the file."""
        return tuple(step for step in self.steps if isinstance(step, Collect))

    def collect_of(self, slot: str) -> Collect | None:
        """The first step that gets ``slot``."""
        return next((step for step in self.collects if step.slot == slot), None)

    def dependents_of(self, slot: str) -> frozenset[str]:
        """Slots whose value means nothing once ``slot`` has changed, directly or in a chain."""
        found: set[str] = set()
        reached = {slot}
        while reached:
            reached = {
                step.slot for step in self.collects if reached.intersection(step.depends_on)
            } - found
            found |= reached
        return frozenset(found - {slot})


class FlowBook:
    """All flows of an assistant, found by name, by step and by the intent that starts them."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self.flows: Mapping[str, Flow] = MappingProxyType({flow.name: flow for flow in flows})
        self._by_intent = {intent: flow for flow in self.flows.values() for intent in flow.intents}
        self._steps = {
            (flow.name, step.id): step for flow in self.flows.values() for step in flow.steps
        }

    def of_intent(self, intent: str) -> Flow | None:
        """The flow that ``intent`` starts."""
        return self._by_intent.get(intent)

    def are_one(self, one: str, other: str) -> bool:
        """Whether two flows are one wish in two states of a thing: each hands over to the other."""
        return self._calls(one, other) and self._calls(other, one)

    def _calls(self, caller: str, called: str) -> bool:
        steps = self.flows[caller].steps
        return any(isinstance(step, Call) and step.flow == called for step in steps)

    def step(self, flow: str, step_id: str) -> Step | None:
        """The step of that id; None after a retraining has removed it."""
        return self._steps.get((flow, step_id))

    def to_json(self) -> bytes:
        """The book as it is stored in the model."""
        return msgspec.json.encode(tuple(self.flows.values()))

    @classmethod
    def from_json(cls, data: bytes) -> FlowBook:
        """The inverse of ``to_json``."""
        return cls(msgspec.json.decode(data, type=tuple[Flow, ...]))
