"""A tracker that knows the state from which its events go on, so that it need not hold them all."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, TrackerActiveLoop

from bot.runtime.plain_events import event_of


@dataclass(frozen=True)
class Base:
    """The state of a conversation just before event number ``seq + 1``.

    Bases lie only before an ``action_listen`` and never inside an active loop: taking back the
    shopper's last message then never reaches behind one.
    """

    seq: int
    slots: dict[str, Any]
    paused: bool
    followup_action: str | None
    latest_action: dict[str, Any] | None
    latest_message: UserUttered | None
    latest_bot_utterance: BotUttered | None

    def dumps(self) -> str:
        """As JSON; the inverse of ``loads``."""
        return msgspec.json.encode(
            {
                "slots": self.slots,
                "paused": self.paused,
                "followup_action": self.followup_action,
                "latest_action": self.latest_action,
                "latest_message": _dumped(self.latest_message) if self.latest_message else None,
                "latest_bot_utterance": (
                    self.latest_bot_utterance.as_dict() if self.latest_bot_utterance else None
                ),
            }
        ).decode()

    @classmethod
    def loads(cls, seq: int, dumped: str) -> Base:
        """The base that ``dumps`` wrote."""
        state = msgspec.json.decode(dumped)
        message, utterance = state["latest_message"], state["latest_bot_utterance"]
        return cls(
            seq=seq,
            slots=state["slots"],
            paused=state["paused"],
            followup_action=state["followup_action"],
            latest_action=state["latest_action"],
            latest_message=event_of(message) if message else None,
            latest_bot_utterance=event_of(utterance) if utterance else None,
        )


class ConversationTracker(DialogueStateTracker):
    """Rasa's tracker over the last events of a conversation.

    It behaves as if it held all events: what came before ``events[0]`` is in ``base``.
    ``stored_seq`` is the number of the last event that the database has.
    """

    def __init__(
        self,
        sender_id: str,
        slots: Iterable[Slot] | None,
        *,
        base: Base | None = None,
        stored_seq: int = 0,
    ) -> None:
        super().__init__(sender_id, slots)
        self.base = base
        self.stored_seq = stored_seq
        if base is not None:
            self._return_to(base)

    @property
    def base_seq(self) -> int:
        """How many events came before ``events[0]``."""
        return self.base.seq if self.base else 0

    def init_copy(self) -> ConversationTracker:
        """The same conversation before ``events[0]``."""
        return ConversationTracker(
            self.sender_id, self.slots.values(), base=self.base, stored_seq=self.stored_seq
        )

    def copy(self) -> ConversationTracker:
        """A duplicate: takes over the state instead of computing it again from the events."""
        duplicate = copy.copy(self)
        duplicate.events = self.events.copy()
        duplicate.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        duplicate.active_loop = copy.copy(self.active_loop)
        return duplicate

    def replay_events(self) -> None:
        """(see parent class for full docstring) Begins at the base."""
        if self.base is not None and not self._starts_afresh():
            self._return_to(self.base)
        super().replay_events()

    def rebase(self, keep: int) -> bool:
        """Let go of old events when more than ``2 * keep`` are held; whether any were.

        At least ``keep`` stay. What the tracker answers does not change; only who takes back
        messages (``UserUtteranceReverted``) one after the other until none of the kept ones is
        left arrives at the base instead of further back.
        """
        if len(self.events) <= 2 * keep:
            return False
        walker = self.init_copy()
        base: Base | None = None
        for number, event in enumerate(self.events):
            if number > len(self.events) - keep:
                break
            if number and _is_listen(event) and walker.active_loop is None:
                base = walker._as_base(self.base_seq + number)
            walker.update(event)
        if base is None:
            return False
        for _ in range(base.seq - self.base_seq):
            self.events.popleft()
        self.base = base
        return True

    def _starts_afresh(self) -> bool:
        return any(isinstance(event, Restarted | SessionStarted) for event in self.events)

    def _as_base(self, seq: int) -> Base:
        # Rasa asks for a session's start after a restart, but not when it replays one; and a base
        # is returned to only when events are replayed, for the listening after it clears the wish.
        restarted = self.followup_action == ACTION_SESSION_START_NAME
        return Base(
            seq=seq,
            slots={name: slot.value for name, slot in self.slots.items() if slot.has_been_set},
            paused=self._paused,
            followup_action=ACTION_LISTEN_NAME if restarted else self.followup_action,
            latest_action=self.latest_action,
            latest_message=self.latest_message,
            latest_bot_utterance=self.latest_bot_utterance,
        )

    def _return_to(self, base: Base) -> None:
        self._reset()
        for name, value in base.slots.items():
            if name in self.slots:
                self.slots[name].value = value
        self._paused = base.paused
        self.followup_action = base.followup_action
        self.latest_action = base.latest_action
        # Later events may add entities to the latest message: the base keeps its own.
        self.latest_message = copy.deepcopy(base.latest_message)
        self.latest_bot_utterance = base.latest_bot_utterance
        self.active_loop: TrackerActiveLoop | None = None


def _dumped(message: UserUttered) -> dict[str, Any]:
    """The message as JSON, with the entities that policies have added to it."""
    dumped: dict[str, Any] = message.as_dict()
    dumped["parse_data"] = {**dumped["parse_data"], "entities": message.entities}
    return dumped


def _is_listen(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
