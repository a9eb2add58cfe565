"""Finds where one request ends and the next begins, for the classifier that follows."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.clauses import split_clauses, stand_apart
from bot.nlu.keys import APART, CLAUSES, FEATURE_TEXT
from bot.nlu.normaliser import MessageNormaliser
from bot.nlu.surroundings import surroundings


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
                clauses = split_clauses(text)
                message.set(CLAUSES, clauses)
                if len(clauses) > 1:
                    message.set(APART, stand_apart(clauses, [_goods_in(one) for one in clauses]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """An example is one request: there is nothing to split."""
        return training_data


def _goods_in(clause: str) -> frozenset[str]:
    """The ids of the shop's products that ``clause`` may name."""
    found = surroundings().catalogue.find(clause)
    return frozenset(
        product for one in found if one.entity == "product" for product in one.more["product_ids"]
    )
