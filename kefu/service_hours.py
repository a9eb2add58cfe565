"""Tells the assistant when people are at the desk: by its rules as saved last."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.service_hours import Hours
from desk.rulebook import RulesError, read_rules
from desk.rules import DeskRules
from desk.service import Desk
from kefu.settings import Settings
from kernel.clock import Clock
from kernel.errors import BackendUnavailable

log = structlog.get_logger()


class DeskHours:
    """(see actions.service_hours.ServiceHours)

    Looks for newer rules whenever it is asked: what a supervisor has saved counts from the next
    question on, in whichever process the actions run.
    """

    def __init__(self, engine: AsyncEngine, clock: Clock, settings: Settings) -> None:
        self._desk = Desk(engine, clock, rules=settings.desk_rules)
        self._holidays = settings.holidays
        self._version = 0

    async def hours(self) -> Hours | None:
        """(see actions.service_hours.ServiceHours)"""
        try:
            rules = await self._newest()
        except (SQLAlchemyError, OSError) as error:
            raise BackendUnavailable("the desk's rules cannot be read") from error
        name = rules.queue.hours
        return rules.calendars.get(name) if name else None

    async def _newest(self) -> DeskRules:
        for version in await self._desk.rules_history(1):
            if version.number == self._version:
                continue
            self._version = version.number
            try:
                self._desk.use_rules(read_rules(version.content, self._holidays))
            except RulesError as error:
                # As the desk does: it goes on by the rules that it understood last.
                log.error("hours.rules.refused", version=version.number, error=str(error))
        return self._desk.rules
