"""Cuts text into what the search index holds: words, and pairs of Chinese characters.

Pairs need no dictionary, so a product's name is found on the day it is invented; each run of
characters also gives its last one alone, so that a single character finds the whole run by prefix.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

_HAN = r"㐀-䶿一-鿿豈-﫿"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
LONGEST_TERM = 64


@dataclass(frozen=True)
class Phrase:
    """Terms that follow each other; ``prefix``: the last one may go on."""

    terms: tuple[str, ...]
    prefix: bool


def index_terms(text: str) -> list[str]:
    """The terms of ``text`` in order, at most ``LONGEST_TERM`` characters each."""
    found: list[str] = []
    for run in _RUN.findall(normal(text)):
        if _IS_HAN.match(run):
            found += [run[at : at + 2] for at in range(len(run) - 1)]
            found.append(run[-1])
        else:
            found.append(run[:LONGEST_TERM])
    return found


def query_phrases(query: str) -> list[Phrase]:
    """What a message must hold to match ``query``: every phrase, the words by their beginning."""
    phrases = []
    for run in _RUN.findall(normal(query)):
        if not _IS_HAN.match(run):
            phrases.append(Phrase((run[:LONGEST_TERM],), prefix=True))
        elif len(run) == 1:
            phrases.append(Phrase((run,), prefix=True))
        else:
            pairs = tuple(run[at : at + 2] for at in range(len(run) - 1))
            phrases.append(Phrase(pairs, prefix=False))
    return phrases


def normal(text: str) -> str:
    """One form for full and half width, upper and lower case, traditional and simplified."""
    converted: str = _simplifier().convert(unicodedata.normalize("NFKC", text).casefold())
    return converted


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
