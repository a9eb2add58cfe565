"""One turn over the stack of frames: what comes next, until the shopper has the word again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.policies.answers import Answer, match_words, narrowed
from bot.policies.flow import (
    CHOICE,
    IDENTIFY,
    YES_NO,
    Branch,
    Call,
    Collect,
    Confirm,
    Handoff,
    Identity,
    Run,
    Say,
    Target,
    Way,
)
from bot.policies.flow_endings import (
    NOT_VERIFIED,
    REPEATED_FAILURE,
    YES_NO_CHOICES,
    Endings,
)
from bot.policies.flow_state import About, Asked, Frame, Role

# What an action reports of itself.
OK, INVALID, READY, FAILED, BACKEND_DOWN = "ok", "invalid", "ready", "failed", "backend_down"
CHANGED, ANSWERED, NO, NONE = "changed", "answered", "no", "none"

# More moves without an action than any sensible flow makes: it goes in a circle.
_MAX_MOVES = 100


class Turn(Endings):
    """The state while a turn is decided.

    ``heard_out``: the action that a question ``hears`` with found nothing in the message.
    """

    heard_out = False

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
        if not stopped:
            self.state.outages = 0
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

    @property
    def last_served(self) -> str:
        """The flow of the last request that was answered; empty if there is none."""
        served = self.state.served
        return str(msgspec.json.decode(served)[0]) if served else ""

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
        if isinstance(step, Collect | Confirm) and role is Role.HEAR:
            return self._settle_hearing(frame, step, word)
        if isinstance(step, Collect):
            return self._settle_collect(frame, step, role, word, told)
        if isinstance(step, Confirm) and word == READY:
            frame.prepared = step.id
            return None
        if isinstance(step, Run):
            target = step.then.get(word) or self._rescue(word) or step.next
            return self.follow(frame, target)
        if isinstance(step, Confirm):
            return self._unforeseen(frame, step, word)
        return None

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
                return self._ask_step(frame, step, step.id, YES_NO, YES_NO_CHOICES)
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
            if step.choices and (left := narrowed(choices, named)):
                choices = left
                self.set_choices(frame, slot, choices)
        if not choices and YES_NO in step.sources:
            return self._ask_step(frame, step, slot, YES_NO, YES_NO_CHOICES)
        return self._ask_step(frame, step, slot, CHOICE if choices else "open", choices)

    def _settle_collect(
        self, frame: Frame, step: Collect, role: Role, word: str, told: Mapping[str, Any]
    ) -> str | None:
        slot, choices = step.slot, told.get("choices") or ()
        # What does not go well is said by the action that found it out.
        self.state.spoken = self.state.spoken or word != OK
        if told.get("read") and slot not in frame.hinted:
            frame.hinted.append(slot)
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

    def hear_out(self, step: Collect | Confirm) -> str | None:
        """Let the action of a question read a message that is no plain answer to it."""
        return self._act(step.hears, Role.HEAR) if step.hears is not None else None

    def refuse(self, frame: Frame, step: Confirm) -> str | None:
        """The shopper does not want what the confirmation showed."""
        frame.prepared = ""
        if step.no is None:
            self.say("utter_not_confirmed")
        return self.follow(frame, step.no or Target(Way.STOP))

    def _settle_hearing(self, frame: Frame, step: Collect | Confirm, word: str) -> str | None:
        if word == CHANGED:
            frame.prepared = ""
            return None
        if word == ANSWERED:
            return None
        if word == NO and isinstance(step, Confirm):
            return self.refuse(frame, step)
        frame.prepared = ""
        return self._unforeseen(frame, step, word)

    def _unforeseen(self, frame: Frame, step: Collect | Confirm, word: str) -> str | None:
        """Where an outcome leads that is neither the usual yes nor the usual no."""
        target = step.then.get(word) or self._rescue(word) or self._rescue(FAILED)
        return self.follow(frame, target) if target is not None else None

    def _rescue(self, word: str) -> Target | None:
        if word == BACKEND_DOWN:
            self.state.outages += 1
            at_once = self.state.outages >= self.limits.outages
            return Target(Way.HANDOFF if at_once else Way.OFFER_PERSON, BACKEND_DOWN)
        if word == FAILED:
            self.say("utter_action_failed")
            return Target(Way.OFFER_PERSON, REPEATED_FAILURE)
        return None


def _branch_key(value: object) -> str:
    if value is None:
        return "NONE"
    return str(value).lower() if isinstance(value, bool) else str(value)
