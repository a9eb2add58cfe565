"""Many at once on one conversation: one wins, the others are told, the numbers hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.errors import AlreadyTaken, ConversationMoved
from desk.model import Agent, Author, Conversation, Dropped, Finished, Lease, PendingTurn, Role
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine
from tests.desk.conftest import LEASE, TestDesk


@pytest.fixture
async def replicas(database_url: str, clock: SetClock) -> AsyncIterator[list[TestDesk]]:
    """Three processes' desks on one database."""
    engines: list[AsyncEngine] = [make_engine(database_url) for _ in range(3)]
    yield [TestDesk(engine, clock) for engine in engines]
    for engine in engines:
        await engine.dispose()


async def test_first_messages_that_arrive_together_share_one_conversation(
    replicas: list[TestDesk],
) -> None:
    recorded = await asyncio.gather(
        *(replicas[n % 3].hear(f"message {n}", f"m{n % 8}") for n in range(24))
    )
    assert len({one.conversation.id for one in recorded}) == 1
    assert sum(not one.duplicate for one in recorded) == 8
    messages = await replicas[0].messages_after(recorded[0].conversation.id, 0, 100)
    assert [message.seq for message in messages] == list(range(1, 9))
    assert len({message.external_id for message in messages}) == 8


async def test_of_many_workers_one_gets_the_turn(replicas: list[TestDesk]) -> None:
    conversation_id = (await replicas[0].hear("hello", "1")).conversation.id
    claims = await asyncio.gather(
        *(replicas[n % 3].claim(conversation_id, f"w{n}") for n in range(12))
    )
    assert sum(claim is not None for claim in claims) == 1


async def test_of_many_agents_one_wins_and_the_others_learn_who(
    replicas: list[TestDesk],
) -> None:
    conversation_id = await replicas[0].waiting()
    agents = [
        await replicas[0].add_agent(f"agent{n}", f"Agent {n}", "x", Role.AGENT) for n in range(6)
    ]
    outcomes = await asyncio.gather(
        *(replicas[n % 3].take(conversation_id, agent.id) for n, agent in enumerate(agents)),
        return_exceptions=True,
    )
    [winner] = [one for one in outcomes if isinstance(one, Conversation)]
    losers = [one for one in outcomes if isinstance(one, AlreadyTaken)]
    assert len(losers) == 5
    assert {loser.agent.id for loser in losers} == {winner.agent_id}


async def test_takeover_and_the_bots_answer_at_the_same_moment_never_mix(
    replicas: list[TestDesk],
) -> None:
    agent = await replicas[0].add_agent("lin", "小林", "x", Role.AGENT)
    claims: list[PendingTurn] = []
    for n in range(10):
        recorded = await replicas[0].hear("hello", "1", f"shopper{n}")
        claim = await replicas[0].claim(recorded.conversation.id)
        assert claim
        claims.append(claim)

    async def finish(n: int, claim: PendingTurn) -> Finished | Dropped:
        return await replicas[n % 3].finish_turn(
            claim, [Content(text="bot")], language="en", customer=None
        )

    await asyncio.gather(
        *(finish(n, claim) for n, claim in enumerate(claims)),
        *(replicas[(n + 1) % 3].take(c.conversation.id, agent.id) for n, c in enumerate(claims)),
        *(finish(n + 2, claim) for n, claim in enumerate(claims)),
    )
    for claim in claims:
        messages = await replicas[0].messages_after(claim.conversation.id, 0, 10)
        authors = [message.author for message in messages]
        assert authors in (
            [Author.SHOPPER, Author.BOT, Author.SYSTEM],
            [Author.SHOPPER, Author.SYSTEM],
        )
        assert [message.seq for message in messages] == list(range(1, len(messages) + 1))


async def test_a_shopper_and_agents_who_all_write_at_once_get_numbers_without_gaps(
    replicas: list[TestDesk],
) -> None:
    lin: Agent = await replicas[0].add_agent("lin", "小林", "x", Role.AGENT)
    chief = await replicas[0].add_agent("chief", "主管", "x", Role.SUPERVISOR)
    conversation_id = await replicas[0].waiting()
    await replicas[0].take(conversation_id, lin.id)
    deeds = [
        replicas[n % 3].reply(conversation_id, lin.id, Content(text="r"), f"c{n // 2}")
        for n in range(16)
    ]
    shopper = [replicas[n % 3].hear("s", f"s{n // 2}") for n in range(16)]
    pull = replicas[1].take(conversation_id, chief.id, force=True)
    outcomes = await asyncio.gather(*deeds, *shopper, pull, return_exceptions=True)
    unexpected = [
        one
        for one in outcomes
        if isinstance(one, BaseException) and not isinstance(one, ConversationMoved)
    ]
    assert unexpected == []
    messages = await replicas[0].messages_after(conversation_id, 0, 100)
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
    named = [(m.author, m.external_id) for m in messages if m.external_id]
    assert len(named) == len(set(named))
    pulled_at = next(m.seq for m in messages if m.content.text.startswith("客服主管"))
    assert all(m.seq < pulled_at for m in messages if m.agent_id == lin.id)
    assert sum(m.author is Author.SHOPPER for m in messages) == 9


async def test_workers_that_send_together_never_send_the_same_or_out_of_order(
    replicas: list[TestDesk],
) -> None:
    for n in range(6):
        recorded = await replicas[0].hear("hello", "1", f"shopper{n}")
        claim = await replicas[0].claim(recorded.conversation.id)
        assert claim
        replies = [Content(text=str(part)) for part in range(4)]
        await replicas[0].finish_turn(claim, replies, language="en", customer=None)
    sent: list[tuple[str, int]] = []

    async def work(n: int) -> None:
        desk = replicas[n % 3]
        for _ in range(20):
            for delivery in await desk.due(3, Lease(f"w{n}", LEASE)):
                sent.append((delivery.conversation.id, delivery.message.seq))
                await asyncio.sleep(0)
                await desk.delivered(delivery.id)

    await asyncio.gather(*(work(n) for n in range(4)))
    assert len(sent) == len(set(sent)) == 24
    for conversation_id in {one[0] for one in sent}:
        assert [seq for one, seq in sent if one == conversation_id] == [2, 3, 4, 5]
