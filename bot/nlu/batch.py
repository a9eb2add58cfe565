"""Read many texts at once: what `kefu parse --jsonl` and the evaluation do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT

# Enough for the encoder to work at full speed, few enough to answer a pipe soon.
BATCH = 64


def parse_texts(
    processor: MessageProcessor, texts: Iterable[str], batch: int = BATCH
) -> Iterator[dict[str, Any]]:
    """The parse result of each text, in order, as a message of an empty conversation.

    A pass through the graph reads ``batch`` texts, so that what costs once a pass costs once.
    """
    waiting = iter(texts)
    while group := list(islice(waiting, batch)):
        messages = [UserMessage(text=text) for text in group]
        tracker = DialogueStateTracker.from_events(messages[0].sender_id, [])
        target = processor.model_metadata.nlu_target
        results = processor.graph_runner.run(
            inputs={PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: tracker},
            targets=[target],
        )
        for text, message in zip(group, results[target], strict=True):
            parsed = {TEXT: text, INTENT: {"name": None, "confidence": 0.0}, ENTITIES: []}
            parsed.update(message.as_dict(only_output_properties=True))
            yield parsed
