"""What the decision of a turn ends in: one action, with what it has to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bot.policies.flow import YES_NO, Collect, Confirm, FlowBook
from bot.policies.flow_frames import Frames
from bot.policies.flow_limits import Limits
from bot.policies.flow_state import About, Asked, Frame, Role, Running, State

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

YES_NO_CHOICES = (
    {"id": "yes", "title": {"zh": "是", "en": "Yes"}},
    {"id": "no", "title": {"zh": "否", "en": "No"}},
)
# From this chance of haste on a person is told of it.
_HURRIED = 0.5


class Endings(Frames):
    """Every method that returns a name ends the decision with that action."""

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
        super().__init__(book, state, customer)
        self.limits = limits
        self.is_vip = customer is not None and group in limits.vip_groups

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
                "values": self._found_out(frame),
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
        state.misses = state.repeats = state.outages = 0
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

    def fail_answer(self, frame: Frame, name: str) -> str | None:
        """Count an unusable answer; a handoff when there have been too many."""
        frame.attempts[name] = frame.attempts.get(name, 0) + 1
        if frame.attempts[name] >= self.limits.failures:
            return self.hand_off(REPEATED_FAILURE)
        return None

    def _nothing_left(self) -> str:
        state = self.state
        if state.finished and not state.asked_anything_else and not state.quiet:
            state.asked_anything_else = True
            state.asked = Asked(About.ANYTHING_ELSE)
            self.say("utter_anything_else")
        state.finished = False
        return self.listen()

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
            choices=list(YES_NO_CHOICES),
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
