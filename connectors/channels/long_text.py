"""Cuts a text to what a platform takes, at ends of sentences and never inside a character."""

from __future__ import annotations

import regex

# Paragraphs first, then sentences of both languages, then clauses, then words.
_ENDS = (
    regex.compile(r"\n\s*\n"),
    regex.compile(r"[。！？!?；;…]+[”’」』）)\"']*\s*|(?<=[a-zA-Z)\"'])\.\s+|\n"),
    regex.compile(r"[，、,：:]\s*|\s+"),
)
_GRAPHEME = regex.compile(r"\X")


def size(text: str) -> int:
    """How many bytes ``text`` has on the wire."""
    return len(text.encode("utf-8", "surrogatepass"))


def cut(text: str, limit: int) -> list[str]:
    """``text`` in pieces of at most ``limit`` bytes, in order; spaces at a cut go.

    A piece ends with a paragraph where it can, else with a sentence, a clause, a word; never
    inside what a reader sees as one character, unless that alone is longer than ``limit``.
    """
    pieces = []
    rest = text.strip()
    while size(rest) > limit:
        end = _end_of_piece(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest:
        pieces.append(rest)
    return pieces


def _end_of_piece(text: str, limit: int) -> int:
    """How many characters of ``text`` go into its first piece."""
    fits = _longest_prefix(text, limit)
    for ends in _ENDS:
        last = 0
        for found in ends.finditer(text, 0, fits + 1):
            if size(text[: found.end()].rstrip()) <= limit:
                last = found.end()
        # A piece that is almost empty would be worse than a cut at a weaker place.
        if last > fits // 3:
            return last
    return fits


def _longest_prefix(text: str, limit: int) -> int:
    taken, end = 0, 0
    for found in _GRAPHEME.finditer(text):
        taken += size(found.group())
        if taken > limit:
            break
        end = found.end()
    if end:
        return end
    # One character of many code points: cut between them rather than send nothing.
    while end < len(text) and size(text[: end + 1]) <= limit:
        end += 1
    return max(end, 1)
