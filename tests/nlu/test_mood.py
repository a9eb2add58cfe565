"""Anger and haste: heard where they are, and not in numbers, names or capitals."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.mood import MoodModel, is_emphatic
from bot.nlu.mood_training import MoodExample, read_examples, train_moods
from bot.nlu.normalise import for_features
from kefu.parsing import parse_lines
from kefu.settings import load_rulebook

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden_moods.txt")
THRESHOLD = 0.8
HASTE = 0.6

Sentences = dict[str, list[str]]


def golden_moods() -> Sentences:
    """Sentences that no model was trained on, by what they show."""
    sentences: Sentences = {}
    mood = ""
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            mood = line.removeprefix("## ")
        else:
            sentences.setdefault(mood, []).append(line)
    return sentences


@pytest.fixture(scope="module")
def heard(model: Path) -> dict[str, dict[str, Any]]:
    """The mood of every golden sentence, as ``kefu parse --jsonl`` writes it."""
    texts = [text for one in golden_moods().values() for text in one]
    output = io.StringIO()
    lines = [json.dumps({"text": text}) for text in texts]
    parse_lines(model, load_rulebook(ROOT / "kefu.yml"), lines, output)
    parsed = [json.loads(line) for line in output.getvalue().splitlines()]
    return {one["text"]: one["mood"] for one in parsed}


@pytest.fixture(scope="module")
def model_of_moods() -> MoodModel:
    """A model of the examples of moods alone: quick to train, quicker to trigger."""
    return train_moods(read_examples(ROOT / "data" / "mood"), seed=7)


def mood(model_of_moods: MoodModel, text: str) -> tuple[float, float]:
    """Frustration and urgency of one clause."""
    found = model_of_moods.mood_of(text, [for_features(text)])
    return found.frustration, found.urgency


def test_hardly_a_calm_sentence_counts_as_frustrated(heard: dict[str, dict[str, Any]]) -> None:
    moods = golden_moods()
    others = [*moods["calm"], *moods["urgent"]]
    mistaken = [text for text in others if heard[text]["frustration"] >= THRESHOLD]
    assert len(mistaken) <= 1, mistaken


def test_most_frustrated_sentences_count_as_such(heard: dict[str, dict[str, Any]]) -> None:
    frustrated = golden_moods()["frustrated"]
    missed = [text for text in frustrated if heard[text]["frustration"] < THRESHOLD]
    assert len(missed) <= len(frustrated) * 0.2, missed


def test_haste_is_heard_and_not_where_there_is_none(heard: dict[str, dict[str, Any]]) -> None:
    moods = golden_moods()
    missed = [text for text in moods["urgent"] if heard[text]["urgency"] < HASTE]
    mistaken = [text for text in moods["calm"] if heard[text]["urgency"] >= HASTE]
    assert mistaken == []
    assert len(missed) <= 2, missed


def test_what_a_chance_promises_is_kept(heard: dict[str, dict[str, Any]]) -> None:
    """Of the sentences above 0.8 at least four in five are frustrated, below 0.2 hardly one."""
    frustrated = set(golden_moods()["frustrated"])
    high = [text in frustrated for text, one in heard.items() if one["frustration"] >= 0.8]
    low = [text in frustrated for text, one in heard.items() if one["frustration"] < 0.2]
    assert sum(high) >= 0.8 * len(high)
    assert sum(low) <= 0.1 * len(low)


def test_no_golden_sentence_is_an_example() -> None:
    examples = {example.text for example in read_examples(ROOT / "data" / "mood")}
    assert examples.isdisjoint(text for one in golden_moods().values() for text in one)


def test_no_example_stands_twice() -> None:
    texts = [example.text for example in read_examples(ROOT / "data" / "mood")]
    assert len(set(texts)) == len(texts)


_DIGITS = st.text("0123456789", min_size=10, max_size=10)
_AROUND = st.sampled_from(["", "my order ", "订单", "please check ", "帮我查下 "])
_NAMES = st.lists(
    st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=2, max_size=8),
    min_size=1,
    max_size=5,
)


@given(before=_AROUND, numbers=st.lists(_DIGITS, min_size=1, max_size=4))
def test_order_numbers_are_never_angry(
    model_of_moods: MoodModel, before: str, numbers: list[str]
) -> None:
    text = before + " ".join(f"KF{number}" for number in numbers)
    assert max(mood(model_of_moods, text)) < THRESHOLD


@given(words=_NAMES, marks=st.sampled_from(["", "!", "!!!", "???", "?!"]))
def test_capitals_and_marks_alone_are_never_angry(
    model_of_moods: MoodModel, words: list[str], marks: str
) -> None:
    plain = " ".join(words).lower()
    angry = "frustration" if mood(model_of_moods, plain)[0] >= THRESHOLD else ""
    assert angry or mood(model_of_moods, " ".join(words) + marks)[0] < THRESHOLD


@given(text=st.sampled_from([text for one in golden_moods().values() for text in one]))
def test_shouting_makes_nobody_calmer(model_of_moods: MoodModel, text: str) -> None:
    before = mood(model_of_moods, text)[0]
    assert mood(model_of_moods, f"{text}!!!")[0] >= before - 0.01


def test_emphasis_is_capitals_in_most_words_or_marks_in_a_row() -> None:
    assert is_emphatic("WHERE IS MY PARCEL")
    assert is_emphatic("在吗??")
    assert not is_emphatic("my SONY WH-1000XM5 is late")
    assert not is_emphatic("KF2611190042 KF2611190077 KF2611080055")


def test_a_model_is_the_same_after_it_was_stored(tmp_path: Path) -> None:
    examples = [
        *(MoodExample(f"you useless people {word}", True, False) for word in "abcdefgh"),
        *(MoodExample(f"hurry up please {word}", False, True) for word in "abcdefgh"),
        *(MoodExample(f"thank you very much {word}", False, False) for word in "abcdefgh"),
    ]
    trained = train_moods(examples, seed=1)
    trained.save(tmp_path)
    stored = MoodModel.read(tmp_path)
    assert mood(stored, "you useless people") == mood(trained, "you useless people")
