"""One turn over the stack of frames: what comes next, until the shopper has the word again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.policies.answers import Answer, match_words, read_entity, read_reference, rivals
from bot.policies.flow import (
    CHOICE,
    FROM_ACTION,
    FROM_LEARNED,
    IDENTIFY,
    YES_NO,
    Branch,
    Call,
    Collect,
    Confirm,
    Flow,
    FlowBook,
    Handoff,
    Identity,
    Run,
    Say,
    Step,
    Target,
    Way,
)
from bot.policies.flow_state import About, Asked, Frame, Role, Running, State
from bot.policies.understanding import Entity

LISTEN = "action_listen"
SAY = "action_say"
ASK = "action_ask"
CLARIFY = "action_clarify"
REPEAT = "action_repeat"
HAND_OFF = "action_hand_off"
ENGINE_ACTIONS = frozenset({SAY, ASK, CLARIFY, REPEAT, HAND_OFF})

FRUSTRATED = "frustrated"
REPEATED_FAILURE = "repeated_failure"
LOW_CONFIDENCE = "low_confidence"
NOT_VERIFIED = "rule_requires_person"
VIP = "vip"

OK, INVALID, READY, FAILED, BACKEND_DOWN = "ok", "invalid", "ready", "failed", "backend_down"
CHANGED, ANSWERED, NO, NONE = "changed", "answered", "no", "none"

_YES_NO_CHOICES = (
    {"id": "yes", "title": {"zh": "是", "en": "Yes"}},
    {"id": "no", "title": {"zh": "否", "en": "No"}},
)
# More moves without an action than any sensible flow makes: it goes in a circle.
_MAX_MOVES = 100
# From this chance of haste on a person is told of it.
_HURRIED = 0.5
# What is kept of the words that started a flow.
_MAX_SAID = 500


@dataclass(frozen=True)
class Limits:
    """When the engine acts on what it understood, and when it gives up.

    ``accept`` and ``interrupt`` are confidences: to act at all, and to leave an open question that
    the message might answer. A message of two meanings closer than ``margin``, of which none
    reaches ``sure``, is not acted upon. ``failures`` is the number of unusable answers that calls
    a person, ``misses`` that of messages not understood, ``risky_misses`` that of messages which
    are most likely, with a chance of ``risky_from``, meant for one of the flows ``risky``; at the
    ``repeats``-th same request in a row a person is offered. ``actions`` bounds one turn. A message
    counts as frustrated from a chance of ``frustration`` on; ``patience`` such among the last five
    call a person. Customers of ``vip_groups`` get one where others are offered one.
    """

    accept: float = 0.4
    interrupt: float = 0.6
    margin: float = 0.08
    sure: float = 0.6
    failures: int = 3
    misses: int = 2
    offers: int = 3
    actions: int = 8
    frustration: float = 0.8
    patience: int = 2
    risky: frozenset[str] = frozenset()
    risky_misses: int = 1
    risky_from: float = 0.25
    repeats: int = 3
    vip_groups: frozenset[str] = frozenset()


class Turn:
    """The state while a turn is decided; every method that returns a name ends the decision.

    ``heard_out``: the action that a confirmation ``hears`` with found nothing in the message.
    """

    def __init__(
        self,
        book: FlowBook,
        limits: Limits,
        state: State,
        customer: str | None,
        group: str | None = None,
    ) -> None:
        """Decide for ``state``, which is changed.

        ``customer`` is the verified one's id, ``group`` what the shop counts them among.
        """
        self.book = book
        self.limits = limits
        self.state = state
        self.customer = customer
        self.is_vip = customer is not None and group in limits.vip_groups
        self.heard_out = False

    # The stack

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

    def close_foreign(self) -> bool:
        """Close what a former customer had open; True if there was any."""
        frames = self.state.frames
        foreign = [
            place
            for place, frame in enumerate(frames)
            if frame.customer is not None and frame.customer != self.customer
        ]
        if not foreign:
            for frame in frames:
                frame.customer = self.customer
            return False
        gone = {place for f in foreign for place in range(*self.group(f).indices(len(frames)))}
        self.state.frames = [frame for place, frame in enumerate(frames) if place not in gone]
        for frame in self.state.frames:
            frame.customer = self.customer
        self.state.learned = {}
        self.state.asked = self.state.held = None
        self.state.offers = []
        self.say("utter_customer_changed")
        return True

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
        return [msgspec.to_builtins(choice) for choice in step.choices]

    # Going on

    def advance(self) -> str:
        """Serve the top frame until an action is due or the shopper has the word."""
        for _ in range(_MAX_MOVES):
            frame = self.top
            if frame is None:
                return self._nothing_left()
            if not frame.started:
                self._begin(frame)
            if frame.called and frame.flow == IDENTIFY and self.customer is not None:
                action = self.end()
            elif self._needs_identity(frame):
                self._call(frame, IDENTIFY)
                action = None
            elif frame.offered:
                return self._offer_again(frame)
            elif self.state.quiet and frame.asked:
                return self.listen()
            else:
                action = self._serve(frame)
            if action is not None:
                return action
        return self.hand_off(REPEATED_FAILURE)

    def follow(self, frame: Frame, target: Target) -> str | None:
        """Take a way on from the top frame's step; an action if one is due at once."""
        frame.asked = False
        match target.way:
            case Way.STEP:
                frame.step = target.name
            case Way.END:
                return self.end()
            case Way.STOP:
                return self.end(stopped=True)
            case Way.HANDOFF:
                return self.hand_off(target.name)
            case Way.OFFER_PERSON:
                return self.offer_person(target.name)
        return None

    def end(self, *, stopped: bool = False) -> str | None:
        """End the top frame, and its caller too if it was given up."""
        frame = self.state.frames.pop()
        flow = self.flow_of(frame)
        if frame.called and self.state.frames:
            if stopped:
                return self.end(stopped=True)
            caller = self.state.frames[-1]
            self._hand_back(frame, caller)
            if frame.flow == IDENTIFY and self.customer is None:
                return self.offer_person(NOT_VERIFIED)
            step = self.step_of(caller)
            return (
                self.follow(caller, step.next) if frame.returns and isinstance(step, Call) else None
            )
        if not flow.asks_again:
            self.state.quiet = True
        if not flow.is_one_turn:
            self.state.finished = self.state.finished or not stopped
            self._mark_interrupted()
        if not stopped and self._is_asked_too_often(frame):
            return self.offer_person(REPEATED_FAILURE)
        return None

    def _is_asked_too_often(self, frame: Frame) -> bool:
        """Whether what ``frame`` has answered does not help: the shopper asks for it on and on."""
        state = self.state
        if self.flow_of(frame).identity is not Identity.READ or not frame.values:
            return False
        served = msgspec.json.encode([frame.flow, frame.values], order="sorted").decode()
        state.repeats = state.repeats + 1 if served == state.served else 1
        state.served = served
        if state.repeats < self.limits.repeats:
            return False
        state.repeats = 0
        return True

    def stop(self) -> None:
        """Give up the request on top, and say so."""
        place = self.root()
        self.say("utter_stopped", {"request": self._description(place)})
        del self.state.frames[place:]
        self._mark_interrupted()

    def settle(self, frame: Frame, role: Role, outcome: Mapping[str, Any] | None) -> str | None:
        """Take up what the action of the top frame's step has reported.

        ``outcome`` is None when it reported nothing, which is a failure.
        """
        told = outcome or {}
        word = str(told.get("outcome") or FAILED)
        self._take_values(frame, told)
        step = self.step_of(frame)
        if isinstance(step, Collect):
            return self._settle_collect(frame, step, role, word, told)
        if isinstance(step, Confirm) and role is Role.HEAR:
            return self._settle_hearing(frame, step, word)
        if isinstance(step, Confirm) and word == READY:
            frame.prepared = step.id
            return None
        if isinstance(step, Run):
            target = step.then.get(word) or self._rescue(word) or step.next
            return self.follow(frame, target)
        if isinstance(step, Confirm):
            return self._unforeseen(frame, step, word)
        return None

    def fail_answer(self, frame: Frame, name: str) -> str | None:
        """Count an unusable answer; a handoff when there have been too many."""
        frame.attempts[name] = frame.attempts.get(name, 0) + 1
        if frame.attempts[name] >= self.limits.failures:
            return self.hand_off(REPEATED_FAILURE)
        return None

    # Saying

    def say(self, response: str, args: Mapping[str, Any] | None = None) -> None:
        """Have a response said before whatever comes next."""
        self.state.says.append({"response": response, "args": dict(args or {})})

    def listen(self) -> str:
        """Give the shopper the word, after what is still to be said."""
        if not self.state.says and not self.state.spoken:
            # A flow may come to its end without a word; silence would look like a fault.
            self.say("utter_go_ahead")
        if self.state.says:
            return self._emit(SAY, Role.SAY_LAST, says=self._take_says())
        self.state.running = self.state.task = None
        return LISTEN

    def repeat(self) -> str:
        """Say the last answer again."""
        return self._emit(REPEAT, Role.ASK)

    def clarify(self, intents: Sequence[str]) -> str:
        """Ask which of ``intents`` was meant."""
        self.state.offers = list(intents)
        self.state.asked = Asked(About.MEANING)
        offers = []
        for intent in intents:
            flow = self.book.of_intent(intent)
            if flow is not None:
                offers.append({"intent": intent, "title": msgspec.to_builtins(flow.title)})
        return self._emit(CLARIFY, Role.ASK, says=self._take_says(), offers=offers)

    def ask_stop(self) -> str:
        """Ask whether the request on top shall really be given up."""
        self.state.asked = Asked(About.STOP)
        return self._ask_engine(
            "utter_ask_stop", "stop", {"request": self._description(self.root())}
        )

    def offer_person(self, reason: str, misses: int = 0) -> str:
        """Ask whether a person shall take over; whoever is dear to the shop gets one."""
        if self.is_vip:
            return self.hand_off(VIP, because=reason)
        self.state.asked = Asked(About.PERSON, reason, misses)
        if self.top is not None:
            self.top.offered = reason
        return self._ask_engine("utter_ask_person", "person", {})

    def hand_off(self, reason: str, *, because: str = "") -> str:
        """Hand over to a person, with everything that is still open; nothing stays behind.

        ``because`` is why others would have been offered one.
        """
        state = self.state
        requests = [
            {
                "flow": frame.flow,
                "description": msgspec.to_builtins(self.flow_of(frame).description),
                "values": dict(frame.values),
                "said": frame.said,
                "missing": self._missing(place),
            }
            for place, frame in reversed(list(enumerate(state.frames)))
            if not frame.called
        ]
        mood = "frustrated" if any(state.upset) or reason == FRUSTRATED else "calm"
        if mood == "calm" and state.urgency >= _HURRIED:
            mood = "hurried"
        state.frames = []
        state.asked = state.held = None
        state.offers = []
        state.misses = state.repeats = 0
        state.upset = []
        state.finished = state.asked_anything_else = False
        return self._emit(
            HAND_OFF,
            Role.HAND_OFF,
            says=self._take_says(),
            reason=reason,
            because=because,
            requests=requests,
            mood=mood,
            urgency=state.urgency,
        )

    def _missing(self, place: int) -> list[str]:
        """What the request at ``place`` was waiting for: who it is, a value, or a yes."""
        frame = self.state.frames[self.group(place).stop - 1]
        if frame.flow == IDENTIFY or self._needs_identity(frame):
            return ["identity"]
        step = self.step_of(frame)
        if isinstance(step, Collect):
            return [] if step.slot in frame.values else [step.slot]
        return ["confirmation"] if isinstance(step, Confirm) else []

    # Steps

    def _begin(self, frame: Frame) -> None:
        flow = self.flow_of(frame)
        frame.started, frame.step, frame.customer = True, flow.steps[0].id, self.customer
        if frame.waited and not flow.is_one_turn:
            self.say("utter_next_request", {"request": msgspec.to_builtins(flow.description)})

    def _offer_again(self, frame: Frame) -> str:
        """Come back to the offer of a person, without trying again what had failed."""
        if self.state.quiet:
            self.state.asked = Asked(About.PERSON, frame.offered)
            return self.listen()
        if frame.interrupted:
            frame.interrupted = False
            self.say("utter_resume", {"request": self._description(self.root())})
        return self.offer_person(frame.offered)

    def _needs_identity(self, frame: Frame) -> bool:
        return self.customer is None and self.flow_of(frame).identity is Identity.READ

    def _call(self, caller: Frame, name: str, *, returns: bool = False) -> None:
        wanted = {step.slot for step in self.book.flows[name].collects}
        given = {slot: value for slot, value in caller.values.items() if slot in wanted}
        self.state.frames.append(
            Frame(
                flow=name,
                intent=caller.intent,
                said=caller.said,
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

    def _serve(self, frame: Frame) -> str | None:
        if frame.interrupted:
            frame.interrupted = False
            # What a draft was made of may have changed meanwhile.
            frame.prepared = ""
            self.say("utter_resume", {"request": self._description(self.root())})
        step = self.step_of(frame)
        match step:
            case Collect():
                return self._collect(frame, step)
            case Confirm():
                if frame.prepared != step.id:
                    return self._act(step.action, Role.PREPARE)
                return self._ask_step(frame, step, step.id, YES_NO, _YES_NO_CHOICES)
            case Run():
                return self._act(step.action, Role.RUN)
            case Say():
                self.say(step.response, frame.values)
                return self.follow(frame, step.next)
            case Branch():
                key = _branch_key(frame.values.get(step.slot))
                return self.follow(frame, step.then.get(key) or step.then.get("ELSE", step.next))
            case Call():
                self._call(frame, step.flow, returns=True)
                return None
            case Handoff():
                return self.hand_off(step.reason)
            case None:
                return self.end()

    def _collect(self, frame: Frame, step: Collect) -> str | None:
        slot = step.slot
        if slot in frame.values:
            if step.check and slot not in frame.checked:
                return self._act(step.check, Role.CHECK)
            frame.attempts.pop(slot, None)
            return self.follow(frame, step.next)
        if step.choices_action and slot not in frame.fetched:
            return self._act(step.choices_action, Role.CHOICES)
        choices = self.choices_of(frame, step)
        if choices and slot not in frame.hinted and not frame.shared:
            frame.hinted.append(slot)
            named, _ = match_words(choices, frame.said)
            if len(named) == 1 or (named and step.many):
                value = named if step.many else named[0]
                self.put(frame, slot, Answer(value, CHOICE))
                return None
        if not choices and YES_NO in step.sources:
            return self._ask_step(frame, step, slot, YES_NO, _YES_NO_CHOICES)
        return self._ask_step(frame, step, slot, CHOICE if choices else "open", choices)

    def _settle_collect(
        self, frame: Frame, step: Collect, role: Role, word: str, told: Mapping[str, Any]
    ) -> str | None:
        slot, choices = step.slot, told.get("choices") or ()
        if role is Role.CHOICES:
            if word == OK:
                self.set_choices(frame, slot, choices)
                return None
        elif word == OK:
            if slot not in frame.checked:
                frame.checked.append(slot)
            return None
        elif word == INVALID:
            attempts = frame.attempts.get(slot, 0)
            self.forget(frame, {slot, *self.flow_of(frame).dependents_of(slot)})
            frame.attempts[slot] = attempts
            if choices:
                self.set_choices(frame, slot, choices)
            return self.fail_answer(frame, slot)
        if step.then.get(word) == Target(Way.STEP, step.id) and slot not in (
            told.get("values") or {}
        ):
            # To ask again is to have no value: the same one would be checked for ever.
            self.forget(frame, {slot})
        if choices:
            self.set_choices(frame, slot, choices)
        return self._unforeseen(frame, step, word)

    def hear_out(self, step: Confirm) -> str | None:
        """Let the action of a confirmation read a message that is no plain yes or no."""
        return self._act(step.hears, Role.HEAR) if step.hears is not None else None

    def refuse(self, frame: Frame, step: Confirm) -> str | None:
        """The shopper does not want what the confirmation showed."""
        frame.prepared = ""
        if step.no is None:
            self.say("utter_not_confirmed")
        return self.follow(frame, step.no or Target(Way.STOP))

    def _settle_hearing(self, frame: Frame, step: Confirm, word: str) -> str | None:
        if word == CHANGED:
            frame.prepared = ""
            return None
        if word == ANSWERED:
            return None
        if word == NO:
            return self.refuse(frame, step)
        frame.prepared = ""
        return self._unforeseen(frame, step, word)

    def _unforeseen(self, frame: Frame, step: Collect | Confirm, word: str) -> str | None:
        """Where an outcome leads that is neither the usual yes nor the usual no."""
        target = step.then.get(word) or self._rescue(word) or self._rescue(FAILED)
        return self.follow(frame, target) if target is not None else None

    def _rescue(self, word: str) -> Target | None:
        if word == BACKEND_DOWN:
            return Target(Way.OFFER_PERSON, BACKEND_DOWN)
        if word == FAILED:
            self.say("utter_action_failed")
            return Target(Way.OFFER_PERSON, REPEATED_FAILURE)
        return None

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

    # Actions

    def _act(self, action: str, role: Role) -> str:
        if self.state.steps >= self.limits.actions:
            return self.hand_off(REPEATED_FAILURE)
        if self.state.says:
            return self._emit(SAY, Role.SAY, says=self._take_says())
        return self._emit(action, role)

    def _ask_step(
        self,
        frame: Frame,
        step: Collect | Confirm,
        name: str,
        kind: str,
        choices: Sequence[Mapping[str, Any]],
    ) -> str:
        frame.asked = True
        return self._emit(
            ASK,
            Role.ASK,
            says=self._take_says(),
            response=step.ask,
            args=dict(frame.values),
            flow=frame.flow,
            slot=name,
            kind=kind,
            choices=[{"id": choice["id"], "title": choice["title"]} for choice in choices],
            many=isinstance(step, Collect) and step.many,
        )

    def _ask_engine(self, response: str, name: str, args: Mapping[str, Any]) -> str:
        frame = self.top
        return self._emit(
            ASK,
            Role.ASK,
            says=self._take_says(),
            response=response,
            args=dict(args),
            flow=frame.flow if frame else "",
            slot=name,
            kind=YES_NO,
            choices=list(_YES_NO_CHOICES),
            many=False,
        )

    def _emit(self, action: str, role: Role, **task: Any) -> str:
        state = self.state
        state.steps += 1
        state.spoken = state.spoken or role not in {Role.CHECK, Role.CHOICES}
        state.running = Running(action, role)
        state.task = {"action": action, **task} if task else None
        return action

    def _take_says(self) -> list[dict[str, Any]]:
        says, self.state.says = self.state.says, []
        return says

    def _nothing_left(self) -> str:
        state = self.state
        if state.finished and not state.asked_anything_else and not state.quiet:
            state.asked_anything_else = True
            state.asked = Asked(About.ANYTHING_ELSE)
            self.say("utter_anything_else")
        state.finished = False
        return self.listen()

    def _description(self, place: int) -> dict[str, str]:
        described: dict[str, str] = msgspec.to_builtins(
            self.flow_of(self.state.frames[place]).description
        )
        return described


def _branch_key(value: object) -> str:
    if value is None:
        return "NONE"
    return str(value).lower() if isinstance(value, bool) else str(value)


def new_frame(flow: Flow, intent: str, said: str, *, waited: bool, shared: bool) -> Frame:
    """A request that has just been made; ``shared`` words asked for other things as well."""
    return Frame(flow=flow.name, intent=intent, said=said[:_MAX_SAID], waited=waited, shared=shared)
