"""Mends an English word that is one slip away from a word of the examples."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property

# Codes, addresses, names with marks in them and short words stay as they are.
_WORD = re.compile(r"(?<![a-z0-9_@'-])[a-z]{4,}(?![a-z0-9_@'-])")
# Of four letters a word is too near others for one to have been exchanged.
_SHORT = 4
_ENDINGS = ("s", "es", "d", "ed", "ing", "er", "ly", "ies", "ied", "y", "less", "ness")


class Spelling:
    """The common words of the examples, and what stands one slip beside them.

    ``words`` says in how many examples each word stands; those with ``common`` at least are
    mended to. A word is left alone if it stands in the examples, if ``is_word`` knows it, or if
    it is a form of such a word. Only the classifier reads what is mended: values are read from
    the message as it was written.
    """

    def __init__(
        self, words: Mapping[str, float], is_word: Callable[[str], bool], common: float = 5
    ) -> None:
        """Keep the words; the index is made when the first message is read."""
        self._words = words
        self._is_word = is_word
        self._common = common

    def mend(self, text: str) -> str:
        """``text`` with its misspelt words mended."""
        return _WORD.sub(lambda match: self._mended(match[0]), text)

    def _mended(self, word: str) -> str:
        if self._is_right(word) or self._is_form(word):
            return word
        near = {
            other
            for beside in (word, *_with_one_dropped(word))
            for other in self._beside.get(beside, ())
            if _is_one_slip(word, other)
        }
        if not near:
            return word
        return max(near, key=lambda other: (other[0] == word[0], self._words[other], other))

    def _is_right(self, word: str) -> bool:
        return word in self._words or self._is_word(word)

    def _is_form(self, word: str) -> bool:
        stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
        return any(self._is_right(stem + more) for stem in stems for more in ("", "e", "y"))

    @cached_property
    def _beside(self) -> dict[str, list[str]]:
        beside: dict[str, list[str]] = defaultdict(list)
        for word, examples in self._words.items():
            if examples >= self._common and _WORD.fullmatch(word):
                for key in {word, *_with_one_dropped(word)}:
                    beside[key].append(word)
        return dict(beside)


def _with_one_dropped(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _is_one_slip(word: str, meant: str) -> bool:
    """Whether one letter was dropped, added or exchanged (not the first), or two neighbours
    changed places."""
    if len(word) != len(meant):
        longer, shorter = sorted((word, meant), key=len, reverse=True)
        return len(word) + len(meant) > 2 * _SHORT and shorter in _with_one_dropped(longer)
    unlike = [i for i in range(len(word)) if word[i] != meant[i]]
    if len(unlike) == 1:
        # Nobody misses the first letter: "Grace" is no "trace".
        return len(word) > _SHORT and unlike != [0]
    if len(unlike) != 2:
        return False
    first, second = unlike
    return second == first + 1 and word[first] + word[second] == meant[second] + meant[first]
