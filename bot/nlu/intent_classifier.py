"""The intent classifier: sentence vector and n-grams into a calibrated linear model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.keys import APART, CLAUSES, FEATURE_TEXT, INTENTS
from bot.nlu.linear_model import LinearModel
from bot.nlu.normaliser import MessageNormaliser
from bot.nlu.reading import read_messages
from bot.nlu.requests import MergeSettings, Request
from bot.nlu.training import TrainingSettings, train

_BATCH = 256


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Publishes ``intent``, ``intent_ranking`` and ``intents`` (every request in the message)."""

    @classmethod
    def required_components(cls) -> list[type]:
        """(see parent class for full docstring)"""
        return [MessageNormaliser]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """(see parent class for full docstring)"""
        training, merging = TrainingSettings(), MergeSettings()
        return {
            # How much the sentence vector, character n-grams and word n-grams say.
            "encoder_share": training.encoder_share,
            "char_share": training.char_share,
            "word_share": training.word_share,
            # An n-gram seen in fewer examples is not learnt.
            "min_texts": training.min_texts,
            # The larger, the closer the model follows the examples.
            "regularisation": training.regularisation,
            "seed": training.seed,
            # How much less sure to be of shoppers' wording than of held-out examples.
            "caution": training.caution,
            # From which chance on, in whole and clause together, a further request is named.
            "also_confidence": merging.also_confidence,
            "max_requests": merging.max_requests,
            # How many intents the ranking names.
            "ranking_length": 10,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Train again when the code that reads or learns has changed: Rasa sees this class only."""
        digest = hashlib.sha256()
        for path in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
    ) -> None:
        """Take the settings from config.yml, and the model if there is one already."""
        self._training = TrainingSettings(
            **{key: config[key] for key in TrainingSettings.__dataclass_fields__}
        )
        self._merging = MergeSettings(
            **{key: config[key] for key in MergeSettings.__dataclass_fields__}
        )
        self._ranking_length = int(config["ranking_length"])
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """(see parent class for full docstring)"""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """(see parent class for full docstring)"""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearModel.read(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the intent examples and keep the model in the model storage."""
        examples = [e for e in training_data.intent_examples if e.get(FEATURE_TEXT)]
        self._model = train(
            [example.get(FEATURE_TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            self._training,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify all messages; those without anything to read get no intent."""
        readable = [message for message in messages if message.get(FEATURE_TEXT)]
        for start in range(0, len(readable), _BATCH):
            self._classify(readable[start : start + _BATCH])
        for message in messages:
            if not message.get(FEATURE_TEXT):
                _publish_nothing(message)
        return messages

    def _classify(self, messages: list[Message]) -> None:
        """Read whole messages and their clauses in one pass through the model."""
        if self._model is None:
            raise RuntimeError("the intent classifier was neither trained nor loaded")
        pieces = [
            (one.get(FEATURE_TEXT), one.get(CLAUSES) or [], one.get(APART) or ())
            for one in messages
        ]
        readings = read_messages(self._model, pieces, self._merging)
        for message, (chances, requests) in zip(messages, readings, strict=True):
            self._publish(message, self._model.labels, chances, requests)

    def _publish(
        self,
        message: Message,
        labels: tuple[str, ...],
        chances: NDArray[np.float32],
        requests: list[Request],
    ) -> None:
        order = np.argsort(-chances)[: self._ranking_length]
        ranking = [_as_dict(Request(labels[i], float(chances[i]))) for i in order]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        found = [
            {**_as_dict(request), "clause": request.clause, "apart": request.apart}
            for request in requests
        ]
        message.set(INTENTS, found, add_to_output=True)


def _publish_nothing(message: Message) -> None:
    message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [], add_to_output=True)
    message.set(INTENTS, [], add_to_output=True)


def _as_dict(request: Request) -> dict[str, Any]:
    return {"name": request.name, "confidence": request.confidence}
