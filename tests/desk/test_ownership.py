"""Who may own a conversation after whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from desk.errors import AlreadyTaken, BadIncoming, ConversationMoved, NoSuchAgent, NotAllowed
from desk.events import MessageAppended, OwnerChanged, QueueChanged
from desk.model import TRANSITIONS, Agent, Author, Conversation, Handoff, HandoffReason, Move, Owner
from kernel.content import Content
from tests.desk.conftest import NOON, TestDesk

HANDOFF = Handoff(HandoffReason.ASKED, {"order": "KF2611220001"}, NOON)
REASONS_IN_A_HURRY = ("frustrated", "shipment_overdue", "refund_overdue", "low_score")


async def bring_to(desk: TestDesk, owner: Owner, agent: Agent, shopper: str) -> str:
    """The id of a conversation of ``shopper`` that ``owner`` has."""
    recorded = await desk.hear("hello", "1", shopper)
    conversation_id = recorded.conversation.id
    if owner is not Owner.BOT:
        await desk.hand_off(conversation_id, recorded.conversation.epoch, HANDOFF)
    if owner in (Owner.AGENT, Owner.CLOSED):
        await desk.take(conversation_id, agent.id)
    if owner is Owner.CLOSED:
        await desk.close(conversation_id, agent.id)
    assert (await desk.conversation(conversation_id)).owner is owner
    return conversation_id


async def do(desk: TestDesk, move: Move, before: Conversation, agent: Agent, boss: Agent) -> None:
    """Carry out ``move`` the way the world does."""
    deeds: dict[Move, Callable[[], Awaitable[Any]]] = {
        Move.HAND_OFF: lambda: desk.hand_off(before.id, before.epoch, HANDOFF),
        Move.TAKE: lambda: desk.take(before.id, boss.id, force=True),
        Move.HAND_BACK: lambda: desk.hand_back(before.id, agent.id),
        Move.LEAVE_QUEUE: lambda: desk.leave_queue(before.id),
        Move.CLOSE: lambda: desk.close(before.id, agent.id),
        Move.TRANSFER: lambda: desk.transfer(before.id, agent.id, boss.id),
        Move.RETURN: lambda: desk.pass_on(before.id, boss.id),
        Move.EXPIRE: lambda: answer_and_expire(desk, before.id),
        Move.MERGE: lambda: merge(desk, before.id, agent),
        Move.FOLLOW_UP: lambda: rate_badly(desk, before),
        Move.REOPEN: lambda: desk.hear("again", "2", before.shopper_id),
    }
    await deeds[move]()


async def merge(desk: TestDesk, conversation_id: str, agent: Agent) -> None:
    other_id = await desk.waiting(f"other of {conversation_id}")
    await desk.take(other_id, agent.id)
    desk.events.clear()
    await desk.links.merge(other_id, conversation_id, agent.id)


async def answer_and_expire(desk: TestDesk, conversation_id: str) -> None:
    claim = await desk.claim(conversation_id)
    if claim:
        await desk.finish_turn(claim, [Content(text="hello")], language=None, customer=None)
    await desk.expire(timedelta(0))


async def rate_badly(desk: TestDesk, before: Conversation) -> None:
    """The shopper rates what was closed last, if anything was."""
    await desk.surveys.ask_due()
    asked = [m.content.custom for m in await desk.messages_after(before.id, 0, 100)]
    surveys = [custom["survey"] for custom in asked if custom and custom.get("event") == "survey"]
    for survey in surveys:
        await desk.surveys.answer(survey, 1)


# Where such a deed finds nothing to do, it leaves everything as it is.
QUIET = {Move.EXPIRE, Move.MERGE, Move.FOLLOW_UP}


@pytest.mark.parametrize("owner", list(Owner))
async def test_every_pair_of_owner_and_deed_has_a_verdict(
    desk: TestDesk, lin: Agent, chief: Agent, owner: Owner
) -> None:
    for move in Move:
        before = await desk.conversation(await bring_to(desk, owner, lin, f"shopper-{move}"))
        expected = TRANSITIONS[owner].get(move)
        if expected is not None:
            desk.events.clear()
            await do(desk, move, before, lin, chief)
            after = await desk.conversation(before.id)
            assert (after.owner, after.epoch) == (expected, before.epoch + 1), move
            assert OwnerChanged(after, owner) in desk.events
            touches_queue = Owner.QUEUE in (owner, expected)
            assert (QueueChanged() in desk.events) == touches_queue
            assert (after.agent_id is not None) == (expected is Owner.AGENT)
            assert (after.queued_at is not None) == (expected is Owner.QUEUE)
        elif move is Move.REOPEN:
            # Nothing to reopen: the shopper's message simply joins.
            await do(desk, move, before, lin, chief)
            after = await desk.conversation(before.id)
            assert (after.owner, after.epoch) == (owner, before.epoch)
        elif move in QUIET:
            await do(desk, move, before, lin, chief)
            assert await desk.conversation(before.id) == before
        else:
            with pytest.raises(ConversationMoved) as moved:
                await do(desk, move, before, lin, chief)
            assert moved.value.current == before
            assert await desk.conversation(before.id) == before


async def test_the_second_to_take_is_told_who_has_it(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    conversation_id = await desk.waiting()
    await desk.take(conversation_id, lin.id)
    with pytest.raises(AlreadyTaken) as taken:
        await desk.take(conversation_id, kim.id)
    assert taken.value.agent == lin
    assert taken.value.current.agent_id == lin.id


async def test_taking_what_one_already_has_changes_nothing(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await desk.waiting()
    first = await desk.take(conversation_id, lin.id)
    assert await desk.take(conversation_id, lin.id) == first


async def test_only_a_supervisor_pulls_a_conversation_over(
    desk: TestDesk, lin: Agent, kim: Agent, chief: Agent
) -> None:
    conversation_id = await desk.waiting()
    await desk.take(conversation_id, lin.id)
    with pytest.raises(NotAllowed):
        await desk.take(conversation_id, kim.id, force=True)
    with pytest.raises(AlreadyTaken):
        await desk.take(conversation_id, chief.id)
    pulled = await desk.take(conversation_id, chief.id, force=True)
    assert pulled.agent_id == chief.id
    with pytest.raises(ConversationMoved):
        await desk.reply(conversation_id, lin.id, Content(text="still me"), "c1")
    with pytest.raises(NoSuchAgent):
        await desk.take(conversation_id, "nobody")


async def test_a_reply_sent_twice_is_appended_once(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await desk.waiting()
    await desk.take(conversation_id, lin.id)
    first = await desk.reply(conversation_id, lin.id, Content(text="hello"), "c1")
    again = await desk.reply(conversation_id, lin.id, Content(text="hello"), "c1")
    assert again == first
    assert first.author is Author.AGENT
    assert first.agent_id == lin.id
    await desk.close(conversation_id, lin.id)
    assert await desk.reply(conversation_id, lin.id, Content(text="hello"), "c1") == first
    assert (await desk.texts(conversation_id))[1:] == ["agent: hello"]


async def test_an_agent_cannot_reply_under_anothers_id_or_without_holding(
    desk: TestDesk, lin: Agent, chief: Agent
) -> None:
    conversation_id = await desk.waiting()
    with pytest.raises(ConversationMoved):
        await desk.reply(conversation_id, lin.id, Content(text="too early"), "c1")
    await desk.take(conversation_id, lin.id)
    await desk.reply(conversation_id, lin.id, Content(text="hello"), "c1")
    await desk.take(conversation_id, chief.id, force=True)
    with pytest.raises(BadIncoming):
        await desk.reply(conversation_id, chief.id, Content(text="mine"), "c1")
    with pytest.raises(BadIncoming):
        await desk.reply(conversation_id, chief.id, Content(text="mine"), "")


async def test_only_the_holder_hands_back_or_closes(desk: TestDesk, lin: Agent, kim: Agent) -> None:
    conversation_id = await desk.waiting()
    await desk.take(conversation_id, lin.id)
    with pytest.raises(ConversationMoved):
        await desk.hand_back(conversation_id, kim.id)
    with pytest.raises(ConversationMoved):
        await desk.close(conversation_id, kim.id)


async def test_the_shopper_is_told_who_speaks_in_their_language(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await desk.waiting()
    claimable = await desk.hear("hi", "1", "bob")
    claim = await desk.claim(claimable.conversation.id)
    assert claim
    await desk.finish_turn(claim, [Content(text="hi")], language="en", customer=None)
    for one in (conversation_id, claimable.conversation.id):
        await desk.take(one, lin.id)
        await desk.hand_back(one, lin.id, note="knows everything now")
    said = {}
    for one in (conversation_id, claimable.conversation.id):
        messages = await desk.messages_after(one, 0, 10)
        said[one] = [m.content for m in messages if m.author is Author.SYSTEM][-2:]
    chinese, english = said[conversation_id], said[claimable.conversation.id]
    assert "小林" in chinese[0].text
    assert "接入" in chinese[0].text
    assert english[0].text.startswith("小林 has joined")
    assert chinese[0].custom == english[0].custom
    assert chinese[0].custom == {"event": "owner_changed", "owner": "agent", "agent_name": "小林"}
    assert chinese[1].custom == {"event": "owner_changed", "owner": "bot"}
    # The note is for colleagues.
    assert not any("knows everything" in str(content) for content in chinese + english)


async def test_the_queue_is_served_by_priority_then_by_waiting_time(desk: TestDesk) -> None:
    ids = {}
    for shopper, reason in (("ann", "asked"), ("bob", "low_confidence"), ("cy", "frustrated")):
        ids[shopper] = await desk.waiting(shopper, reason)
        desk.clock.advance(timedelta(minutes=1))
    entries = await desk.queue()
    assert [entry.conversation.shopper_id for entry in entries] == ["cy", "ann", "bob"]
    assert [entry.position for entry in entries] == [1, 2, 3]
    assert entries[1].waiting_since == NOON
    assert entries[1].last_message is not None
    assert entries[1].last_message.content.text == "a person please"
    await desk.leave_queue(ids["cy"])
    assert [entry.conversation.id for entry in await desk.queue()] == [ids["ann"], ids["bob"]]


async def test_every_reason_has_a_place_in_the_queue(desk: TestDesk) -> None:
    for reason in HandoffReason:
        await desk.waiting(f"shopper-{reason}", reason)
    entries = await desk.queue()
    found = {e.conversation.handoff.reason: e for e in entries if e.conversation.handoff}
    assert set(found) == set(HandoffReason)
    for reason, entry in found.items():
        assert entry.conversation.priority == (1 if reason in REASONS_IN_A_HURRY else 0)


async def test_an_agent_sees_what_they_hold(desk: TestDesk, lin: Agent, kim: Agent) -> None:
    ann = await desk.waiting("ann")
    bob = await desk.waiting("bob")
    await desk.take(ann, lin.id)
    desk.clock.advance(timedelta(seconds=1))
    await desk.take(bob, lin.id)
    assert [one.id for one in await desk.conversations_of_agent(lin.id)] == [bob, ann]
    assert await desk.conversations_of_agent(kim.id) == []
    await desk.close(bob, lin.id)
    assert [one.id for one in await desk.conversations_of_agent(lin.id)] == [ann]


async def test_events_come_after_the_change_is_visible(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await desk.waiting()
    desk.events.clear()
    taken = await desk.take(conversation_id, lin.id)
    assert desk.events[0] == MessageAppended(taken, (await desk.messages_after(taken.id, 2, 1))[0])
    assert desk.events[1:] == [OwnerChanged(taken, Owner.QUEUE), QueueChanged()]
