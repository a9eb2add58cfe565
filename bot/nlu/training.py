"""Learn the intent model from examples: weights first, then how sure its scores make us."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoder import DIMENSIONS, encode
from bot.nlu.linear_model import Features, LinearModel, softmax
from bot.nlu.ngrams import Vocabulary
from bot.nlu.vector_cache import cache_folder, encoded_examples

# One line in so many is held out to learn how sure scores make us: one number needs no more.
_HELD_OUT = 5
# So many examples are encoded in about two seconds.
_WORTH_KEEPING = 2_000
_TEMPERATURES = np.geomspace(0.03, 3.0, 100)


@dataclass(frozen=True)
class TrainingSettings:
    """How the model is fitted; the defaults were found by ``docs/understanding.md``."""

    encoder_share: float = 0.8
    char_share: float = 1.2
    word_share: float = 1.2
    min_texts: int = 2
    regularisation: float = 0.18
    seed: int = 7
    caution: float = 1.1


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    settings: TrainingSettings | None = None,
    cache: Path | None = None,
) -> LinearModel:
    """The model for normalised ``texts`` with their ``labels`` (at least two different ones).

    ``cache`` is the folder in which trainings share sentence vectors; Rasa's own if left out.
    """
    settings = settings or TrainingSettings()
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise ValueError("an intent model needs examples of at least two intents")
    vocabularies = (
        Vocabulary.learn("char", texts, settings.min_texts),
        Vocabulary.learn("word", texts, settings.min_texts),
    )
    features = Features(
        vocabularies, settings.encoder_share, (settings.char_share, settings.word_share)
    )
    places = {name: i for i, name in enumerate(names)}
    targets = np.asarray([places[label] for label in labels])
    matrix = _matrix(texts, features, cache or cache_folder())
    # Fitting lets go of the interpreter's lock, so that both use the machine's cores.
    with ThreadPoolExecutor(1) as beside:
        honesty = beside.submit(_temperature, matrix, targets, len(names), settings)
        weights, intercept = _fit(matrix, targets, len(names), settings)
        temperature = honesty.result()
    return LinearModel(
        names,
        features,
        (weights[:DIMENSIONS] * settings.encoder_share).astype(np.float32),
        weights[DIMENSIONS:].astype(np.float16),
        intercept.astype(np.float32),
        temperature * settings.caution,
    )


def _matrix(texts: Sequence[str], features: Features, cache: Path) -> Any:
    from scipy import sparse

    rows = [features.grams(text) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(places) for places, _ in rows])])
    width = sum(len(vocabulary) for vocabulary in features.vocabularies)
    grams = sparse.csr_matrix(
        (
            np.concatenate([weights for _, weights in rows]).astype(np.float64),
            np.concatenate([places for places, _ in rows]),
            starts,
        ),
        shape=(len(texts), width),
    )
    encoded = encode(texts) if len(texts) < _WORTH_KEEPING else encoded_examples(texts, cache)
    vectors = sparse.csr_matrix(encoded.astype(np.float64) * features.encoder_share)
    return sparse.hstack([vectors, grams]).tocsr()


def _fit(
    matrix: Any, targets: NDArray[Any], size: int, settings: TrainingSettings
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights (features x ``size``) and intercepts: one linear support vector machine a label."""
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=settings.regularisation, tol=1e-3, random_state=settings.seed)
    model.fit(matrix, targets)
    weights = np.zeros((matrix.shape[1], size))
    intercept = np.full(size, -2.0)  # a label missing in a fold is never predicted
    if len(model.classes_) == 2:
        first, second = model.classes_
        weights[:, first], weights[:, second] = -model.coef_[0], model.coef_[0]
        intercept[[first, second]] = -model.intercept_[0], model.intercept_[0]
    else:
        weights[:, model.classes_] = model.coef_.T
        intercept[model.classes_] = model.intercept_
    return weights, intercept


def _temperature(
    matrix: Any, targets: NDArray[Any], size: int, settings: TrainingSettings
) -> float:
    """What to divide scores by, so that they are honest about lines the model never saw."""
    generator = np.random.default_rng(settings.seed)
    unseen = generator.permutation(len(targets)) % _HELD_OUT == 0
    if len(set(targets[~unseen])) < 2:
        return 1.0
    weights, intercept = _fit(matrix[~unseen], targets[~unseen], size, settings)
    scores = matrix[unseen] @ weights + intercept
    losses = [_loss(scores / temperature, targets[unseen]) for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _loss(scores: NDArray[np.float32], targets: NDArray[Any]) -> float:
    chances = softmax(scores)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())
