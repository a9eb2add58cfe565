"""The clocks of one conversation: what starts, pauses and ends them, and when they are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from desk.sla.calendar import BusinessCalendar
from desk.sla.policies import Escalation, Metric, Policy, Remedy


class Occasion(StrEnum):
    """What happens to a conversation as far as its promises are concerned."""

    HANDED_OFF = "handed_off"
    SHOPPER_WROTE = "shopper_wrote"
    PERSON_REPLIED = "person_replied"
    ENDED = "ended"
    LEFT = "left"
    SNOOZED = "snoozed"
    WOKEN = "woken"


class SlaEventKind(StrEnum):
    """What became of a promise, as it is stored."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    ESCALATED = "escalated"
    BREACHED = "breached"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class SlaClock:
    """One promise that runs or stands still.

    ``spent`` is the open time counted before ``running_since``; while the clock stands still
    ``running_since`` and ``due_at`` are None. ``due_at`` is None too if the calendar never opens.
    ``steps`` counts the remedies taken.
    """

    metric: Metric
    calendar: str
    target: timedelta
    started_at: datetime
    spent: timedelta
    running_since: datetime | None
    due_at: datetime | None
    steps: int = 0
    breached: bool = False


@dataclass(frozen=True)
class AppliedSla:
    """The promise made to one conversation since its handoff; ``answered``: a person has spoken."""

    policy: str
    pause_resolution: bool
    targets: Mapping[Metric, timedelta]
    calendar: str
    answered: bool = False
    clocks: tuple[SlaClock, ...] = ()

    def clock(self, metric: Metric) -> SlaClock | None:
        """The clock of ``metric``, if it runs or stands still."""
        return next((clock for clock in self.clocks if clock.metric is metric), None)


@dataclass(frozen=True)
class SlaEvent:
    """Something that became of a promise; ``spent`` is the open time counted until ``at``."""

    kind: SlaEventKind
    metric: Metric
    policy: str
    at: datetime
    target: timedelta
    spent: timedelta
    due_at: datetime | None
    remedy: Remedy | None = None


def spent_at(clock: SlaClock, calendar: BusinessCalendar, at: datetime) -> timedelta:
    """The open time that a clock has counted until ``at``."""
    if clock.running_since is None:
        return clock.spent
    return clock.spent + calendar.open_between(clock.running_since, at)


def remaining_at(clock: SlaClock, calendar: BusinessCalendar, at: datetime) -> timedelta:
    """The open time left until a clock is due; negative once it is broken."""
    return clock.target - spent_at(clock, calendar, at)


def promise(policy: Policy) -> AppliedSla:
    """``policy`` as it holds for a conversation from now on, whatever becomes of the rules."""
    return AppliedSla(policy.name, policy.pause_resolution, dict(policy.targets), policy.calendar)


class Progress:
    """What one occasion does to the clocks of a conversation; collects the events of it."""

    def __init__(self, applied: AppliedSla, calendar: BusinessCalendar, at: datetime) -> None:
        self.applied = applied
        self.events: list[SlaEvent] = []
        self._calendar = calendar
        self._at = at

    def follow(self, occasion: Occasion) -> None:
        """Start, pause and end clocks; a clock that is overdue is broken first."""
        self._note_breaches()
        match occasion:
            case Occasion.HANDED_OFF:
                self._start(Metric.FIRST_RESPONSE)
                self._start(Metric.RESOLUTION)
            case Occasion.SHOPPER_WROTE:
                self._resume(Metric.RESOLUTION)
                if self.applied.answered:
                    self._start(Metric.NEXT_RESPONSE)
            case Occasion.PERSON_REPLIED:
                self.applied = replace(self.applied, answered=True)
                self._end(Metric.FIRST_RESPONSE, SlaEventKind.FULFILLED)
                self._end(Metric.NEXT_RESPONSE, SlaEventKind.FULFILLED)
                if self.applied.pause_resolution:
                    self._pause(Metric.RESOLUTION)
            case Occasion.ENDED:
                self._end(Metric.RESOLUTION, SlaEventKind.FULFILLED)
                self._cancel_all()
            case Occasion.LEFT:
                self._cancel_all()
            case Occasion.SNOOZED:
                self._pause(Metric.RESOLUTION)
            case Occasion.WOKEN:
                self._resume(Metric.RESOLUTION)

    def escalate(self, escalations: Sequence[Escalation]) -> list[Remedy]:
        """Note what is broken or about to be, and say which remedies are due now, in order."""
        self._note_breaches()
        due: list[Remedy] = []
        for clock in self.applied.clocks:
            steps = clock.steps
            spent = spent_at(clock, self._calendar, self._at)
            while steps < len(escalations) and spent >= escalations[steps].share * clock.target:
                remedy = escalations[steps].remedy
                steps += 1
                # Whoever is busy solving a matter is not hurried by taking it away.
                if remedy is Remedy.REQUEUE and clock.metric is Metric.RESOLUTION:
                    continue
                due.append(remedy)
                self._tell(SlaEventKind.ESCALATED, clock, remedy=remedy)
            if steps != clock.steps:
                self._replace(replace(clock, steps=steps))
        return list(dict.fromkeys(due))

    def _start(self, metric: Metric) -> None:
        target = self.applied.targets.get(metric)
        if target is None or self.applied.clock(metric) is not None:
            return
        clock = SlaClock(
            metric,
            self.applied.calendar,
            target,
            started_at=self._at,
            spent=timedelta(),
            running_since=self._at,
            due_at=self._calendar.after(self._at, target),
        )
        self.applied = replace(self.applied, clocks=(*self.applied.clocks, clock))
        self._tell(SlaEventKind.STARTED, clock)

    def _pause(self, metric: Metric) -> None:
        clock = self.applied.clock(metric)
        if clock is None or clock.running_since is None:
            return
        spent = spent_at(clock, self._calendar, self._at)
        self._replace(replace(clock, spent=spent, running_since=None, due_at=None))
        self._tell(SlaEventKind.PAUSED, clock)

    def _resume(self, metric: Metric) -> None:
        clock = self.applied.clock(metric)
        if clock is None or clock.running_since is not None:
            return
        due_at = self._calendar.after(self._at, clock.target - clock.spent)
        if clock.breached:
            due_at = None
        resumed = replace(clock, running_since=self._at, due_at=due_at)
        self._replace(resumed)
        self._tell(SlaEventKind.RESUMED, resumed)

    def _end(self, metric: Metric, kind: SlaEventKind) -> None:
        clock = self.applied.clock(metric)
        if clock is None:
            return
        self._tell(kind, clock)
        kept = tuple(one for one in self.applied.clocks if one.metric is not metric)
        self.applied = replace(self.applied, clocks=kept)

    def _cancel_all(self) -> None:
        for clock in self.applied.clocks:
            self._end(clock.metric, SlaEventKind.CANCELLED)

    def _note_breaches(self) -> None:
        for clock in self.applied.clocks:
            if clock.breached or clock.due_at is None or self._at <= clock.due_at:
                continue
            self._replace(replace(clock, breached=True))
            event = SlaEvent(
                SlaEventKind.BREACHED,
                clock.metric,
                self.applied.policy,
                clock.due_at,
                clock.target,
                clock.target,
                clock.due_at,
            )
            self.events.append(event)

    def _replace(self, clock: SlaClock) -> None:
        clocks = (clock if one.metric is clock.metric else one for one in self.applied.clocks)
        self.applied = replace(self.applied, clocks=tuple(clocks))

    def _tell(self, kind: SlaEventKind, clock: SlaClock, *, remedy: Remedy | None = None) -> None:
        spent = spent_at(clock, self._calendar, self._at)
        self.events.append(
            SlaEvent(
                kind,
                clock.metric,
                self.applied.policy,
                self._at,
                clock.target,
                spent,
                clock.due_at,
                remedy,
            )
        )


def next_check(
    applied: AppliedSla, calendar: BusinessCalendar, escalations: Sequence[Escalation]
) -> datetime | None:
    """When the next remedy falls due or a promise breaks, if nothing happens before."""
    moments: list[datetime] = []
    for clock in applied.clocks:
        if clock.running_since is None:
            continue
        if clock.steps < len(escalations):
            share = escalations[clock.steps].share * clock.target
            at = calendar.after(clock.running_since, share - clock.spent)
            moments += [at] if at is not None else []
        if not clock.breached and clock.due_at is not None:
            moments.append(clock.due_at)
    return min(moments, default=None)


def risk_from(applied: AppliedSla, calendar: BusinessCalendar, share: float) -> datetime | None:
    """From when on a promise is in danger, if nothing happens: ``share`` of its time is over.

    A clock that stands still in danger is in danger since it began.
    """
    moments: list[datetime] = []
    for clock in applied.clocks:
        left = share * clock.target - clock.spent
        if clock.running_since is not None:
            at = calendar.after(clock.running_since, left)
            moments += [at] if at is not None else []
        elif left <= timedelta():
            moments.append(clock.started_at)
    return min(moments, default=None)


def applied_to(applied: AppliedSla | None) -> dict[str, Any] | None:
    """``applied`` as JSON; times as ISO 8601, durations in seconds."""
    if applied is None:
        return None
    return {
        "policy": applied.policy,
        "pause_resolution": applied.pause_resolution,
        "targets": {metric.value: t.total_seconds() for metric, t in applied.targets.items()},
        "calendar": applied.calendar,
        "answered": applied.answered,
        "clocks": [
            {
                "metric": clock.metric.value,
                "target": clock.target.total_seconds(),
                "started_at": clock.started_at.isoformat(),
                "spent": clock.spent.total_seconds(),
                "running_since": _iso(clock.running_since),
                "due_at": _iso(clock.due_at),
                "steps": clock.steps,
                "breached": clock.breached,
            }
            for clock in applied.clocks
        ],
    }


def applied_from(data: Mapping[str, Any] | None) -> AppliedSla | None:
    """The opposite of ``applied_to``."""
    if data is None:
        return None
    return AppliedSla(
        policy=data["policy"],
        pause_resolution=data["pause_resolution"],
        targets={Metric(name): timedelta(seconds=t) for name, t in data["targets"].items()},
        calendar=data["calendar"],
        answered=data["answered"],
        clocks=tuple(
            SlaClock(
                metric=Metric(clock["metric"]),
                calendar=data["calendar"],
                target=timedelta(seconds=clock["target"]),
                started_at=datetime.fromisoformat(clock["started_at"]),
                spent=timedelta(seconds=clock["spent"]),
                running_since=_moment(clock["running_since"]),
                due_at=_moment(clock["due_at"]),
                steps=clock["steps"],
                breached=clock["breached"],
            )
            for clock in data["clocks"]
        ),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
