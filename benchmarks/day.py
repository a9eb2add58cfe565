"""A day at the desk, simulated: arrivals by hour, agents who pause, miss offers and drop out.

Seeded, on an injected clock and a real database. `make day` prints what became of the promises;
a small day is part of the test suite.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select

from desk import tables
from desk.errors import ConversationMoved
from desk.events import DeskEvent, Offered, OwnerChanged, QueueChanged
from desk.model import (
    AgentState,
    Handoff,
    HandoffReason,
    Incoming,
    Owner,
    Role,
)
from desk.rulebook import read_rules
from desk.service import Desk
from kefu.keeper import Keeper
from kefu.migrate import upgrade
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine

# 07:00 of a Monday in Shanghai: people come before anybody works.
BEGIN = datetime(2026, 11, 22, 23, tzinfo=UTC)
OPENS, LUNCH, BACK, CLOSES = 9, 12, 13, 21
_BY_HOUR = {7: 0.3, 8: 0.6, 9: 1.0, 10: 1.5, 11: 1.4, 12: 0.8, 13: 1.1, 14: 1.2}
_BY_HOUR |= {15: 1.1, 16: 1.0, 17: 0.9, 18: 0.9, 19: 1.2, 20: 1.1}
_REASONS = [HandoffReason.ASKED] * 8 + [HandoffReason.FRUSTRATED, HandoffReason.REFUND_OVERDUE]
_ROUND_SECONDS = 60
_BEAT_SECONDS = 25
# Who loses the connection later than that would find nobody left to serve.
_LATEST_DROPOUT = 20.0

RULES: dict[str, Any] = {
    "calendars": {
        "shop": {
            "timezone": "Asia/Shanghai",
            "hours": {"daily": ["09:00-12:00", "13:00-21:00"]},
        }
    },
    "queue": {
        "hours": "shop",
        "capacity": 3,
        "skills": {"open_return": "after_sales"},
        "vip_groups": ["gold"],
        "assumed_handling_minutes": 6,
    },
    "sla": {
        "policies": [
            {
                "name": "gold",
                "customer_groups": ["gold"],
                "first_response_minutes": 2,
                "next_response_minutes": 2,
            },
            {
                "name": "everybody",
                "first_response_minutes": 5,
                "next_response_minutes": 3,
                "resolution_minutes": 15,
            },
        ]
    },
}


@dataclass
class Person:
    """An agent: how fast, and whether their console is open now."""

    id: str
    pace: float
    there: bool = False
    speaks: str = ""


@dataclass
class Story:
    """What happened to one conversation's promises, in whole seconds, for the oracle."""

    group: str | None
    deeds: list[tuple[datetime, str]] = field(default_factory=list)
    joined_at: datetime | None = None
    served_at: datetime | None = None
    left: bool = False


@dataclass(frozen=True)
class Report:
    """What a day came to."""

    conversations: int
    promises: dict[str, int]
    longest_wait: timedelta
    left: int
    unserved: int
    dropouts: int
    returned: int
    sla: dict[tuple[str, str], list[tuple[float, bool]]]
    expected_sla: dict[tuple[str, str], list[tuple[float, bool]]]
    seconds: float

    @property
    def kept(self) -> float:
        """The share of first promises that came true, of those that were put to the test."""
        tested = self.promises.get("kept", 0) + self.promises.get("broken", 0)
        return self.promises.get("kept", 0) / tested if tested else 1.0


class Day:
    """Plays one day; every random choice comes from the seed."""

    def __init__(
        self,
        desk: Desk,
        clock: SetClock,
        seed: int,
        arrivals: int,
        agents: int,
        until_hour: int,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._random = random.Random(seed)
        self._arrivals = arrivals
        self._number_of_agents = agents
        self._shares = {hour: share for hour, share in _BY_HOUR.items() if hour < until_hour}
        self._keeper = Keeper(desk, clock, "day", {})
        self._people: dict[str, Person] = {}
        self._stories: dict[str, Story] = {}
        self._heap: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        self._count = itertools.count()
        self._dropouts = 0
        self._round_planned = False
        self._last = BEGIN
        desk.listen(self._keeper.observe)
        desk.listen(self._heard)

    async def play(self) -> dict[str, Story]:
        """Live through the day until nobody waits and nobody is served."""
        await self._hire()
        self._plan_arrivals()
        self._at(BEGIN, self._round)
        self._at(BEGIN, self._beat)
        while self._heap:
            at, _, deed = heapq.heappop(self._heap)
            if at > self._clock.now():
                self._clock.advance(at - self._clock.now())
            await deed()
        return self._stories

    @property
    def dropouts(self) -> int:
        """How often an agent lost the connection."""
        return self._dropouts

    # -- people ---------------------------------------------------------------------------------

    async def _hire(self) -> None:
        chief = await self._desk.add_agent("chief", "Chief", "password 1", Role.SUPERVISOR)
        latest = min(_LATEST_DROPOUT, max(self._shares) + 1)
        for number in range(self._number_of_agents):
            agent = await self._desk.add_agent(
                f"agent{number}", f"Agent {number}", "password 1", Role.AGENT
            )
            skills = {"after_sales"} if number % 3 == 0 else set[str]()
            languages = {"zh"} if number % 5 == 4 else set[str]()
            await self._desk.team.change(
                chief.id,
                agent.id,
                role=agent.role,
                team="",
                active=True,
                skills=skills,
                languages=languages,
                capacity=3 if number % 4 else 4,
            )
            person = Person(agent.id, pace=self._random.uniform(0.8, 1.3))
            self._people[agent.id] = person
            for hour, come in ((OPENS, True), (LUNCH, False), (BACK, True)):
                when = _at_hour(hour) + timedelta(seconds=self._random.randrange(0, 240))
                self._at(when, self._shift(person, come=come))
            # Most stay until what they hold is done; then nobody comes any more.
            for _ in range(self._random.choice([0, 0, 1, 2])):
                when = _at_hour(self._random.uniform(OPENS + 0.5, latest))
                self._at(when, self._drop_out(person))

    def _shift(self, person: Person, *, come: bool) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            if come:
                person.there = True
                await self._desk.connected(person.id)
                await self._desk.set_presence(person.id, AgentState.ONLINE)
            else:
                await self._desk.set_presence(person.id, AgentState.AWAY)

        return deed

    def _drop_out(self, person: Person) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            if not person.there:
                return
            self._dropouts += 1
            person.there = False
            self._later(self._random.choice([20, 40, 200, 600]), come_back)

        async def come_back() -> None:
            person.there = True
            await self._desk.connected(person.id)
            # Back from a pause that the desk has made of missed offers.
            await self._desk.set_presence(person.id, AgentState.ONLINE)

        return deed

    async def _beat(self) -> None:
        there = {one.id for one in self._people.values() if one.there}
        await self._desk.beat(there)
        if self._goes_on():
            self._later(_BEAT_SECONDS, self._beat)

    async def _round(self) -> None:
        await self._keeper.keep()
        if self._goes_on():
            self._later(_ROUND_SECONDS, self._round)

    async def _soon(self) -> None:
        self._round_planned = False
        await self._keeper.keep()

    def _goes_on(self) -> bool:
        """Whether anybody is still to be served, until well after closing time."""
        now = self._clock.now()
        return now <= self._last or (
            any(not self._is_over(story) for story in self._stories.values())
            and now < _at_hour(CLOSES + 3)
        )

    def _is_over(self, story: Story) -> bool:
        return bool(story.deeds) and story.deeds[-1][1] in ("ended", "left")

    # -- shoppers -------------------------------------------------------------------------------

    def _plan_arrivals(self) -> None:
        total = sum(self._shares.values())
        number = 0
        for hour, share in self._shares.items():
            for _ in range(round(self._arrivals * share / total)):
                at = _at_hour(hour) + timedelta(seconds=self._random.randrange(3600))
                self._at(at, self._arrive(f"shopper{number}"))
                self._last = max(self._last, at)
                number += 1

    def _arrive(self, shopper: str) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            language = self._random.choice(["zh", "zh", "en"])
            incoming = Incoming("web", shopper, "1", Content(text="a person"), language=language)
            recorded = await self._desk.record(incoming)
            flow = self._random.choice(["open_return", "order_status", "order_status"])
            group = self._random.choice(["gold", *["silver"] * 9])
            handoff = Handoff(
                self._random.choice(_REASONS),
                {"requests": [{"flow": flow}], "group": group},
                self._clock.now(),
            )
            conversation = recorded.conversation
            story = self._stories[conversation.id] = Story(group)
            self._note(conversation.id, "handed_off")
            story.joined_at = self._clock.now()
            await self._desk.hand_off(conversation.id, conversation.epoch, handoff)
            # Some leave after a while; everybody waits longer than a few minutes.
            if self._random.random() < 0.15:
                patience = self._random.randrange(300, 3600)
                self._later(patience, lambda: self._leave(conversation.id))

        return deed

    async def _leave(self, conversation_id: str) -> None:
        try:
            await self._desk.leave_queue(conversation_id)
        except ConversationMoved:
            return
        self._note(conversation_id, "left")
        self._stories[conversation_id].left = True

    # -- service --------------------------------------------------------------------------------

    def _heard(self, event: DeskEvent) -> None:
        if isinstance(event, QueueChanged | OwnerChanged) and not self._round_planned:
            # In a serving process such an event wakes the keeper at once.
            self._round_planned = True
            self._later(1, self._soon)
        if isinstance(event, Offered):
            self._at(event.offer.until + timedelta(seconds=1), self._soon)
            person = self._people[event.offer.agent_id]
            if person.there and self._random.random() < 0.96:
                seconds = self._random.randrange(3, 14)
                self._later(seconds, lambda: self._accept(event.conversation.id, person))

    async def _accept(self, conversation_id: str, person: Person) -> None:
        conversation = await self._desk.conversation(conversation_id)
        if not person.there or conversation.owner is not Owner.QUEUE:
            return
        taken = await self._desk.take(conversation_id, person.id)
        story = self._stories[conversation_id]
        story.served_at = story.served_at or self._clock.now()
        exchanges = self._random.choice([1, 1, 2, 2, 3, 4])
        step = self._reply(conversation_id, person, taken.epoch, exchanges)
        self._later(self._seconds(person, 15, 70), step)

    def _reply(
        self, conversation_id: str, person: Person, epoch: int, left: int
    ) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            if not person.there:
                # They go on when they are back, unless it has been given to somebody else.
                self._later(30, self._reply(conversation_id, person, epoch, left))
                return
            conversation = await self._desk.conversation(conversation_id)
            if conversation.epoch != epoch:
                return
            name = f"{epoch}-{left}"
            await self._desk.reply(conversation_id, person.id, Content(text="answer"), name)
            self._note(conversation_id, "replied")
            if left > 1:
                step = self._answer(conversation_id, person, epoch, left - 1)
                self._later(self._random.randrange(15, 120), step)
            else:
                step = self._end(conversation_id, person, epoch)
                self._later(self._seconds(person, 10, 60), step)

        return deed

    def _answer(
        self, conversation_id: str, person: Person, epoch: int, left: int
    ) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            conversation = await self._desk.conversation(conversation_id)
            if conversation.owner not in (Owner.QUEUE, Owner.AGENT):
                return
            name = f"{epoch}-{left}"
            incoming = Incoming("web", conversation.shopper_id, name, Content(text="and?"))
            await self._desk.record(incoming)
            self._note(conversation_id, "wrote")
            step = self._reply(conversation_id, person, epoch, left)
            self._later(self._seconds(person, 15, 150), step)

        return deed

    def _end(
        self, conversation_id: str, person: Person, epoch: int
    ) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            conversation = await self._desk.conversation(conversation_id)
            if conversation.epoch != epoch:
                return
            if not person.there:
                self._later(30, self._end(conversation_id, person, epoch))
                return
            if self._random.random() < 0.3:
                await self._desk.hand_back(conversation_id, person.id)
            else:
                await self._desk.close(conversation_id, person.id)
            self._note(conversation_id, "ended")

        return deed

    def _seconds(self, person: Person, low: int, high: int) -> int:
        return round(self._random.randrange(low, high) * person.pace)

    def _note(self, conversation_id: str, deed: str) -> None:
        self._stories[conversation_id].deeds.append((self._clock.now(), deed))

    def _at(self, when: datetime, deed: Callable[[], Awaitable[None]]) -> None:
        when = when.replace(microsecond=0)
        heapq.heappush(self._heap, (when, next(self._count), deed))

    def _later(self, seconds: int, deed: Callable[[], Awaitable[None]]) -> None:
        self._at(self._clock.now() + timedelta(seconds=seconds), deed)


def _at_hour(hour: float) -> datetime:
    """This hour of the day in Shanghai."""
    return BEGIN + timedelta(hours=hour - 7)


class SecondsOracle:
    """Counts promises second by second from what happened, knowing nothing of calendars' code."""

    def __init__(self) -> None:
        self._open = bytearray(48 * 3600)
        for second in range(len(self._open)):
            hour = (second / 3600 + 7) % 24
            self._open[second] = OPENS <= hour < LUNCH or BACK <= hour < CLOSES

    def results(self, story: Story) -> dict[str, list[tuple[float, bool]]]:
        """For each metric what was counted until it was fulfilled, and whether it was in time."""
        policy = RULES["sla"]["policies"][0 if story.group == "gold" else 1]
        found: dict[str, list[tuple[float, bool]]] = {}

        def fulfil(metric: str, spent: int) -> None:
            minutes = policy.get(f"{metric}_minutes")
            if minutes is not None:
                found.setdefault(metric, []).append((float(spent), spent <= minutes * 60))

        first: int | None = None
        asked: int | None = None
        answered = False
        resolving: int | None = None
        resolved = 0
        for at, deed in story.deeds:
            second = int((at - BEGIN).total_seconds())
            if deed == "handed_off":
                first = resolving = second
            elif deed == "wrote":
                resolving = second if resolving is None else resolving
                if answered and asked is None:
                    asked = second
            elif deed == "replied":
                answered = True
                if first is not None:
                    fulfil("first_response", self._count(first, second))
                if asked is not None:
                    fulfil("next_response", self._count(asked, second))
                if resolving is not None:
                    resolved += self._count(resolving, second)
                first = asked = resolving = None
            elif deed == "ended":
                if resolving is not None:
                    resolved += self._count(resolving, second)
                fulfil("resolution", resolved)
        return found

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between two moments the desk was open."""
        first, last = (int((at - BEGIN).total_seconds()) for at in (start, end))
        return timedelta(seconds=self._count(first, last))

    def _count(self, start: int, end: int) -> int:
        return self._open[start:end].count(1)


async def simulate(
    url: str, seed: int, arrivals: int, agents: int, until_hour: int = CLOSES
) -> Report:
    """Play a day on the empty database at ``url``; nobody comes from ``until_hour`` on."""
    began = time.perf_counter()
    clock = SetClock(BEGIN)
    engine = make_engine(url)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        desk = Desk(engine, clock, hasher=cheap, rules=read_rules(RULES, {}))
        day = Day(desk, clock, seed, arrivals, agents, until_hour)
        stories = await day.play()
        promises = await desk.promises_kept(BEGIN, clock.now() + timedelta(seconds=1))
        sla: dict[tuple[str, str], list[tuple[float, bool]]] = {}
        async with engine.connect() as connection:
            event = tables.sla_event.c
            found = await connection.execute(
                select(event.conversation_id, event.metric, event.spent_s, event.target_s)
                .where(event.kind == "fulfilled")
                .order_by(event.at)
            )
            for conversation_id, metric, spent, target in found.all():
                sla.setdefault((conversation_id, metric), []).append((spent, spent <= target))
            change = tables.owner_change.c
            returned = await connection.execute(select(change.note).where(change.move == "return"))
            returns = Counter(returned.scalars())
    finally:
        await engine.dispose()
    oracle = SecondsOracle()
    expected = {
        (conversation_id, metric): results
        for conversation_id, story in stories.items()
        for metric, results in oracle.results(story).items()
    }
    open_waits = [
        oracle.open_time(one.joined_at, one.served_at)
        for one in stories.values()
        if one.served_at and one.joined_at
    ]
    return Report(
        conversations=len(stories),
        promises=promises,
        longest_wait=max(open_waits, default=timedelta()),
        left=sum(one.left for one in stories.values()),
        unserved=sum(not one.served_at and not one.left for one in stories.values()),
        dropouts=day.dropouts,
        returned=sum(returns.values()),
        sla=sla,
        expected_sla=expected,
        seconds=time.perf_counter() - began,
    )


async def _main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'day.db'}"
        await upgrade(url)
        report = await simulate(url, arguments.seed, arguments.conversations, arguments.agents)
    print(f"{report.conversations} conversations in {report.seconds:.0f} s")
    print(f"promises {report.promises}, kept {report.kept:.1%}")
    print(f"longest wait in open hours {report.longest_wait}, left {report.left}")
    print(f"never served {report.unserved}")
    print(f"{report.dropouts} dropouts, {report.returned} conversations returned to the queue")
    for metric in ("first_response", "next_response", "resolution"):
        hits = [hit for key, found in report.sla.items() if key[1] == metric for _, hit in found]
        if hits:
            print(f"{metric}: {sum(hits) / len(hits):.1%} of {len(hits)} in time")
    agree = report.sla == report.expected_sla
    print(f"service levels equal the oracle's: {agree}")
    return 0 if agree and report.kept >= 0.8 and report.unserved == 0 else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--conversations", type=int, default=3000)
    parser.add_argument("--agents", type=int, default=30)
    sys.exit(asyncio.run(_main(parser.parse_args())))
