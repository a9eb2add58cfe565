"""The way of a shopper's message from the record to its answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.errors import BadIncoming, ConversationMoved, NoSuchConversation, NoSuchMessage
from desk.events import MessageAppended, MessageRewritten, OwnerChanged, QueueChanged
from desk.model import (
    Agent,
    Author,
    Dropped,
    Finished,
    Handoff,
    HandoffReason,
    Incoming,
    Lease,
    Owner,
    Role,
    TurnState,
)
from kernel.content import Content
from tests.desk.conftest import LEASE, NOON, TestDesk


async def test_a_message_is_stored_once_however_often_the_channel_repeats_it(
    desk: TestDesk,
) -> None:
    first = await desk.hear("我的包裹呢", "m1")
    again = await desk.hear("我的包裹呢", "m1")
    assert not first.duplicate
    assert again.duplicate
    assert again.message == first.message
    assert await desk.texts(first.conversation.id) == ["shopper: 我的包裹呢"]
    assert [type(event) for event in desk.events] == [MessageAppended]


async def test_two_shoppers_may_use_the_same_external_id(desk: TestDesk) -> None:
    ann = await desk.hear("hello", "1", "ann")
    bob = await desk.hear("hi", "1", "bob")
    assert not bob.duplicate
    assert bob.conversation.id != ann.conversation.id
    assert bob.message.content.text == "hi"


async def test_numbers_count_from_one_without_gaps(desk: TestDesk) -> None:
    conversation_id = (await desk.hear("one", "1")).conversation.id
    await desk.hear("two", "2")
    claim = await desk.claim(conversation_id)
    assert claim
    await desk.finish_turn(
        claim, [Content(text="a"), Content(text="b")], language="en", customer=None
    )
    messages = await desk.messages_after(conversation_id, 0, 10)
    assert [message.seq for message in messages] == [1, 2, 3, 4]
    assert [m.seq for m in await desk.messages_after(conversation_id, 2, 1)] == [3]
    assert [m.seq for m in await desk.messages_before(conversation_id, 4, 2)] == [2, 3]
    assert [m.seq for m in await desk.messages_before(conversation_id, None, 2)] == [3, 4]
    assert (await desk.conversation(conversation_id)).last_seq == 4


@pytest.mark.parametrize("external_id", ["", "x" * 201, "a\x00b", "a\nb", "a\ud800b"])
async def test_an_unusable_id_is_refused(desk: TestDesk, external_id: str) -> None:
    with pytest.raises(BadIncoming):
        await desk.hear("hello", external_id)
    assert await desk.conversation_of("web", "ann") is None


@pytest.mark.parametrize(
    "text", ["a\x00b", "\u202eabc", "😀" * 50, "'; DROP TABLE x; --", "\ud83d"]
)
async def test_whatever_a_shopper_writes_comes_back_as_it_was(desk: TestDesk, text: str) -> None:
    recorded = await desk.hear(text, "1")
    [message] = await desk.messages_after(recorded.conversation.id, 0, 10)
    assert message.content.text == text


async def test_a_message_keeps_when_the_channel_received_it_but_never_the_future(
    desk: TestDesk,
) -> None:
    early, late = NOON - timedelta(minutes=3), NOON + timedelta(days=1)
    first = await desk.record(Incoming("web", "ann", "1", Content(text="x"), received_at=early))
    second = await desk.record(Incoming("web", "ann", "2", Content(text="y"), received_at=late))
    assert (first.message.created_at, second.message.created_at) == (early, NOON)


async def test_one_worker_holds_a_turn_until_its_lease_ends(desk: TestDesk) -> None:
    conversation_id = (await desk.hear("hello", "1")).conversation.id
    first = await desk.claim(conversation_id, "w1")
    assert first
    assert first.attempt == 1
    assert await desk.claim(conversation_id, "w2") is None
    assert await desk.unanswered(timedelta(0), 10) == []
    desk.clock.advance(LEASE)
    assert await desk.unanswered(timedelta(0), 10) == [conversation_id]
    second = await desk.claim(conversation_id, "w2")
    assert second
    assert second.attempt == 2
    assert second.message.id == first.message.id
    late = await desk.finish_turn(first, [Content(text="late")], language="en", customer=None)
    assert isinstance(late, Dropped)
    done = await desk.finish_turn(second, [Content(text="hi")], language="en", customer=None)
    assert isinstance(done, Finished)
    assert await desk.texts(conversation_id) == ["shopper: hello", "bot: hi"]


async def test_who_records_may_have_the_turn_unless_something_older_waits(desk: TestDesk) -> None:
    lease = Lease("w1", LEASE)
    one, two, three = (Incoming("web", "ann", str(n), Content(text=str(n))) for n in range(3))
    first = await desk.record(one, turn_for=lease)
    assert first.turn
    assert (first.turn.message.id, first.turn.attempt) == (first.message.id, 1)
    assert (await desk.record(one, turn_for=lease)).turn is None
    assert (await desk.record(two, turn_for=lease)).turn is None
    conversation_id = first.conversation.id
    assert await desk.claim(conversation_id, "w2") is None
    await desk.finish_turn(first.turn, [Content(text="ok")], language="en", customer=None)
    assert (await desk.record(three, turn_for=lease)).turn is None
    # What comes of it after a crash is what comes of any claim.
    again = await desk.claim(conversation_id, "w2")
    assert again
    assert (again.message.content.text, again.attempt) == ("1", 1)


async def test_a_turn_recorded_and_lost_is_claimed_again_as_the_second_try(desk: TestDesk) -> None:
    said = Incoming("web", "ann", "1", Content(text="hello"))
    recorded = await desk.record(said, turn_for=Lease("w1", LEASE))
    desk.clock.advance(LEASE)
    again = await desk.claim(recorded.conversation.id, "w2")
    assert again
    assert again.attempt == 2


async def test_a_released_turn_may_be_claimed_at_once(desk: TestDesk) -> None:
    conversation_id = (await desk.hear("hello", "1")).conversation.id
    first = await desk.claim(conversation_id)
    assert first
    await desk.release_turn(first)
    second = await desk.claim(conversation_id, "w2")
    assert second
    await desk.release_turn(first)
    assert await desk.claim(conversation_id, "w3") is None


async def test_messages_are_answered_in_their_order(desk: TestDesk) -> None:
    conversation_id = (await desk.hear("one", "1")).conversation.id
    await desk.hear("two", "2")
    answered = []
    while claim := await desk.claim(conversation_id):
        answered.append(claim.message.content.text)
        await desk.finish_turn(claim, [Content(text="ok")], language="en", customer=None)
    assert answered == ["one", "two"]


async def test_a_reply_says_what_it_answers(desk: TestDesk) -> None:
    recorded = await desk.hear("one", "1")
    assert not await desk.is_answered(recorded.message.id)
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    replies = [Content(text="a"), Content(text="b")]
    await desk.finish_turn(claim, replies, language="en", customer=None)
    assert await desk.is_answered(recorded.message.id)
    assert [m.content.text for m in await desk.replies_to(recorded.message.id)] == ["a", "b"]
    with pytest.raises(NoSuchMessage):
        await desk.is_answered("nothing")


async def test_a_turn_may_end_in_the_queue(desk: TestDesk) -> None:
    recorded = await desk.hear("转人工", "1")
    other = await desk.hear("快点", "2")
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    desk.events.clear()
    handoff = Handoff(HandoffReason.FRUSTRATED, {"order": "KF2611220001"}, NOON)
    finished = await desk.finish_turn(
        claim, [Content(text="好的")], handoff=handoff, language="zh", customer={"id": "c1"}
    )
    assert isinstance(finished, Finished)
    assert finished.conversation.owner is Owner.QUEUE
    assert finished.conversation.epoch == claim.conversation.epoch + 1
    assert finished.conversation.handoff == handoff
    assert finished.conversation.queued_at == NOON
    assert finished.conversation == await desk.conversation(recorded.conversation.id)
    assert [message.author for message in finished.messages] == [Author.BOT, Author.SYSTEM]
    assert [type(event) for event in desk.events] == [
        MessageAppended,
        MessageAppended,
        OwnerChanged,
        QueueChanged,
    ]
    # What the bot had not yet answered is now for a person.
    messages = await desk.messages_after(recorded.conversation.id, 0, 10)
    states = {message.id: message.turn_state for message in messages}
    assert states[recorded.message.id] is TurnState.ANSWERED
    assert states[other.message.id] is TurnState.FOR_PERSON
    assert await desk.claim(recorded.conversation.id) is None


async def test_after_a_takeover_the_bot_is_silent(desk: TestDesk, lin: Agent) -> None:
    recorded = await desk.hear("where is it", "1")
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    await desk.take(recorded.conversation.id, lin.id)
    late = await desk.finish_turn(claim, [Content(text="late")], language="en", customer=None)
    assert isinstance(late, Dropped)
    assert late.conversation.owner is Owner.AGENT
    assert await desk.texts(recorded.conversation.id) == ["shopper: where is it"]
    assert (await desk.hear("hello?", "2")).message.turn_state is TurnState.FOR_PERSON
    # Even a return to the bot does not make the old answer welcome.
    await desk.hand_back(recorded.conversation.id, lin.id)
    again = await desk.finish_turn(claim, [Content(text="late")], language="en", customer=None)
    assert isinstance(again, Dropped)
    assert await desk.unanswered(timedelta(0), 10) == []


async def test_an_answer_given_twice_is_appended_once(desk: TestDesk) -> None:
    recorded = await desk.hear("hello", "1")
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    await desk.finish_turn(claim, [Content(text="hi")], language="en", customer=None)
    again = await desk.finish_turn(claim, [Content(text="hi")], language="en", customer=None)
    assert isinstance(again, Dropped)
    assert await desk.texts(recorded.conversation.id) == ["shopper: hello", "bot: hi"]


async def test_a_turn_does_not_overwrite_whom_the_channel_verified_meanwhile(
    desk: TestDesk,
) -> None:
    recorded = await desk.hear("hello", "1")
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    known = Incoming("web", "ann", "2", Content(text="I logged in"), customer={"id": "c9"})
    await desk.record(known)
    await desk.finish_turn(claim, [Content(text="hi")], language="en", customer={"id": "c1"})
    assert (await desk.conversation(recorded.conversation.id)).customer == {"id": "c9"}


async def test_a_closed_conversation_comes_back_to_the_bot(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await desk.waiting()
    await desk.take(conversation_id, lin.id)
    closed = await desk.close(conversation_id, lin.id)
    recorded = await desk.hear("one more thing", "later")
    assert recorded.conversation.id == conversation_id
    assert recorded.conversation.owner is Owner.BOT
    assert recorded.conversation.epoch == closed.epoch + 1
    assert recorded.message.turn_state is TurnState.PENDING
    assert await desk.claim(conversation_id)


@pytest.mark.parametrize("conversation_id", ["nothing", "a\x00b", "a\ud800", ""])
async def test_a_conversation_that_does_not_exist_is_an_error(
    desk: TestDesk, conversation_id: str
) -> None:
    with pytest.raises(NoSuchConversation):
        await desk.claim(conversation_id)
    with pytest.raises(NoSuchConversation):
        await desk.conversation(conversation_id)
    with pytest.raises(NoSuchConversation):
        await desk.leave_queue(conversation_id)
    assert await desk.conversation_of("web", conversation_id) is None


async def test_a_handoff_decided_under_an_older_epoch_is_refused(
    desk: TestDesk, lin: Agent
) -> None:
    recorded = await desk.hear("hello", "1")
    epoch = recorded.conversation.epoch
    await desk.take(recorded.conversation.id, lin.id)
    await desk.hand_back(recorded.conversation.id, lin.id)
    handoff = Handoff(HandoffReason.BOT_ERROR, {}, NOON)
    with pytest.raises(ConversationMoved) as moved:
        await desk.hand_off(recorded.conversation.id, epoch, handoff)
    assert moved.value.current.owner is Owner.BOT


async def test_a_listener_that_breaks_does_not_undo_or_silence_anything(desk: TestDesk) -> None:
    heard: list[object] = []

    def broken(event: object) -> None:
        raise RuntimeError("deaf")

    desk.listen(broken)
    desk.listen(heard.append)
    recorded = await desk.hear("hello", "1")
    assert await desk.texts(recorded.conversation.id) == ["shopper: hello"]
    assert len(heard) == 1


async def test_what_the_bot_heard_takes_the_place_of_what_was_said(desk: TestDesk) -> None:
    said = await desk.hear("the code is 473829", "m1")
    assert await desk.search.index() == 1
    claim = await desk.claim(said.conversation.id)
    assert claim is not None
    await desk.finish_turn(
        claim, [Content(text="thanks")], language="en", customer=None, heard="the code is ******"
    )
    texts = ["shopper: the code is ******", "bot: thanks"]
    assert await desk.texts(said.conversation.id) == texts
    assert await desk.search.find("473829", 10) == []
    await desk.search.index()
    [hit] = await desk.search.find("code", 10)
    assert hit.message.content.text == "the code is ******"
    [rewritten] = [event for event in desk.events if isinstance(event, MessageRewritten)]
    assert rewritten.message.id == said.message.id
    assert rewritten.message.content.text == "the code is ******"


async def test_what_was_not_indexed_yet_is_indexed_as_it_may_be_read(desk: TestDesk) -> None:
    said = await desk.hear("473829", "m1")
    claim = await desk.claim(said.conversation.id)
    assert claim is not None
    # An agent was faster: the answer is dropped, and yet nobody reads the code.
    agent = await desk.add_agent("lin", "Lin", "correct horse", Role.SUPERVISOR)
    await desk.take(said.conversation.id, agent.id)
    finished = await desk.finish_turn(claim, [], language=None, customer=None, heard="******")
    assert isinstance(finished, Dropped)
    await desk.search.index()
    assert await desk.search.find("473829", 10) == []
    assert "shopper: ******" in await desk.texts(said.conversation.id)
