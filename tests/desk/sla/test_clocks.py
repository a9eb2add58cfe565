"""Clocks of promises agree with ones counted minute by minute, whatever happens in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.sla.calendar import BusinessCalendar
from desk.sla.clocks import (
    AppliedSla,
    Occasion,
    Progress,
    SlaEvent,
    SlaEventKind,
    applied_from,
    applied_to,
    next_check,
    promise,
    remaining_at,
)
from desk.sla.policies import ESCALATIONS, Metric, Policy, Remedy
from tests.desk.sla.oracle import MinuteClock, MinuteOracle
from tests.desk.sla.test_calendar import cases

AFTER = [
    Occasion.SHOPPER_WROTE,
    Occasion.PERSON_REPLIED,
    Occasion.SNOOZED,
    Occasion.WOKEN,
    Occasion.ENDED,
    Occasion.LEFT,
]


@dataclass
class Expected:
    """What the oracle says a conversation's clocks do: the rules, written down once more."""

    oracle: MinuteOracle
    targets: dict[Metric, int]
    pause: bool
    clocks: dict[Metric, MinuteClock]
    results: list[tuple[Metric, bool, int]]
    answered: bool = False
    over: bool = False

    def happen(self, occasion: Occasion, at: datetime) -> None:
        for clock in self.clocks.values():
            clock.advance_to(at)
        if occasion is Occasion.HANDED_OFF:
            self._start(Metric.FIRST_RESPONSE, at)
            self._start(Metric.RESOLUTION, at)
        elif occasion is Occasion.PERSON_REPLIED:
            self.answered = True
            self._finish(Metric.FIRST_RESPONSE)
            self._finish(Metric.NEXT_RESPONSE)
            if self.pause and Metric.RESOLUTION in self.clocks:
                self.clocks[Metric.RESOLUTION].running = False
        elif occasion is Occasion.SHOPPER_WROTE:
            if Metric.RESOLUTION in self.clocks:
                self.clocks[Metric.RESOLUTION].running = True
            if self.answered:
                self._start(Metric.NEXT_RESPONSE, at)
        elif occasion is Occasion.SNOOZED and Metric.RESOLUTION in self.clocks:
            self.clocks[Metric.RESOLUTION].running = False
        elif occasion is Occasion.WOKEN and Metric.RESOLUTION in self.clocks:
            self.clocks[Metric.RESOLUTION].running = True
        elif occasion is Occasion.ENDED:
            self._finish(Metric.RESOLUTION)
            self.clocks.clear()
            self.over = True
        elif occasion is Occasion.LEFT:
            self.clocks.clear()
            self.over = True

    def _start(self, metric: Metric, at: datetime) -> None:
        if metric in self.targets and metric not in self.clocks:
            self.clocks[metric] = MinuteClock(self.oracle, at, self.targets[metric])

    def _finish(self, metric: Metric) -> None:
        clock = self.clocks.pop(metric, None)
        if clock is not None:
            self.results.append((metric, clock.spent <= clock._target, clock.spent))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    case=cases(),
    targets=st.dictionaries(st.sampled_from(list(Metric)), st.integers(1, 900), min_size=1),
    pause=st.booleans(),
    happens=st.lists(
        st.tuples(st.integers(0, 700), st.sampled_from([*AFTER[:2] * 4, *AFTER])), max_size=9
    ),
    looked_at=st.booleans(),
)
def test_any_story_is_counted_as_the_minutes_say(
    case: tuple[MinuteOracle, BusinessCalendar, datetime],
    targets: dict[Metric, int],
    pause: bool,
    happens: list[tuple[int, Occasion]],
    looked_at: bool,
) -> None:
    oracle, calendar, at = case
    lengths = {metric: timedelta(minutes=m) for metric, m in targets.items()}
    applied = promise(Policy("p", "c", lengths, pause_resolution=pause))
    expected = Expected(oracle, targets, pause, {}, [])
    events: list[SlaEvent] = []
    for wait, occasion in [(0, Occasion.HANDED_OFF), *happens]:
        later = at + timedelta(minutes=wait)
        if looked_at:
            # Whether somebody looks at the clocks in time changes nothing in what they say.
            applied = look_until(applied, calendar, later, events)
        at = later
        expected.happen(occasion, at)
        progress = Progress(applied, calendar, at)
        progress.follow(occasion)
        applied = stored(progress.applied)
        events += progress.events
        compare(applied, expected, calendar, at)
        if expected.over:
            break
    breached = {e.metric: e.at for e in events if e.kind is SlaEventKind.BREACHED}
    fulfilled = [
        (e.metric, e.spent <= e.target, int(e.spent / timedelta(minutes=1)))
        for e in events
        if e.kind is SlaEventKind.FULFILLED
    ]
    assert fulfilled == expected.results
    late = {metric for metric, in_time, _ in expected.results if not in_time}
    assert late <= set(breached)


def look_until(
    applied: AppliedSla, calendar: BusinessCalendar, until: datetime, events: list[SlaEvent]
) -> AppliedSla:
    while (check := next_check(applied, calendar, ESCALATIONS)) is not None and check < until:
        progress = Progress(applied, calendar, check + timedelta(microseconds=1))
        progress.escalate(ESCALATIONS)
        assert progress.applied != applied, "a check that was due changed nothing"
        applied = progress.applied
        events += progress.events
    return applied


def stored(applied: AppliedSla) -> AppliedSla:
    back = applied_from(json.loads(json.dumps(applied_to(applied))))
    assert back == applied
    return back


def compare(
    applied: AppliedSla, expected: Expected, calendar: BusinessCalendar, at: datetime
) -> None:
    assert {clock.metric for clock in applied.clocks} == set(expected.clocks)
    for clock in applied.clocks:
        counted = expected.clocks[clock.metric]
        minutes = timedelta(minutes=1)
        assert remaining_at(clock, calendar, at) == clock.target - counted.spent * minutes
        assert (clock.running_since is not None) == counted.running
        if clock.due_at is not None and not clock.breached:
            left = counted._target - counted.spent
            limit = at + timedelta(days=4)
            due = expected.oracle.after(at, left, limit)
            assert clock.due_at == due or (due is None and clock.due_at > limit)


def test_remedies_come_in_order_at_their_share_and_once() -> None:
    calendar = BusinessCalendar.always_open()
    start = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    policy = Policy("p", "always", {Metric.FIRST_RESPONSE: timedelta(minutes=10)})
    progress = Progress(promise(policy), calendar, start)
    progress.follow(Occasion.HANDED_OFF)
    applied = progress.applied
    taken: list[tuple[float, list[Remedy]]] = []
    for minute in (7.9, 8.0, 8.5, 9.0, 9.9, 10.1, 30):
        progress = Progress(applied, calendar, start + timedelta(minutes=minute))
        if remedies := progress.escalate(ESCALATIONS):
            taken.append((minute, remedies))
        applied = progress.applied
    assert taken == [
        (8.0, [Remedy.RAISE_PRIORITY]),
        (9.0, [Remedy.REQUEUE]),
        (10.1, [Remedy.TELL_SUPERVISOR]),
    ]
    assert applied.clocks[0].breached


def test_a_matter_somebody_works_on_is_not_taken_away_for_taking_long() -> None:
    calendar = BusinessCalendar.always_open()
    start = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    policy = Policy("p", "always", {Metric.RESOLUTION: timedelta(minutes=10)})
    progress = Progress(promise(policy), calendar, start)
    progress.follow(Occasion.HANDED_OFF)
    late = Progress(progress.applied, calendar, start + timedelta(minutes=11))
    assert late.escalate(ESCALATIONS) == [Remedy.RAISE_PRIORITY, Remedy.TELL_SUPERVISOR]


def test_an_answer_at_the_last_moment_is_in_time() -> None:
    calendar = BusinessCalendar.always_open()
    start = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    policy = Policy("p", "always", {Metric.FIRST_RESPONSE: timedelta(minutes=10)})
    progress = Progress(promise(policy), calendar, start)
    progress.follow(Occasion.HANDED_OFF)
    for late, kinds in [
        (timedelta(), [SlaEventKind.FULFILLED]),
        (timedelta(microseconds=1), [SlaEventKind.BREACHED, SlaEventKind.FULFILLED]),
    ]:
        reply = Progress(progress.applied, calendar, start + timedelta(minutes=10) + late)
        reply.follow(Occasion.PERSON_REPLIED)
        assert [event.kind for event in reply.events] == kinds
