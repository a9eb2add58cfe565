"""Weighted character and word n-grams of a text, without a library's cost per message."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

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


def learn(kind: str, texts: Sequence[str], min_texts: int) -> tuple[Vocabulary, Any]:
    """The n-grams that at least ``min_texts`` of the texts contain, and what they weigh there.

    The second is a sparse matrix with a row a text: what ``Vocabulary.weigh`` says of each.
    """
    from scipy import sparse

    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    grams_of = GRAMS[kind]
    columns, starts = array("q"), array("q", [0])
    for text in texts:
        columns.extend(map(numbers.__getitem__, grams_of(text)))
        starts.append(len(columns))
    places = np.frombuffer(columns, dtype=np.int64) if columns else np.zeros(0, dtype=np.int64)
    found = sparse.csr_matrix(
        (np.ones(len(places), dtype=np.float32), places, np.frombuffer(starts, dtype=np.int64)),
        shape=(len(texts), len(numbers)),
    )
    found.sum_duplicates()
    texts_with = np.bincount(found.indices, minlength=len(numbers))
    kept = sorted(gram for gram, number in numbers.items() if texts_with[number] >= min_texts)
    order = np.fromiter((numbers[gram] for gram in kept), dtype=np.int64, count=len(kept))
    idf = (np.log((1 + len(texts)) / (1 + texts_with[order])) + 1).astype(np.float32)
    matrix = found[:, order]
    weights = (1 + np.log(matrix.data)) * idf[matrix.indices]
    rows = np.repeat(np.arange(len(texts)), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(texts)))
    matrix.data = (weights / lengths[rows]).astype(np.float32)
    return Vocabulary.of(kind, kept, idf), matrix
