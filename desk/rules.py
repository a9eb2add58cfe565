"""What the desk goes by: calendars, promises, the queue; ``desk.rulebook`` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from desk.sla.calendar import BusinessCalendar
from desk.sla.policies import SlaRules


class Assignment(StrEnum):
    """How waiting conversations reach agents.

    ``offer``: the best agent is asked and has a while to accept. ``direct``: the best agent has
    it at once. ``manual``: agents take what they choose. Taking by hand is always possible.
    """

    OFFER = "offer"
    DIRECT = "direct"
    MANUAL = "manual"


@dataclass(frozen=True)
class QueueRules:
    """How shoppers wait and agents are found.

    ``hours`` names the calendar in which people are there; None: always. Each level of priority
    is worth ``ageing`` of waiting, so that nobody waits for ever behind urgent matters.
    ``grace`` is how long an agent may be without connection before their conversations return to
    the queue; after ``overflow`` a waiting shopper is served by whoever is free, whatever their
    skills. ``skills`` says which skill a journey needs, ``weights`` how much of an agent's
    capacity a conversation of a channel takes (1 if not named). Whoever is in a hurry or angry has
    ``mood_priority`` at least, whatever the reason for the handoff.
    """

    hours: str | None = None
    assignment: Assignment = Assignment.OFFER
    offer_time: timedelta = timedelta(seconds=30)
    missed_offers: int = 3
    grace: timedelta = timedelta(seconds=60)
    last_agent_within: timedelta = timedelta(hours=24)
    overflow: timedelta = timedelta(minutes=10)
    ageing: timedelta = timedelta(minutes=10)
    highest_priority: int = 3
    capacity: int = 6
    weights: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    vip_groups: frozenset[str] = frozenset()
    vip_priority: int = 1
    mood_priority: int = 1
    measured_over: timedelta = timedelta(hours=2)
    assumed_handling: timedelta = timedelta(minutes=8)
    tell_every: timedelta = timedelta(minutes=3)

    def skill_for(self, summary: Mapping[str, Any]) -> str | None:
        """The skill that the newest request in a handoff's summary needs, if any."""
        for request in reversed(summary.get("requests") or ()):
            if skill := self.skills.get(str(request.get("flow"))):
                return skill
        return None


ALWAYS = BusinessCalendar.always_open()


@dataclass(frozen=True)
class DeskRules:
    """Everything the desk goes by; without any, it is always open and promises nothing."""

    calendars: Mapping[str, BusinessCalendar] = field(default_factory=dict)
    sla: SlaRules = field(default_factory=SlaRules)
    queue: QueueRules = field(default_factory=QueueRules)

    def calendar(self, name: str | None) -> BusinessCalendar:
        """The calendar of this name; one that is always open if there is none (any more)."""
        return self.calendars.get(name, ALWAYS) if name else ALWAYS

    @property
    def hours(self) -> BusinessCalendar:
        """When people are at the desk."""
        return self.calendar(self.queue.hours)
