"""The first component: one form for every spelling, and the language of the message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.keys import FEATURE_TEXT, LANGUAGE
from bot.nlu.language import detect_language
from bot.nlu.normalise import MAX_CHARACTERS, fold, for_features


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MessageNormaliser(GraphComponent):
    """Adds the text as the classifier reads it, and the language; leaves the text alone."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """(see parent class for full docstring)"""
        return {
            # Of a longer message only so many characters are read.
            "max_characters": MAX_CHARACTERS,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Take the component's settings from config.yml."""
        self._max_characters = int(config["max_characters"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageNormaliser:
        """(see parent class for full docstring)"""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise every message that has a text."""
        for message in messages:
            self._normalise(message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the examples exactly as messages are."""
        self.process(training_data.training_examples)
        return training_data

    def _normalise(self, message: Message) -> None:
        text = message.get(TEXT)
        if not text:
            return
        message.set(FEATURE_TEXT, for_features(text, self._max_characters))
        language = detect_language(fold(text[: 2 * self._max_characters]).text)
        # Rasa drops None from the result; the reader asks with .get().
        message.set(LANGUAGE, language and language.value, add_to_output=True)
