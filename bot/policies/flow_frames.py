"""The stack of frames and the values in them: where a conversation stands in its flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from bot.nlu.clauses import split_clauses
from bot.policies.answers import (
    Answer,
    entity_values,
    fold,
    read_entity,
    read_reference,
    rivals,
)
from bot.policies.flow import (
    CHOICE,
    FROM_ACTION,
    FROM_LEARNED,
    IDENTIFY,
    Collect,
    Confirm,
    Flow,
    FlowBook,
    Identity,
    Step,
)
from bot.policies.flow_state import Frame, State
from bot.policies.understanding import Entity, Meaning

_ANY_CODE = "00000"
_MARK = re.compile(rf"(?<![a-z0-9]){_ANY_CODE}(?!\d)")
_CODE = re.compile(r"(?<![a-z0-9])[a-z]{0,4}-?\d{5,}(?!\d)")
# What is kept of the words that started a flow.
_MAX_SAID = 500


class Frames:
    """The frames of a conversation, and what may be done with them without a word."""

    def __init__(self, book: FlowBook, state: State, customer: str | None) -> None:
        """Work on ``state``, which is changed, for the verified ``customer``."""
        self.book = book
        self.state = state
        self.customer = customer

    @property
    def top(self) -> Frame | None:
        """The frame served now."""
        return self.state.frames[-1] if self.state.frames else None

    def flow_of(self, frame: Frame) -> Flow:
        """The flow that ``frame`` runs."""
        return self.book.flows[frame.flow]

    def step_of(self, frame: Frame) -> Step | None:
        """The step at which ``frame`` stands; None at its end."""
        return self.book.step(frame.flow, frame.step)

    def open_question(self) -> tuple[Frame, Collect | Confirm] | None:
        """The question of a step that was put and has no answer yet."""
        frame = self.top
        if frame is None or not frame.asked:
            return None
        step = self.step_of(frame)
        return (frame, step) if isinstance(step, Collect | Confirm) else None

    def root(self, index: int | None = None) -> int:
        """Index of the frame that the shopper asked for, under the ones called for it."""
        place = len(self.state.frames) - 1 if index is None else index
        while place > 0 and self.state.frames[place].called:
            place -= 1
        return place

    def group(self, index: int) -> slice:
        """The frame at ``index`` together with those called for it."""
        start = self.root(index)
        end = start + 1
        while end < len(self.state.frames) and self.state.frames[end].called:
            end += 1
        return slice(start, end)

    def find(self, flow: str) -> int | None:
        """Index of the request for ``flow`` on the stack."""
        for index, frame in enumerate(self.state.frames):
            if frame.flow == flow and not frame.called:
                return index
        return None

    def bring_up(self, index: int) -> Frame:
        """Put a request, with what was called for it, on top; it is resumed there."""
        part = self.group(index)
        if part.stop < len(self.state.frames):
            moved = self.state.frames[part]
            del self.state.frames[part]
            self.state.frames += moved
            moved[-1].interrupted = moved[-1].started
            moved[-1].waited = False
        # To ask for it again is to have it tried again.
        self.state.frames[-1].offered = ""
        return self.state.frames[self.root()]

    def tidy(self) -> None:
        """Drop frames of flows that a retraining removed; start over where a step is gone."""
        frames = self.state.frames
        for frame in [frame for frame in frames if frame.flow not in self.book.flows]:
            frames.remove(frame)
        if frames and frames[0].called:
            frames[0].called = False
        for frame in frames:
            if frame.started and frame.step and self.step_of(frame) is None:
                frame.step, frame.asked = self.flow_of(frame).steps[0].id, False

    # Values

    def put(self, frame: Frame, slot: str, answer: Answer) -> None:
        """Record an answer; what was chosen after an older value of the slot is forgotten."""
        changed = slot in frame.values and frame.values[slot] != answer.value
        frame.values[slot] = answer.value
        frame.sources[slot] = answer.source
        if slot in frame.checked:
            frame.checked.remove(slot)
        if changed:
            self.forget(frame, self.flow_of(frame).dependents_of(slot))

    def forget(self, frame: Frame, slots: Iterable[str]) -> None:
        """Take values away, and with them what was known about them."""
        for slot in slots:
            for known in (frame.values, frame.sources, frame.choices, frame.attempts):
                known.pop(slot, None)
            for names in (frame.checked, frame.fetched):
                if slot in names:
                    names.remove(slot)

    def fill(self, frame: Frame, entities: Sequence[Entity], text: str, skip: str = "") -> bool:
        """Give entities to the values that are still missing; each goes to one value only.

        ``skip`` is the slot that the same message has just answered. True if any was filled.
        """
        flow = self.flow_of(frame)
        answered = flow.collect_of(skip) if skip else None
        left = [
            entity for entity in entities if answered is None or entity.name not in answered.sources
        ]
        filled = False
        for step in flow.collects:
            if step.slot in frame.values or step.slot in frame.sealed:
                continue
            answer = read_entity(step, left, text) or read_reference(
                step, left, self.state.learned, text
            )
            if answer is not None:
                self.put(frame, step.slot, answer)
                filled = True
            elif choices := rivals(step, left):
                self.set_choices(frame, step.slot, choices)
            else:
                continue
            left = [entity for entity in left if entity.name not in step.sources]
        return filled

    def correct(self, frame: Frame, step: Collect, answer: Answer) -> None:
        """Change an earlier answer and go back to where it was asked."""
        self.put(frame, step.slot, answer)
        frame.step, frame.asked, frame.prepared, frame.offered = step.id, False, "", ""

    def set_choices(self, frame: Frame, slot: str, choices: Iterable[Mapping[str, Any]]) -> None:
        """Note the acceptable answers to a question; none leaves those of the flow file."""
        found = [dict(choice) for choice in choices]
        if found:
            frame.choices[slot] = found
        if slot not in frame.fetched:
            frame.fetched.append(slot)

    def choices_of(self, frame: Frame, step: Collect) -> Sequence[Mapping[str, Any]]:
        """The acceptable answers to a question, as far as they are known."""
        if step.slot in frame.choices:
            return frame.choices[step.slot]
        return step.written_choices

    def _take_values(self, frame: Frame, told: Mapping[str, Any]) -> None:
        flow = self.flow_of(frame)
        for slot, value in (told.get("values") or {}).items():
            if value is None:
                self.forget(frame, {slot, *flow.dependents_of(slot)})
            elif frame.values.get(slot) != value:
                frame.values[slot] = value
                frame.sources[slot] = FROM_ACTION
        learned = told.get("learned") or {}
        frame.learned.update(learned)
        self.state.learned.update(learned)

    # Requests

    def stack(
        self,
        requests: Sequence[Meaning],
        said: str,
        entities: Sequence[Entity],
    ) -> None:
        """Put requests on the stack, the first one on top; one that is open already comes up."""
        # Whoever is asked for first comes first; what belongs to which follows the message.
        in_text = sorted(range(len(requests)), key=lambda place: requests[place].clause or 0)
        words = _own_words(said, requests)
        shares = _shares_of(entities, [words[place] for place in in_text])
        for place, meaning in reversed(list(enumerate(requests))):
            flow = self.book.of_intent(meaning.intent)
            if flow is None:
                continue
            own = shares[in_text.index(place)]
            index = self.find(flow.name)
            attempts: dict[str, int] = {}
            if index is not None and self._begins_anew(index, flow, own):
                attempts = self.state.frames[index].attempts
                del self.state.frames[self.group(index)]
                index = None
            if index is None:
                frame = _new_frame(flow, meaning.intent, said, waited=place > 0)
                frame.shared, frame.own = len(requests) > 1, words[place]
                frame.attempts = attempts
                self.state.frames.append(frame)
                self.fill(frame, own, said)
            else:
                self._update(self.bring_up(index), flow, own, said)

    def _begins_anew(self, index: int, flow: Flow, entities: Sequence[Entity]) -> bool:
        """Whether to ask for ``flow`` again is another question, not the one that is open.

        So it is where a person was offered after the answer and other things are named; and where
        it was asked which thing the first one is about, and that is still open. Of what leads to a
        draft nothing begins anew: something was told for it already.
        """
        group = self.state.frames[self.group(index)]
        if flow.has_something_to_lose or not flow.collects or not group[0].started:
            return False
        asked = flow.collects[0]
        if group[-1].offered:
            return any(one.name in asked.sources for one in entities)
        return len(group) == 1 and group[0].asked and group[0].step == asked.id

    def _update(self, frame: Frame, flow: Flow, entities: Sequence[Entity], said: str) -> None:
        for step in flow.collects:
            answer = read_entity(step, entities, said)
            known = step.slot in frame.values and step.slot not in frame.sealed
            if answer is not None and known and answer.value != frame.values[step.slot]:
                self.correct(frame, step, answer)
        self.fill(frame, entities, said)

    # Calls

    def _call(self, caller: Frame, name: str, *, returns: bool = False) -> None:
        wanted = {step.slot for step in self.book.flows[name].collects}
        given = {slot: value for slot, value in caller.values.items() if slot in wanted}
        # Of a request that is served in parts, the part that is served now.
        part = caller.values.get("words")
        self.state.frames.append(
            Frame(
                flow=name,
                intent=caller.intent,
                said=part or caller.said,
                shared=caller.shared and not part,
                own="" if part else caller.own,
                called=True,
                returns=returns,
                interrupted=caller.interrupted,
                values=dict(given),
                sources={slot: caller.sources.get(slot, FROM_ACTION) for slot in given},
                given=given,
            )
        )
        caller.interrupted = False

    def _hand_back(self, frame: Frame, caller: Frame) -> None:
        """Give a caller what its called flow changed or found out."""
        caller.interrupted = caller.interrupted or frame.interrupted
        for slot, value in frame.given.items():
            if slot in frame.values and frame.values[slot] != value:
                self.put(caller, slot, Answer(frame.values[slot], frame.sources[slot]))
        wanted = {step.slot for step in self.flow_of(caller).collects}
        for slot, value in frame.learned.items():
            if slot in wanted and slot not in caller.values:
                self.put(caller, slot, Answer(value, FROM_LEARNED))

    def _mark_interrupted(self) -> None:
        frame = self.top
        if frame is not None and frame.started:
            frame.interrupted = True

    # What there is to know of them

    def _needs_identity(self, frame: Frame) -> bool:
        return self.customer is None and self.flow_of(frame).identity is Identity.READ

    def _found_out(self, frame: Frame) -> dict[str, Any]:
        """The values of ``frame`` without bare words of which nobody has found out what they name.

        A product that was said where an order was asked is no order's number.
        """
        named = {CHOICE, FROM_ACTION, FROM_LEARNED}
        checked = {step.slot for step in self.flow_of(frame).collects if step.check}
        return {
            slot: value
            for slot, value in frame.values.items()
            if slot not in checked - set(frame.checked) or frame.sources.get(slot) in named | {slot}
        }

    def _missing(self, place: int) -> list[str]:
        """What the request at ``place`` was waiting for: who it is, a value, or a yes."""
        frame = self.state.frames[self.group(place).stop - 1]
        if frame.flow == IDENTIFY or self._needs_identity(frame):
            return ["identity"]
        step = self.step_of(frame)
        if isinstance(step, Collect):
            return [] if step.slot in self._found_out(frame) else [step.slot]
        return ["confirmation"] if isinstance(step, Confirm) else []

    def _description(self, place: int) -> dict[str, str]:
        described: dict[str, str] = msgspec.to_builtins(
            self.flow_of(self.state.frames[place]).description
        )
        return described


def _new_frame(flow: Flow, intent: str, said: str, *, waited: bool) -> Frame:
    return Frame(flow=flow.name, intent=intent, said=said[:_MAX_SAID], waited=waited)


def _own_words(said: str, requests: Sequence[Meaning]) -> list[str]:
    """The folded words in which each of several ``requests`` was made; empty where nobody knows.

    A part of the message that asks for nothing goes with the request before it.
    """
    begins = {one.clause for one in requests if one.clause is not None}
    if len(requests) < 2 or len(begins) < len(requests):
        return [""] * len(requests)
    # Cut as the classifier cuts it: in place of each number stands a mark.
    folded = fold(said)
    numbers = iter(_CODE.findall(folded))
    clauses = [
        _MARK.sub(lambda _: next(numbers, _ANY_CODE), clause)
        for clause in split_clauses(_CODE.sub(f" {_ANY_CODE} ", folded))
    ]
    if max(begins) >= len(clauses):
        return [""] * len(requests)
    order = sorted(begins)
    ends = dict(zip(order, [*order[1:], len(clauses)], strict=True))
    starts = {begin: begin if begin > order[0] else 0 for begin in order}
    return [
        fold(", ".join(clauses[starts[one.clause] : ends[one.clause]]))
        for one in requests
        if one.clause is not None
    ]


def _shares_of(entities: Sequence[Entity], words: Sequence[str]) -> list[list[Entity]]:
    """The entities that belong to each of several requests, by the ``words`` of each, in order.

    One value serves all. A request whose own words name one has that; else as many values as
    requests are dealt out in order; else nobody can tell.
    """
    if len(words) == 1:
        return [list(entities)]
    shares: list[list[Entity]] = [[] for _ in words]
    names = dict.fromkeys(entity.name for entity in entities)
    for values in entity_values(names, entities).values():
        own = [[one for one in values if fold(one.text) in said] for said in words]
        # A list at the very end may speak of all requests before it.
        listed = any(len(named) > 1 for named in own[:-1])
        for place, share in enumerate(shares):
            if len(values) == 1:
                share.append(values[0])
            elif len(values) == len(words) and not listed:
                share.append(values[place])
            elif len(own[place]) == 1:
                share.append(own[place][0])
    return shares
