"""Reads normalised messages with a trained model, without Rasa around it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.clauses import split_clauses, stand_apart
from bot.nlu.linear_model import LinearModel
from bot.nlu.normalise import for_features
from bot.nlu.requests import MergeSettings, Request, merge
from bot.nlu.thresholds import Thresholds

FALLBACK = "nlu_fallback"
"""Rasa's name for: not understood."""

Reading = tuple[NDArray[np.float32], list[Request]]
"""The chance of each label of the model, and the requests found, best first."""


Pieces = tuple[str, Sequence[str], Collection[int]]
"""A normalised message, its clauses, and which of these speak of something of their own."""


def read_messages(
    model: LinearModel, messages: Sequence[Pieces], settings: MergeSettings
) -> Iterator[Reading]:
    """All messages and their clauses go through the model in one pass."""
    texts: list[str] = []
    for whole, clauses, _ in messages:
        texts.append(whole)
        if len(clauses) > 1:
            texts.extend(clauses)
    chances = model.probabilities(texts)
    row = 0
    for _, clauses, apart in messages:
        rows = len(clauses) if len(clauses) > 1 else 0
        of_clauses = chances[row + 1 : row + 1 + rows]
        yield merge(model.labels, chances[row], of_clauses, settings, apart if rows else ())
        row += 1 + rows


def parsed_like_rasa(
    model: LinearModel, texts: Sequence[str], thresholds: Thresholds
) -> Iterator[dict[str, Any]]:
    """The ``intent``, ``intent_ranking`` and ``intents`` of Rasa's parse result, for raw texts."""
    normalised = [for_features(text) for text in texts]
    cut = [split_clauses(text) if text else [] for text in normalised]
    messages = [
        (text, clauses, stand_apart(clauses)) for text, clauses in zip(normalised, cut, strict=True)
    ]
    readings = read_messages(model, messages, MergeSettings())
    for (text, clauses, _), (chances, requests) in zip(messages, readings, strict=True):
        likely = [(model.labels[i], float(chances[i])) for i in np.argsort(-chances)]
        doubted = not text or thresholds.doubt(likely, len(clauses) > 1)
        ranking = [{"name": name, "confidence": chance} for name, chance in likely]
        fallback = [{"name": FALLBACK, "confidence": 1 - likely[0][1]}] if doubted else []
        yield {
            "intent": (fallback or ranking)[0],
            "intent_ranking": [*fallback, *ranking],
            "intents": [{"name": one.name, "confidence": one.confidence} for one in requests],
        }
