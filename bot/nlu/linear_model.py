"""The intent model as numbers: features, weights, and how sure a score makes us."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoder import encode, is_word
from bot.nlu.ngrams import Vocabulary
from bot.nlu.spelling import Spelling

_WEIGHTS_FILE = "intent_model.npz"
_NAMES_FILE = "intent_model.json"


@dataclass(frozen=True)
class Features:
    """What is looked at in a text: its sentence vector and its n-grams, each with a share."""

    vocabularies: tuple[Vocabulary, ...]
    encoder_share: float
    shares: tuple[float, ...]

    def grams(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Places and weights over all vocabularies laid side by side."""
        places, weights, offset = [], [], 0
        for vocabulary, share in zip(self.vocabularies, self.shares, strict=True):
            where, how_much = vocabulary.weigh(text)
            places.append(where + offset)
            weights.append(how_much * share)
            offset += len(vocabulary)
        return np.concatenate(places), np.concatenate(weights)


@dataclass(frozen=True)
class LinearModel:
    """One row of weights a feature, one column a label; a temperature turns scores to chances.

    ``gram_weights`` stay in half precision: they are by far the largest part.
    """

    labels: tuple[str, ...]
    features: Features
    encoder_weights: NDArray[np.float32]
    gram_weights: NDArray[np.float16]
    intercept: NDArray[np.float32]
    temperature: float

    @cached_property
    def spelling(self) -> Spelling:
        """What mends misspelt words to those of the examples."""
        (words,) = (v for v in self.features.vocabularies if v.kind == "word")
        return Spelling(words.examples(), is_word)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The raw score of every label for every (already normalised) text."""
        texts = [self.spelling.mend(text) for text in texts]
        scores: NDArray[np.float32] = encode(texts) @ self.encoder_weights + self.intercept
        for row, text in enumerate(texts):
            places, weights = self.features.grams(text)
            scores[row] += weights @ self.gram_weights[places].astype(np.float32)
        return scores

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The calibrated chance of every label for every text; rows add up to one."""
        return softmax(self.scores(texts) / self.temperature)

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and names; nothing in it can run code when read."""
        np.savez_compressed(
            folder / _WEIGHTS_FILE,
            encoder_weights=self.encoder_weights.astype(np.float32),
            gram_weights=self.gram_weights.astype(np.float16),
            intercept=self.intercept.astype(np.float32),
            **{f"idf_{v.kind}": v.idf for v in self.features.vocabularies},
        )
        names = {
            "labels": self.labels,
            "temperature": self.temperature,
            "encoder_share": self.features.encoder_share,
            "shares": self.features.shares,
            "vocabularies": [
                {"kind": v.kind, "grams": list(v.index)} for v in self.features.vocabularies
            ],
        }
        (folder / _NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> LinearModel:
        """The inverse of ``save``."""
        names = json.loads((folder / _NAMES_FILE).read_text("utf-8"))
        with np.load(folder / _WEIGHTS_FILE, allow_pickle=False) as arrays:
            vocabularies = tuple(
                Vocabulary.of(v["kind"], v["grams"], arrays[f"idf_{v['kind']}"])
                for v in names["vocabularies"]
            )
            return cls(
                tuple(names["labels"]),
                Features(vocabularies, names["encoder_share"], tuple(names["shares"])),
                arrays["encoder_weights"],
                arrays["gram_weights"],
                arrays["intercept"],
                names["temperature"],
            )


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores as chances that add up to one in every row."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    chances: NDArray[np.float32] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return chances
