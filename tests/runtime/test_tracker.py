"""A tracker over the last events answers what a tracker over all of them answers."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    EntitiesAdded,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.runtime.tracker import Base, ConversationTracker

DOMAIN = Domain.from_dict(
    {
        "intents": ["ask", "tell"],
        "actions": ["action_a", "action_b"],
        "slots": {
            name: {"type": "any", "initial_value": initial, "mappings": [{"type": "custom"}]}
            for name, initial in (("stack", None), ("seen", 0), ("word", "none"))
        },
    }
)

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab中", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("xy"), inner, max_size=2),
    max_leaves=4,
)
_SLOTS = st.builds(SlotSet, st.sampled_from(["stack", "seen", "word"]), _VALUES)
_SAYS = st.builds(BotUttered, st.text("hi", max_size=3))
_ACTIONS = st.builds(ActionExecuted, st.sampled_from(["action_a", "action_b"]))
_RARE = st.sampled_from([AllSlotsReset, ConversationPaused, ConversationResumed, Restarted]).map(
    lambda kind: kind()
)
_FOLLOWUPS = st.builds(FollowupAction, st.sampled_from(["action_a", "action_listen"]))
_ENTITIES = st.builds(
    EntitiesAdded,
    st.lists(st.fixed_dictionaries({"entity": st.just("e"), "value": st.text("v")}), max_size=2),
)
_LOOPS = st.lists(_SLOTS, max_size=3).map(
    lambda inside: [ActionExecuted("a_form"), ActiveLoop("a_form"), *inside, ActiveLoop(None)]
)


def _message(intent: str, text: str) -> UserUttered:
    return UserUttered(text, {"name": intent, "confidence": 1.0}, [], input_channel="web")


_TAKEN_BACK = _ACTIONS.map(lambda action: [action, ActionReverted()])
_MESSAGES = st.builds(_message, st.sampled_from(["ask", "tell"]), st.text("ab", min_size=1))
_STEPS = st.lists(
    st.one_of(
        _ACTIONS.map(lambda event: [event]),
        _SLOTS.map(lambda event: [event]),
        _SAYS.map(lambda event: [event]),
        _FOLLOWUPS.map(lambda event: [event]),
        _ENTITIES.map(lambda event: [event]),
        _LOOPS,
        _TAKEN_BACK,
        _RARE.map(lambda event: [event]),
    ),
    max_size=6,
).map(lambda steps: [event for step in steps for event in step])


@st.composite
def _turns(draw: st.DrawFn) -> list[Event]:
    """A turn as Rasa makes it: listen, message, actions; some take the message back."""
    turn: list[Event] = [ActionExecuted("action_listen"), draw(_MESSAGES), *draw(_STEPS)]
    ending = draw(st.sampled_from(["", "", "", "revert", "session"]))
    if ending == "revert":
        turn.append(UserUtteranceReverted())
    if ending == "session":
        turn += [ActionExecuted("action_session_start"), SessionStarted()]
    return turn


_CONVERSATIONS = st.lists(_turns(), min_size=1, max_size=40)


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    """All that a policy or an action can see besides the list of events."""
    state: dict[str, Any] = tracker.current_state()
    said = tracker.latest_bot_utterance
    state["said"] = said.as_dict() if said else None
    state["set"] = {name: slot.has_been_set for name, slot in tracker.slots.items()}
    state["latest_event_time"] = None
    for message in (state["latest_message"], state["said"]):
        if message:
            message["message_id"] = message["timestamp"] = None
    return state


@settings(max_examples=150, deadline=None)
@given(conversation=_CONVERSATIONS, keep=st.integers(4, 20))
def test_letting_go_of_old_events_changes_nothing(
    conversation: list[list[Event]], keep: int
) -> None:
    everything = DialogueStateTracker("c", DOMAIN.slots)
    tail = ConversationTracker("c", DOMAIN.slots)
    for turn in conversation:
        for event in turn:
            everything.update(event)
            tail.update(event)
        tail.rebase(keep)
        assert state_of(tail) == state_of(everything)
        assert list(everything.events)[tail.base_seq :] == list(tail.events)

    base = tail.base
    if base is not None:
        again = ConversationTracker("c", DOMAIN.slots, base=Base.loads(base.seq, base.dumps()))
        for event in tail.events:
            again.update(event)
        assert state_of(again) == state_of(everything)


def test_a_message_taken_back_after_a_restart_leaves_what_it_leaves_with_all_events() -> None:
    everything = DialogueStateTracker("c", DOMAIN.slots)
    tail = ConversationTracker("c", DOMAIN.slots)
    talk: list[Event] = []
    for _ in range(4):
        talk += [ActionExecuted("action_listen"), _message("ask", "a")]
    acts = [ActionExecuted("action_a") for _ in range(5)]
    talk += [Restarted(), ActionExecuted("action_listen"), _message("ask", "a"), *acts]
    for event in talk:
        everything.update(event)
        tail.update(event)
    assert tail.rebase(7)
    for tracker in (everything, tail):
        tracker.update(UserUtteranceReverted())
    assert state_of(tail) == state_of(everything)


@settings(max_examples=60, deadline=None)
@given(conversation=_CONVERSATIONS, after=_turns())
def test_a_copy_is_equal_and_independent(
    conversation: list[list[Event]], after: list[Event]
) -> None:
    tracker = ConversationTracker("c", DOMAIN.slots)
    for turn in conversation:
        tracker.update_with_events(turn, DOMAIN)
        tracker.rebase(8)
    before = state_of(tracker)
    copied, replayed = tracker.copy(), tracker.travel_back_in_time(float("inf"))
    assert state_of(copied) == before
    assert state_of(replayed) == before
    for event in after:
        copied.update(event)
        tracker_of_events = len(tracker.events)
    assert len(tracker.events) == tracker_of_events
    assert state_of(tracker)["slots"] == before["slots"]
    assert state_of(tracker)["latest_action"] == before["latest_action"]


def test_the_events_held_stay_bounded() -> None:
    tracker = ConversationTracker("c", DOMAIN.slots)
    for number in range(500):
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(_message("ask", "a"))
        tracker.update(SlotSet("seen", number))
        tracker.rebase(16)
        assert len(tracker.events) <= 32
    assert tracker.get_slot("seen") == 499
    assert tracker.base_seq + len(tracker.events) == 1500
