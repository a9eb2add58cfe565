"""`kefu parse`: one Rasa parse result for every line of text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain

from bot.nlu.batch import parse_texts
from kefu.settings import Rulebook
from kefu.surroundings import tell_rules
from kernel.errors import KefuError


class BadLine(KefuError):
    """A line of the input that is not a JSON object with a text."""


def parse_lines(model: Path, rulebook: Rulebook, lines: Iterable[str], output: TextIO) -> None:
    """Parse ``{"text": ...}`` lines in order; raises BadLine at the first that is not one."""
    tell_rules(rulebook)
    processor = MessageProcessor(
        model,
        InMemoryTrackerStore(Domain.empty()),
        InMemoryLockStore(),
        TemplatedNaturalLanguageGenerator({}),
    )
    for parsed in parse_texts(processor, _texts(lines)):
        output.write(json.dumps(parsed, ensure_ascii=False) + "\n")


def _texts(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            raise BadLine(f'line {number} is not {{"text": "..."}}')
        yield text
