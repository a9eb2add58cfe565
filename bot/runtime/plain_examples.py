"""Reads files that hold nothing but intents and plain examples, a hundred times faster than Rasa.

Rasa reads YAML in pure Python, checks it against a schema and copies and hashes every example half
a dozen times: most of the time of a training with twenty thousand examples.
"""

from __future__ import annotations

import copy
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.constants import LATEST_TRAINING_DATA_FORMAT_VERSION
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

# Rasa's marks for annotated entities and for sub-intents: what holds one is Rasa's to read.
_ANNOTATED = re.compile(r"\[[^\]]+\][\[({]")
_SUB_INTENT = "/"
_KEYS = {"version", "nlu"}
_INTENT_KEYS = {"intent", "examples"}
_BARE_DATA = {TEXT, INTENT}


class PlainExample(Message):
    """An example of a text and its intent that costs little to copy and to compare."""

    _cached_fingerprint: str | None

    def __deepcopy__(self, memo: dict[int, Any]) -> PlainExample:
        """Itself while it holds nothing but a text and an intent, an independent copy later.

        Rasa copies all examples each time it puts data together, a dozen times before anything
        is added to one; none is ever taken back to look as it did before.
        """
        if len(self.data) == len(_BARE_DATA) and self.data.keys() == _BARE_DATA:
            return self
        twin = PlainExample.__new__(PlainExample)
        twin.time = self.time
        twin.data = copy.deepcopy(self.data, memo)
        twin.features = copy.deepcopy(self.features, memo)
        twin.output_properties = set(self.output_properties)
        twin._cached_fingerprint = self._cached_fingerprint
        return twin

    def __hash__(self) -> int:
        """Equal examples have equal hashes; Rasa's own hash fingerprints the whole example."""
        return hash((self.data.get(TEXT), self.data.get(INTENT)))

    def fingerprint(self) -> str:
        """(see parent class for full docstring)"""
        if self._cached_fingerprint is None and self.data.keys() <= _BARE_DATA:
            content = repr((self.data.get(TEXT), self.data.get(INTENT)))
            digest = hashlib.md5(content.encode(), usedforsecurity=False)
            self._cached_fingerprint = digest.hexdigest()
        fingerprint: str = super().fingerprint()
        return fingerprint


def read_plain_examples(file: Path) -> list[PlainExample] | None:
    """The examples in ``file``; None if there is anything in it that only Rasa understands."""
    status = file.stat()
    lines = _plain_lines(file.absolute(), status.st_mtime_ns, status.st_size)
    if lines is None:
        return None
    return [PlainExample({TEXT: text, INTENT: intent}) for text, intent in lines]


# A training reads the examples half a dozen times.
@lru_cache(maxsize=256)
def _plain_lines(file: Path, _changed: int, _size: int) -> list[tuple[str, str]] | None:
    """The text and the intent of each example in ``file``, if it holds nothing else."""
    try:
        content = yaml.load(  # the safe loader, in C
            file.read_text(encoding="utf-8"),
            Loader=yaml.CSafeLoader,
        )
    except (yaml.YAMLError, UnicodeDecodeError):
        return None  # Rasa's reader says where and why
    if not isinstance(content, dict) or content.keys() != _KEYS:
        return None
    entries = content["nlu"]
    if content["version"] != LATEST_TRAINING_DATA_FORMAT_VERSION or not isinstance(entries, list):
        return None
    lines: list[tuple[str, str]] = []
    for entry in entries:
        if not _is_plain(entry):
            return None
        lines.extend(
            (line[1:].strip("\n\r "), entry["intent"]) for line in entry["examples"].splitlines()
        )
    return lines


def _is_plain(entry: object) -> bool:
    if not isinstance(entry, dict) or entry.keys() != _INTENT_KEYS:
        return False
    intent, examples = entry["intent"], entry["examples"]
    return (
        isinstance(intent, str)
        and isinstance(examples, str)
        and bool(intent.strip())
        and _SUB_INTENT not in intent
        and bool(examples)
        and all(line.startswith("-") for line in examples.splitlines())
        and not _ANNOTATED.search(examples)
    )
