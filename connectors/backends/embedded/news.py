"""News of the embedded shop, and who wants to know of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.embedded import news_tables as tables
from connectors.backends.embedded.database import read, upsert, write
from connectors.backends.news.model import News, NewsKind, Wish
from kernel.clock import Clock

_NEWS = tables.news.c
_WISH = tables.wishes.c


@dataclass(frozen=True)
class EmbeddedNews:
    """(see Wishes, NewsFeed)"""

    engine: AsyncEngine
    clock: Clock

    async def wish(self, wishes: Sequence[Wish]) -> None:
        """(see Wishes)"""
        if not wishes:
            return
        rows = [
            {
                "customer_id": one.customer_id,
                "conversation_id": one.conversation_id,
                "kind": one.kind.value,
                "order_number": one.order_number or "",
                "since": self.clock.now(),
            }
            for one in wishes
        ]
        async with write(self.engine) as connection:
            await connection.execute(
                upsert(connection, tables.wishes).values(rows).on_conflict_do_nothing()
            )

    async def wishes_of(self, customer_id: str) -> tuple[Wish, ...]:
        """(see Wishes)"""
        async with read(self.engine) as connection:
            found = await connection.execute(
                select(tables.wishes)
                .where(_WISH.customer_id == customer_id)
                .order_by(_WISH.since, _WISH.kind)
            )
            return tuple(_wish(row) for row in found.mappings())

    async def stop(
        self,
        conversation_id: str,
        customer_id: str | None,
        kinds: Sequence[NewsKind] = (),
    ) -> int:
        """(see Wishes)"""
        whose = _WISH.conversation_id == conversation_id
        if customer_id is not None:
            whose = or_(whose, _WISH.customer_id == customer_id)
        which = [_WISH.kind.in_([kind.value for kind in kinds])] if kinds else []
        async with write(self.engine) as connection:
            gone = await connection.execute(delete(tables.wishes).where(whose, *which))
        return int(gone.rowcount)

    async def untold(self, limit: int) -> tuple[tuple[News, tuple[Wish, ...]], ...]:
        """(see NewsFeed)"""
        async with read(self.engine) as connection:
            found = await connection.execute(
                select(tables.news)
                .where(_NEWS.settled_at.is_(None))
                .order_by(_NEWS.noted_at, _NEWS.key)
                .limit(limit)
            )
            news = [_news(row) for row in found.mappings()]
            return tuple([(one, await _wishes_for(connection, one)) for one in news])

    async def settle(self, key: str) -> None:
        """(see NewsFeed)"""
        async with write(self.engine) as connection:
            await connection.execute(
                update(tables.news)
                .where(_NEWS.key == key, _NEWS.settled_at.is_(None))
                .values(settled_at=self.clock.now())
            )


async def note_news(connection: AsyncConnection, news: Iterable[News], now: datetime) -> None:
    """Note what has happened, in the transaction in which it happens; what is known stays."""
    rows = [
        {
            "key": one.key,
            "kind": one.kind.value,
            "event": one.event,
            "customer_id": one.customer_id,
            "order_number": one.order_number,
            "at": one.at,
            "facts": dict(one.facts),
            "noted_at": now,
        }
        for one in news
    ]
    if rows:
        await connection.execute(
            upsert(connection, tables.news).values(rows).on_conflict_do_nothing()
        )


async def _wishes_for(connection: AsyncConnection, news: News) -> tuple[Wish, ...]:
    found = await connection.execute(
        select(tables.wishes)
        .where(
            and_(
                _WISH.customer_id == news.customer_id,
                _WISH.kind == news.kind.value,
                _WISH.order_number.in_(["", news.order_number]),
            )
        )
        .order_by(_WISH.since, _WISH.conversation_id)
    )
    return tuple(_wish(row) for row in found.mappings())


def _wish(row: RowMapping) -> Wish:
    return Wish(
        conversation_id=row["conversation_id"],
        customer_id=row["customer_id"],
        kind=NewsKind(row["kind"]),
        order_number=row["order_number"] or None,
    )


def _news(row: RowMapping) -> News:
    return News(
        key=row["key"],
        kind=NewsKind(row["kind"]),
        event=row["event"],
        customer_id=row["customer_id"],
        order_number=row["order_number"],
        at=row["at"],
        facts=row["facts"],
    )
