"""How likely a message is to come from somebody who has had enough, or who cannot wait."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.mood_signs import FRUSTRATION_SIGNS, SIGNS, signs_in
from bot.nlu.ngrams import Vocabulary

MOODS = ("frustration", "urgency")
EMPHASIS = "emphasis"
"""Shouting, or several marks in a row: means something only beside a sign of frustration."""

_WEIGHTS_FILE = "mood_model.npz"
_NAMES_FILE = "mood_model.json"
# A sign weighs as much as a good part of all n-grams together, whose length is one.
_SIGN_WEIGHT = 0.6
_MARKS = re.compile(r"[!?！？]{2,}")
# Letters beside digits belong to a number.
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])")
# Words alone mislead: "customer service" stands in many complaints and complains of nothing.
_WITHOUT_A_SIGN = 0.6
_SHOUTED_WORDS = 3
_SHOUTED_SHARE = 0.6


def is_emphatic(typed: str) -> bool:
    """Whether a text, as it was typed, shouts: marks in a row, or most of its words in capitals."""
    if _MARKS.search(typed):
        return True
    words: list[str] = _WORD.findall(typed)
    shouted = sum(word.isupper() and word.isascii() for word in words)
    return shouted >= _SHOUTED_WORDS and shouted >= _SHOUTED_SHARE * len(words)


@dataclass(frozen=True)
class Mood:
    """Chances from 0 to 1, and the names of the turns of phrase that speak for them."""

    frustration: float
    urgency: float
    signs: tuple[str, ...]


@dataclass(frozen=True)
class MoodModel:
    """A row of weights a feature, a column a mood; ``slope`` and ``offset`` make scores honest."""

    vocabularies: tuple[Vocabulary, ...]
    weights: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]

    def mood_of(self, typed: str, normalised: Sequence[str]) -> Mood:
        """The mood of a message; ``normalised`` are it and its clauses, as the classifier reads.

        One angry clause is enough, however politely the rest is worded.
        """
        emphatic = is_emphatic(typed)
        signs = {text: signs_of(text, emphatic=emphatic) for text in normalised}
        scores = np.full(len(MOODS), -np.inf, dtype=np.float32)
        for text, found in signs.items():
            places, values = features_of(self.vocabularies, text, found)
            scores = np.maximum(scores, values @ self.weights[places])
        chances = 1 / (1 + np.exp(-(scores * self.slope + self.offset)))
        named = [sign for sign in (*SIGNS, EMPHASIS) if any(sign in one for one in signs.values())]
        frustration, urgency = (float(chance) for chance in chances)
        if FRUSTRATION_SIGNS.isdisjoint(named):
            frustration = min(frustration, _WITHOUT_A_SIGN)
        return Mood(frustration, urgency, tuple(named))

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and names."""
        np.savez_compressed(
            folder / _WEIGHTS_FILE,
            weights=self.weights,
            slope=self.slope,
            offset=self.offset,
            **{f"idf_{v.kind}": v.idf for v in self.vocabularies},
        )
        names = [{"kind": v.kind, "grams": list(v.index)} for v in self.vocabularies]
        (folder / _NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> MoodModel:
        """The inverse of ``save``."""
        names: list[dict[str, Any]] = json.loads((folder / _NAMES_FILE).read_text("utf-8"))
        with np.load(folder / _WEIGHTS_FILE, allow_pickle=False) as arrays:
            vocabularies = tuple(
                Vocabulary.of(one["kind"], one["grams"], arrays[f"idf_{one['kind']}"])
                for one in names
            )
            return cls(vocabularies, arrays["weights"], arrays["slope"], arrays["offset"])


def signs_of(text: str, *, emphatic: bool) -> tuple[str, ...]:
    """The signs in one normalised text; emphasis among them only where there is something to it."""
    found = signs_in(text)
    if emphatic and not FRUSTRATION_SIGNS.isdisjoint(found):
        return (*found, EMPHASIS)
    return found


def features_of(
    vocabularies: Sequence[Vocabulary], text: str, signs: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places and values of the features of one normalised text; the last one is the constant."""
    places, values, offset = [], [], 0
    for vocabulary in vocabularies:
        where, weight = vocabulary.weigh(text)
        places.append(where + offset)
        values.append(weight)
        offset += len(vocabulary)
    known = sign_features(signs)
    (given,) = known.nonzero()
    places.append(given + offset)
    values.append(known[given])
    return np.concatenate(places), np.concatenate(values)


def sign_features(signs: Sequence[str]) -> NDArray[np.float32]:
    """A value for every sign that there is, and the constant."""
    found = [_SIGN_WEIGHT if sign in signs else 0.0 for sign in (*SIGNS, EMPHASIS)]
    return np.asarray([*found, 1.0], dtype=np.float32)
