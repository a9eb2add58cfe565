"""Finds where one request ends and the next begins, for the classifier that follows."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.clauses import split_clauses
from bot.nlu.keys import CLAUSES, FEATURE_TEXT
from bot.nlu.normaliser import MessageNormaliser


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class RequestSplitter(GraphComponent):
    """Adds the clauses of every message; the intent classifier reads each of them as well."""

    @classmethod
    def required_components(cls) -> list[type]:
        """(see parent class for full docstring)"""
        return [MessageNormaliser]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RequestSplitter:
        """(see parent class for full docstring)"""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Split every message that was normalised."""
        for message in messages:
            text = message.get(FEATURE_TEXT)
            if text:
                message.set(CLAUSES, split_clauses(text))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """An example is one request: there is nothing to split."""
        return training_data
