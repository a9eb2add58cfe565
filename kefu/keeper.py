"""Keeps the desk in order every second: offers, agents who are gone, promises, places, rules."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from desk.events import DeskEvent, OwnerChanged, PresenceChanged, QueueChanged
from desk.rulebook import Holidays, RulesError, read_rules
from desk.rules import DeskRules
from desk.service import Desk
from kernel.clock import Clock

log = structlog.get_logger()

_DUTY = "queue"
_LEASE = timedelta(seconds=10)
_MEASURE_EVERY = timedelta(minutes=1)
_RULES_EVERY = timedelta(seconds=5)
_PLACES_EVERY = timedelta(seconds=15)
_PLACES_SECONDS_EACH = timedelta(milliseconds=2)


class Keeper:
    """One of these runs in every replica; the one that has the duty does the work.

    Whatever it does may be done by two at once without harm: the duty only saves the work.
    """

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        worker: str,
        holidays: Mapping[str, Holidays],
        every: float = 1.0,
        followed: Callable[[DeskRules], None] | None = None,
    ) -> None:
        """``every``: seconds between two rounds; what happens at the desk wakes it sooner.

        ``followed`` hears of rules that a supervisor has saved once the desk goes by them.
        """
        self._followed = followed
        self._desk = desk
        self._clock = clock
        self._worker = worker
        self._holidays = holidays
        self._every = every
        self._changed = asyncio.Event()
        self._told: dict[str, object] = {}
        self._next: dict[str, datetime] = {}
        self._rules_version = 0
        self._stale = True

    def observe(self, event: DeskEvent) -> None:
        """A listener of the desk: something has changed for those who wait."""
        if isinstance(event, QueueChanged | OwnerChanged | PresenceChanged):
            self._changed.set()

    async def run(self) -> None:
        """Keep order until cancelled; then let another replica have the duty at once."""
        try:
            while True:
                try:
                    await self.keep()
                except Exception as error:
                    log.error("keeper.failed", exc_info=error)
                    await asyncio.sleep(self._every)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._changed.wait()
        finally:
            await self._desk.give_up_duty(_DUTY, self._worker)

    async def keep(self) -> None:
        """One round, if this replica has the duty."""
        if self._is_time("rules", _RULES_EVERY):
            await self._follow_rules()
        if self._is_time("duty", _LEASE / 2) and not await self._desk.claim_duty(
            _DUTY, self._worker, _LEASE
        ):
            self._next.pop("duty")
            self._changed.clear()
            return
        if self._is_time("measure", _MEASURE_EVERY):
            await self._desk.measure()
        self._stale = self._changed.is_set() or self._stale
        self._changed.clear()
        self._stale = bool(await self._desk.keep_order()) or self._stale
        # Looking through a long line takes its time: then it is done less often.
        pause = len(self._told) * _PLACES_SECONDS_EACH
        if self._stale and self._is_time("new places", pause):
            self._stale = False
            await self._desk.tell_places(self._told)
        elif self._is_time("places", _PLACES_EVERY):
            await self._desk.tell_places(self._told)

    async def _follow_rules(self) -> None:
        """Go by the newest rules that a supervisor has saved, if any."""
        for version in await self._desk.rules_history(1):
            if version.number == self._rules_version:
                return
            self._rules_version = version.number
            try:
                rules = read_rules(version.content, self._holidays)
                self._desk.use_rules(rules)
                if self._followed is not None:
                    self._followed(rules)
            except RulesError as error:
                log.error("keeper.rules.refused", version=version.number, error=str(error))
            else:
                log.info("keeper.rules.followed", version=version.number)

    def _is_time(self, what: str, every: timedelta) -> bool:
        now = self._clock.now()
        if now < self._next.get(what, now):
            return False
        self._next[what] = now + every
        return True
