"""What the engine does about anger: a word of regret, then what was asked, then a person."""

from __future__ import annotations

from bot.policies.flow_limits import Limits
from tests.dialogue.talk import Talk

ANGRY, CALM = 0.9, 0.1


def test_an_angry_request_is_served_after_a_word_of_regret() -> None:
    talk = Talk()
    reply = talk.says("where the hell is W1001", "track", order_number="W1001", frustration=ANGRY)
    assert reply.said[0] == "utter_sorry_for_trouble"
    assert reply.frames["action_track"]["values"] == {"order_number": "W1001"}
    assert reply.handoff is None


def test_the_second_angry_message_brings_a_person_with_what_it_asks_for() -> None:
    talk = Talk()
    talk.says("where the hell is W1001", "track", order_number="W1001", frustration=ANGRY)
    reply = talk.says("I'm sick of this, send it back", "send_back", frustration=ANGRY)
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "frustrated"
    assert reply.handoff["requests"][0]["flow"] == "send_back"


def test_anger_that_says_nothing_else_is_offered_a_person_instead_of_meanings() -> None:
    talk = Talk()
    reply = talk.says("what is wrong with you people", frustration=ANGRY)
    assert reply.said == ("utter_sorry_for_trouble", "utter_ask_person")
    reply = talk.says("yes", "affirm")
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "frustrated"


def test_an_angry_answer_to_a_question_is_still_an_answer() -> None:
    talk = Talk()
    talk.says("I want to return W1001", "send_back", order_number="W1001")
    reply = talk.says("the kettle, for the third time!", frustration=ANGRY)
    assert reply.said[0] == "utter_sorry_for_trouble"
    assert talk.values("send_back")["lines"] == ["W1001-3"]


def test_anger_is_forgotten_after_four_calm_messages() -> None:
    talk = Talk()
    talk.says("where the hell is W1001", "track", order_number="W1001", frustration=ANGRY)
    for _ in range(4):
        talk.says("when do you open", "opening_hours", frustration=CALM)
    reply = talk.says("bloody useless, track W1002", "track", frustration=ANGRY)
    assert reply.handoff is None


def test_anger_is_forgotten_after_a_handoff() -> None:
    talk = Talk(limits=Limits(patience=1))
    first = talk.says("enough of this", frustration=ANGRY)
    assert first.handoff is not None
    assert talk.says("thanks", "thanks", frustration=CALM).handoff is None


def test_a_pressed_button_is_never_angry() -> None:
    talk = Talk(limits=Limits(frustration=0.0, patience=1))
    assert talk.presses("track").handoff is None


def test_the_shop_decides_how_much_anger_counts() -> None:
    talk = Talk(limits=Limits(frustration=0.95, patience=1))
    assert talk.says("hm", "track", order_number="W1001", frustration=ANGRY).handoff is None
    talk = Talk(limits=Limits(frustration=0.5, patience=1))
    assert talk.says("hm", "track", order_number="W1001", frustration=ANGRY).handoff is not None
