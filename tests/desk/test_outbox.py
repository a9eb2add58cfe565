"""What waits to be sent: in order, at least once, never to be forgotten."""

from __future__ import annotations

from datetime import timedelta

from desk.model import Agent, Delivery, Finished, Lease
from kernel.content import Content
from tests.desk.conftest import LEASE, TestDesk


async def say(desk: TestDesk, shopper: str, *texts: str) -> str:
    """The bot says ``texts`` to a shopper who has just written; the conversation's id."""
    count = len(texts)
    recorded = await desk.hear(f"question before {texts[0]}", f"q-{texts[0]}-{count}", shopper)
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    replies = [Content(text=text) for text in texts]
    await desk.finish_turn(claim, replies, language="en", customer=None)
    return recorded.conversation.id


async def sent(desk: TestDesk, worker: str = "w1", limit: int = 10) -> list[str]:
    """The texts a worker is given to send now."""
    return [d.message.content.text for d in await desk.due(limit, Lease(worker, LEASE))]


async def test_messages_go_out_in_their_order_and_once(desk: TestDesk) -> None:
    await say(desk, "ann", "a1", "a2")
    deliveries = await desk.due(10, Lease("w1", LEASE))
    assert [d.message.content.text for d in deliveries] == ["a1", "a2"]
    assert [d.attempt for d in deliveries] == [0, 0]
    assert deliveries[0].conversation.shopper_id == "ann"
    for delivery in deliveries:
        await desk.delivered(delivery.id)
    desk.clock.advance(LEASE)
    assert await sent(desk) == []


async def test_who_finishes_a_turn_may_send_unless_something_earlier_is_unsent(
    desk: TestDesk,
) -> None:
    async def answer(text: str) -> list[str]:
        recorded = await desk.hear(f"before {text}", text)
        claim = await desk.claim(recorded.conversation.id)
        assert claim
        finished = await desk.finish_turn(
            claim,
            [Content(text=text)],
            language="en",
            customer=None,
            sender=Lease("w1", LEASE),
        )
        assert isinstance(finished, Finished)
        deliveries.extend(finished.deliveries)
        return [delivery.message.content.text for delivery in finished.deliveries]

    deliveries: list[Delivery] = []
    assert await answer("a1") == ["a1"]
    assert await sent(desk, "w2") == []
    assert await answer("a2") == []
    await desk.delivered(deliveries[0].id)
    assert await sent(desk, "w2") == ["a2"]


async def test_what_another_worker_holds_holds_back_what_follows(desk: TestDesk) -> None:
    await say(desk, "ann", "a1")
    assert await sent(desk, "w1") == ["a1"]
    await say(desk, "ann", "a2")
    await say(desk, "bob", "b1")
    assert await sent(desk, "w2") == ["b1"]
    # The first worker died: everything comes again, in order.
    desk.clock.advance(LEASE)
    assert sorted(await sent(desk, "w2")) == ["a1", "a2", "b1"]


async def test_a_failure_holds_back_what_follows_until_its_retry(desk: TestDesk) -> None:
    await say(desk, "ann", "a1", "a2", "a3")
    first, second, _third = await desk.due(10, Lease("w1", LEASE))
    await desk.delivered(first.id)
    await desk.failed(second.id, desk.clock.now() + timedelta(seconds=2), "down")
    assert await sent(desk, "w2") == []
    desk.clock.advance(timedelta(seconds=2))
    again = await desk.due(10, Lease("w2", LEASE))
    assert [(d.message.content.text, d.attempt) for d in again] == [("a2", 1), ("a3", 0)]


async def test_a_message_given_up_lets_the_next_go(desk: TestDesk) -> None:
    await say(desk, "ann", "a1", "a2")
    first, _second = await desk.due(10, Lease("w1", LEASE))
    await desk.failed(first.id, None, "blocked us")
    assert await sent(desk, "w2") == ["a2"]
    # A late word about what is settled changes nothing.
    await desk.failed(first.id, desk.clock.now(), "blocked us again")
    assert await sent(desk, "w2") == []


async def test_what_was_given_up_comes_again_before_the_rest_when_the_shopper_is_back(
    desk: TestDesk,
) -> None:
    conversation_id = await say(desk, "ann", "a1", "a2", "a3", "a4")
    first, second, third, _fourth = await desk.due(10, Lease("w1", LEASE))
    await desk.delivered(first.id)
    await desk.failed(second.id, None, "away")
    await desk.failed(third.id, desk.clock.now() + timedelta(hours=1), "away")
    assert await sent(desk, "w2") == []
    await desk.send_again(conversation_id)
    again = await desk.due(10, Lease("w2", LEASE))
    assert [d.message.content.text for d in again] == ["a2", "a3", "a4"]
    assert [d.attempt for d in again] == [0, 0, 0]


async def test_sending_again_takes_nothing_out_of_another_workers_hands(desk: TestDesk) -> None:
    conversation_id = await say(desk, "ann", "a1")
    assert await sent(desk, "w1") == ["a1"]
    await desk.send_again(conversation_id)
    assert await sent(desk, "w2") == []


async def test_a_limit_cuts_between_messages_not_within_the_order(desk: TestDesk) -> None:
    await say(desk, "ann", "a1", "a2", "a3")
    assert await sent(desk, "w1", limit=2) == ["a1", "a2"]
    assert await sent(desk, "w1", limit=2) == []
    await say(desk, "bob", "b1")
    assert await sent(desk, "w2", limit=1) == ["b1"]


async def test_people_and_the_system_are_sent_too_but_not_the_shopper(
    desk: TestDesk, lin: Agent
) -> None:
    conversation_id = await desk.waiting()
    await desk.take(conversation_id, lin.id)
    await desk.reply(conversation_id, lin.id, Content(text="hello, Lin here"), "c1")
    deliveries = await desk.due(10, Lease("w1", LEASE))
    assert [d.message.author for d in deliveries] == ["system", "system", "agent"]
