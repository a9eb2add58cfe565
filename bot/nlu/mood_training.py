"""Learns moods from examples, and from held-out examples how far its scores are to be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.nlu.mood import MOODS, MoodModel, features_of, is_emphatic, signs_of, width_of
from bot.nlu.ngrams import Vocabulary
from bot.nlu.normalise import for_features

# n-grams seen in fewer examples are not learnt.
_LEAST_WORDS, _LEAST_CHARACTERS = 2, 3
_REGULARISATION = 4.0
_FOLDS = 5
# Requests in the shoppers' own words stand for the calm majority; some of them are not calm.
_BACKGROUND_WEIGHT = 0.3
# Of so many shoppers one is frustrated, or in a hurry, when they write: what chances refer to.
_SHARE_OF_ALL = 0.2


@dataclass(frozen=True)
class MoodExample:
    """A text as typed and what it shows; ``weight`` is how far the label is to be believed.

    ``normalised`` is the text as the classifier reads it, where it is known already.
    """

    text: str
    frustrated: bool
    urgent: bool
    weight: float = 1.0
    normalised: str = ""


def read_examples(folder: Path) -> list[MoodExample]:
    """The examples of ``folder``: a file a mood, ``frustrated_urgent.yml`` for both at once."""
    examples = []
    for file in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        moods = file.stem.split("_")
        examples += [
            MoodExample(line.removeprefix("- "), "frustrated" in moods, "urgent" in moods)
            for line in content["mood"]["examples"].splitlines()
        ]
    return examples


def background(texts: Sequence[Sequence[str]], intents: Sequence[str]) -> list[MoodExample]:
    """What the examples of intents teach about moods: most requests are made calmly.

    A text is given as it was typed and as the classifier reads it.
    """
    return [
        MoodExample(typed, intent == "complaint", intent == "urge", _BACKGROUND_WEIGHT, read)
        for (typed, read), intent in zip(texts, intents, strict=True)
    ]


def train_moods(examples: Sequence[MoodExample], seed: int) -> MoodModel:
    """The model for ``examples``, of which some show each mood and some do not."""
    from sklearn.model_selection import StratifiedKFold

    texts = [example.normalised or for_features(example.text) for example in examples]
    vocabularies = (
        Vocabulary.learn("word", texts, _LEAST_WORDS),
        Vocabulary.learn("chinese", texts, _LEAST_CHARACTERS),
    )
    matrix = _matrix(examples, texts, vocabularies)
    weights = np.asarray([example.weight for example in examples])
    targets = np.asarray([(one.frustrated, one.urgent) for one in examples], dtype=np.int64)
    learnt = np.zeros((matrix.shape[1], len(MOODS)), dtype=np.float32)
    slope = np.ones(len(MOODS), dtype=np.float32)
    offset = np.zeros(len(MOODS), dtype=np.float32)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for mood in range(len(MOODS)):
        target = targets[:, mood]
        unseen = np.zeros(len(examples))
        for known, held_out in folds.split(matrix, target):
            fitted = _fit(matrix[known], target[known], weights[known], seed)
            unseen[held_out] = matrix[held_out] @ fitted
        learnt[:, mood] = _fit(matrix, target, weights, seed)
        slope[mood], offset[mood] = _honesty(unseen, target, weights)
    return MoodModel(vocabularies, learnt, slope, offset)


def _matrix(
    examples: Sequence[MoodExample], texts: Sequence[str], vocabularies: Sequence[Vocabulary]
) -> Any:
    from scipy import sparse

    rows = [
        features_of(vocabularies, text, signs_of(text, emphatic=is_emphatic(example.text)))
        for example, text in zip(examples, texts, strict=True)
    ]
    starts = np.concatenate([[0], np.cumsum([len(places) for places, _ in rows])])
    values = np.concatenate([values for _, values in rows]).astype(np.float64)
    places = np.concatenate([places for places, _ in rows])
    shape = (len(rows), width_of(vocabularies))
    return sparse.csr_matrix((values, places, starts), shape=shape)


def _fit(
    matrix: Any, target: NDArray[Any], weights: NDArray[Any], seed: int
) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=_REGULARISATION, solver="liblinear", fit_intercept=False, random_state=seed
    )
    model.fit(matrix, target, sample_weight=weights)
    fitted: NDArray[np.float64] = model.coef_[0]
    return fitted


def _honesty(
    scores: NDArray[Any], target: NDArray[Any], weights: NDArray[Any]
) -> tuple[float, float]:
    """Slope and offset that turn scores of unseen examples into chances (Platt scaling)."""
    from sklearn.linear_model import LogisticRegression

    shown = float(weights[target == 1].sum())
    others = float(weights[target == 0].sum())
    balance = np.where(target == 1, _SHARE_OF_ALL / shown, (1 - _SHARE_OF_ALL) / others)
    scale = LogisticRegression(C=1e6)
    scale.fit(scores[:, None], target, sample_weight=weights * balance * len(target))
    return float(scale.coef_[0, 0]), float(scale.intercept_[0])
