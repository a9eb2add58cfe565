"""What does not fit in a shop file, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Misfit:
    """Something that does not fit: where in the document, and why, for the operator."""

    path: Path
    reason: str


def once(kind: str, keys: Iterable[tuple[Path, str]]) -> Iterator[Misfit]:
    """A misfit for every key of this ``kind`` that came before."""
    seen: set[str] = set()
    for path, key in keys:
        if key in seen:
            yield Misfit(path, f"there is another {kind} {key} in this file")
        seen.add(key)
