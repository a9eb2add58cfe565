"""What the assistant asks about when people are at the desk; the program hands in who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Shift(Protocol):
    """Open hours of a day, in minutes after midnight there; ``end`` is not part of them."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Holiday(Protocol):
    """Days off in a row, both ends included; one may be worked after all."""

    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...

    @property
    def name(self) -> Mapping[str, str]:
        """The name by language."""


class Hours(Protocol):
    """When people are there; dates are those of ``zone``, moments are aware."""

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def weekly(self) -> Sequence[Sequence[Shift]]:
        """The usual shifts of Monday to Sunday."""

    @property
    def holidays(self) -> Sequence[Holiday]:
        """The holidays that are known, in their order."""

    def shifts_on(self, day: date) -> Sequence[Shift]:
        """The shifts of a date, whatever it differs in from its weekday; none: nobody is there."""

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""

    def next_opening(self, at: datetime) -> datetime | None:
        """When somebody is there next, ``at`` if somebody is then; None if nobody ever is."""


class ServiceHours(Protocol):
    """When people are at the desk, by the rules that hold as this is asked."""

    async def hours(self) -> Hours | None:
        """The hours; None: around the clock. Raises BackendUnavailable."""
