"""Learn the intent model from examples: weights first, then how sure its scores make us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoder import DIMENSIONS, encode
from bot.nlu.linear_model import Features, LinearModel, softmax
from bot.nlu.ngrams import learn
from bot.nlu.vector_cache import cache_folder, encoded_examples

# One part of so many is held out to learn how sure scores make us: one number needs no more.
_PARTS = 5
# So many of the other examples teach the model that is asked about it: as sure of itself as one
# that has learnt them all, since it follows them the closer the fewer they are.
_SEEN = 6_000
_CORES = 2
# With fewer labels the problem that each part adds, "none of mine", costs more than it saves.
_WORTH_SHARING = 8
_OTHER = -1
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
    caution: float = 1.05


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
    kinds = ("char", "word")
    with ThreadPoolExecutor(1) as beside:
        # The encoder multiplies most of the time, and lets go of the interpreter's lock for that.
        vectors = beside.submit(_encoded, texts, cache or cache_folder())
        learnt = [learn(kind, texts, settings.min_texts) for kind in kinds]
        encoded = vectors.result()
    shares = (settings.char_share, settings.word_share)
    features = Features(tuple(words for words, _ in learnt), settings.encoder_share, shares)
    grams = [matrix * share for (_, matrix), share in zip(learnt, shares, strict=True)]
    places = {name: i for i, name in enumerate(names)}
    targets = np.asarray([places[label] for label in labels])
    matrix = _side_by_side(encoded * settings.encoder_share, grams)
    with ThreadPoolExecutor(_CORES) as pool:
        fitted = _fit(matrix, targets, len(names), settings, pool)
        honesty = _temperature(matrix, targets, len(names), settings, pool)
        weights, intercept = fitted()
        temperature = honesty()
    return LinearModel(
        names,
        features,
        (weights[:DIMENSIONS] * settings.encoder_share).astype(np.float32),
        weights[DIMENSIONS:].astype(np.float16),
        intercept.astype(np.float32),
        temperature * settings.caution,
    )


def _encoded(texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    return encode(texts) if len(texts) < _WORTH_KEEPING else encoded_examples(texts, cache)


def _side_by_side(vectors: NDArray[np.float32], grams: Sequence[Any]) -> Any:
    """All features in one sparse matrix, as the fitting wants them."""
    from scipy import sparse

    beside = sparse.hstack(grams).tocsr()
    rows, dense = vectors.shape
    starts = beside.indptr.astype(np.int64) + dense * np.arange(rows + 1)
    of_vectors = np.zeros(starts[-1], dtype=bool)
    of_vectors[(starts[:-1, None] + np.arange(dense)).ravel()] = True
    data = np.empty(starts[-1], dtype=np.float64)
    places = np.empty(starts[-1], dtype=np.int32)
    data[of_vectors], data[~of_vectors] = vectors.ravel(), beside.data
    places[of_vectors] = np.tile(np.arange(dense, dtype=np.int32), rows)
    places[~of_vectors] = beside.indices + dense
    shape = (rows, dense + beside.shape[1])
    return sparse.csr_matrix((data, places, starts.astype(np.int32)), shape=shape)


def _fit(
    matrix: Any, targets: NDArray[Any], size: int, settings: TrainingSettings, pool: Executor
) -> Callable[[], tuple[NDArray[Any], NDArray[Any]]]:
    """Weights (features x ``size``) and intercepts: one linear support vector machine a label.

    Labels do not depend on one another: each core learns some of them. Call the result to wait.
    """
    from sklearn.svm import LinearSVC

    def learn_some(labels: NDArray[Any]) -> Any:
        model = LinearSVC(C=settings.regularisation, tol=1e-3, random_state=settings.seed)
        return model.fit(matrix, np.where(np.isin(targets, labels), targets, _OTHER))

    parts = _CORES if size >= _WORTH_SHARING else 1
    learning = [pool.submit(learn_some, np.arange(size)[part::parts]) for part in range(parts)]

    def result() -> tuple[NDArray[Any], NDArray[Any]]:
        weights = np.zeros((matrix.shape[1], size))
        intercept = np.full(size, -2.0)  # a label missing in a fold is never predicted
        for model in (one.result() for one in learning):
            coefficients, offsets = model.coef_, model.intercept_
            if len(model.classes_) == 2:
                coefficients = np.concatenate([-coefficients, coefficients])
                offsets = np.concatenate([-offsets, offsets])
            known = model.classes_ != _OTHER
            weights[:, model.classes_[known]] = coefficients[known].T
            intercept[model.classes_[known]] = offsets[known]
        return weights, intercept

    return result


def _temperature(
    matrix: Any, targets: NDArray[Any], size: int, settings: TrainingSettings, pool: Executor
) -> Callable[[], float]:
    """What to divide scores by, so that they are honest about lines the model never saw."""
    shuffled = np.random.default_rng(settings.seed).permutation(len(targets))
    held_out = len(targets) // _PARTS
    unseen, seen = shuffled[:held_out], shuffled[held_out : held_out + _SEEN]
    if len(set(targets[seen])) < 2:
        return lambda: 1.0
    closer = replace(settings, regularisation=settings.regularisation * len(targets) / len(seen))
    fitted = _fit(matrix[seen], targets[seen], size, closer, pool)

    def result() -> float:
        weights, intercept = fitted()
        scores = matrix[unseen] @ weights + intercept
        losses = [_loss(scores / temperature, targets[unseen]) for temperature in _TEMPERATURES]
        return float(_TEMPERATURES[int(np.argmin(losses))])

    return result


def _loss(scores: NDArray[np.float32], targets: NDArray[Any]) -> float:
    chances = softmax(scores)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())
