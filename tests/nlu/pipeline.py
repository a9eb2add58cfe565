"""Trains and runs our components outside a Rasa project, for the tests beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

CONTEXT = ExecutionContext(GraphSchema({}), "test")


def make(component: type[GraphComponent], folder: Path, **settings: Any) -> Any:
    """A component with its default configuration and ``settings``, stored in ``folder``."""
    config = {**component.get_default_config(), **settings}
    return component.create(
        config, LocalModelStorage(folder), Resource(component.__name__), CONTEXT
    )


def load(component: type[GraphComponent], folder: Path, **settings: Any) -> Any:
    """A component as it was stored in ``folder``."""
    config = {**component.get_default_config(), **settings}
    return component.load(config, LocalModelStorage(folder), Resource(component.__name__), CONTEXT)


def examples(by_intent: dict[str, list[str]]) -> TrainingData:
    """Training data with the given texts under the given intents."""
    return TrainingData(
        [
            Message({"text": text, "intent": intent})
            for intent, texts in by_intent.items()
            for text in texts
        ]
    )


def read(text: str, *components: Any) -> dict[str, Any]:
    """What ``components``, one after the other, publish about ``text``."""
    messages = [Message({"text": text})]
    for component in components:
        messages = component.process(messages)
    published: dict[str, Any] = messages[0].as_dict(only_output_properties=True)
    return published
