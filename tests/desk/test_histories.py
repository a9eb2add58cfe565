"""Whatever happens in whatever order, and wherever it breaks: one owner, nothing lost or doubled.

Hypothesis draws histories of everything that can happen to a desk: messages repeated and late,
answers under leases long expired, agents in each other's way who come, go and lose their
connection, a crash before any statement or commit; much of it at the same moment on two replicas.
Afterwards the world recovers, and the record is read back and judged.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from desk import tables
from desk.errors import DeskError
from desk.model import (
    TRANSITIONS,
    AgentState,
    Author,
    Finished,
    Handoff,
    HandoffReason,
    Incoming,
    Lease,
    Message,
    Move,
    Owner,
    PendingTurn,
    Role,
    TurnState,
)
from desk.rulebook import read_rules
from desk.rules import Assignment
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine
from tests.conftest import Databases
from tests.desk.conftest import LEASE, NOON, TestDesk

SHOPPERS = ("ann", "bob")
WORKERS = ("w1", "w2")


class Crash(BaseException):
    """The process dies here: nothing in the code under test may catch it."""


@dataclass(frozen=True)
class Step:
    """Something happens; ``crash_at`` is the statement before which the process dies, if any."""

    deed: str
    who: int
    number: int
    flag: bool
    crash_at: int | None


STEP = st.builds(
    Step,
    deed=st.sampled_from(
        # The common deeds more often than the rare ones.
        ["hear", "claim", "finish"] * 4
        + ["take", "send", "reply", "wait"] * 2
        + ["tend", "offered", "wait"] * 3
        + ["come", "beat", "go", "decline", "assign", "pass_on", "keep_place", "snooze"]
        + ["hand_off", "hand_back", "close", "leave_queue", "pull", "release"]
        + ["transfer", "merge", "expire"]
    ),
    # Mostly one conversation, so that much happens to it.
    who=st.sampled_from([0, 0, 0, 1]),
    number=st.integers(0, 5),
    flag=st.booleans(),
    crash_at=st.sampled_from([None] * 12 + list(range(8))),
)
# What happens at one moment; most of it alone.
Moment = tuple[Step, ...]
ALONE = STEP.map(lambda step: (step,))
TOGETHER = st.lists(STEP, min_size=2, max_size=4).map(tuple)
MOMENTS = st.lists(st.one_of(ALONE, ALONE, ALONE, TOGETHER), min_size=20, max_size=28)


@dataclass
class World:
    """Plays a history against a desk and remembers what was promised to whom."""

    desk: TestDesk
    replica: TestDesk
    engine: AsyncEngine
    agents: list[str] = field(default_factory=list)
    acknowledged: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    replied: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, int] = field(default_factory=dict)
    claims: list[PendingTurn] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    crash_in: int | None = None
    told: dict[str, object] = field(default_factory=dict)

    def watch(self) -> None:
        """Die where the history says so."""

        def count(*_: Any) -> None:
            if self.crash_in is not None:
                self.crash_in -= 1
                if self.crash_in < 0:
                    self.crash_in = None
                    raise Crash

        event.listen(self.engine.sync_engine, "before_cursor_execute", count)
        event.listen(self.engine.sync_engine, "commit", count)

    async def play(self, moments: list[Moment]) -> None:
        """Live through ``moments``, whatever each step comes to."""
        self.agents = [
            (await self.desk.add_agent("lin", "小林", "x", Role.AGENT)).id,
            (await self.desk.add_agent("chief", "主管", "x", Role.SUPERVISOR)).id,
        ]
        for shopper in SHOPPERS:
            await self.desk.hear("hello", "hello", shopper)
        # Another process, which remembers what this one promised.
        other = replace(self, desk=self.replica)
        for moment in moments:
            if len(moment) == 1:
                self.crash_in = moment[0].crash_at
                await self._do(moment[0])
                self.crash_in = None
                continue
            before = set(self.numbers)
            await asyncio.gather(*((self, other)[n % 2]._do(step) for n, step in enumerate(moment)))
            self._put_in_order(before)

    def _put_in_order(self, before: Collection[str]) -> None:
        """Of what was promised at one moment, after ``before``, the numbers say what was first."""
        for promised in (*self.acknowledged.values(), *self.replied.values()):
            promised.sort(key=lambda one: 0 if one in before else self.numbers[one])

    async def _do(self, step: Step) -> None:
        deed: Awaitable[None] = getattr(self, f"_{step.deed}")(step)
        with suppress(DeskError, Crash):
            await deed

    async def _id(self, step: Step) -> str:
        conversation = await self.desk.conversation_of("web", SHOPPERS[step.who])
        assert conversation
        return conversation.id

    async def _hear(self, step: Step) -> None:
        said = Incoming(
            "web", SHOPPERS[step.who], f"m{step.number}", Content(text=f"message {step.number}")
        )
        lease = Lease(WORKERS[step.number % 2], LEASE) if step.flag else None
        recorded = await self.desk.record(said, turn_for=lease)
        if recorded.turn:
            self.claims.append(recorded.turn)
        known = self.acknowledged[recorded.conversation.id]
        if recorded.message.id not in known:
            known.append(recorded.message.id)
            self.numbers[recorded.message.id] = recorded.message.seq

    async def _claim(self, step: Step) -> None:
        claim = await self.desk.claim(await self._id(step), WORKERS[step.number % 2])
        if claim:
            self.claims.append(claim)

    async def _finish(self, step: Step) -> None:
        if not self.claims:
            return
        # Any claim ever made: a repeated, an expired or an overtaken one as well as the newest.
        claim = self.claims[-1 - step.number % len(self.claims)]
        handoff = Handoff(HandoffReason.ASKED, {}, NOON) if step.flag and step.who else None
        replies = [Content(text=f"{claim.lease_token} {part}") for part in range(1 + step.flag)]
        sender = Lease(WORKERS[step.who], LEASE) if step.number % 2 else None
        finished = await self.desk.finish_turn(
            claim, replies, handoff=handoff, language=None, customer=None, sender=sender
        )
        if isinstance(finished, Finished):
            for delivery in finished.deliveries:
                self.sent.append(delivery.message)
                await self.desk.delivered(delivery.id)

    async def _release(self, step: Step) -> None:
        if self.claims:
            await self.desk.release_turn(self.claims[-1 - step.number % len(self.claims)])

    async def _hand_off(self, step: Step) -> None:
        conversation_id = await self._id(step)
        known = (await self.desk.conversation(conversation_id)).epoch - step.number % 2
        handoff = Handoff(HandoffReason.FRUSTRATED, {}, NOON)
        await self.desk.hand_off(conversation_id, known, handoff)

    async def _take(self, step: Step) -> None:
        await self.desk.take(await self._id(step), self.agents[step.flag])

    async def _pull(self, step: Step) -> None:
        await self.desk.take(await self._id(step), self.agents[step.flag], force=True)

    async def _reply(self, step: Step) -> None:
        conversation_id, agent = await self._id(step), self.agents[step.flag]
        said = Content(text=f"reply {step.number}")
        message = await self.desk.reply(conversation_id, agent, said, f"{agent}-{step.number}")
        if message.id not in self.replied[conversation_id]:
            self.replied[conversation_id].append(message.id)
            self.numbers[message.id] = message.seq

    async def _hand_back(self, step: Step) -> None:
        await self.desk.hand_back(await self._id(step), self.agents[step.flag])

    async def _close(self, step: Step) -> None:
        await self.desk.close(await self._id(step), self.agents[step.flag])

    async def _transfer(self, step: Step) -> None:
        giver, taker = self.agents[step.flag], self.agents[not step.flag]
        await self.desk.transfer(await self._id(step), giver, taker)

    async def _merge(self, step: Step) -> None:
        into = await self.desk.conversation_of("web", SHOPPERS[step.who])
        other = await self.desk.conversation_of("web", SHOPPERS[1 - step.who])
        assert into
        assert other
        await self.desk.links.merge(into.id, other.id, self.agents[step.flag])

    async def _expire(self, step: Step) -> None:
        await self.desk.expire(LEASE * step.number / 2)

    async def _come(self, step: Step) -> None:
        await self.desk.connected(self.agents[step.flag])

    async def _beat(self, step: Step) -> None:
        await self.desk.beat([self.agents[step.flag]])

    async def _go(self, step: Step) -> None:
        state = AgentState.OFFLINE if step.number % 2 else AgentState.AWAY
        await self.desk.set_presence(self.agents[step.flag], state)

    async def _tend(self, step: Step) -> None:
        """Any replica may do the scheduled work, whether it has the duty or not."""
        await self.desk.claim_duty("queue", WORKERS[step.flag], LEASE)
        await self.desk.measure()
        await self.desk.keep_order()
        await self.desk.tell_places(self.told)

    async def _offered(self, step: Step) -> None:
        for conversation in await self.desk.offers_to(self.agents[step.flag]):
            await self.desk.take(conversation.id, self.agents[step.flag])

    async def _decline(self, step: Step) -> None:
        await self.desk.decline(await self._id(step), self.agents[step.flag])

    async def _assign(self, step: Step) -> None:
        by = self.agents[step.number % 2]
        await self.desk.assign(await self._id(step), self.agents[step.flag], by)

    async def _pass_on(self, step: Step) -> None:
        await self.desk.pass_on(await self._id(step), self.agents[step.flag], skill="returns")

    async def _keep_place(self, step: Step) -> None:
        await self.desk.keep_place(await self._id(step))

    async def _snooze(self, step: Step) -> None:
        until = self.desk.clock.now() + LEASE * (step.number + 1)
        await self.desk.labels.snooze(await self._id(step), self.agents[step.flag], until)

    async def _leave_queue(self, step: Step) -> None:
        await self.desk.leave_queue(await self._id(step))

    async def _wait(self, step: Step) -> None:
        self.desk.clock.advance(LEASE * step.number / 2)

    async def _send(self, step: Step) -> None:
        for delivery in await self.desk.due(step.number + 1, Lease(WORKERS[step.who], LEASE)):
            self.sent.append(delivery.message)
            if step.flag and step.number == 0:
                # Handed to the channel, and dead before anybody could note it down.
                raise Crash
            if step.flag and step.number == 1:
                await self.desk.failed(delivery.id, self.desk.clock.now() + LEASE, "down")
                return
            if step.flag and step.number == 2:
                self.given_up.add(delivery.message.id)
                await self.desk.failed(delivery.id, None, "gone")
                return
            await self.desk.delivered(delivery.id)

    async def recover(self) -> None:
        """No more crashes: what the sweeps find is finished, what is due is sent."""
        self.desk.clock.advance(LEASE * 4)
        while waiting := await self.desk.unanswered(timedelta(0), 1):
            claim = await self.desk.claim(waiting[0])
            assert claim, "the sweep found a turn that nobody can claim"
            reply = Content(text=f"{claim.lease_token} swept")
            await self.desk.finish_turn(claim, [reply], language=None, customer=None)
        while deliveries := await self.desk.due(3, Lease("w1", LEASE)):
            for delivery in deliveries:
                self.sent.append(delivery.message)
                await self.desk.delivered(delivery.id)

    async def serve_everybody(self) -> None:
        """Agents come to work: whoever waits must reach one of them, and be done with."""
        told: dict[str, object] = {}
        for _ in range(12):
            for agent_id in self.agents:
                await self.desk.connected(agent_id)
                await self.desk.set_presence(agent_id, AgentState.ONLINE)
            await self.desk.keep_order()
            await self.desk.tell_places(told)
            for agent_id in self.agents:
                if self.desk.rules.queue.assignment is Assignment.MANUAL:
                    for entry in await self.desk.queue(1):
                        await self.desk.take(entry.conversation.id, agent_id)
                for conversation in await self.desk.offers_to(agent_id):
                    await self.desk.take(conversation.id, agent_id)
                for conversation in await self.desk.conversations_of_agent(agent_id):
                    await self.desk.close(conversation.id, agent_id)
            self.desk.clock.advance(LEASE)
        for shopper in SHOPPERS:
            conversation = await self.desk.conversation_of("web", shopper)
            assert conversation
            assert conversation.owner in (Owner.BOT, Owner.CLOSED), "no way forward"
            assert (conversation.offer, conversation.sla, conversation.place_at) == (None,) * 3
            assert await self.desk.place(conversation.id) is None
        assert told == {}
        promises = await self.desk.promises_kept(NOON, self.desk.clock.now() + LEASE)
        assert promises.get("open", 0) == 0

    async def judge(self) -> None:
        """Read everything back."""
        for shopper in SHOPPERS:
            conversation = await self.desk.conversation_of("web", shopper)
            assert conversation
            messages = await self.desk.messages_after(conversation.id, 0, 10_000)
            owners = await self._owners(conversation.id, conversation.epoch)
            assert owners[conversation.epoch][0] is conversation.owner
            self._judge_owners(messages, owners)
            self._judge_order(conversation.id, conversation.last_seq, messages)
            self._judge_answers(messages, owners)
            self._judge_sending(messages)

    async def _owners(self, conversation_id: str, epoch: int) -> dict[int, tuple[Owner, Any]]:
        """Who owned the conversation in each epoch; the log of changes must be one chain."""
        owners: dict[int, tuple[Owner, Any]] = {1: (Owner.BOT, None)}
        log = tables.owner_change
        async with self.engine.connect() as connection:
            found = await connection.execute(
                select(log).where(log.c.conversation_id == conversation_id).order_by(log.c.epoch)
            )
            for number, row in enumerate(found.all(), start=2):
                assert row.epoch == number
                assert row.before == owners[number - 1][0]
                assert TRANSITIONS[Owner(row.before)][Move(row.move)] == row.after
                owners[number] = (Owner(row.after), row.agent_id)
        assert max(owners) == epoch
        return owners

    def _judge_owners(self, messages: list[Message], owners: dict[int, tuple[Owner, Any]]) -> None:
        """Only the owner of an epoch spoke in it."""
        for message in messages:
            owner, agent_id = owners[message.epoch]
            if message.author is Author.BOT:
                assert owner is Owner.BOT, "the bot spoke while people owned the conversation"
            if message.author is Author.AGENT:
                assert (owner, agent_id) == (Owner.AGENT, message.agent_id)

    def _judge_order(self, conversation_id: str, last: int, messages: list[Message]) -> None:
        """No gap, nothing twice, epochs rising, and in the order in which it was acknowledged."""
        assert [message.seq for message in messages] == list(range(1, last + 1))
        epochs = [message.epoch for message in messages]
        assert epochs == sorted(epochs)
        heard = [m for m in messages if m.author is Author.SHOPPER]
        assert len({m.external_id for m in heard}) == len(heard)
        for promised in (self.acknowledged[conversation_id], self.replied[conversation_id]):
            stored = [m.id for m in messages if m.id in promised]
            assert stored == promised

    def _judge_answers(self, messages: list[Message], owners: dict[int, tuple[Owner, Any]]) -> None:
        """Each message was answered by one turn, or came before people; none waits for ever."""
        turns: dict[str, set[str]] = defaultdict(set)
        for message in messages:
            if message.author is Author.BOT and message.in_reply_to:
                turns[message.in_reply_to].add(message.content.text.split()[0])
        for message in messages:
            if message.author is not Author.SHOPPER:
                assert message.turn_state is None
            elif message.turn_state is TurnState.ANSWERED:
                assert len(turns[message.id]) == 1
            else:
                assert message.turn_state is TurnState.FOR_PERSON
                assert not turns[message.id]
                later = [owner for epoch, (owner, _) in owners.items() if epoch >= message.epoch]
                assert {Owner.QUEUE, Owner.AGENT} & set(later)

    def _judge_sending(self, messages: list[Message]) -> None:
        """Everything said to the shopper was sent, for the first time in its order."""
        ours = [m.id for m in messages if m.author is not Author.SHOPPER]
        first_sent = list(dict.fromkeys(m.id for m in self.sent if m.id in ours))
        assert first_sent == ours


RULES = read_rules(
    {
        "queue": {"capacity": 1, "offer_seconds": 15, "grace_seconds": 30, "overflow_minutes": 1},
        "sla": {
            "policies": [
                {
                    "name": "all",
                    "first_response_minutes": 1,
                    "next_response_minutes": 0.5,
                    "resolution_minutes": 2,
                }
            ]
        },
    },
    {},
)


async def live_through(
    url: str, moments: list[Moment], assignment: Assignment = Assignment.OFFER
) -> None:
    engine, another, clock = make_engine(url), make_engine(url), SetClock(NOON)
    world = World(TestDesk(engine, clock), TestDesk(another, clock), engine)
    queue = replace(RULES.queue, assignment=assignment)
    for desk in (world.desk, world.replica):
        desk.use_rules(replace(RULES, queue=queue))
    world.watch()
    try:
        await world.play(moments)
        await world.recover()
        await world.serve_everybody()
        await world.recover()
        await world.judge()
    finally:
        await engine.dispose()
        await another.dispose()


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@bounded(40)
@given(moments=MOMENTS, assignment=st.sampled_from(Assignment))
def test_any_history_on_sqlite_leaves_a_true_record(
    databases: Databases, moments: list[Moment], assignment: Assignment
) -> None:
    run_history(databases, "sqlite", moments, assignment)


@bounded(12)
@given(moments=MOMENTS, assignment=st.sampled_from(Assignment))
def test_any_history_on_postgresql_leaves_a_true_record(
    databases: Databases, moments: list[Moment], assignment: Assignment
) -> None:
    run_history(databases, "postgresql", moments, assignment)


def run_history(
    databases: Databases, kind: str, moments: list[Moment], assignment: Assignment
) -> None:
    url = databases.make(kind)
    try:
        asyncio.run(live_through(url, moments, assignment))
    finally:
        databases.drop(url)


@pytest.mark.parametrize("crash_at", range(12))
async def test_a_turn_that_dies_anywhere_is_answered_once_by_the_next(
    database_url: str, crash_at: int
) -> None:
    handoff_turn = [
        Step("hear", 0, 0, False, None),
        Step("hear", 0, 1, False, None),
        Step("claim", 0, 0, False, None),
        Step("finish", 1, 0, True, crash_at),
        Step("finish", 1, 0, True, None),
        Step("hear", 0, 0, False, crash_at),
        Step("send", 0, 5, False, crash_at),
    ]
    await live_through(database_url, [(step,) for step in handoff_turn])
