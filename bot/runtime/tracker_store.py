"""Keeps trackers in our database: events are only added, and reading never costs more."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.exceptions import RasaException
from sqlalchemy import Row, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.runtime.plain_events import event_of
from bot.runtime.tables import metadata, tracker_events, trackers
from bot.runtime.tracker import Base, ConversationTracker
from kernel.clock import Clock, SystemClock
from kernel.database import make_engine, reading

# A turn makes eight to ten events: at least seven turns stay at hand, at most twice as many.
KEPT_EVENTS = 64
CACHED_TRACKERS = 256
_EMPTY_BASE = "{}"
_DELETED_AT_ONCE = 500
# Statements of every turn are built once: building one costs more than SQLite takes to run it.
_OF = trackers.c.conversation_id == bindparam("of")
_HEAD = select(
    trackers.c.version,
    trackers.c.base_seq,
    trackers.c.base,
    exists()
    .where(
        tracker_events.c.conversation_id == bindparam("of"),
        tracker_events.c.message_id == bindparam("message"),
    )
    .label("known"),
).where(_OF)
_RAISE_VERSION = update(trackers).where(_OF, trackers.c.version == bindparam("read"))
_ADD_TRACKER = insert(trackers)
_ADD_EVENTS = insert(tracker_events)


class TrackerConflict(RasaException):
    """Somebody else has gone on with the conversation since its tracker was read."""


class SqlTrackerStore(TrackerStore):
    """A tracker store on SQLite or PostgreSQL, for ``endpoints.yml`` and for ``kefu serve``.

    ``retrieve`` reads the state at a base and the events since, so that a conversation of any
    length costs the same. Trackers lately used are kept in memory; a kept one is taken only if the
    database still has the version it was saved under, so that any number of processes may share
    the database. Two saves from the same version never both succeed.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        *,
        clock: Clock | None = None,
        kept_events: int = KEPT_EVENTS,
        cached_trackers: int = CACHED_TRACKERS,
    ) -> None:
        """Open nothing yet: the first use connects, on the event loop that it happens on.

        Args:
            host: Rasa's name for ``url`` in endpoints.yml. Without: DATABASE_URL, else SQLite in
                ``var/kefu.db``.
        """
        super().__init__(domain, event_broker)
        self._url = host or os.environ.get("DATABASE_URL") or _default_url()
        self._clock = clock or SystemClock()
        self._kept_events = kept_events
        self._cached_trackers = cached_trackers
        self._cache: OrderedDict[str, ConversationTracker] = OrderedDict()
        self._engine: AsyncEngine | None = None

    @property
    def domain(self) -> Domain:
        """The domain whose slots new trackers have."""
        return self._domain

    @domain.setter
    def domain(self, domain: Domain | None) -> None:
        """Change the slots; what is kept in memory has the old ones."""
        self._domain = domain or Domain.empty()
        self._cache.clear()

    def init_tracker(self, sender_id: str) -> ConversationTracker:
        """A tracker without events."""
        return ConversationTracker(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> ConversationTracker | None:
        """The tracker with its last events, or None; the caller alone holds it until saved."""
        tracker, _ = await self.retrieve_for(sender_id, None)
        return tracker

    async def retrieve_for(
        self, conversation_id: str, message_id: str | None
    ) -> tuple[ConversationTracker | None, bool]:
        """What ``retrieve`` gives, and whether the message is in the conversation already."""
        cached = self._cache.pop(conversation_id, None)
        async with reading(await self._connected()).connect() as connection:
            head = await self._head(connection, conversation_id, message_id)
            if head is None:
                return None, False
            if cached is not None and cached.stored_seq == head.version:
                return cached, head.known
            tracker = await self._read(connection, conversation_id, _base_in(head))
            return tracker, head.known

    async def retrieve_full_tracker(self, conversation_id: str) -> ConversationTracker | None:
        """The tracker with every event, or None; costs what the conversation is long."""
        async with reading(await self._connected()).connect() as connection:
            tracker = await self._read(connection, conversation_id, None)
        return tracker if tracker.events else None

    async def retrieve_tail(self, conversation_id: str) -> ConversationTracker | None:
        """What ``retrieve`` reads, for looking at only: leaves the kept tracker where it is."""
        async with reading(await self._connected()).connect() as connection:
            head = await self._head(connection, conversation_id)
            return await self._read(connection, conversation_id, _base_in(head)) if head else None

    async def events_of_turn(self, conversation_id: str, message_id: str) -> list[Event] | None:
        """What happened from the message ``message_id`` to the next one; None if unknown."""
        table = tracker_events
        ours = table.c.conversation_id == conversation_id
        async with reading(await self._connected()).connect() as connection:
            first = (
                await connection.execute(
                    select(func.min(table.c.seq)).where(ours, table.c.message_id == message_id)
                )
            ).scalar()
            if first is None:
                return None
            following = (
                select(func.min(table.c.seq))
                .where(ours, table.c.seq > first, table.c.message_id.is_not(None))
                .scalar_subquery()
            )
            rows = await connection.execute(
                select(table.c.event)
                .where(ours, table.c.seq >= first)
                .where(table.c.seq < func.coalesce(following, 2**62))
                .order_by(table.c.seq)
            )
            return [_loaded(row.event) for row in rows]

    async def save(self, tracker: ConversationTracker) -> None:
        """Add the events that the database does not have yet, all or none.

        Raises:
            TrackerConflict: another process has saved the conversation since it was read. The
                caller's tracker is of no further use.
        """
        new = list(islice(tracker.events, tracker.stored_seq - tracker.base_seq, None))
        if new:
            engine = await self._connected()
            read_version = tracker.stored_seq
            version = read_version + len(new)
            rebased = tracker.rebase(self._kept_events)
            rows = [
                _row(tracker.sender_id, seq, event)
                for seq, event in enumerate(new, start=read_version + 1)
            ]
            async with engine.begin() as connection:
                await self._raise_version(connection, tracker, read_version, version, rebased)
                await connection.execute(_ADD_EVENTS, rows)
            tracker.stored_seq = version
        self._keep(tracker)
        if new and self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def exists(self, conversation_id: str) -> bool:
        """Whether anything is stored for the conversation."""
        async with reading(await self._connected()).connect() as connection:
            found = await connection.execute(
                select(trackers.c.version).where(trackers.c.conversation_id == conversation_id)
            )
            return found.one_or_none() is not None

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        async with reading(await self._connected()).connect() as connection:
            return list((await connection.execute(select(trackers.c.conversation_id))).scalars())

    async def forget(self, conversation_id: str) -> None:
        """Remove everything that is stored for one conversation."""
        self._cache.pop(conversation_id, None)
        async with (await self._connected()).begin() as connection:
            await self._delete(connection, [conversation_id])

    async def forget_idle_since(self, moment: datetime) -> int:
        """Remove the conversations that were last saved before ``moment``; how many they were."""
        engine = await self._connected()
        forgotten = 0
        while True:
            # In small bites: one long transaction would keep every shopper's turn waiting.
            async with engine.begin() as connection:
                idle = list(
                    (
                        await connection.execute(
                            select(trackers.c.conversation_id)
                            .where(trackers.c.updated_at < moment)
                            .limit(_DELETED_AT_ONCE)
                        )
                    ).scalars()
                )
                if not idle:
                    return forgotten
                await self._delete(connection, idle)
            for conversation_id in idle:
                self._cache.pop(conversation_id, None)
            forgotten += len(idle)

    async def close(self) -> None:
        """Give the connections back."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def _connected(self) -> AsyncEngine:
        if self._engine is None:
            engine = make_engine(self._url)
            # `rasa run` and `rasa shell` work on a database that no migration has seen.
            async with engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
            self._engine = engine
        return self._engine

    async def _head(
        self, connection: AsyncConnection, conversation_id: str, message_id: str | None = None
    ) -> Row[tuple[int, int, str, bool]] | None:
        found = await connection.execute(_HEAD, {"of": conversation_id, "message": message_id})
        return found.one_or_none()

    async def _read(
        self, connection: AsyncConnection, sender_id: str, base: Base | None
    ) -> ConversationTracker:
        base_seq = base.seq if base else 0
        tracker = ConversationTracker(sender_id, self.domain.slots, base=base, stored_seq=base_seq)
        rows = await connection.execute(
            select(tracker_events.c.seq, tracker_events.c.event)
            .where(tracker_events.c.conversation_id == sender_id)
            .where(tracker_events.c.seq > base_seq)
            .order_by(tracker_events.c.seq)
        )
        for row in rows:
            tracker.update(_loaded(row.event))
            tracker.stored_seq = row.seq
        return tracker

    async def _raise_version(
        self,
        connection: AsyncConnection,
        tracker: ConversationTracker,
        read: int,
        version: int,
        rebased: bool,
    ) -> None:
        values: dict[str, Any] = {"version": version, "updated_at": self._clock.now()}
        if rebased and tracker.base is not None:
            values |= {"base_seq": tracker.base.seq, "base": tracker.base.dumps()}
        if read:
            changed = await connection.execute(
                _RAISE_VERSION, {"of": tracker.sender_id, "read": read, **values}
            )
            if changed.rowcount != 1:
                raise TrackerConflict(f"{tracker.sender_id} was not at version {read} any more")
            return
        values = {"base_seq": 0, "base": _EMPTY_BASE} | values
        try:
            await connection.execute(_ADD_TRACKER, {"conversation_id": tracker.sender_id, **values})
        except IntegrityError as error:
            raise TrackerConflict(f"{tracker.sender_id} exists already") from error

    async def _delete(self, connection: AsyncConnection, conversation_ids: list[str]) -> None:
        for table in (tracker_events, trackers):
            await connection.execute(
                delete(table).where(table.c.conversation_id.in_(conversation_ids))
            )

    def _keep(self, tracker: ConversationTracker) -> None:
        self._cache[tracker.sender_id] = tracker
        self._cache.move_to_end(tracker.sender_id)
        while len(self._cache) > self._cached_trackers:
            self._cache.popitem(last=False)


def _row(conversation_id: str, seq: int, event: Event) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "seq": seq,
        "message_id": event.message_id if isinstance(event, UserUttered) else None,
        "event": msgspec.json.encode(event.as_dict(), enc_hook=_plain_number).decode(),
    }


def _plain_number(value: Any) -> Any:
    """Confidences may come as numpy's numbers."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"an event holds a {type(value).__name__}, which JSON has no words for")


def _default_url() -> str:
    Path("var").mkdir(exist_ok=True)
    return "sqlite:///var/kefu.db"


def _base_in(head: Row[tuple[int, int, str, bool]]) -> Base | None:
    return Base.loads(head.base_seq, head.base) if head.base_seq else None


def _loaded(event: str) -> Event:
    return event_of(msgspec.json.decode(event))
