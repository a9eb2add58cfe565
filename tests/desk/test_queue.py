"""The line: who is served by whom and when, what shoppers are told, what happens to lost agents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk import tables
from desk.errors import ConversationMoved, NotAllowed
from desk.events import Offered, PlaceChanged, PresenceChanged, SlaChanged
from desk.model import Agent, AgentState, Author, Handoff, HandoffReason, Incoming, Owner, Role
from desk.rulebook import read_rules
from desk.sla.clocks import SlaEventKind
from desk.sla.policies import Remedy
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine
from tests.desk.conftest import TestDesk

MINUTE = timedelta(minutes=1)


def use(desk: TestDesk, **queue: Any) -> None:
    desk.use_rules(read_rules({"queue": queue}, {}))


async def come(desk: TestDesk, *agents: Agent) -> None:
    for agent in agents:
        await desk.connected(agent.id)


async def does(
    desk: TestDesk, chief: Agent, agent: Agent, capacity: int | None = None, **what: set[str]
) -> None:
    """A supervisor says what an agent does: ``skills``, ``languages``, and how much at once."""
    await desk.team.change(
        chief.id, agent.id, role=agent.role, team="", active=True, capacity=capacity, **what
    )


async def wait(
    desk: TestDesk,
    shopper: str,
    reason: HandoffReason = HandoffReason.ASKED,
    *,
    flow: str = "order_status",
    group: str | None = None,
    language: str | None = None,
    mood: str = "calm",
) -> str:
    """The id of the conversation of ``shopper``, who has just begun to wait."""
    said = Content(text="a person")
    recorded = await desk.record(
        Incoming("web", shopper, f"{shopper}-{desk.clock.now()}", said, language=language)
    )
    conversation = recorded.conversation
    summary = {"requests": [{"flow": flow}], "group": group, "mood": mood}
    await desk.hand_off(
        conversation.id, conversation.epoch, Handoff(reason, summary, desk.clock.now())
    )
    return conversation.id


async def line(desk: TestDesk) -> list[str]:
    return [entry.conversation.shopper_id for entry in await desk.queue()]


async def offered(desk: TestDesk, agent: Agent) -> list[str]:
    return [one.shopper_id for one in await desk.offers_to(agent.id)]


async def said(desk: TestDesk, conversation_id: str) -> str:
    """The newest words of the system."""
    messages = await desk.messages_before(conversation_id, None, 20)
    return next(m.content.text for m in reversed(messages) if m.author is Author.SYSTEM)


@pytest.mark.parametrize("mood", ["hurried", "frustrated"])
@pytest.mark.parametrize(
    ("levels", "expected"), [(1, ["pressing", "calm"]), (0, ["calm", "pressing"])]
)
async def test_whoever_is_in_a_hurry_or_angry_waits_less_where_the_shop_wants_that(
    desk: TestDesk, mood: str, levels: int, expected: list[str]
) -> None:
    desk.use_rules(read_rules({"queue": {"mood_priority": levels}}, {}))
    await wait(desk, "calm")
    desk.clock.advance(MINUTE)
    await wait(desk, "pressing", mood=mood)
    assert await line(desk) == expected


async def test_urgent_matters_overtake_until_patience_has_earned_as_much(desk: TestDesk) -> None:
    await wait(desk, "early")
    desk.clock.advance(9 * MINUTE)
    await wait(desk, "later")
    await wait(desk, "urgent", HandoffReason.FRUSTRATED)
    assert await line(desk) == ["urgent", "early", "later"]
    desk.clock.advance(2 * MINUTE)
    await wait(desk, "also urgent", HandoffReason.FRUSTRATED)
    assert await line(desk) == ["urgent", "early", "also urgent", "later"]


async def test_a_valued_customer_waits_less(desk: TestDesk) -> None:
    use(desk, vip_groups=["gold"])
    await wait(desk, "ann")
    await wait(desk, "bob", group="gold")
    assert await line(desk) == ["bob", "ann"]


async def test_the_agent_of_the_last_time_then_the_least_loaded_then_the_longest_idle(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    use(desk, capacity=2)
    await come(desk, lin, kim)
    first = await wait(desk, "ann")
    await desk.take(first, kim.id)
    desk.clock.advance(MINUTE)
    await wait(desk, "bob")
    await desk.keep_order()
    assert (await offered(desk, lin), await offered(desk, kim)) == (["bob"], [])
    await desk.close(first, kim.id)
    await wait(desk, "ann")
    await desk.keep_order()
    assert await offered(desk, kim) == ["ann"]


async def test_skill_language_and_capacity_decide_who_is_asked(
    desk: TestDesk, lin: Agent, kim: Agent, chief: Agent
) -> None:
    use(desk, skills={"open_return": "returns"})
    await does(desk, chief, lin, 1, skills={"returns"})
    await does(desk, chief, kim, 9, skills={"payments"}, languages={"en"})
    await come(desk, lin, kim)
    await wait(desk, "ann", flow="open_return")
    desk.clock.advance(timedelta(seconds=1))
    await wait(desk, "bob", flow="open_return")
    await desk.keep_order()
    assert (await offered(desk, lin), await offered(desk, kim)) == (["ann"], [])
    # A foreign skill is better than nobody, in the end.
    desk.clock.advance(10 * MINUTE)
    await come(desk, lin, kim)
    await desk.keep_order()
    assert await offered(desk, kim) == ["ann"]


async def test_a_shopper_is_served_in_their_language(
    desk: TestDesk, lin: Agent, kim: Agent, chief: Agent
) -> None:
    await does(desk, chief, lin, languages={"zh"})
    await does(desk, chief, kim, languages={"en"})
    await come(desk, lin, kim)
    await wait(desk, "ann", language="en")
    await wait(desk, "安", language="zh")
    await wait(desk, "bob", language="en")
    await desk.keep_order()
    assert await offered(desk, lin) == ["安"]
    assert sorted(await offered(desk, kim)) == ["ann", "bob"]


async def served(desk: TestDesk, shopper: str, agent: Agent) -> None:
    """A shopper has waited, and an agent has helped them."""
    conversation = await wait(desk, shopper)
    await desk.take(conversation, agent.id)
    await desk.close(conversation, agent.id)


async def test_who_knows_the_shopper_is_asked_before_who_has_less_to_do(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    await come(desk, lin, kim)
    await served(desk, "ann", kim)
    await desk.take(await wait(desk, "cara"), kim.id)
    desk.clock.advance(timedelta(seconds=1))
    await wait(desk, "ann")
    await desk.keep_order()
    assert (await offered(desk, lin), await offered(desk, kim)) == ([], ["ann"])


async def test_whoever_comes_back_does_not_wait_for_an_agent_who_has_gone(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    await come(desk, lin, kim)
    await served(desk, "ann", kim)
    await desk.set_presence(kim.id, AgentState.OFFLINE)
    desk.clock.advance(timedelta(seconds=1))
    await wait(desk, "ann")
    await desk.keep_order()
    assert (await offered(desk, lin), await offered(desk, kim)) == (["ann"], [])


async def test_of_two_who_have_as_much_to_do_the_longest_idle_is_asked(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    await come(desk, lin, kim)
    for number, (busy, idle) in enumerate([(lin, kim), (kim, lin)]):
        done = await wait(desk, f"done {number}")
        await desk.take(done, busy.id)
        desk.clock.advance(timedelta(seconds=10))
        await desk.close(done, busy.id)
        waiting = await wait(desk, f"next {number}")
        await desk.keep_order()
        assert await offered(desk, idle) == [f"next {number}"]
        await desk.leave_queue(waiting)


async def test_a_conversation_takes_as_much_of_an_agent_as_its_channel_weighs(
    desk: TestDesk, lin: Agent
) -> None:
    use(desk, capacity=3, weights={"web": 2})
    await come(desk, lin)
    await wait(desk, "ann")
    desk.clock.advance(timedelta(seconds=1))
    await wait(desk, "bob")
    await desk.keep_order()
    assert await offered(desk, lin) == ["ann"]


async def test_an_offer_that_passes_goes_to_the_head_and_to_somebody_else(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    use(desk, missed_offers=2, capacity=1)
    await come(desk, lin)
    await wait(desk, "ann")
    await desk.keep_order()
    assert await offered(desk, lin) == ["ann"]
    await wait(desk, "urgent", HandoffReason.FRUSTRATED)
    desk.clock.advance(timedelta(seconds=31))
    await desk.keep_order()
    assert await line(desk) == ["ann", "urgent"]
    await come(desk, kim)
    desk.clock.advance(timedelta(seconds=31))
    await desk.beat([lin.id, kim.id])
    await desk.keep_order()
    assert await offered(desk, kim) == ["ann"]
    states = [e.state for e in desk.events if isinstance(e, PresenceChanged)]
    assert states[-1] is AgentState.AWAY
    assert (await offered(desk, lin)) == []
    # Why stays known when the page is opened anew; whoever takes a conversation is back.
    await desk.connected(lin.id)
    away = await desk.presence_of(lin.id)
    assert away
    assert (away.state, away.missed_offers) == (AgentState.AWAY, 2)
    (urgent,) = [one for one in await desk.queue() if one.conversation.shopper_id == "urgent"]
    await desk.take(urgent.conversation.id, lin.id)
    back = await desk.presence_of(lin.id)
    assert back
    assert (back.state, back.missed_offers) == (AgentState.ONLINE, 0)


async def test_an_offer_binds_nobody_and_may_be_declined(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    await come(desk, lin)
    conversation_id = await wait(desk, "ann")
    await desk.keep_order()
    offer = next(e for e in desk.events if isinstance(e, Offered))
    assert offer.offer.agent_id == lin.id
    with pytest.raises(ConversationMoved):
        await desk.decline(conversation_id, kim.id)
    await desk.decline(conversation_id, lin.id)
    assert await offered(desk, lin) == []
    await desk.keep_order()
    taken = await desk.take(conversation_id, kim.id)
    assert (taken.agent_id, taken.offer) == (kim.id, None)
    desk.clock.advance(5 * MINUTE)
    assert (await desk.conversation(conversation_id)).agent_id == kim.id


async def test_an_agent_who_is_gone_returns_everything_with_its_place(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    first = await wait(desk, "ann")
    await desk.take(first, lin.id)
    desk.clock.advance(timedelta(seconds=30))
    await wait(desk, "bob")
    await desk.keep_order()
    assert (await desk.conversation(first)).owner is Owner.AGENT
    desk.clock.advance(timedelta(seconds=31))
    await desk.beat([kim.id])
    await desk.keep_order()
    returned = await desk.conversation(first)
    assert returned.owner is Owner.QUEUE
    assert await line(desk) == ["ann", "bob"]
    assert (await said(desk, first)).startswith("正在为您安排其他同事，您不用重新排队")
    with pytest.raises(ConversationMoved):
        await desk.reply(first, lin.id, Content(text="too late"), "c1")


async def test_a_short_gap_in_the_connection_changes_nothing(desk: TestDesk, lin: Agent) -> None:
    await come(desk, lin)
    first = await wait(desk, "ann")
    await desk.take(first, lin.id)
    for _ in range(4):
        desk.clock.advance(timedelta(seconds=59))
        await desk.keep_order()
        await desk.connected(lin.id)
    assert (await desk.conversation(first)).agent_id == lin.id


async def test_who_is_away_keeps_what_they_hold_and_who_goes_returns_it(
    desk: TestDesk, lin: Agent
) -> None:
    await come(desk, lin)
    held = await wait(desk, "ann")
    await desk.take(held, lin.id)
    await desk.set_presence(lin.id, AgentState.AWAY)
    await wait(desk, "bob")
    await desk.keep_order()
    assert await offered(desk, lin) == []
    assert (await desk.conversation(held)).agent_id == lin.id
    await desk.set_presence(lin.id, AgentState.OFFLINE)
    await desk.keep_order()
    assert (await desk.conversation(held)).owner is Owner.QUEUE


async def test_supervisors_assign_and_agents_pass_on_what_is_theirs(
    desk: TestDesk, lin: Agent, kim: Agent, chief: Agent
) -> None:
    conversation_id = await wait(desk, "ann")
    with pytest.raises(NotAllowed):
        await desk.assign(conversation_id, kim.id, lin.id)
    assigned = await desk.assign(conversation_id, kim.id, chief.id)
    assert assigned.agent_id == kim.id
    with pytest.raises(NotAllowed):
        await desk.pass_on(conversation_id, lin.id)
    passed = await desk.pass_on(conversation_id, kim.id, skill="payments", note="a charge")
    assert (passed.owner, passed.skill) == (Owner.QUEUE, "payments")


async def test_the_shopper_hears_place_and_wait_in_their_language(
    desk: TestDesk, lin: Agent, chief: Agent
) -> None:
    await does(desk, chief, lin, 1)
    await come(desk, lin)
    busy = await wait(desk, "busy")
    assert (await said(desk, busy)) == "您已进入排队，您是下一位，预计1分钟内接入。"
    await desk.take(busy, lin.id)
    first = await wait(desk, "ann")
    desk.clock.advance(timedelta(seconds=1))
    second = await wait(desk, "bob")
    assert (await said(desk, first)) == "您已进入排队，您是下一位，预计等待0-20分钟。"
    place = await desk.place(second)
    assert place
    assert place.position == 2
    assert place.wait
    assert (await said(desk, second)).startswith("您已进入排队，前面还有1位，预计等待")
    told: dict[str, object] = {}
    await desk.tell_places(told)
    await desk.leave_queue(first)
    desk.events.clear()
    await desk.tell_places(told)
    changed = [e for e in desk.events if isinstance(e, PlaceChanged)]
    assert [(e.conversation.id, e.place.position) for e in changed] == [(second, 1)]
    desk.events.clear()
    await desk.tell_places(told)
    assert not [e for e in desk.events if isinstance(e, PlaceChanged)]


async def test_promises_are_counted_and_a_broken_one_is_admitted(
    desk: TestDesk, lin: Agent, chief: Agent
) -> None:
    await does(desk, chief, lin, 1)
    await come(desk, lin)
    await desk.take(await wait(desk, "busy"), lin.id)
    kept, broken, left = [await wait(desk, name) for name in ("ann", "bob", "cat")]
    await desk.leave_queue(left)
    await desk.take(kept, lin.id)
    desk.clock.advance(60 * MINUTE)
    await desk.beat([lin.id])
    await desk.keep_order()
    assert (await said(desk, broken)).startswith("抱歉，等待比预计的久。")
    await desk.take(broken, lin.id)
    since = desk.clock.now() - 90 * MINUTE
    counted = await desk.promises_kept(since, desk.clock.now())
    # The first shopper of the day met a free agent at once.
    assert counted == {"kept": 2, "broken": 1, "left": 1}


NIGHT = {
    "calendars": {"shop": {"timezone": "Asia/Shanghai", "hours": {"daily": ["09:00-21:00"]}}},
    "queue": {"hours": "shop"},
}


async def test_at_night_shoppers_hear_when_and_are_first_in_the_morning(
    desk: TestDesk, lin: Agent
) -> None:
    desk.use_rules(read_rules(NIGHT, {}))
    desk.clock.advance(datetime(2026, 11, 23, 14, tzinfo=UTC) - desk.clock.now())
    night = await wait(desk, "ann")
    words = await said(desk, night)
    assert "11月24日（周二）09:00上班" in words
    assert "届时您排第1位" in words
    assert "订单号" in words
    await desk.hear("order 1, the zip is broken", "more", "ann")
    desk.clock.advance(timedelta(hours=11, seconds=1))
    await come(desk, lin)
    await wait(desk, "urgent", HandoffReason.FRUSTRATED)
    assert await line(desk) == ["ann", "urgent"]
    await desk.keep_order()
    await desk.take(night, lin.id)
    since = desk.clock.now() - timedelta(days=1)
    assert (await desk.promises_kept(since, desk.clock.now()))["kept"] == 1


SLA = {
    "queue": {"capacity": 2},
    "sla": {
        "policies": [{"name": "all", "first_response_minutes": 10, "next_response_minutes": 5}]
    },
}


async def test_a_promise_in_danger_raises_the_priority_then_the_place_then_the_alarm(
    desk: TestDesk,
) -> None:
    desk.use_rules(read_rules(SLA, {}))
    conversation_id = await wait(desk, "ann")
    [reading] = desk.clocks(await desk.conversation(conversation_id))
    assert (reading.remaining, reading.at_risk, reading.running) == (10 * MINUTE, False, True)
    remedies: list[Remedy | None] = []
    desk.clock.advance(timedelta(seconds=1))
    for minute in range(11):
        desk.clock.advance(MINUTE)
        await desk.keep_order()
        told = [e.event for e in desk.events if isinstance(e, SlaChanged)]
        remedies = [e.remedy for e in told if e.kind is SlaEventKind.ESCALATED]
        if minute == 7:
            assert remedies == [Remedy.RAISE_PRIORITY]
            assert (await desk.conversation(conversation_id)).priority == 1
    assert remedies == [Remedy.RAISE_PRIORITY, Remedy.REQUEUE, Remedy.TELL_SUPERVISOR]
    async with desk._engine.connect() as connection:
        event = tables.sla_event.c
        found = await connection.execute(select(event.kind).order_by(event.at, event.kind))
        assert "breached" in set(found.scalars())
    [reading] = desk.clocks(await desk.conversation(conversation_id))
    assert reading.breached
    assert reading.remaining == -MINUTE - timedelta(seconds=1)


async def test_a_clock_that_new_rules_leave_alone_is_looked_at_once(desk: TestDesk) -> None:
    desk.use_rules(read_rules(SLA, {}))
    await wait(desk, "ann")
    patient = {"escalation": {"raise_priority": 0.9, "requeue": 0.95, "tell_supervisor": 1.0}}
    desk.use_rules(read_rules({**SLA, "sla": {**SLA["sla"], **patient}}, {}))
    desk.clock.advance(8 * MINUTE + timedelta(seconds=1))
    assert [await desk.keep_order() for _ in range(2)] == [1, 0]


async def test_a_silent_agent_loses_the_shopper_to_one_who_is_free(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    desk.use_rules(read_rules(SLA, {}))
    await come(desk, lin)
    conversation_id = await wait(desk, "ann")
    await desk.take(conversation_id, lin.id)
    await desk.reply(conversation_id, lin.id, Content(text="hello"), "c1")
    await desk.hear("and now?", "2")
    for _ in range(5):
        desk.clock.advance(MINUTE)
        await desk.beat([lin.id])
        await desk.keep_order()
    # Nobody else is there: taking it away would help nobody.
    assert (await desk.conversation(conversation_id)).agent_id == lin.id
    await desk.reply(conversation_id, lin.id, Content(text="sorry"), "c2")
    await desk.hear("hello?", "3")
    for _ in range(5):
        desk.clock.advance(MINUTE)
        await desk.beat([lin.id])
        await desk.connected(kim.id)
        await desk.keep_order()
    assert (await desk.conversation(conversation_id)).owner is Owner.QUEUE
    assert await offered(desk, kim) == ["ann"]


async def test_no_word_of_the_desk_itself_stops_a_clock(desk: TestDesk, lin: Agent) -> None:
    desk.use_rules(read_rules(SLA, {}))
    await come(desk, lin)
    conversation_id = await wait(desk, "ann")
    desk.clock.advance(MINUTE)
    await desk.keep_place(conversation_id)
    await desk.take(conversation_id, lin.id)
    [reading] = desk.clocks(await desk.conversation(conversation_id))
    assert (reading.metric, reading.remaining) == ("first_response", 9 * MINUTE)
    await desk.reply(conversation_id, lin.id, Content(text="hello"), "c1")
    assert desk.clocks(await desk.conversation(conversation_id)) == []


@pytest.fixture
async def replicas(database_url: str, clock: SetClock) -> AsyncIterator[list[TestDesk]]:
    engines = [make_engine(database_url) for _ in range(3)]
    yield [TestDesk(engine, clock) for engine in engines]
    for engine in engines:
        await engine.dispose()


async def test_replicas_that_route_at_once_ask_one_agent_for_each_shopper(
    replicas: list[TestDesk],
) -> None:
    agents = []
    for n in range(4):
        agent = await replicas[0].add_agent(f"agent{n}", f"Agent {n}", "x", Role.AGENT)
        await replicas[0].connected(agent.id)
        agents.append(agent)
    waiting = [await wait(replicas[0], f"shopper{n}") for n in range(8)]
    await asyncio.gather(
        *(desk.keep_order() for desk in replicas),
        *(replicas[n % 3].take(one, agents[n % 4].id) for n, one in enumerate(waiting[:3])),
        return_exceptions=True,
    )
    made = [e for desk in replicas for e in desk.events if isinstance(e, Offered)]
    assert len({e.conversation.id for e in made}) == len(made)
    for conversation_id in waiting[:3]:
        conversation = await replicas[0].conversation(conversation_id)
        assert (conversation.owner, conversation.offer) == (Owner.AGENT, None)


async def test_one_replica_has_the_duty_and_another_takes_it_over(
    replicas: list[TestDesk], clock: SetClock
) -> None:
    lease = timedelta(seconds=10)
    got = await asyncio.gather(
        *(desk.claim_duty("queue", f"w{n}", lease) for n, desk in enumerate(replicas))
    )
    assert sorted(got) == [False, False, True]
    holder = got.index(True)
    assert await replicas[holder].claim_duty("queue", f"w{holder}", lease)
    clock.advance(lease)
    other = (holder + 1) % 3
    assert await replicas[other].claim_duty("queue", f"w{other}", lease)
    assert not await replicas[holder].claim_duty("queue", f"w{holder}", lease)
    await replicas[other].give_up_duty("queue", f"w{other}")
    assert await replicas[holder].claim_duty("queue", f"w{holder}", lease)


async def test_of_a_long_line_pages_learn_what_happens_to_its_head_and_who_has_left_it(
    desk: TestDesk, lin: Agent
) -> None:
    ids = {}
    for shopper in ("ann", "bob", "cyd", "dan"):
        ids[shopper] = await wait(desk, shopper)
        desk.clock.advance(MINUTE)
    first = await desk.line_changes(2, {ids["bob"], ids["dan"]}, None)
    assert (first.waiting, first.head) == (4, [ids["ann"], ids["bob"]])
    assert [one.conversation.id for one in first.lines] == [ids["bob"]]
    assert first.gone == []
    await desk.take(ids["ann"], lin.id)
    await desk.leave_queue(ids["dan"])
    later = await desk.line_changes(2, {ids["ann"], ids["dan"]}, first.head)
    assert (later.waiting, later.head) == (2, [ids["bob"], ids["cyd"]])
    # Nothing has happened to her, but she has moved up to where she can be seen.
    assert [one.conversation.shopper_id for one in later.lines] == ["cyd"]
    assert later.gone == sorted([ids["ann"], ids["dan"]])
