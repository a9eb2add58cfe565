"""What a platform lets us send: the ledger never promises more, and what does not fit waits."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from desk.model import Begun, Finished, Incoming, Lease
from desk.reach import NEXT_STEPS, Allowance, Reach, ReachState
from kernel.content import Content
from tests.desk.conftest import LEASE, NOON, TestDesk

TWO_DAYS = timedelta(hours=48)


def five(since: timedelta = timedelta(0), left: int = 5, kind: str = "message") -> Allowance:
    return Allowance(kind, left, NOON + since, NOON + since + TWO_DAYS)


def test_every_message_uses_one_up_and_the_window_ends() -> None:
    reach = Reach().opened(five(left=2))
    assert (reach.left_at(NOON), reach.state_at(NOON)) == (2, ReachState.OPEN)
    once = reach.spending(NOON)
    assert once is not None
    twice = once.spending(NOON)
    assert twice is not None
    assert (twice.left_at(NOON), twice.state_at(NOON)) == (0, ReachState.QUOTA_USED)
    assert twice.spending(NOON) is None
    later = NOON + TWO_DAYS
    assert once.state_at(later) is ReachState.WINDOW_CLOSED
    assert once.spending(later) is None


def test_what_ends_first_is_used_first() -> None:
    click = Allowance("menu_click", 3, NOON, NOON + timedelta(minutes=1))
    reach = Reach().opened(five()).opened(click)
    assert reach.left_at(NOON) == 8
    spent = reach.spending(NOON)
    assert spent is not None
    assert {one.kind: one.left for one in spent.allowances} == {"message": 5, "menu_click": 2}
    paid = Reach().opened(five()).opened(Allowance("paid", None, NOON, NOON + TWO_DAYS))
    assert paid.left_at(NOON) is None
    free = paid.spending(NOON)
    assert free is not None
    assert {one.kind: one.left for one in free.allowances} == {"message": 5, "paid": None}


def test_what_was_sent_since_the_shopper_wrote_counts_although_we_hear_of_it_late() -> None:
    reach = Reach().opened(five())
    for second in (10, 11):
        after = reach.spending(NOON + timedelta(seconds=second))
        assert after is not None
        reach = after
    assert reach.opened(five(timedelta(seconds=9))).left_at(NOON) == 3
    assert reach.opened(five(timedelta(seconds=12))).left_at(NOON) == 4
    assert reach.opened(five(timedelta(seconds=60))).left_at(NOON) == 5


def test_what_is_still_on_its_way_when_the_shopper_writes_counts_against_either() -> None:
    reach = Reach().opened(five())
    began = NOON + timedelta(seconds=10)
    spent = reach.spending(began)
    assert spent is not None
    # The platform takes it at second 15, after it has heard the shopper at second 13.
    reach = spent.opened(five(timedelta(seconds=13))).lasting(NOON + timedelta(seconds=15))
    assert reach.left_at(NOON + timedelta(seconds=16)) == 4
    # We may hear of the shopper afterwards, too.
    late = spent.lasting(NOON + timedelta(seconds=15)).opened(five(timedelta(seconds=13)))
    assert late.left_at(NOON + timedelta(seconds=16)) == 4
    # What was taken before counts once, and so does what is sent again.
    assert spent.is_newest_paid
    assert not spent.opened(five(timedelta(seconds=13))).is_newest_paid
    assert late.opened(five(timedelta(seconds=20))).left_at(NOON + timedelta(seconds=21)) == 5
    in_time = spent.lasting(NOON + timedelta(seconds=12)).opened(five(timedelta(seconds=14)))
    assert in_time.left_at(NOON + timedelta(seconds=15)) == 5


def test_an_older_message_told_late_opens_nothing_again() -> None:
    reach = Reach().opened(five(timedelta(seconds=60), left=1))
    assert reach.opened(five()).left_at(NOON) == 1


def test_the_platforms_word_counts_until_the_shopper_is_heard_again() -> None:
    reach = Reach().opened(five()).refused(ReachState.UNFOLLOWED, "43004")
    assert (reach.state_at(NOON), reach.left_at(NOON)) == (ReachState.UNFOLLOWED, 0)
    back = reach.opened(five(timedelta(minutes=1), kind="follow"))
    assert back.state_at(NOON) is ReachState.OPEN
    used = Reach().opened(five()).refused(ReachState.QUOTA_USED, "45047")
    assert used.state_at(NOON) is ReachState.QUOTA_USED
    closed = Reach().opened(five()).refused(ReachState.WINDOW_CLOSED, "45015")
    assert closed.state_at(NOON) is ReachState.WINDOW_CLOSED


def test_every_state_has_a_next_step() -> None:
    assert set(NEXT_STEPS) == set(ReachState)


@given(st.lists(st.tuples(st.sampled_from(["write", "send"]), st.integers(0, 30)), max_size=60))
def test_the_ledger_never_allows_more_than_a_platform_that_counts(
    deeds: list[tuple[str, int]],
) -> None:
    """The platform: five messages after each one of the shopper's, counted from it."""
    reach, now, platform = Reach(), NOON, 0
    for deed, seconds in deeds:
        now += timedelta(seconds=seconds)
        if deed == "write":
            reach, platform = reach.opened(five(now - NOON)), 5
        elif (after := reach.spending(now)) is not None:
            reach, platform = after, platform - 1
        assert platform >= 0
        assert (reach.left_at(now) or 0) <= platform


async def write(desk: TestDesk, external_id: str, left: int = 5) -> str:
    """The shopper writes on a channel whose platform counts; the bot answers with two messages."""
    now = desk.clock.now()
    allowance = Allowance("message", left, now, now + TWO_DAYS)
    recorded = await desk.record(
        Incoming("wechat", "ann", external_id, Content(text="hi"), allowance=allowance)
    )
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    replies = [Content(text=f"{external_id} a"), Content(text=f"{external_id} b")]
    await desk.finish_turn(claim, replies, language="en", customer=None)
    return recorded.conversation.id


async def due(desk: TestDesk) -> list[str]:
    return [one.message.content.text for one in await desk.due(10, Lease("w1", LEASE))]


async def test_what_does_not_fit_waits_and_goes_first_when_the_shopper_is_back(
    desk: TestDesk,
) -> None:
    conversation = await write(desk, "1", left=1)
    run = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(run, 1, via="api", spend=True) is Begun.YES
    await desk.delivered(run[0].id)
    assert await desk.begin(run[1:], 1, via="api", spend=True) is Begun.NOTHING_LEFT
    await desk.park(run[1:])
    assert await due(desk) == []
    reach = await desk.reach(conversation)
    assert reach is not None
    assert (reach.state_at(desk.clock.now()), reach.parked) == (ReachState.QUOTA_USED, 1)
    desk.clock.advance(timedelta(minutes=1))
    await write(desk, "2")
    assert await due(desk) == ["1 b", "2 a", "2 b"]


async def test_a_message_on_its_way_at_a_power_cut_comes_back_as_one_of_unknown_fate(
    desk: TestDesk,
) -> None:
    await write(desk, "1")
    run = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(run, 2, via="api:1", spend=True) is Begun.YES
    desk.clock.advance(LEASE)
    again = await desk.due(10, Lease("w2", LEASE))
    assert [(one.via, one.begun_at is None) for one in again] == [("api:1", False)] * 2
    await desk.delivered(*(one.id for one in run))
    assert await desk.begin(again, 2, via="api:2", spend=False) is Begun.NOT_NEXT


async def test_a_message_cut_in_parts_goes_on_where_it_stopped(desk: TestDesk) -> None:
    await write(desk, "1")
    run = await desk.due(10, Lease("w1", LEASE))
    first, second = run
    assert await desk.begin(run, 1, via="api:1", spend=True) is Begun.YES
    await desk.delivered(partly=(first.id, 2))
    await desk.failed(first.id, desk.clock.now(), "down")
    again = await desk.due(10, Lease("w1", LEASE))
    assert [(one.id, one.parts, one.begun_at) for one in again] == [
        (first.id, 2, None),
        (second.id, 0, None),
    ]


async def test_what_was_handed_over_and_never_arrived_is_due_again(desk: TestDesk) -> None:
    conversation = await write(desk, "1")
    deliveries = await desk.due(10, Lease("w1", LEASE))
    await desk.begin(deliveries, 2, via="passive:m1", spend=False)
    await desk.delivered(*(one.id for one in deliveries))
    assert await due(desk) == []
    assert await desk.came_to_nothing(conversation, "passive:m1")
    assert not await desk.came_to_nothing(conversation, "passive:m1")
    assert await due(desk) == ["1 a", "1 b"]


async def test_a_shopper_who_is_gone_is_known_before_anybody_writes(desk: TestDesk) -> None:
    conversation = await write(desk, "1")
    assert await desk.reach((await desk.hear("hello", "1", "bob")).conversation.id) is None
    await desk.reach_changed(conversation, ReachState.UNFOLLOWED, "unsubscribe")
    reach = await desk.reach(conversation)
    assert reach is not None
    assert (reach.state, reach.code) == (ReachState.UNFOLLOWED, "unsubscribe")
    run = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(run, 1, via="api", spend=True) is Begun.NOTHING_LEFT


async def test_what_is_to_be_parked_stays_due_if_the_shopper_has_written_meanwhile(
    desk: TestDesk,
) -> None:
    await write(desk, "1", left=1)
    run = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(run, 1, via="api", spend=True) is Begun.YES
    await desk.delivered(run[0].id)
    # Whoever sends has seen that nothing is left, and before it says so the shopper writes.
    desk.clock.advance(timedelta(seconds=5))
    await write(desk, "2")
    assert not await desk.park(run[1:], for_quota=True)
    again = await desk.due(10, Lease("w1", LEASE))
    assert [one.message.content.text for one in again] == ["1 b", "2 a", "2 b"]
    # A refusal of the platform's own counts whatever our ledger says.
    assert await desk.park(again[:1], state=ReachState.UNFOLLOWED)


async def parked(desk: TestDesk) -> None:
    """The shopper's first message has been answered, and nothing of it could go out."""
    await write(desk, "1", left=1)
    run = await desk.due(10, Lease("w1", LEASE))
    await desk.park(run, state=ReachState.QUOTA_USED)


async def test_what_was_parked_goes_before_what_is_in_somebodys_hands_already(
    desk: TestDesk,
) -> None:
    await parked(desk)
    recorded = await desk.record(Incoming("wechat", "ann", "2", Content(text="still there?")))
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    finished = await desk.finish_turn(
        claim, [Content(text="2 a")], language="en", customer=None, sender=Lease("w1", LEASE)
    )
    assert isinstance(finished, Finished)
    # Before its sender begins, the shopper's next message makes due what was parked.
    desk.clock.advance(timedelta(seconds=5))
    await write(desk, "3")
    earlier = await desk.due(10, Lease("w1", LEASE))
    assert [one.message.content.text for one in earlier] == ["1 a", "1 b"]
    assert await desk.begin(finished.deliveries, 1, via="api", spend=True) is Begun.NOT_NEXT
    assert await desk.begin(earlier, 2, via="api", spend=True) is Begun.YES
    await desk.delivered(*(one.id for one in earlier))
    assert await due(desk) == ["2 a", "3 a", "3 b"]


async def test_what_is_still_parked_when_there_is_a_way_again_goes_first(desk: TestDesk) -> None:
    await parked(desk)
    recorded = await desk.record(Incoming("wechat", "ann", "2", Content(text="still there?")))
    claim = await desk.claim(recorded.conversation.id)
    assert claim
    await desk.finish_turn(claim, [Content(text="2 a")], language="en", customer=None)
    # A passive answer needs no allowance.
    later = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(later, 1, via="passive:2", spend=False) is Begun.NOT_NEXT
    assert await due(desk) == ["1 a", "1 b", "2 a"]


async def test_who_was_too_slow_sends_nothing_once_it_is_in_other_hands(desk: TestDesk) -> None:
    await write(desk, "1")
    slow = await desk.due(10, Lease("w1", LEASE))
    desk.clock.advance(LEASE)
    # The same process, but not the same hands.
    quick = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(slow, 2, via="api:1", spend=True) is Begun.NOT_NEXT
    assert not await desk.park(slow, for_quota=True)
    assert await desk.begin(quick, 2, via="api:2", spend=True) is Begun.YES


async def test_what_comes_back_takes_nothing_along_that_is_on_its_way(desk: TestDesk) -> None:
    conversation = await write(desk, "1")
    first = await desk.due(10, Lease("w1", LEASE))
    await desk.begin(first, 2, via="passive:m1", spend=False)
    await desk.delivered(*(one.id for one in first))
    await write(desk, "2")
    second = await desk.due(10, Lease("w1", LEASE))
    assert await desk.begin(second, 2, via="api:2", spend=True) is Begun.YES
    assert await desk.came_to_nothing(conversation, "passive:m1")
    assert await due(desk) == ["1 a", "1 b"]
    # Nor when whoever was sending it has died: what became of it is another question.
    desk.clock.advance(LEASE)
    assert await due(desk) == ["1 a", "1 b"]
