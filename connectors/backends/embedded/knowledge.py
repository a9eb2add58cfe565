"""The shop's articles: Markdown files with both languages, searched by word weights."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connectors.backends.embedded.words import features
from connectors.backends.knowledge.model import Passage
from kernel.errors import SettingsError

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_SECTION = re.compile(r"^## (zh|en)\s*$", re.MULTILINE)
_FIELDS = ("title_zh", "title_en", "labels")
_GOOD_ENOUGH = 0.38
_IN_TITLE = 1.0
_UNKNOWN_PAIR = 0.5
_IN_TEXT = 0.7


@dataclass(frozen=True)
class _Indexed:
    """A passage with what is compared of it."""

    passage: Passage
    weights: dict[str, float]


class ArticleKnowledge:
    """(see Knowledge) Reads a folder of articles once, when it is made."""

    def __init__(self, folder: Path) -> None:
        """Read every ``*.md`` of ``folder``; raises SettingsError with file and reason."""
        passages = [
            passage for path in sorted(folder.glob("*.md")) for passage in read_article(path)
        ]
        self._indexed = {
            language: _index([p for p in passages if p.language == language])
            for language in ("zh", "en")
        }

    async def search(
        self, query: str, language: str, limit: int = 3, label: str | None = None
    ) -> tuple[Passage, ...]:
        """(see Knowledge)"""
        indexed, rarity = self._indexed["zh" if language == "zh" else "en"]
        wanted = features(query)
        whole = sum(weight * rarity.get(word, 0.0) for word, weight in wanted.items())
        # Latin words that no article knows count as the rarest would; pairs of Chinese characters
        # count little, since most of those that nobody knows are no words.
        rarest = math.log(1 + len(indexed))
        unknown = sum(
            weight * (rarest if word.isascii() else _UNKNOWN_PAIR)
            for word, weight in wanted.items()
            if word not in rarity
        )
        if not whole:
            return ()
        scored = []
        for order, item in enumerate(indexed):
            if label is not None and label not in item.passage.labels:
                continue
            hit = sum(
                weight * rarity[word] * item.weights[word]
                for word, weight in wanted.items()
                if word in item.weights
            )
            score = hit / (whole + unknown)
            if score >= _GOOD_ENOUGH:
                scored.append((-score, order, item.passage))
        best = sorted(scored, key=lambda entry: entry[:2])[:limit]
        return tuple(
            Passage(p.topic, p.title, p.text, p.language, p.labels, round(-score, 3))
            for score, _, p in best
        )


def _index(passages: list[Passage]) -> tuple[list[_Indexed], dict[str, float]]:
    """The passages with their words, and how rare each word is among them."""
    indexed = []
    seen: Counter[str] = Counter()
    for passage in passages:
        body, title = features(passage.text), features(passage.title)
        weights = dict.fromkeys(body, _IN_TEXT) | dict.fromkeys(title, _IN_TITLE)
        seen.update(weights.keys())
        indexed.append(_Indexed(passage, weights))
    rarity = {word: math.log(1 + len(passages) / count) for word, count in seen.items()}
    return indexed, rarity


def read_article(path: Path) -> list[Passage]:
    """The passages of one article, a paragraph each; raises SettingsError if it is malformed."""
    match = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise SettingsError(f"{path.name}: no front matter between two lines of ---")
    fields = _fields(path, match[1])
    sections = _SECTION.split(match[2])
    languages = dict(zip(sections[1::2], sections[2::2], strict=True))
    if set(languages) != {"zh", "en"}:
        raise SettingsError(f"{path.name}: needs a section ## zh and a section ## en")
    labels = tuple(label for label in re.split(r"[\s,\[\]]+", fields["labels"]) if label)
    return [
        Passage(path.stem, fields[f"title_{language}"], text, language, labels, 1.0)
        for language in ("zh", "en")
        for text in _paragraphs(languages[language])
    ]


def _fields(path: Path, front_matter: str) -> dict[str, str]:
    fields = {}
    for line in front_matter.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip()] = value.strip().strip("\"'")
    missing = [name for name in _FIELDS if not fields.get(name)]
    if missing:
        raise SettingsError(f"{path.name}: front matter lacks {', '.join(missing)}")
    return fields


def _paragraphs(section: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", section) if part.strip()]
