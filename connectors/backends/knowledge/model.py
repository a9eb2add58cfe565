"""What a passage of the shop's written knowledge is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """A paragraph of an article. ``score``: 0 to 1, how well it answers; ``topic`` names the file.

    ``labels`` are the requests (intents) that the article answers.
    """

    topic: str
    title: str
    text: str
    language: str
    labels: tuple[str, ...]
    score: float
