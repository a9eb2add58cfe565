"""Decides what a message does to the open flows and what the assistant does next.

Pure: the same state and the same understanding always give the same decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.policies.answers import (
    entity_values,
    objects,
    puts_right,
    read_choice,
    read_entity,
    yes_or_no,
)
from bot.policies.flow import (
    STOP,
    Collect,
    Confirm,
    FlowBook,
)
from bot.policies.flow_answering import Answering
from bot.policies.flow_endings import FRUSTRATED, LOW_CONFIDENCE, VIP
from bot.policies.flow_limits import Limits
from bot.policies.flow_meanings import CLOSING, CONSOLING, STOPPING, Meanings
from bot.policies.flow_state import (
    About,
    Asked,
    Held,
    Role,
    dump_state,
    load_state,
)
from bot.policies.flow_turn import NONE, Turn
from bot.policies.understanding import Entity, Meaning, Understanding

# Anger fades: so many written messages are looked back upon.
_REMEMBERED_MOODS = 5


@dataclass(frozen=True)
class Decision:
    """The state from now on and the name of the action to run."""

    state: dict[str, Any]
    action: str


class FlowEngine:
    """Runs the flows of a book."""

    def __init__(self, book: FlowBook, limits: Limits, usual_offers: Sequence[str] = ()) -> None:
        """Serve ``book``; ``usual_offers`` are intents to offer where a message suggests none."""
        self.book = book
        self.usual_offers = tuple(usual_offers)
        self.go_by(limits)

    def go_by(self, limits: Limits) -> None:
        """Decide by ``limits`` from now on."""
        self.limits = limits
        self.meanings = Meanings(self.book, limits, self.usual_offers)
        self.answering = Answering(limits, self.meanings)

    def hear(
        self,
        state: object,
        heard: Understanding,
        customer: str | None,
        group: str | None = None,
    ) -> Decision:
        """What to do first about a message.

        ``state`` is the slot's value, ``customer`` the id of the verified customer, ``group`` what
        the shop counts them among.

        Raises:
            msgspec.ValidationError: The slot holds something that the engine did not write.
        """
        turn = self._turn(state, customer, group)
        now = turn.state
        now.steps, now.says, now.running, now.task = 0, [], None, None
        now.quiet = now.spoken = now.finished = False
        turn.tidy()
        turn.close_foreign()
        asked, now.asked = now.asked, None
        action = self._hear(turn, asked, heard)
        return Decision(dump_state(now), action)

    def proceed(
        self,
        state: object,
        outcome: Mapping[str, Any] | None,
        customer: str | None,
        heard: Callable[[], Understanding] | None = None,
        group: str | None = None,
    ) -> Decision:
        """What to do after the action decided on last; ``outcome`` is what it reported.

        ``heard`` gives the message of this turn once more: a confirmation whose own action finds
        nothing in it leaves it to the engine.

        Raises:
            msgspec.ValidationError: The slot holds something that the engine did not write.
        """
        turn = self._turn(state, customer, group)
        running, turn.state.running = turn.state.running, None
        turn.state.task = None
        action = None
        if running is None or running.role in {Role.ASK, Role.SAY_LAST, Role.HAND_OFF}:
            action = turn.listen()
        elif not turn.close_foreign() and running.role is not Role.SAY and turn.top is not None:
            told = outcome if outcome and outcome.get("action") == running.action else None
            if running.role is Role.HEAR and heard is not None and _found_nothing(told):
                turn.heard_out = True
                action = self._hear(turn, None, heard())
            else:
                action = turn.settle(turn.top, running.role, told)
        action = action or turn.advance()
        return Decision(dump_state(turn.state), action)

    def _turn(self, state: object, customer: str | None, group: str | None) -> Turn:
        return Turn(self.book, self.limits, load_state(state), customer, group)

    # A message

    def _hear(self, turn: Turn, asked: Asked | None, heard: Understanding) -> str:
        heard = self.meanings.settled(heard)
        upset = self._feel(turn, heard)
        if upset and sum(turn.state.upset) >= self.limits.patience:
            return self._give_up(turn, heard)
        if upset and heard.intent not in CONSOLING:
            turn.say("utter_sorry_for_trouble")
        action = self._put_right(turn, heard)
        if action is None and asked is not None:
            action = self._answer_engine(turn, asked, heard)
        action = action or self._understand(turn, heard)
        if action is not None:
            turn.state.misses = 0
            turn.state.held = None
            return action
        if upset:
            # Somebody angry is not asked what they meant.
            return turn.offer_person(FRUSTRATED)
        if asked is not None and asked.about is About.PERSON:
            if asked.misses + 1 >= self.limits.misses:
                return turn.hand_off(asked.reason)
            turn.say("utter_not_understood")
            return turn.offer_person(asked.reason, asked.misses + 1)
        return self._not_understood(turn, heard)

    def _feel(self, turn: Turn, heard: Understanding) -> bool:
        """Whether the shopper sounds frustrated; noted for the messages to come."""
        if heard.is_button:
            return False
        state = turn.state
        upset = heard.frustration >= self.limits.frustration
        state.upset = [*state.upset, upset][-_REMEMBERED_MOODS:]
        state.urgency = heard.urgency
        return upset

    def _give_up(self, turn: Turn, heard: Understanding) -> str:
        """Hand over to a person, with what the message asks for."""
        requests = [
            one for one in self.meanings.requests(turn, heard) if one.intent not in CONSOLING
        ]
        turn.stack(requests, heard.text, heard.entities)
        return turn.hand_off(FRUSTRATED)

    def _put_right(self, turn: Turn, heard: Understanding) -> str | None:
        """Serve the last request again with what was meant: "wait, it should be KF…"."""
        frame = turn.top
        if heard.is_button or (frame is not None and not frame.offered):
            return None
        name = turn.state.frames[turn.root()].flow if frame is not None else turn.last_served
        served = self._asks_for(name)
        if served is None:
            return None
        intent, step = served
        named = [one for one in heard.entities if one.name in step.sources]
        answer = read_entity(step, named, heard.text)
        if answer is None or not puts_right(heard.text, named):
            return None
        if frame is not None:
            # What was called for it was about the wrong thing, and so was the offer of a person.
            del turn.state.frames[turn.root() :]
        return self._open(turn, [Meaning(intent, 1.0)], heard.text, named)

    def _asks_for(self, name: str) -> tuple[str, Collect] | None:
        """The intent that begins a flow, and what the flow asks first; None if there is neither."""
        flow = self.book.flows.get(name)
        if flow is None or not flow.intents or not flow.collects:
            return None
        return flow.intents[0], flow.collects[0]

    def _answer_engine(self, turn: Turn, asked: Asked, heard: Understanding) -> str | None:
        """The message as the answer to a question of the engine; None if it is none."""
        if asked.about is About.MEANING:
            return self._answer_meaning(turn, heard)
        if self.meanings.requests(turn, heard, social=False):
            return None
        stopping = self.meanings.is_sure(heard) and heard.intent in STOPPING
        answer = False if stopping else yes_or_no(heard, self.limits.certain)
        match asked.about:
            case About.STOP if answer or stopping:
                turn.stop()
                return turn.advance()
            case About.STOP if answer is False:
                turn.say("utter_kept")
                return turn.advance()
            case About.PERSON if answer:
                return turn.hand_off(asked.reason)
            case About.PERSON if answer is False or heard.intent in CLOSING:
                turn.say("utter_person_declined")
                if turn.top is not None:
                    return turn.follow(turn.top, STOP) or turn.advance()
                return turn.listen()
            case About.ANYTHING_ELSE if answer:
                turn.say("utter_go_ahead")
                return turn.listen()
            case About.ANYTHING_ELSE if answer is False or heard.intent in CLOSING:
                turn.say("utter_nothing_else")
                return turn.listen()
        return None

    def _answer_meaning(self, turn: Turn, heard: Understanding) -> str | None:
        offers, held = turn.state.offers, turn.state.held or Held()
        turn.state.offers = []
        chosen = self._offered(turn, offers, heard)
        if chosen is None:
            if (
                not self.meanings.requests(turn, heard)
                and yes_or_no(heard, self.limits.certain) is False
            ):
                return turn.hand_off(LOW_CONFIDENCE)
            return None
        turn.state.held, turn.state.misses = None, 0
        entities = (*heard.entities, *(Entity(**entity) for entity in held.entities))
        requests = self.meanings.requests(turn, heard) or [Meaning(chosen, 1.0)]
        return self._open(turn, requests, held.text or heard.text, entities)

    def _offered(self, turn: Turn, offers: Sequence[str], heard: Understanding) -> str | None:
        """Which of the offered meanings the message takes up."""
        if heard.is_button:
            return heard.intent if heard.intent in offers else None
        sure = self.meanings.requests(turn, heard)
        if sure:
            return sure[0].intent if sure[0].intent in offers else None
        flows = [(intent, self.book.of_intent(intent)) for intent in offers]
        choices = [
            {"id": intent, "title": msgspec.to_builtins(flow.title)}
            for intent, flow in flows
            if flow is not None
        ]
        step = Collect("meaning", "meaning", (), "", STOP)
        answer = read_choice(step, choices, heard)
        if answer is not None:
            return str(answer.value)
        agreed = len(offers) == 1 and yes_or_no(heard, self.limits.certain)
        return offers[0] if agreed else None

    def _understand(self, turn: Turn, heard: Understanding) -> str | None:
        """Do what the message says; None if it says nothing that we can use."""
        if self._wants_nobody(turn, heard):
            turn.stop()
        question = turn.open_question()
        if self.meanings.is_sure(heard) and not self.answering.fits_mostly(turn, heard):
            steered = self._steer(turn, heard)
            if steered is not None:
                return steered
        if heard.pressed and self.answering.raise_for_button(turn, heard.pressed):
            question = turn.open_question()
        requests = beside = self.meanings.requests(turn, heard)
        if question is not None and not heard.is_button:
            beside = self.answering.beside(turn, *question, heard, requests)
        if question is not None:
            action = self.answering.answer(turn, *question, heard, beside)
            if action is not None:
                return action
        if beside and not self.meanings.rivals(heard):
            # What would pass for an answer is a request too where the message is no answer.
            return self._open(turn, requests, heard.text, heard.entities)
        return None

    def _wants_nobody(self, turn: Turn, heard: Understanding) -> bool:
        """Whether whoever asked for a person, and is asked what about, takes that back.

        "No need, has my cup been sent?": a topic would be taken for the answer, whatever is said.
        """
        question = turn.open_question()
        if question is None or heard.is_button or not objects(heard):
            return False
        asks_for_one = any(self.meanings.leads_to_a_person(one.intent) for one in heard.meanings)
        return self.meanings.leads_to_a_person(question[0].intent) and not asks_for_one

    def _steer(self, turn: Turn, heard: Understanding) -> str | None:
        question = turn.open_question()
        hold = self._may_be_heard_out(turn, heard)
        if heard.intent in STOPPING and question is not None and isinstance(question[1], Collect):
            # "Forget the shirt" may stop a part of what is served.
            return (turn.hear_out(question[1]) if hold else None) or self._stop(turn)
        if heard.intent in STOPPING and not hold:
            return self._stop(turn)
        if heard.intent == "wait" and not hold:
            turn.say("utter_wait")
            return turn.listen()
        if heard.intent == "repeat":
            if question is None:
                return turn.repeat()
            if isinstance(question[1], Confirm):
                question[0].prepared = ""
            return turn.advance()
        return None

    def _may_be_heard_out(self, turn: Turn, heard: Understanding) -> bool:
        """Whether "hang on, just the mug" may say something to the open question.

        What stops elsewhere may, too: "no courier, I'll drop it off". It stops if nothing is heard.
        """
        question = turn.open_question()
        return (
            question is not None
            and question[1].hears is not None
            and not turn.heard_out
            and not heard.is_button
        )

    def _stop(self, turn: Turn) -> str:
        frame = turn.top
        if frame is None:
            turn.say("utter_nothing_to_stop")
            return turn.listen()
        root = turn.state.frames[turn.root()]
        at_confirm = isinstance(turn.step_of(frame), Confirm) and frame.asked
        if turn.flow_of(root).has_something_to_lose and root.values and not at_confirm:
            return turn.ask_stop()
        turn.stop()
        return turn.advance()

    # Requests

    def _open(
        self,
        turn: Turn,
        requests: Sequence[Meaning],
        said: str,
        entities: Sequence[Entity],
    ) -> str:
        requests = self.answering.without_own_answers(requests, said)
        turn.stack(requests, said, entities)
        flows = [self.book.of_intent(one.intent) for one in requests]
        if sum(flow is not None and not flow.is_one_turn for flow in flows) > 1:
            first = flows[0]
            if first is not None:
                turn.say("utter_noted", {"request": msgspec.to_builtins(first.description)})
        return turn.advance()

    # Doubt

    def _not_understood(self, turn: Turn, heard: Understanding) -> str:
        shown = self.meanings.shown(heard) if turn.top is None else None
        if shown is not None:
            turn.state.misses = 0
            return self._open(turn, [Meaning(shown, 1.0)], heard.text, heard.entities)
        if readings := self.meanings.rivals(heard):
            return self._unclear(turn, heard, readings)
        question = turn.open_question()
        if question is not None:
            frame, step = question
            risky = turn.state.frames[turn.root()].flow in self.limits.risky
            # Who asks for the same thing once more has been understood.
            if risky and not self.answering.names_own_flow(turn, heard):
                # Where much can go wrong nobody guesses, nor asks the same thing again and again.
                turn.state.misses += 1
                if turn.state.misses >= self.limits.risky_misses:
                    return turn.hand_off(LOW_CONFIDENCE)
            name = step.slot if isinstance(step, Collect) else step.id
            handed = turn.fail_answer(frame, name)
            if handed is not None:
                return handed
            turn.say("utter_not_understood")
            return turn.advance()
        if turn.top is not None:
            # A turn that was cut off, or a flow that was changed, left no question to answer.
            turn.top.interrupted = turn.top.started
            return turn.advance()
        again = self._same_of_another(turn, heard)
        if again is not None:
            return again
        suggested = [
            flow.intents[0]
            for flow in self.book.flows.values()
            if flow.intents and entity_values(flow.takes, heard.entities)
        ]
        if len(suggested) == 1:
            turn.state.misses = 0
            return self._open(turn, [Meaning(suggested[0], 1.0)], heard.text, heard.entities)
        return self._unclear(
            turn, heard, suggested[: self.limits.offers] or self.meanings.offers(heard)
        )

    def _same_of_another(self, turn: Turn, heard: Understanding) -> str | None:
        """Serve the last request once more, of what alone is named: "and the hoodie?"."""
        served = self._asks_for(turn.last_served)
        if served is None:
            return None
        intent, step = served
        answer = read_entity(step, heard.entities, heard.text)
        if answer is None or not answer.is_most:
            return None
        turn.state.misses = 0
        return self._open(turn, [Meaning(intent, 1.0)], heard.text, heard.entities)

    def _unclear(self, turn: Turn, heard: Understanding, offers: Sequence[str]) -> str:
        turn.state.misses += 1
        most = self.limits.risky_misses if self.meanings.is_risky(heard) else self.limits.misses
        if turn.state.misses >= most or not offers:
            return turn.hand_off(LOW_CONFIDENCE)
        if turn.is_vip:
            return turn.hand_off(VIP, because=LOW_CONFIDENCE)
        turn.state.held = Held(
            heard.text[:500],
            [{"name": one.name, "value": one.value, "text": one.text} for one in heard.entities],
        )
        return turn.clarify(offers)


def _found_nothing(told: Mapping[str, Any] | None) -> bool:
    return told is not None and told.get("outcome") == NONE
