"""Passages of the shop's articles that answer what a shopper has asked, for the agent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from connectors.backends.shop import Shop

_PASSAGES = 3


def make_suggestions(shop: Shop) -> Callable[[str, str], Awaitable[list[dict[str, Any]]]]:
    """The console's question: what do we have in writing about this, in this language?"""

    async def passages(question: str, language: str) -> list[dict[str, Any]]:
        found = await shop.knowledge.search(question, language, _PASSAGES)
        return [
            {"topic": one.topic, "title": one.title, "text": one.text, "score": one.score}
            for one in found
        ]

    return passages
