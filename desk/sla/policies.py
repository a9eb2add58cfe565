"""Promises about times: which one counts for a conversation, and the remedies in danger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Metric(StrEnum):
    """What a promise is about; all are counted in open hours of the policy's calendar.

    ``first_response``: from the handoff to the first words of a person. ``next_response``: from
    the oldest message without an answer to the next words of a person. ``resolution``: from the
    handoff until the agent closes the conversation or hands it back.
    """

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Remedy(StrEnum):
    """What the desk does by itself when a promise is about to be broken."""

    RAISE_PRIORITY = "raise_priority"
    REQUEUE = "requeue"
    TELL_SUPERVISOR = "tell_supervisor"


@dataclass(frozen=True)
class Escalation:
    """``remedy`` is taken when ``share`` of the promised time has passed (1.0: all of it)."""

    share: float
    remedy: Remedy


ESCALATIONS = (
    Escalation(0.8, Remedy.RAISE_PRIORITY),
    Escalation(0.9, Remedy.REQUEUE),
    Escalation(1.0, Remedy.TELL_SUPERVISOR),
)


@dataclass(frozen=True)
class Circumstances:
    """What a policy may ask of a conversation; ``group`` is the customer's group in the shop."""

    channel: str
    priority: int = 0
    skill: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Policy:
    """A promise and for whom it is made; an empty condition holds for everybody.

    ``pause_resolution``: the clock of the resolution stands still while we wait for the shopper.
    """

    name: str
    calendar: str
    targets: dict[Metric, timedelta]
    channels: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    priority_from: int = 0
    pause_resolution: bool = True

    def holds_for(self, one: Circumstances) -> bool:
        """Whether the promise is made in these circumstances."""
        return (
            (not self.channels or one.channel in self.channels)
            and (not self.skills or one.skill in self.skills)
            and (not self.groups or one.group in self.groups)
            and one.priority >= self.priority_from
        )


@dataclass(frozen=True)
class SlaRules:
    """The policies in the order in which they are tried, and the remedies in order of share."""

    policies: tuple[Policy, ...] = ()
    escalations: tuple[Escalation, ...] = field(default=ESCALATIONS)

    @property
    def danger_from(self) -> float:
        """The share of the promised time after which a promise is in danger."""
        return self.escalations[0].share if self.escalations else 1.0

    def policy_for(self, one: Circumstances) -> Policy | None:
        """The first policy that holds; None: nothing is promised."""
        return next((policy for policy in self.policies if policy.holds_for(one)), None)
