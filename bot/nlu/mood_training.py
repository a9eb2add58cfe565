"""Learns moods from examples, and from held-out examples how far its scores are to be believed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.nlu.mood import MOODS, MoodModel, is_emphatic, sign_features, signs_of
from bot.nlu.ngrams import learn
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
    grams = (learn("word", texts, _LEAST_WORDS), learn("chinese", texts, _LEAST_CHARACTERS))
    vocabularies = tuple(words for words, _ in grams)
    matrix = _beside_signs([counted for _, counted in grams], examples, texts)
    weights = np.asarray([example.weight for example in examples])
    targets = np.asarray([(one.frustrated, one.urgent) for one in examples], dtype=np.int64)
    learnt = np.zeros((matrix.shape[1], len(MOODS)), dtype=np.float32)
    slope = np.ones(len(MOODS), dtype=np.float32)
    offset = np.zeros(len(MOODS), dtype=np.float32)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)

    def learn_mood(mood: int) -> None:
        target = targets[:, mood]
        unseen = np.zeros(len(examples))
        for known, held_out in folds.split(matrix, target):
            fitted = _fit(matrix[known], target[known], weights[known], seed)
            unseen[held_out] = matrix[held_out] @ fitted
        learnt[:, mood] = _fit(matrix, target, weights, seed)
        slope[mood], offset[mood] = _honesty(unseen, target, weights)

    # Fitting lets go of the interpreter's lock.
    with ThreadPoolExecutor(len(MOODS)) as pool:
        list(pool.map(learn_mood, range(len(MOODS))))
    return MoodModel(vocabularies, learnt, slope, offset)


def _beside_signs(
    grams: Sequence[Any], examples: Sequence[MoodExample], texts: Sequence[str]
) -> Any:
    """What ``features_of`` says of every text: a row each."""
    from scipy import sparse

    signs = [
        sign_features(signs_of(text, emphatic=is_emphatic(example.text)))
        for example, text in zip(examples, texts, strict=True)
    ]
    return sparse.hstack([*grams, np.stack(signs)]).tocsr().astype(np.float64)


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
