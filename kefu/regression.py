"""Compares a newly trained model with the one in use, on sentences that neither has learnt."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.language import Language, detect_language
from bot.nlu.linear_model import LinearModel
from bot.nlu.reading import parsed_like_rasa
from bot.nlu.thresholds import Thresholds
from kernel.errors import KefuError

GOLDEN = Path("tests/nlu/golden_intents.jsonl")
"""The golden sentences: ``{"text", "intent", "also": [...]}``, one a line."""

# One sentence in a hundred may go either way without anything having become worse.
_TOLERATED = 0.01
_CLASSIFIER = ".IntentClassifier"
_FILES = ("intent_model.json", "intent_model.npz")


class Unreadable(KefuError):
    """A model that this release cannot read: an older one, or a damaged one."""


@dataclass(frozen=True)
class GoldenSentence:
    """A sentence, what it may be understood as, and its language."""

    text: str
    intents: frozenset[str]
    language: Language


@dataclass(frozen=True)
class GoldenScore:
    """Which golden sentences a model reads right; those it doubts it does not."""

    right: tuple[GoldenSentence, ...]
    wrong: tuple[GoldenSentence, ...]

    def share(self, language: Language | None = None) -> float:
        """The share read right, from 0 to 1; of one language, or of all."""
        right, wrong = (
            sum(language in (None, sentence.language) for sentence in sentences)
            for sentences in (self.right, self.wrong)
        )
        return right / max(1, right + wrong)

    def __str__(self) -> str:
        return f"zh {self.share(Language.ZH):.1%}, en {self.share(Language.EN):.1%}"


def read_golden(file: Path) -> list[GoldenSentence]:
    """The golden sentences in ``file``."""
    sentences = []
    for line in file.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        intents = frozenset({given["intent"], *given.get("also", [])})
        language = detect_language(given["text"])
        chinese = language in (Language.ZH, Language.MIXED)
        sentences.append(
            GoldenSentence(given["text"], intents, Language.ZH if chinese else Language.EN)
        )
    return sentences


def golden_score(
    model: Path, sentences: Sequence[GoldenSentence], thresholds: Thresholds
) -> GoldenScore:
    """How the trained ``model`` reads ``sentences``; raises Unreadable."""
    texts = [one.text for one in sentences]
    found = parsed_like_rasa(_language_side(model), texts, thresholds)
    right: list[GoldenSentence] = []
    wrong: list[GoldenSentence] = []
    for sentence, parsed in zip(sentences, found, strict=True):
        understood = parsed["intent"]["name"] in sentence.intents
        (right if understood else wrong).append(sentence)
    return GoldenScore(tuple(right), tuple(wrong))


def worse_than(candidate: GoldenScore, present: GoldenScore) -> bool:
    """Whether ``candidate`` reads fewer sentences right in either language, or in both."""
    return any(
        candidate.share(language) < present.share(language) - _TOLERATED
        for language in (None, Language.ZH, Language.EN)
    )


def _language_side(model: Path) -> LinearModel:
    try:
        with tempfile.TemporaryDirectory() as folder, tarfile.open(model) as archive:
            for member in archive:
                place = Path(member.name)
                if place.name in _FILES and _CLASSIFIER in place.parent.name:
                    content = archive.extractfile(member)
                    if content is not None:
                        (Path(folder) / place.name).write_bytes(content.read())
            return LinearModel.read(Path(folder))
    except (OSError, KeyError, ValueError, EOFError, tarfile.TarError) as error:
        raise Unreadable(f"{model.name} cannot be read by this release") from error
