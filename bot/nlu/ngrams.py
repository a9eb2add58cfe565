"""Weighted character and word n-grams of a text, without a library's cost per message."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LONGEST_CHARACTER_GRAM = 5

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


def character_grams(text: str) -> list[str]:
    """All 1- to 5-grams inside each word; a word is padded by one space on both sides."""
    grams: list[str] = []
    for word in text.split():
        padded = f" {word} "
        size = len(padded)
        grams.extend(word)
        for length in range(2, min(LONGEST_CHARACTER_GRAM, size) + 1):
            grams.extend([padded[i : i + length] for i in range(size - length + 1)])
    return grams


def word_grams(text: str) -> list[str]:
    """The Latin words and numbers of ``text``, and each two that follow one another."""
    words: list[str] = _WORD.findall(text)
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def chinese_grams(text: str) -> list[str]:
    """All 1- to 3-grams of Chinese characters that stand side by side."""
    runs: list[str] = _CHINESE.findall(text)
    return [
        run[i : i + length]
        for run in runs
        for length in (1, 2, 3)
        for i in range(len(run) - length + 1)
    ]


GRAMS: dict[str, Callable[[str], list[str]]] = {
    "char": character_grams,
    "word": word_grams,
    "chinese": chinese_grams,
}


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams of one kind that count, their place and their inverse document frequency."""

    kind: str
    index: dict[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def learn(cls, kind: str, texts: Sequence[str], min_texts: int) -> Vocabulary:
        """Keep the n-grams that at least ``min_texts`` of the texts contain."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(set(GRAMS[kind](text)))
        kept = sorted(gram for gram, count in counts.items() if count >= min_texts)
        idf = [math.log((1 + len(texts)) / (1 + counts[gram])) + 1 for gram in kept]
        index = {gram: i for i, gram in enumerate(kept)}
        return cls(kind, index, np.asarray(idf, dtype=np.float32))

    @classmethod
    def of(cls, kind: str, grams: Iterable[str], idf: NDArray[np.float32]) -> Vocabulary:
        """A vocabulary as it was saved."""
        return cls(kind, {gram: i for i, gram in enumerate(grams)}, idf)

    def __len__(self) -> int:
        return len(self.index)

    def examples(self) -> dict[str, float]:
        """In about how many of the texts learnt from each n-gram stands; two for the rarest."""
        rarest = float(self.idf.max(initial=0.0))
        counts = 3 * np.exp(rarest - self.idf.astype(np.float64)) - 1
        return dict(zip(self.index, counts.tolist(), strict=True))

    def weigh(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Places and tf-idf weights of the n-grams of ``text``; their length is one, or none."""
        get = self.index.get
        counts: dict[int, int] = {}
        for gram in GRAMS[self.kind](text):
            place = get(gram)
            if place is not None:
                counts[place] = counts.get(place, 0) + 1
        places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        weights = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        weights = (1 + np.log(weights)) * self.idf[places]
        length = float(np.sqrt(weights @ weights))
        return places, weights / length if length else weights
