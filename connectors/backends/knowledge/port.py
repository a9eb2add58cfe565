"""How the rest of Kefu asks what the shop has written down."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.knowledge.model import Passage


class Knowledge(Protocol):
    """The shop's articles."""

    async def search(
        self, query: str, language: str, limit: int = 3, label: str | None = None
    ) -> tuple[Passage, ...]:
        """Passages in ``language`` ("zh" or "en") about ``query``, best first; empty if none is.

        With ``label``, only of articles that answer this request.
        """
