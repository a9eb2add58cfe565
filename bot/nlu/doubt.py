"""Says that we did not understand when the likeliest intent is not likely enough."""

from __future__ import annotations

from dataclasses import asdict
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
from bot.nlu.surroundings import surroundings
from bot.nlu.thresholds import Thresholds


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
        # For plain Rasa: under `kefu` the surroundings say what kefu.yml says.
        return asdict(Thresholds())

    def __init__(self, config: dict[str, Any]) -> None:
        """Take the thresholds that count where the surroundings name none."""
        self._thresholds = Thresholds(
            **{name: float(config[name]) for name in Thresholds.__dataclass_fields__}
        )

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
        thresholds = surroundings().thresholds or self._thresholds
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            several = len(message.get(CLAUSES) or []) > 1
            likely = [(one[INTENT_NAME_KEY], float(one["confidence"])) for one in ranking]
            if not thresholds.doubt(likely, several):
                continue
            confidence = 1.0 - (ranking[0]["confidence"] if ranking else 0.0)
            fallback = {
                INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
                "confidence": confidence,
            }
            message.set(INTENT, fallback, add_to_output=True)
            message.set(INTENT_RANKING_KEY, [fallback, *ranking], add_to_output=True)
        return messages
