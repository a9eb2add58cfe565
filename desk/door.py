"""What every door of the desk needs: transactions whose events are told once they are stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from desk.events import DeskEvent, Listener
from desk.rules import DeskRules
from desk.waiting import Measured
from desk.work import Work
from kernel.clock import Clock
from kernel.database import reading

log = structlog.get_logger()


class Door:
    """Opens transactions for deeds and for reading, and tells listeners."""

    def __init__(
        self, engine: AsyncEngine, clock: Clock, listeners: Listener | None, rules: DeskRules
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._listeners = [listeners] if listeners else []
        self._rules = rules
        self._measured = Measured(rules.queue.assumed_handling)

    @property
    def rules(self) -> DeskRules:
        """What this desk goes by now."""
        return self._rules

    def use_rules(self, rules: DeskRules) -> None:
        """Go by ``rules`` from the next deed on; promises already made stay as they are."""
        self._rules = rules

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` too, for parts that are built after the desk."""
        self._listeners.append(listener)

    def _tell(self, event: DeskEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                log.error("desk.listener.failed", event_type=type(event).__name__, exc_info=error)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Work]:
        async with self._engine.begin() as connection:
            work = self._work(connection)
            yield work
        for event in work.events:
            self._tell(event)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Work]:
        async with reading(self._engine).connect() as connection:
            yield self._work(connection)

    def _work(self, connection: AsyncConnection) -> Work:
        return Work(connection, self._clock.now(), self._rules, self._measured)
