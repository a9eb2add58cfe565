"""Reading Rasa's parse results, and messages as answers."""

from __future__ import annotations

import pytest

from bot.policies.answers import match_words, read_choice, yes_or_no
from bot.policies.flow import STOP, Collect
from bot.policies.understanding import Understanding, understanding_of

AFFIRM = {"name": "affirm", "confidence": 1.0}


def heard(text: str, intent: str = "nlu_fallback", confidence: float = 0.9) -> Understanding:
    best = {"name": intent, "confidence": confidence}
    return understanding_of({"intent": best, "intents": [best], "intent_ranking": [best]}, text)


def test_a_payload_is_a_button() -> None:
    parsed = {"intent": {"name": "inform"}, "payload": '/inform{"lines": "W1-1"}', "intents": []}
    assert understanding_of(parsed, "Lamp").pressed == {"lines": "W1-1"}


def test_payload_syntax_typed_by_a_shopper_is_no_button() -> None:
    assert not understanding_of({"intent": AFFIRM, "intents": [AFFIRM]}, "/affirm").is_button


def test_plain_rasa_unpacks_the_text_itself() -> None:
    assert understanding_of({"intent": AFFIRM}, "/affirm").is_button


def test_requests_found_beside_a_doubt_are_doubtful_too() -> None:
    parsed = {
        "intent": {"name": "nlu_fallback", "confidence": 0.7},
        "intents": [{"name": "track", "confidence": 0.45}],
        "intent_ranking": [
            {"name": "nlu_fallback", "confidence": 0.7},
            {"name": "track", "confidence": 0.45},
        ],
    }
    understood = understanding_of(parsed, "hm")
    assert [meaning.intent for meaning in understood.meanings] == ["nlu_fallback"]
    assert [meaning.intent for meaning in understood.ranking] == ["track"]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (heard("好的，提交吧"), True),
        (heard("OK!"), True),
        (heard("不，换一个"), False),
        (heard("no thanks"), False),
        (heard("do it", "affirm"), True),
        (heard("do it", "affirm", 0.3), None),
        (heard("rather not", "deny", 0.3), False),
        (heard("知道了吗"), None),
        (heard("nothing fits"), None),
    ],
)
def test_a_yes_must_be_certain_and_a_no_need_not(
    message: Understanding, answer: bool | None
) -> None:
    assert yes_or_no(message, 0.4) is answer


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("it's faullty", "faulty"),
        ("falty", "faulty"),
        ("no longger needed", "needless"),
        ("my fault entirely, I should have asked you what comes with it", None),
    ],
)
def test_a_slip_of_the_pen_still_names_a_choice(text: str, chosen: str | None) -> None:
    choices = [
        {"id": "faulty", "title": "It is faulty", "words": ["faulty"]},
        {"id": "needless", "title": "I no longer need it", "words": ["no longer needed"]},
    ]
    step = Collect("reason", "reason", ("choice",), "", STOP)
    answer = read_choice(step, choices, heard(text))
    assert (answer.value if answer else None) == chosen


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the red shirt", ["red"]),
        ("红色的", ["red"]),
        ("redder", []),
        ("red and dark red", ["red", "dark"]),
        ("DARK RED", ["dark"]),
        ("深红", ["dark"]),
        ("ＤＡＲＫ red", ["dark"]),
    ],
)
def test_choices_are_known_by_their_words(text: str, ids: list[str]) -> None:
    choices = [
        {"id": "red", "title": {"zh": "红", "en": "Red"}},
        {"id": "dark", "title": {"zh": "深红", "en": "Dark red"}},
    ]
    assert match_words(choices, text)[0] == ids
