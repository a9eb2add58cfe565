"""Publishes how frustrated and how pressed for time a message sounds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.keys import CLAUSES, FEATURE_TEXT, MOOD
from bot.nlu.mood import Mood, MoodModel
from bot.nlu.mood_training import background, read_examples, train_moods
from bot.nlu.normaliser import MessageNormaliser

_CALM = Mood(0.0, 0.0, ())
_DIGITS = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MoodDetector(GraphComponent, RasaIntentClassifier):
    """Adds ``mood``: ``{frustration, urgency, signs}``, two calibrated chances and why."""

    @classmethod
    def required_components(cls) -> list[type]:
        """(see parent class for full docstring)"""
        return [MessageNormaliser]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """(see parent class for full docstring)"""
        return {
            # The folder of the examples: a file a mood.
            "examples": "data/mood",
            "seed": 7,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Train again when the examples have changed."""
        digest = hashlib.sha256()
        folder = Path((cls.get_default_config() | config)["examples"])
        for path in sorted(folder.glob("*.yml")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: MoodModel | None = None,
    ) -> None:
        """Take the settings from config.yml, and the model if there is one already."""
        self._examples = Path(config["examples"])
        self._seed = int(config["seed"])
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
    ) -> MoodDetector:
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
    ) -> MoodDetector:
        """(see parent class for full docstring)"""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, MoodModel.read(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples of moods, and from those of intents what calm shoppers write."""
        requests = [one for one in training_data.intent_examples if one.get(FEATURE_TEXT)]
        others = background(
            [(example.get(TEXT), example.get(FEATURE_TEXT)) for example in requests],
            [example.get(INTENT) for example in requests],
        )
        self._model = train_moods([*read_examples(self._examples), *others], self._seed)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add its mood to every message; one without anything to read is calm."""
        if self._model is None:
            raise RuntimeError("the mood detector was neither trained nor loaded")
        for message in messages:
            text = message.get(FEATURE_TEXT)
            mood = _CALM
            if text:
                parts = dict.fromkeys([text, *(message.get(CLAUSES) or ())])
                mood = self._model.mood_of(message.get(TEXT), list(parts))
            message.set(
                MOOD,
                {
                    "frustration": round(mood.frustration, _DIGITS),
                    "urgency": round(mood.urgency, _DIGITS),
                    "signs": list(mood.signs),
                },
                add_to_output=True,
            )
        return messages
