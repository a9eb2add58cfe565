"""A value found in a message, and which of several that overlap is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Found:
    """``value`` of the kind ``entity`` at ``text[start:end]``.

    ``certain`` is false where the shape allows something else too. ``more`` is published beside
    the value, for instance the carrier of a tracking number.
    """

    entity: str
    value: Any
    start: int
    end: int
    certain: bool = True
    more: dict[str, Any] = field(default_factory=dict)


class Claims:
    """What was found so far; what comes first keeps its place in the text."""

    def __init__(self) -> None:
        self._found: list[Found] = []
        self._taken: list[tuple[int, int]] = []

    def is_free(self, start: int, end: int) -> bool:
        """Whether no earlier find shares a character with ``start:end``."""
        return all(end <= taken or start >= ended for taken, ended in self._taken)

    def add(self, candidates: Iterable[Found]) -> None:
        """Keep the candidates that lie where nothing was found before; the longest ones first.

        Candidates of different kinds at exactly the same place are alternatives and stay.
        """
        new: list[tuple[int, int]] = []
        known: set[tuple[str, tuple[int, int]]] = set()
        for candidate in sorted(candidates, key=lambda one: (one.start - one.end, one.start)):
            span = (candidate.start, candidate.end)
            if not self.is_free(*span) or (candidate.entity, span) in known:
                continue
            if any(span != other and span[0] < other[1] and other[0] < span[1] for other in new):
                continue
            new.append(span)
            known.add((candidate.entity, span))
            self._found.append(candidate)
        self._taken.extend(new)

    def block(self, spans: Iterable[tuple[int, int]]) -> None:
        """Nothing may be found at these places."""
        self._taken.extend(spans)

    def found(self) -> list[Found]:
        """Everything kept, in the order of the text."""
        return sorted(self._found, key=lambda one: (one.start, one.end, one.entity))
