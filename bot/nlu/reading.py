"""Reads normalised messages with a trained model, without Rasa around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def read_messages(
    model: LinearModel, messages: Sequence[tuple[str, Sequence[str]]], settings: MergeSettings
) -> Iterator[Reading]:
    """Each message is its whole text and its clauses; all go through the model in one pass."""
    texts: list[str] = []
    for whole, clauses in messages:
        texts.append(whole)
        if len(clauses) > 1:
            texts.extend(clauses)
    chances = model.probabilities(texts)
    row = 0
    for _, clauses in messages:
        rows = len(clauses) if len(clauses) > 1 else 0
        apart = stand_apart(clauses) if rows else ()
        of_clauses = chances[row + 1 : row + 1 + rows]
        yield merge(model.labels, chances[row], of_clauses, settings, apart)
        row += 1 + rows


def parsed_like_rasa(
    model: LinearModel, texts: Sequence[str], thresholds: Thresholds
) -> Iterator[dict[str, Any]]:
    """The ``intent``, ``intent_ranking`` and ``intents`` of Rasa's parse result, for raw texts."""
    normalised = [for_features(text) for text in texts]
    messages = [(text, split_clauses(text) if text else []) for text in normalised]
    readings = read_messages(model, messages, MergeSettings())
    for (text, clauses), (chances, requests) in zip(messages, readings, strict=True):
        likely = [(model.labels[i], float(chances[i])) for i in np.argsort(-chances)]
        doubted = not text or thresholds.doubt(likely, len(clauses) > 1)
        ranking = [{"name": name, "confidence": chance} for name, chance in likely]
        fallback = [{"name": FALLBACK, "confidence": 1 - likely[0][1]}] if doubted else []
        yield {
            "intent": (fallback or ranking)[0],
            "intent_ranking": [*fallback, *ranking],
            "intents": [{"name": one.name, "confidence": one.confidence} for one in requests],
        }
