"""What a message does to the step whose question is open: an answer, a correction, a yes or no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.policies.answers import (
    GOODS,
    MOST,
    Answer,
    asks_to_be_told,
    is_plain,
    match_words,
    narrowed,
    objects,
    read_answer,
    read_choice,
    read_entity,
    read_reference,
    rivals,
    says_it_again,
    yes_or_no,
)
from bot.policies.flow import (
    ANY,
    CHOICE,
    FROM_LEARNED,
    LIKELY,
    REFERENCE,
    TEXT,
    YES_NO,
    Collect,
    Confirm,
)
from bot.policies.flow_limits import Limits
from bot.policies.flow_meanings import VAGUE, Meanings
from bot.policies.flow_state import Frame
from bot.policies.flow_turn import Turn
from bot.policies.understanding import Meaning, Understanding

_CLEARLY = 0.9
_IDLE = frozenset({"greet", "urge"})
# A picture that was asked for answers, whatever words come with it.
_SENT = "photo"


class Answering:
    """Reads messages as answers to the steps of flows."""

    def __init__(self, limits: Limits, meanings: Meanings) -> None:
        """Go by ``limits``; ``meanings`` says what else a message may ask for."""
        self.limits = limits
        self.meanings = meanings

    def fits_mostly(self, turn: Turn, heard: Understanding) -> bool:
        """Whether the message is for its most part an answer to the open question."""
        question = turn.open_question()
        if question is None or not isinstance(question[1], Collect) or heard.is_button:
            return False
        answer = self._read(turn, question[0], question[1], heard)
        return answer is not None and answer.source != TEXT and answer.is_most

    def beside(
        self,
        turn: Turn,
        frame: Frame,
        asked: Collect | Confirm,
        heard: Understanding,
        requests: Sequence[Meaning],
    ) -> list[Meaning]:
        """``requests`` without those that the flow file takes for an answer at this point.

        Nor those that answer a question to come: "refund please" to "How many are broken?".

        Whoever asks for a person always gets one. What a confirmation's action found no answer in
        is none.
        """
        if turn.heard_out:
            return list(requests)
        answers = set(asked.answered_by)
        if isinstance(asked, Confirm):
            answers = answers.union(*(step.resembled for step in turn.flow_of(frame).collects))
        else:
            ahead = self._ahead(turn, frame, asked, heard)
            answers = answers.union(*(step.resembled for step, _ in ahead))
        if ANY in answers and isinstance(asked, Collect):
            return [one for one in requests if self.meanings.leads_to_a_person(one.intent)]
        told = asks_to_be_told(heard.text)
        if told and isinstance(asked, Collect) and REFERENCE in asked.sources:
            # "Which sizes of the coat are left?" names no order, for all the goods in it.
            answers -= {one.intent for one in requests if self.meanings.is_one_turn(one.intent)}
        others = [one for one in requests if one.intent not in answers]
        if LIKELY in answers and isinstance(asked, Collect):
            least = self.limits.certain if told else self.limits.undoubted
            return [
                one
                for one in others
                if one.confidence >= least or self.meanings.leads_to_a_person(one.intent)
            ]
        return others

    def without_own_answers(self, requests: Sequence[Meaning], said: str) -> list[Meaning]:
        """``requests`` without those that answer a question of the first.

        "Cancel the backpack, I found it cheaper" asks for no price protection; what is said of
        something else asks for that.
        """
        first = self.meanings.book.of_intent(requests[0].intent) if len(requests) > 1 else None
        if first is None:
            return list(requests)
        answered = [step for step in first.collects if match_words(step.written_choices, said)[0]]
        answers: set[str] = set().union(*(step.resembled for step in answered))
        rest = (one for one in requests[1:] if one.apart or one.intent not in answers)
        return [requests[0], *rest]

    def raise_for_button(self, turn: Turn, pressed: Mapping[str, Any]) -> bool:
        """Bring up the request to which a pressed choice belongs; True if it was not on top."""
        question = turn.open_question()
        asked = question[1] if question is not None else None
        if isinstance(asked, Collect) and asked.slot in pressed:
            return False
        for place in reversed(range(len(turn.state.frames))):
            frame = turn.state.frames[place]
            for slot, value in pressed.items():
                step = turn.flow_of(frame).collect_of(slot)
                if step is None:
                    continue
                ids = {str(choice["id"]) for choice in turn.choices_of(frame, step)}
                if str(value) in ids:
                    if turn.group(place).stop == len(turn.state.frames):
                        return False
                    turn.bring_up(place).interrupted = False
                    return True
        return False

    def answer(
        self,
        turn: Turn,
        frame: Frame,
        step: Collect | Confirm,
        heard: Understanding,
        requests: Sequence[Meaning],
    ) -> str | None:
        """Take the message for what it says to the open ``step``; None if it says nothing to it.

        ``requests`` are what it asks for beside an answer.
        """
        strong = [one for one in requests if one.confidence >= self.limits.interrupt]
        correction = None if strong else self._correction(turn, frame, step, heard)
        if isinstance(step, Confirm):
            action = None if is_plain(heard) else self._hear_out(turn, step, heard, strong)
            if action is not None:
                return action
            if correction is not None:
                turn.correct(frame, *correction)
                return turn.advance()
            return self._answer_confirm(turn, frame, step, heard, requests)
        answer = self._read(turn, frame, step, heard)
        if correction is not None and answer is not None:
            # "No, the other order" answers neither an open text question nor a yes-or-no one.
            corrects = answer.source == YES_NO or (answer.source == TEXT and objects(heard))
            answer = None if corrects else answer
        if answer is not None and answer.source == TEXT and self._asks_for_a_person(requests):
            answer = None
        named_too = self.names_own_flow(turn, heard)
        if (answer is None or answer.source == TEXT) and self._asks_anew(turn, step, heard):
            turn.stack([heard.meanings[0], *requests], heard.text, heard.entities)
            return turn.advance()
        if answer is not None and (named_too or self._wins(answer, strong, heard)):
            if named_too or len(heard.meanings) > 1:
                # Beside a plain answer, a faint resemblance to a request is none.
                self._let_wait(turn, requests if named_too else strong, heard)
            turn.put(frame, step.slot, answer)
            frame.asked = False
            turn.fill(frame, heard.entities, heard.text, skip=step.slot)
            self._fill_ahead(turn, frame, step, heard)
            return turn.advance()
        action = self._hear_out(turn, step, heard, strong)
        if action is not None:
            return action
        if correction is not None:
            turn.correct(frame, *correction)
            return turn.advance()
        if requests:
            return None
        offered = turn.choices_of(frame, step)
        named, _ = match_words(offered, heard.text)
        if choices := rivals(step, heard.entities) or narrowed(offered, named):
            turn.set_choices(frame, step.slot, choices)
            return turn.fail_answer(frame, step.slot) or turn.advance()
        filled = turn.fill(frame, heard.entities, heard.text)
        return turn.advance() if self._fill_ahead(turn, frame, step, heard) or filled else None

    def _asks_for_a_person(self, requests: Sequence[Meaning]) -> bool:
        return any(self.meanings.leads_to_a_person(one.intent) for one in requests)

    def _hear_out(
        self, turn: Turn, step: Collect | Confirm, heard: Understanding, strong: Sequence[Meaning]
    ) -> str | None:
        """Let the action of the question read the message, once; None if it has nothing to."""
        return None if turn.heard_out or heard.is_button or strong else turn.hear_out(step)

    def names_own_flow(self, turn: Turn, heard: Understanding) -> bool:
        """Whether the message asks once more for what is being served."""
        own = turn.flow_of(turn.state.frames[turn.root()])
        return any(
            meaning.intent in own.intents and meaning.confidence >= self.limits.certain
            for meaning in heard.meanings
        )

    def _asks_anew(self, turn: Turn, step: Collect, heard: Understanding) -> bool:
        """Whether free words ask another question of the kind that is open, and answer nothing.

        Not for ever: as often as an answer may fail.
        """
        frame = turn.state.frames[-1]
        flow, first = turn.flow_of(frame), heard.meanings[0] if heard.meanings else None
        if flow.has_something_to_lose or frame.called or flow.collects[0] is not step:
            return False
        if first is None or first.intent not in flow.intents or heard.is_button:
            return False
        if first.confidence < self.limits.certain:
            return False
        frame.attempts[step.slot] = frame.attempts.get(step.slot, 0) + 1
        return frame.attempts[step.slot] < self.limits.failures

    def _read(self, turn: Turn, frame: Frame, step: Collect, heard: Understanding) -> Answer | None:
        choices = turn.choices_of(frame, step)
        answer = read_answer(step, choices, heard, turn.state.learned, self.limits.certain)
        # A question may have been narrowed down to what was left open; the rest still counts.
        return answer or read_choice(step, step.written_choices, heard)

    def _ahead(
        self, turn: Turn, frame: Frame, asked: Collect, heard: Understanding
    ) -> list[tuple[Collect, list[str]]]:
        """The questions to come that the message speaks of as a request, and the choices named."""
        if heard.is_button:
            return []
        meant = {one.intent for one in heard.meanings}
        found = []
        for step in turn.flow_of(frame).collects:
            known = step.id == asked.id or step.slot in frame.values or step.slot in frame.fetched
            if known or not meant & step.resembled:
                continue
            named, _ = match_words(step.written_choices, heard.text)
            if named:
                found.append((step, named))
        return found

    def _fill_ahead(self, turn: Turn, frame: Frame, asked: Collect, heard: Understanding) -> bool:
        """Keep what the message answers beforehand; whether that is anything."""
        ahead = self._ahead(turn, frame, asked, heard)
        for step, named in ahead:
            if len(named) == 1:
                turn.put(frame, step.slot, Answer(named[0], CHOICE))
            else:
                turn.set_choices(frame, step.slot, narrowed(step.written_choices, named))
        return bool(ahead)

    def _says_what_is_known(self, turn: Turn, frame: Frame, heard: Understanding) -> bool:
        """Whether the message only says what was answered, or goes without asking here: "I just
        don't want it"."""
        for step in turn.flow_of(frame).collects:
            named, share = match_words(step.written_choices, heard.text)
            if len(named) != 1 or share < MOST:
                continue
            if frame.values.get(step.slot, named[0]) == named[0]:
                return True
        return False

    def _wins(self, answer: Answer, strong: Sequence[Meaning], heard: Understanding) -> bool:
        if heard.is_button or answer.source == _SENT:
            return True
        if answer.source == GOODS and any(
            self.meanings.leads_to_a_person(one.intent) for one in strong
        ):
            # 机器人 are goods, and whom nobody wants to talk to.
            return False
        if answer.source == TEXT:
            # Free words resemble many things; a clear greeting or "hurry up" is no answer.
            idle = any(one.intent in _IDLE and one.confidence >= _CLEARLY for one in strong)
            return not idle and all(meaning.intent in VAGUE for meaning in strong)
        return not strong or answer.is_most

    def _answer_confirm(
        self,
        turn: Turn,
        frame: Frame,
        step: Confirm,
        heard: Understanding,
        requests: Sequence[Meaning],
    ) -> str | None:
        answer = yes_or_no(heard, self.limits.certain)
        if answer is not True and says_it_again(heard) and self.names_own_flow(turn, heard):
            answer, requests = True, []
        if answer is None:
            return turn.advance() if self._says_what_is_known(turn, frame, heard) else None
        self._let_wait(turn, requests, heard)
        frame.prepared = ""
        if answer:
            frame.sealed = sorted({*frame.sealed, *frame.values})
            return turn.follow(frame, step.yes) or turn.advance()
        return turn.refuse(frame, step) or turn.advance()

    def _let_wait(self, turn: Turn, requests: Sequence[Meaning], heard: Understanding) -> None:
        """Put what a message asks for beside its answer under the request on top.

        "Yes, and where is my other parcel?": first what was asked, then the rest.
        """
        if not requests:
            return
        frames = turn.state.frames
        place = turn.root()
        group = frames[place:]
        del frames[place:]
        turn.stack(requests, heard.text, heard.entities)
        for frame in frames:
            frame.waited = frame.waited or not frame.started
        turn.state.frames = [*turn.state.frames, *group]

    def _correction(
        self, turn: Turn, frame: Frame, asked: Collect | Confirm, heard: Understanding
    ) -> tuple[Collect, Answer] | None:
        """The earlier answer that the message changes, and its new value."""
        for step in turn.flow_of(frame).collects:
            slot = step.slot
            if step.id == asked.id or slot not in frame.values or slot in frame.sealed:
                continue
            answer = self._new_value(turn, frame, step, heard)
            if answer is None or answer.value == frame.values[slot]:
                continue
            if answer.source == GOODS and self.meanings.only_asks(heard):
                continue
            return step, answer
        return None

    def _new_value(
        self, turn: Turn, frame: Frame, step: Collect, heard: Understanding
    ) -> Answer | None:
        choices = turn.choices_of(frame, step)
        if heard.pressed is not None:
            return read_choice(step, choices, heard) if step.slot in heard.pressed else None
        # "Not W1001 but W1002" names the old value too.
        others = [one for one in heard.entities if one.value != frame.values[step.slot]]
        read = read_entity(step, others, heard.text)
        if read is None and frame.sources.get(step.slot) != FROM_LEARNED:
            read = read_reference(step, others, turn.state.learned, heard.text)
        if read is not None or step.many:
            return read
        named, coverage = match_words(choices, heard.text)
        other = [name for name in named if name != frame.values[step.slot]]
        return Answer(other[0], CHOICE, coverage) if len(other) == 1 else None
