"""News of the embedded shop, and who wants to know of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.carriers.model import ShipmentStatus, is_silent
from connectors.backends.embedded import news_tables as tables
from connectors.backends.embedded import tables as shop_tables
from connectors.backends.embedded.carriers import load_shipment
from connectors.backends.embedded.database import read, read_once, upsert, write
from connectors.backends.news.model import News, NewsKind, Wish, news_of_silence
from connectors.backends.rules import TrackingRules
from kernel.clock import Clock

_NEWS = tables.news.c
_WISH = tables.wishes.c
# Most answers about an order ask it: built once.
_WISHES_OF = (
    select(tables.wishes)
    .where(_WISH.customer_id == bindparam("customer_id"))
    .order_by(_WISH.since, _WISH.kind)
)
_LOOK_EVERY = timedelta(minutes=1)
_UNDERWAY = (
    ShipmentStatus.ANNOUNCED,
    ShipmentStatus.PICKED_UP,
    ShipmentStatus.IN_TRANSIT,
    ShipmentStatus.CUSTOMS,
    ShipmentStatus.OUT_FOR_DELIVERY,
    ShipmentStatus.FAILED_ATTEMPT,
    ShipmentStatus.UNKNOWN,
)
_PARCEL, _ORDER = shop_tables.parcels.c, shop_tables.orders.c
# Parcels on the way of which somebody wants to know if they get stuck.
_WATCHED = (
    select(_PARCEL.tracking_number, _PARCEL.order_number, _ORDER.customer_id)
    .join(shop_tables.orders, _ORDER.number == _PARCEL.order_number)
    .join(
        tables.wishes,
        and_(
            _WISH.customer_id == _ORDER.customer_id,
            _WISH.kind == NewsKind.STUCK.value,
            _WISH.order_number.in_(["", _ORDER.number]),
        ),
    )
    .where(_PARCEL.status.in_([status.value for status in _UNDERWAY]))
    .distinct()
)


@dataclass
class EmbeddedNews:
    """(see Wishes, NewsFeed) Silence is news too: it is looked for once a minute."""

    engine: AsyncEngine
    clock: Clock
    rules: TrackingRules
    _next_look: datetime | None = None

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
        async with read_once(self.engine) as connection:
            found = await connection.execute(_WISHES_OF, {"customer_id": customer_id})
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
        await self._note_silence()
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

    async def _note_silence(self) -> None:
        """Note which parcels have been silent for too long, where somebody wants to know."""
        now = self.clock.now()
        if self._next_look is not None and now < self._next_look:
            return
        self._next_look = now + _LOOK_EVERY
        async with write(self.engine) as connection:
            found = await connection.execute(_WATCHED)
            silent = []
            for row in found.all():
                shipment = await load_shipment(connection, row.tracking_number)
                if is_silent(shipment, now, self.rules):
                    silent.append(news_of_silence(shipment, row.order_number, row.customer_id, now))
            await note_news(connection, silent, now)


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
