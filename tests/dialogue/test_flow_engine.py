"""The patterns of conversation, over the engine alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.policies.flow_limits import Limits
from tests.dialogue.talk import Talk


def returning() -> Talk:
    """A return that waits for the lines of order W1001."""
    talk = Talk()
    talk.says("I want to return W1001", "send_back", order_number="W1001")
    return talk


def confirming() -> Talk:
    """A return of the kettle of order W1001, broken, that waits for a yes."""
    talk = returning()
    talk.says("the kettle")
    talk.says("broken")
    return talk


def test_a_flow_asks_what_is_missing_and_ends() -> None:
    talk = Talk()
    reply = talk.says("I want to send something back", "send_back")
    assert reply.actions == ("action_list_orders", "action_ask")
    assert (reply.asks, reply.choices) == ("order_number", ["W1001", "W1002"])
    assert talk.presses("inform", order_number="W1002").asks == "lines"
    assert talk.says(
        "the second and the third", entities=[("ordinal", 2), ("ordinal", 3)]
    ).asks == ("reason")
    reply = talk.says("it does not fit")
    assert (reply.asks, reply.choices) == ("sure", ["yes", "no"])
    reply = talk.says("yes", "affirm")
    committed = reply.frames["action_commit_return"]["values"]
    assert committed["draft"] == "W1002/W1002-2+W1002-3/small"
    assert reply.said == ("utter_anything_else",)
    assert talk.open == []


def test_values_said_with_the_request_are_not_asked_again() -> None:
    talk = Talk()
    reply = talk.says("the kettle of W1001 is damaged", "send_back", order_number="W1001")
    assert reply.asks == "sure"
    assert talk.values("send_back")["draft"] == "W1001/W1001-3/broken"


def test_the_longer_of_two_names_counts() -> None:
    talk = returning()
    talk.says("the blue lamp")
    assert talk.values("send_back")["lines"] == ["W1001-2"]


def test_all_of_them_chooses_every_line() -> None:
    talk = returning()
    talk.says("全部")
    assert talk.values("send_back")["lines"] == ["W1001-1", "W1001-2", "W1001-3"]


def test_another_request_interrupts_and_the_first_is_resumed() -> None:
    talk = returning()
    reply = talk.says("where is W1002?", "track", order_number="W1002")
    assert reply.frames["action_track"]["values"] == {"order_number": "W1002"}
    assert reply.said == ("utter_resume", "utter_ask_send_back_lines")
    assert talk.values("send_back") == {"order_number": "W1001"}


def test_a_resumed_confirmation_is_prepared_afresh() -> None:
    talk = confirming()
    reply = talk.says("where is W1002?", "track", order_number="W1002")
    assert reply.actions[-2:] == ("action_draft_return", "action_ask")


@pytest.mark.parametrize(("intent", "said"), [("greet", "utter_greet"), ("thanks", "utter_thanks")])
def test_small_talk_is_answered_and_the_question_asked_again(intent: str, said: str) -> None:
    talk = returning()
    assert talk.says("hello", intent).said == (said, "utter_ask_send_back_lines")


def test_a_general_question_is_answered_without_back_to() -> None:
    reply = returning().says("when are you open?", "opening_hours")
    assert reply.actions == ("action_answer_from_knowledge", "action_ask")
    assert reply.said == ("utter_ask_send_back_lines",)


def test_a_farewell_does_not_ask_again_and_loses_nothing() -> None:
    talk = returning()
    assert talk.says("bye", "goodbye").said == ("utter_goodbye",)
    assert talk.says("the kettle").asks == "reason"


def test_an_earlier_answer_can_be_corrected_and_what_depends_on_it_is_asked_again() -> None:
    talk = confirming()
    reply = talk.says("no, it's W1002", "deny", order_number="W1002")
    assert reply.asks == "lines"
    assert talk.values("send_back")["order_number"] == "W1002"
    assert "reason" not in talk.values("send_back")


def test_naming_old_and_new_value_takes_the_new_one() -> None:
    talk = confirming()
    talk.says(
        "不是W1001，是W1002",
        "deny",
        entities=[("order_number", "W1001"), ("order_number", "W1002")],
    )
    assert talk.values("send_back")["order_number"] == "W1002"


def test_a_chosen_answer_is_corrected_by_its_words_and_the_draft_made_again() -> None:
    talk = confirming()
    reply = talk.says("actually it does not fit", "inform")
    assert reply.actions == ("action_draft_return", "action_ask")
    assert talk.values("send_back")["draft"] == "W1001/W1001-3/small"


def test_a_yes_with_a_new_value_is_not_taken_for_a_yes() -> None:
    reply = confirming().says("yes but W1002", "affirm", order_number="W1002")
    assert "action_commit_return" not in reply.actions


def test_what_was_confirmed_is_not_corrected() -> None:
    talk = confirming()
    talk.shop["action_commit_return"] = lambda frame: {"outcome": "changed"}
    assert talk.says("yes", "affirm").asks == "sure"
    talk.says("W1002 instead please", "inform", order_number="W1002")
    assert talk.values("send_back")["order_number"] == "W1001"


def swapping(outcome: Mapping[str, Any]) -> Talk:
    talk = Talk()
    talk.shop["action_hear_swap"] = lambda frame: outcome
    talk.says("another colour", "swap", colour="red")
    return talk


def test_a_change_of_mind_is_prepared_and_shown_afresh() -> None:
    talk = swapping({"outcome": "changed", "values": {"colour": "blue"}})
    reply = talk.says("rather like the sky")
    assert reply.actions == ("action_hear_swap", "action_draft_swap", "action_ask")
    assert reply.asks == "fine"
    assert talk.values("swap")["colour"] == "blue"


def test_a_change_of_mind_may_resemble_another_request() -> None:
    talk = swapping({"outcome": "changed", "values": {"colour": "blue"}})
    assert talk.says("wrap the blue one", "gifts").actions[0] == "action_hear_swap"
    assert talk.open == ["swap"]


def test_a_request_in_which_the_action_finds_no_change_is_a_request() -> None:
    talk = swapping({"outcome": "none"})
    assert talk.says("do you wrap gifts as well?", "gifts").actions[0] == "action_hear_swap"
    assert talk.open == ["swap", "gifts"]


def test_a_request_beside_another_one_is_not_lost_for_looking_like_a_change_of_mind() -> None:
    talk = swapping({"outcome": "none"})
    talk.says("send the other one back, and do you wrap gifts?", "send_back", also=[("gifts", 0.9)])
    assert talk.open == ["swap", "gifts", "send_back"]


def test_a_question_at_a_confirmation_is_answered_and_the_confirmation_asked_again() -> None:
    reply = swapping({"outcome": "answered"}).says("what does it cost then?")
    assert reply.actions == ("action_hear_swap", "action_ask")
    assert reply.asks == "fine"


def test_a_plain_yes_or_no_is_heard_by_nobody_else() -> None:
    for words in ("yes", "好的", "Yes please."):
        reply = swapping({"outcome": "changed"}).says(words, "affirm")
        assert reply.actions[0] == "action_commit_swap"
    reply = swapping({"outcome": "changed"}).says("no thanks", "deny")
    assert reply.said == ("utter_not_confirmed",)
    assert "action_hear_swap" not in swapping({"outcome": "changed"}).presses("affirm").actions


def test_what_nobody_finds_a_change_in_is_taken_as_before() -> None:
    yes = swapping({"outcome": "none"}).says("yes that is what I want", "affirm")
    assert yes.actions[:2] == ("action_hear_swap", "action_commit_swap")
    talk = swapping({"outcome": "none"})
    assert "utter_not_understood" in talk.says("the weather").said
    other = talk.says("hm, where is it", "track", 0.5, order_number="W1001")
    assert other.actions[:2] == ("action_hear_swap", "action_track")


def test_a_sure_request_is_not_taken_for_a_change_of_mind() -> None:
    talk = swapping({"outcome": "changed"})
    reply = talk.says("where is W1001", "track", order_number="W1001")
    assert reply.actions[0] == "action_track"


def test_hearing_may_lead_elsewhere_and_may_fail() -> None:
    talk = swapping({"outcome": "sold_out", "values": {"colour": None}})
    assert talk.says("rather blue").asks == "colour"
    reply = swapping({"outcome": "no"}).says("leave it then")
    assert reply.said == ("utter_not_confirmed",)
    assert "utter_action_failed" in swapping({"outcome": "failed"}).says("rather blue").said


def test_no_to_a_draft_changes_nothing() -> None:
    talk = confirming()
    assert talk.says("no", "deny").said == ("utter_not_confirmed",)
    assert talk.open == []


@pytest.mark.parametrize("chance", [0.2, 0.39])
def test_a_doubtful_yes_confirms_nothing(chance: float) -> None:
    reply = confirming().says("hm", "affirm", chance)
    assert "action_commit_return" not in reply.actions


FAINT = 0.3  # enough to begin with, not to act upon beside something else


def test_a_faint_request_is_served_where_nothing_else_is() -> None:
    assert Talk().says("my kettle then", "track", FAINT).asks == "order_number"


def test_faint_small_talk_is_not_understood() -> None:
    assert Talk().says("hm you know", "thanks", FAINT).offers


def test_a_faint_request_beside_another_or_in_the_middle_of_one_is_none() -> None:
    talk = Talk()
    talk.says("my kettle and so on", "track", 0.8, also=[("invoice", FAINT)])
    assert talk.open == ["track"]
    talk = returning()
    talk.says("my kettle then", "track", FAINT)
    assert "track" not in talk.open


def test_a_faint_request_for_what_must_not_go_wrong_brings_a_person() -> None:
    talk = Talk(limits=Limits(risky=frozenset({"invoice"})))
    reply = talk.says("that money thing", "invoice", FAINT)
    assert reply.handoff is not None
    assert "invoice" not in talk.open
    assert Talk(limits=talk.limits).says("the invoice", "invoice", 0.5).asks == "company"


def test_a_yes_with_another_request_does_the_one_and_then_the_other() -> None:
    reply = confirming().says(
        "yes, and where is W1002", "affirm", also=[("track", 0.8)], order_number="W1001"
    )
    assert [name for name in reply.actions if name in {"action_commit_return", "action_track"}] == [
        "action_commit_return",
        "action_track",
    ]


def test_stopping_asks_first_when_something_would_be_lost() -> None:
    talk = returning()
    assert talk.says("forget it", "stop").said == ("utter_ask_stop",)
    assert talk.says("no", "deny").said == ("utter_kept", "utter_ask_send_back_lines")
    talk.says("forget it", "stop")
    assert talk.says("yes", "affirm").said == ("utter_stopped",)
    assert talk.open == []


def test_stopping_an_empty_request_needs_no_question() -> None:
    talk = Talk()
    talk.says("return", "send_back")
    assert talk.says("never mind", "stop").said == ("utter_stopped",)


def test_stopping_while_proving_who_one_is_stops_the_request() -> None:
    talk = Talk(customer=None)
    talk.says("return", "send_back")
    assert talk.open == ["send_back", "identify"]
    talk.says("never mind", "stop")
    assert talk.open == []


def test_stopping_the_interruption_resumes_the_request_under_it() -> None:
    talk = returning()
    talk.says("where is my parcel", "track")
    assert talk.says("stop", "stop").said == (
        "utter_stopped",
        "utter_resume",
        "utter_ask_send_back_lines",
    )


def test_nothing_to_stop() -> None:
    assert Talk().says("stop", "stop").said == ("utter_nothing_to_stop",)


def test_two_readings_of_one_part_of_a_message_are_one_request() -> None:
    talk = Talk()
    talk.says("where is my order", "track", also=[("invoice", 0.7)], clauses=[0, 0])
    assert talk.open == ["track"]


def test_several_requests_wait_for_their_turn() -> None:
    talk = Talk()
    reply = talk.says(
        "return, an invoice and my parcel", "send_back", also=[("invoice", 0.7), ("track", 0.6)]
    )
    assert reply.said[0] == "utter_noted"
    assert talk.open == ["track", "invoice", "send_back"]
    talk.presses("inform", order_number="W1001")
    talk.says("kettle")
    talk.says("broken")
    reply = talk.says("yes", "affirm")
    assert reply.said == ("utter_next_request", "utter_ask_invoice_company")
    talk.says("Acme Ltd")
    reply = talk.says("no", "deny")
    assert reply.said == ("utter_next_request", "utter_ask_track_order_number")


def test_as_many_numbers_as_requests_are_dealt_out_in_order() -> None:
    talk = Talk()
    reply = talk.says(
        "where is W1002 and return W1001",
        "track",
        also=[("send_back", 0.8)],
        entities=[("order_number", "W1002"), ("order_number", "W1001")],
    )
    assert reply.frames["action_track"]["values"]["order_number"] == "W1002"
    assert talk.values("send_back")["order_number"] == "W1001"


def test_a_number_belongs_to_the_request_in_whose_part_of_the_message_it_stands() -> None:
    talk = Talk()
    talk.says(
        "return W10010 and W10020, and where is W10030",
        "send_back",
        also=[("track", 0.8)],
        entities=[("order_number", f"W100{place}0") for place in (1, 2, 3)],
        clauses=(0, 1),
    )
    assert "order_number" not in talk.values("send_back")
    assert talk.frames[-1]["own"] == "return w10010 and w10020"
    assert talk.values("track")["order_number"] == "W10030"


def test_words_that_nobody_has_looked_up_are_told_a_person_as_no_order_number() -> None:
    talk = Talk()
    reply = talk.says(
        "return my last order, with a person please",
        "human_agent",
        also=[("send_back", 0.8)],
        reference="last_order",
    )
    assert reply.handoff is not None
    wish = next(one for one in reply.handoff["requests"] if one["flow"] == "send_back")
    assert wish["values"] == {}


def test_requests_of_an_interruption_come_before_what_was_interrupted() -> None:
    talk = returning()
    reply = talk.says(
        "where is W1002 and when do you open",
        "track",
        also=[("opening_hours", 0.7)],
        order_number="W1002",
    )
    assert [name for name in reply.actions if name != "action_say"] == [
        "action_track",
        "action_answer_from_knowledge",
        "action_ask",
    ]


def test_asking_again_for_an_interrupted_request_brings_it_back() -> None:
    talk = returning()
    talk.says("my parcel", "track")
    reply = talk.says("back to the return", "send_back")
    assert reply.said == ("utter_resume", "utter_ask_send_back_lines")
    assert talk.open == ["track", "send_back"]


def test_a_greeting_beside_a_request_is_no_request() -> None:
    reply = Talk().says("hi, where is W1001", "track", also=[("greet", 0.9)], order_number="W1001")
    assert "utter_greet" not in reply.said


def test_words_of_waiting_before_a_change_are_no_wish_to_wait() -> None:
    talk = swapping({"outcome": "changed", "values": {"colour": "blue"}})
    assert talk.says("hang on, make it blue", "wait").actions[0] == "action_hear_swap"
    assert talk.values("swap")["colour"] == "blue"


def test_waiting_at_a_confirmation_is_acknowledged() -> None:
    reply = swapping({"outcome": "none"}).says("one moment", "wait")
    assert reply.said == ("utter_wait",)


def test_waiting_is_acknowledged_and_nothing_asked_again() -> None:
    talk = returning()
    assert talk.says("one moment", "wait").said == ("utter_wait",)
    assert talk.says("kettle").asks == "reason"


def test_the_open_question_is_repeated() -> None:
    assert returning().says("what?", "repeat").said == ("utter_ask_send_back_lines",)
    assert confirming().says("what?", "repeat").actions == ("action_draft_return", "action_ask")
    assert Talk().says("what?", "repeat").actions == ("action_repeat",)


def test_a_refused_value_is_asked_again_with_choices_and_the_third_time_a_person_comes() -> None:
    talk = Talk()
    talk.says("return", "send_back")
    for _ in range(2):
        reply = talk.says("X1", "inform", order_number="X1")
        assert reply.actions == ("action_check_order", "action_list_orders", "action_ask")
    reply = talk.says("X2", "inform", order_number="X2")
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "repeated_failure"
    assert [request["flow"] for request in reply.handoff["requests"]] == ["send_back"]


def test_a_check_that_leads_back_to_its_own_question_asks_it() -> None:
    talk = Talk()
    talk.shop["action_check_order"] = lambda frame: {
        "outcome": "several",
        "choices": [{"id": "W3", "title": "W3"}, {"id": "W4", "title": "W4"}],
    }
    reply = talk.says("return the W-thing", "send_back", order_number="W")
    assert (reply.asks, reply.choices) == ("order_number", ["W3", "W4"])


def test_an_answer_that_does_not_fit_is_asked_again_and_the_third_time_a_person_comes() -> None:
    talk = returning()
    for _ in range(2):
        assert talk.says("banana").said == ("utter_not_understood", "utter_ask_send_back_lines")
    assert talk.says("banana").handoff is not None
    assert talk.open == []


def test_an_answer_wins_over_a_weak_request_and_loses_against_a_strong_one() -> None:
    talk = returning()
    talk.says("kettle please", "track", 0.5)
    assert "lines" in talk.values("send_back")
    talk = returning()
    talk.says("where on earth is my kettle that you sent last week", "track", 0.9)
    assert talk.open == ["send_back", "track"]


def test_a_message_that_is_nothing_but_the_answer_is_one() -> None:
    talk = returning()
    talk.says("the kettle")
    talk.says("it is broken", "opening_hours", 0.9)
    assert talk.values("send_back")["reason"] == "broken"


def test_free_words_answer_a_text_question() -> None:
    talk = Talk()
    talk.says("invoice please", "invoice")
    assert talk.says("Acme Ltd", "greet", 0.7).asks == "on_paper"
    assert talk.values("invoice")["company"] == "Acme Ltd"


def test_a_clear_greeting_answers_no_text_question() -> None:
    talk = Talk()
    talk.says("invoice please", "invoice")
    talk.says("hello", "greet", 0.95)
    assert "company" not in talk.values("invoice")


def test_a_called_flow_comes_back() -> None:
    talk = Talk()
    talk.says("invoice please", "invoice")
    talk.says("Acme Ltd")
    assert talk.says("yes", "affirm").asks == "postcode"
    reply = talk.says("200000", "inform", postcode="200000")
    assert "action_send_invoice" in reply.actions


def test_a_loop_asks_once_for_every_line() -> None:
    talk = Talk()
    assert talk.says("wrap it", "gifts").asks == "colour"
    assert talk.says("red", "inform", colour="red").asks == "colour"
    reply = talk.says("blue", "inform", colour="blue")
    assert reply.frames["action_next_gift"]["values"]["wrapped"] == ["red"]
    assert talk.open == []


def test_identity_is_proved_first_and_what_was_told_is_not_asked_twice() -> None:
    talk = Talk(customer=None)
    reply = talk.says("return W1001", "send_back", order_number="W1001")
    assert reply.asks == "phone"
    reply = talk.says("4321", "inform", phone="4321")
    assert reply.asks == "lines"
    assert talk.values("send_back")["order_number"] == "W1001"


def test_an_order_named_as_proof_is_the_order_of_the_request() -> None:
    talk = Talk(customer=None)
    talk.says("return", "send_back")
    talk.says("W1002", "inform", order_number="W1002")
    assert talk.says("4321", "inform", phone="4321").asks == "lines"
    assert talk.values("send_back")["order_number"] == "W1002"


def test_an_order_corrected_in_the_proof_is_corrected_in_the_request() -> None:
    talk = Talk(customer=None)
    talk.says("return W1001", "send_back", order_number="W1001")
    talk.says("no, W1002", "deny", order_number="W1002")
    talk.says("4321", "inform", phone="4321")
    assert talk.values("send_back")["order_number"] == "W1002"


def test_who_proved_it_in_an_interruption_need_not_prove_it_again() -> None:
    talk = Talk(customer=None)
    talk.says("return", "send_back")
    talk.says("invoice", "invoice")
    talk.customer = "ann"
    talk.says("Acme Ltd")
    reply = talk.says("no", "deny")
    assert (reply.said[0], reply.asks) == ("utter_resume", "order_number")
    assert talk.open == ["send_back"]


def test_another_customer_closes_what_the_first_had_open() -> None:
    talk = returning()
    talk.customer = "bob"
    reply = talk.says("where is my parcel", "track")
    assert reply.said == ("utter_customer_changed", "utter_ask_track_order_number")
    assert talk.open == ["track"]


def test_it_means_what_was_spoken_of_last() -> None:
    talk = Talk()
    talk.says("where is W1002", "track", order_number="W1002")
    talk.says("send that one back", "send_back", reference="that")
    assert talk.values("send_back")["order_number"] == "W1002"


def test_my_last_order_is_left_to_the_check() -> None:
    talk = Talk()
    talk.says("where is W1001", "track", order_number="W1001")
    talk.says("return my last order", "send_back", reference="last_order")
    assert talk.values("send_back")["order_number"] == "W1002"


def test_two_numbers_for_one_question_become_choices() -> None:
    talk = Talk()
    reply = talk.says(
        "W1001 or W1002", "track", entities=[("order_number", "W1001"), ("order_number", "W1002")]
    )
    assert (reply.asks, reply.choices) == ("order_number", ["W1001", "W1002"])


def test_a_bare_number_offers_the_flows_that_take_it_and_the_chosen_one_gets_it() -> None:
    talk = Talk()
    reply = talk.says("W1001", "inform", order_number="W1001")
    assert reply.offers == ["send_back", "track"]
    reply = talk.presses("track")
    assert reply.frames["action_track"]["values"] == {"order_number": "W1001"}


def test_what_is_not_understood_is_offered_then_handed_over() -> None:
    talk = Talk()
    reply = talk.says(
        "hrmpf", ranking=[("track", 0.3), ("invoice", 0.2), ("greet", 0.1), ("gifts", 0.1)]
    )
    assert reply.offers == ["track", "invoice", "gifts"]
    reply = talk.says("hrmpf", ranking=[("track", 0.3)])
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "low_confidence"


@pytest.mark.parametrize("answer", ["the first one", "your parcel", "1"])
def test_an_offered_meaning_can_be_taken_in_words(answer: str) -> None:
    talk = Talk()
    talk.says("hrmpf", ranking=[("track", 0.3), ("invoice", 0.2)])
    ordinal = {"ordinal": 1} if "first" in answer else {}
    assert talk.says(answer, **ordinal).asks == "order_number"


def test_two_close_meanings_are_asked_for_even_inside_a_flow() -> None:
    talk = returning()
    reply = talk.says(
        "and the paper?", "invoice", 0.45, ranking=[("invoice", 0.45), ("track", 0.42)]
    )
    assert reply.offers == ["invoice", "track"]
    reply = talk.presses("invoice")
    assert reply.asks == "company"
    assert talk.open == ["send_back", "invoice"]


def test_an_answer_to_the_question_under_a_clarification_counts() -> None:
    talk = returning()
    talk.says("and the paper?", "invoice", 0.45, ranking=[("invoice", 0.45), ("track", 0.42)])
    assert talk.says("the kettle").asks == "reason"


def test_without_any_reading_the_usual_requests_are_offered() -> None:
    assert Talk().says("😀").offers == ["track", "send_back", "human_agent"]


def test_a_person_is_called_at_once_with_everything_that_is_open() -> None:
    talk = returning()
    reply = talk.says("a human, and where is my parcel", "track", also=[("human_agent", 0.8)])
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "asked"
    assert [request["flow"] for request in reply.handoff["requests"]] == [
        "person",
        "track",
        "send_back",
    ]
    assert talk.open == []


def test_a_failing_action_offers_a_person() -> None:
    talk = Talk()
    talk.shop["action_track"] = lambda frame: None
    reply = talk.says("where is W1001", "track", order_number="W1001")
    assert reply.said == ("utter_action_failed", "utter_ask_person")
    reply = talk.says("yes", "affirm")
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "repeated_failure"


def test_an_outcome_of_another_action_is_a_failure() -> None:
    talk = Talk()
    talk.shop["action_track"] = lambda frame: {"action": "action_else", "outcome": "shown"}
    reply = talk.says("where is W1001", "track", order_number="W1001")
    assert reply.asks == "person"


def test_a_person_declined_ends_the_request() -> None:
    talk = Talk()
    talk.shop["action_track"] = lambda frame: {"outcome": "backend_down"}
    assert talk.says("where is W1001", "track", order_number="W1001").said == ("utter_ask_person",)
    assert talk.says("no thanks", "deny").said == ("utter_person_declined",)
    assert talk.open == []


def test_an_offer_of_a_person_outlives_small_talk_and_nothing_is_tried_again() -> None:
    talk = Talk()
    talk.shop["action_track"] = lambda frame: {"outcome": "backend_down"}
    talk.says("where is W1001", "track", order_number="W1001")
    assert talk.says("hello?", "greet").said == ("utter_greet", "utter_ask_person")
    talk.says("invoice", "invoice")
    assert talk.says("stop", "stop").said == ("utter_stopped", "utter_resume", "utter_ask_person")
    assert talk.says("thanks", "thanks").said == ("utter_person_declined",)


def test_asking_again_for_what_failed_tries_it_again() -> None:
    talk = Talk()
    talk.shop["action_track"] = lambda frame: {"outcome": "backend_down"}
    talk.says("where is W1001", "track", order_number="W1001")
    assert talk.says("where is my parcel", "track").actions[0] == "action_track"


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_shop_that_does_not_answer_again_and_again_brings_a_person_unasked(most: int) -> None:
    talk = Talk(limits=Limits(outages=most))
    down = {"outcome": "backend_down"}
    talk.shop["action_track"] = lambda frame: down
    for _ in range(most - 1):
        offered = talk.says("where is W1001", "track", order_number="W1001")
        assert (offered.asks, offered.handoff) == ("person", None)
        talk.says("no thanks", "deny")
    brought = talk.says("where is W1001", "track", order_number="W1001")
    assert brought.handoff is not None
    assert brought.handoff["reason"] == "backend_down"
    # Afterwards, and whenever a request was served, it counts anew.
    offered = talk.says("where is W1001", "track", order_number="W1001")
    assert (offered.asks == "person") is (most > 1)


def test_a_request_that_was_served_ends_the_count_of_outages() -> None:
    talk = Talk(limits=Limits(outages=2))
    for _ in range(3):
        talk.shop["action_track"] = lambda frame: {"outcome": "backend_down"}
        assert talk.says("where is W1001", "track", order_number="W1001").asks == "person"
        talk.says("no thanks", "deny")
        talk.shop["action_track"] = lambda frame: {"outcome": "shown"}
        talk.says("where is W1001", "track", order_number="W1001")
        talk.says("no", "deny")


def test_an_unclear_answer_to_the_offer_of_a_person_brings_the_person() -> None:
    talk = Talk()
    talk.shop["action_track"] = lambda frame: {"outcome": "overdue"}
    talk.says("where is W1001", "track", order_number="W1001")
    assert talk.says("hrmpf").said == ("utter_not_understood", "utter_ask_person")
    reply = talk.says("hrmpf")
    assert reply.handoff is not None
    assert reply.handoff["reason"] == "shipment_overdue"


def test_anything_else_is_asked_once() -> None:
    talk = Talk()
    assert talk.says("W1001?", "track", order_number="W1001").said == ("utter_anything_else",)
    assert talk.says("no", "deny").said == ("utter_nothing_else",)
    assert talk.says("W1002?", "track", order_number="W1002").actions == ("action_track",)


def test_yes_to_anything_else_invites_the_request() -> None:
    talk = Talk()
    talk.says("W1001?", "track", order_number="W1001")
    assert talk.says("yes", "affirm").said == ("utter_go_ahead",)


def test_a_button_of_an_earlier_question_reaches_the_request_it_belongs_to() -> None:
    talk = returning()
    talk.says("invoice", "invoice")
    reply = talk.presses("inform", lines="W1001-3")
    assert talk.values("send_back")["lines"] == ["W1001-3"]
    assert reply.asks == "reason"
    assert talk.values("invoice") == {}


def test_a_button_that_answers_the_open_question_is_an_answer_wherever_it_was_offered() -> None:
    talk = returning()
    talk.says("my parcel", "track")
    reply = talk.presses("inform", order_number="W1002")
    assert reply.frames["action_track"]["values"] == {"order_number": "W1002"}
    assert talk.values("send_back") == {"order_number": "W1001"}


def test_a_button_of_a_finished_request_changes_nothing() -> None:
    talk = returning()
    talk.presses("inform", on_paper="yes")
    assert talk.values("send_back") == {"order_number": "W1001"}


def test_a_turn_with_too_many_actions_ends_with_a_person() -> None:
    talk = Talk(limits=Limits(actions=5))
    talk.shop["action_next_gift"] = lambda frame: {"outcome": "more", "values": {"colour": "red"}}
    reply = talk.says("wrap it", "gifts")
    assert reply.handoff is not None


def test_a_flow_that_was_changed_by_a_training_starts_over_with_its_values() -> None:
    talk = returning()
    talk.state["frames"][0]["step"] = "gone"
    assert talk.says("the kettle").said == ("utter_resume", "utter_ask_send_back_lines")
    assert talk.values("send_back") == {"order_number": "W1001"}
    talk.state["frames"].append({"flow": "removed", "started": True, "step": "x"})
    assert talk.says("hello", "greet").said[0] == "utter_greet"


@pytest.mark.parametrize(
    "said", ["wait, it should be W1002", "no, not that one, W1002", "说错了，是W1002"]
)
def test_another_number_after_a_request_is_served_asks_for_the_same_of_that(said: str) -> None:
    talk = confirming()
    talk.says("yes", "affirm")
    reply = talk.says(said, "track", 0.9, order_number="W1002")
    assert (reply.asks, talk.open[-1:]) == ("lines", ["send_back"])


def test_another_number_with_a_wish_of_its_own_is_that_wish() -> None:
    talk = confirming()
    talk.says("yes", "affirm")
    reply = talk.says("no, where is W1002", "track", 0.9, order_number="W1002")
    assert reply.frames["action_track"]["values"] == {"order_number": "W1002"}
