"""Says that we did not understand when the likeliest intent is not likely enough."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.intent_classifier import IntentClassifier
from bot.nlu.keys import CLAUSES


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtClassifier(GraphComponent, RasaIntentClassifier):
    """Puts the fallback intent before a ranking that decides nothing; the ranking stays."""

    @classmethod
    def required_components(cls) -> list[type]:
        """(see parent class for full docstring)"""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """(see parent class for full docstring)"""
        return {
            # A likeliest intent below this chance is not acted upon.
            "threshold": 0.4,
            # Neither is one that leads by less than this, if it is itself below `sure` and the
            # message is one clause: of several clauses several intents may be meant.
            "margin": 0.05,
            "sure": 0.6,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Take the thresholds from config.yml."""
        self._threshold = float(config["threshold"])
        self._margin = float(config["margin"])
        self._sure = float(config["sure"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DoubtClassifier:
        """(see parent class for full docstring)"""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Replace the intent of the messages that we should not claim to understand."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            several = len(message.get(CLAUSES) or []) > 1
            if not self._is_in_doubt(ranking, several):
                continue
            confidence = 1.0 - (ranking[0]["confidence"] if ranking else 0.0)
            fallback = {
                INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
                "confidence": confidence,
            }
            message.set(INTENT, fallback, add_to_output=True)
            message.set(INTENT_RANKING_KEY, [fallback, *ranking], add_to_output=True)
        return messages

    def _is_in_doubt(self, ranking: list[dict[str, Any]], several: bool) -> bool:
        if not ranking:
            return True
        first = float(ranking[0]["confidence"])
        if first < self._threshold:
            return True
        if several:
            return False
        second = float(ranking[1]["confidence"]) if len(ranking) > 1 else 0.0
        return first < self._sure and first - second < self._margin
