"""How wishes for news are kept, and how news reaches those who tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from connectors.backends.news.model import News, NewsKind, Wish


class Wishes(Protocol):
    """Who wants to be told what. Every method may raise BackendUnavailable."""

    async def wish(self, wishes: Sequence[Wish]) -> None:
        """From now on; a wish that is there already stays as it is."""

    async def wishes_of(self, customer_id: str) -> tuple[Wish, ...]:
        """Everything this customer wants to be told, wherever they said so."""

    async def stop(
        self,
        conversation_id: str,
        customer_id: str | None,
        kinds: Sequence[NewsKind] = (),
    ) -> int:
        """No more of it: what was asked here, and by this customer elsewhere; how many wishes.

        Without ``kinds`` nothing more is told at all.
        """


class NewsFeed(Protocol):
    """News in the order in which it came, until it is settled. May raise BackendUnavailable."""

    async def untold(self, limit: int) -> tuple[tuple[News, tuple[Wish, ...]], ...]:
        """News that nobody has seen to, with the wishes for it."""

    async def settle(self, key: str) -> None:
        """It is seen to."""
