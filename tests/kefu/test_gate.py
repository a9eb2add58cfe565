"""The gate over a real desk: every message answered once, in order, whatever breaks in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.runtime.turn import HandoffRequest, TurnFailed, TurnRequest, TurnResult, TurnTimeout
from desk.model import Author, Delivery, HandoffReason, Incoming, Message, Owner, Role
from desk.rulebook import read_rules
from desk.service import Desk
from kefu.gate import Gate
from kefu.gate_times import GateTimes
from kernel.clock import SetClock, SystemClock
from kernel.content import Content
from kernel.database import make_engine

Answer = Callable[[TurnRequest], Awaitable[TurnResult]]
FAST = GateTimes(
    turn_lease=timedelta(seconds=1),
    sweep_every=timedelta(milliseconds=50),
    delivery_lease=timedelta(seconds=1),
    delivery_backoff=timedelta(milliseconds=50),
    delivery_limit=timedelta(milliseconds=200),
)


def said(text: str, handoff: HandoffRequest | None = None) -> TurnResult:
    return TurnResult((Content(text=text),), handoff, "en", None)


class Script:
    """An assistant that answers as a test says, and counts how often it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def turn(self, request: TurnRequest) -> TurnResult:
        self.asked.append(request.text)
        return await self.answer(request)


async def echo(request: TurnRequest) -> TurnResult:
    return said(f"you said {request.text}")


class Phone:
    """A channel that keeps what it was given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.shown: list[str] = []

    async def deliver(self, delivery: Delivery) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("no line")
        self.shown.append(delivery.message.content.text)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    engine = make_engine(database_url)
    yield Desk(engine, SystemClock())
    await engine.dispose()


def make_gate(desk: Desk, answer: Answer, worker: str = "one") -> tuple[Gate, Script]:
    script = Script(answer)
    return Gate(desk, script, SystemClock(), worker=worker, times=FAST), script


def incoming(number: int, text: str = "hello") -> Incoming:
    return Incoming("phone", "ann", f"m{number}", Content(text=text), language="en")


async def transcript(desk: Desk) -> list[Message]:
    conversation = await desk.conversation_of("phone", "ann")
    assert conversation is not None
    return await desk.messages_after(conversation.id, 0, 500)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_a_message_is_answered_and_the_answer_is_sent(desk: Desk) -> None:
    gate, _ = make_gate(desk, echo)
    phone = Phone()
    await gate.start({"phone": phone})

    recorded = await gate.receive(incoming(1))
    replies = (await gate.answered(recorded.message, timeout=30)).replies
    await until(lambda: _is(phone.shown == ["you said hello"]))
    await gate.stop()

    assert [reply.content.text for reply in replies] == ["you said hello"]


async def _is(fact: bool) -> bool:
    return fact


async def test_a_message_that_comes_again_is_answered_once(desk: Desk) -> None:
    gate, script = make_gate(desk, echo)
    await gate.start({"phone": Phone()})

    first = await gate.receive(incoming(1))
    again = await gate.receive(incoming(1))
    await gate.answered(first.message, timeout=30)
    await gate.stop()

    assert again.duplicate
    assert script.asked == ["hello"]


async def test_messages_of_a_burst_are_answered_one_by_one_in_order(desk: Desk) -> None:
    async def slowly(request: TurnRequest) -> TurnResult:
        await asyncio.sleep(0.02)
        return await echo(request)

    gate, script = make_gate(desk, slowly)
    phone = Phone()
    await gate.start({"phone": phone})

    for number in range(8):
        await gate.receive(incoming(number, f"word {number}"))
    await until(lambda: _is(len(phone.shown) == 8))
    await gate.stop()

    assert script.asked == [f"word {number}" for number in range(8)]
    assert phone.shown == [f"you said word {number}" for number in range(8)]


@pytest.mark.parametrize("error", [TurnTimeout("slow"), RuntimeError("a bug")])
async def test_a_turn_that_breaks_ends_in_words_and_a_way_to_a_person(
    desk: Desk, error: Exception
) -> None:
    async def breaks(_: TurnRequest) -> TurnResult:
        raise error

    gate, _ = make_gate(desk, breaks)
    await gate.start({"phone": Phone()})

    recorded = await gate.receive(incoming(1))
    [reply] = (await gate.answered(recorded.message, timeout=30)).replies
    await gate.stop()

    assert "person" in reply.content.text
    assert [button.payload for button in reply.content.buttons] == ["/human_agent"]


async def test_a_silent_assistant_does_not_leave_the_shopper_in_silence(desk: Desk) -> None:
    async def silent(_: TurnRequest) -> TurnResult:
        return TurnResult((), None, "zh", None)

    gate, _ = make_gate(desk, silent)
    await gate.start({"phone": Phone()})

    recorded = await gate.receive(incoming(1))
    [reply] = (await gate.answered(recorded.message, timeout=30)).replies
    await gate.stop()

    assert "转人工" in reply.content.text


async def test_a_turn_that_another_store_refused_is_tried_again(desk: Desk) -> None:
    tries = 0

    async def at_second_try(request: TurnRequest) -> TurnResult:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise TurnFailed("the tracker moved")
        return await echo(request)

    gate, _ = make_gate(desk, at_second_try)
    await gate.start({"phone": Phone()})

    recorded = await gate.receive(incoming(1))
    [reply] = (await gate.answered(recorded.message, timeout=30)).replies
    await gate.stop()

    assert reply.content.text == "you said hello"


async def test_the_assistant_is_told_how_old_a_proof_may_be_and_what_it_forgets_is_forgotten(
    database_url: str,
) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    clock = SetClock(noon)
    engine = make_engine(database_url)
    desk = Desk(engine, clock)
    proven = {"id": "C1", "name": "Ann", "proof": "order_and_phone", "proven_at": noon.isoformat()}
    told: list[datetime | None] = []

    async def proves_then_forgets(request: TurnRequest) -> TurnResult:
        told.append(request.proven_since)
        return replace(said("hello"), customer=None if request.customer else proven)

    gate = Gate(
        desk,
        Script(proves_then_forgets),
        clock,
        worker="one",
        times=FAST,
        proof_valid=timedelta(minutes=120),
    )
    await gate.start({"phone": Phone()})
    customers = []
    for number in range(2):
        recorded = await gate.receive(incoming(number))
        await gate.answered(recorded.message, timeout=30)
        conversation = await desk.conversation_of("phone", "ann")
        assert conversation is not None
        customers.append(conversation.customer)
        clock.advance(timedelta(minutes=30))
    await gate.stop()
    await engine.dispose()

    assert told == [noon - timedelta(minutes=120), noon - timedelta(minutes=90)]
    assert customers == [proven, None]


async def test_after_a_handoff_the_bot_is_not_asked(desk: Desk) -> None:
    async def hands_off(_: TurnRequest) -> TurnResult:
        return said("one moment", HandoffRequest("asked", {"wants": "a person"}))

    gate, script = make_gate(desk, hands_off)
    await gate.start({"phone": Phone()})

    first = await gate.receive(incoming(1))
    await gate.answered(first.message, timeout=30)
    second = await gate.receive(incoming(2, "are you there?"))
    await gate.answered(second.message, timeout=1)
    await gate.stop()

    assert second.conversation.owner is Owner.QUEUE
    assert second.conversation.handoff is not None
    assert second.conversation.handoff.summary == {"wants": "a person"}
    assert script.asked == ["hello"]


async def test_a_bot_that_thinks_while_an_agent_takes_over_stays_silent(desk: Desk) -> None:
    thinking, taken = asyncio.Event(), asyncio.Event()

    async def thinks(request: TurnRequest) -> TurnResult:
        thinking.set()
        await taken.wait()
        return await echo(request)

    gate, _ = make_gate(desk, thinks)
    phone = Phone()
    await gate.start({"phone": phone})
    agent = await desk.add_agent("li", "Li", "a long enough password", Role.SUPERVISOR)

    recorded = await gate.receive(incoming(1))
    await thinking.wait()
    await desk.take(recorded.conversation.id, agent.id)
    taken.set()
    await gate.answered(recorded.message, timeout=2)
    await gate.stop()

    assert [m for m in await transcript(desk) if m.author is Author.BOT] == []
    assert "you said hello" not in phone.shown


async def test_what_a_dead_process_left_unanswered_is_answered_once_by_the_next(
    desk: Desk,
) -> None:
    async def never(_: TurnRequest) -> TurnResult:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    dead, _ = make_gate(desk, never, "dead")
    for number in range(3):
        await dead.receive(incoming(number, f"word {number}"))
    await asyncio.sleep(0.1)
    for task in list(dead._running.values()):
        task.cancel()

    gate, script = make_gate(desk, echo, "alive")
    phone = Phone()
    await gate.start({"phone": phone})
    await until(lambda: _is(len(phone.shown) >= 3))
    await gate.stop()

    assert phone.shown == [f"you said word {number}" for number in range(3)]
    assert script.asked == [f"word {number}" for number in range(3)]


async def test_a_broken_line_delays_messages_and_keeps_their_order(desk: Desk) -> None:
    gate, _ = make_gate(desk, echo)
    phone = Phone(failures=3)
    await gate.start({"phone": phone})

    for number in range(3):
        await gate.receive(incoming(number, f"word {number}"))
    await until(lambda: _is(len(phone.shown) == 3))
    await gate.stop()

    assert phone.shown == [f"you said word {number}" for number in range(3)]


class HangingPhone(Phone):
    """A channel that keeps one delivery waiting for ever, and takes every other."""

    def __init__(self) -> None:
        super().__init__()
        self.hung = 0

    async def deliver(self, delivery: Delivery) -> None:
        if delivery.conversation.shopper_id == "ann" and not self.hung:
            self.hung += 1
            await asyncio.Event().wait()
        await super().deliver(delivery)


async def test_a_line_that_hangs_keeps_nobody_waiting_and_is_tried_again(desk: Desk) -> None:
    gate, _ = make_gate(desk, echo)
    phone = HangingPhone()
    await gate.start({"phone": phone})

    await gate.receive(incoming(1, "from ann"))
    await until(lambda: _is(phone.hung == 1))
    await gate.receive(Incoming("phone", "bob", "m1", Content(text="from bob"), language="en"))
    await until(lambda: _is(len(phone.shown) == 2))
    await gate.stop()

    assert sorted(phone.shown) == ["you said from ann", "you said from bob"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TurnTimeout("slow"), HandoffReason.BOT_TIMEOUT),
        (ValueError("bug"), HandoffReason.BOT_ERROR),
    ],
)
async def test_an_assistant_that_comes_to_nothing_twice_is_followed_by_a_person(
    desk: Desk, error: Exception, reason: HandoffReason
) -> None:
    async def breaks(request: TurnRequest) -> TurnResult:
        raise error

    gate, _ = make_gate(desk, breaks)
    await gate.start({"phone": Phone()})
    owners = []
    for number in range(2):
        recorded = await gate.receive(incoming(number, "where is KF2601018011"))
        await gate.answered(recorded.message, timeout=30)
        owners.append((await desk.conversation(recorded.conversation.id)).owner)
    await gate.stop()
    assert owners == [Owner.BOT, Owner.QUEUE]
    handoff = (await desk.conversation(recorded.conversation.id)).handoff
    assert handoff
    assert handoff.reason is reason
    assert handoff.summary["last_words"] == "where is KF2601018011"
    assert len(handoff.summary["tried"]) == 2


async def test_for_a_valued_customer_one_failure_is_enough_and_the_desk_knows_them(
    desk: Desk,
) -> None:
    async def breaks(request: TurnRequest) -> TurnResult:
        raise TurnTimeout("slow")

    async def level_of(customer_id: str) -> str:
        return {"C1": "gold"}[customer_id]

    gate = Gate(desk, Script(breaks), SystemClock(), worker="one", times=FAST, group_of=level_of)
    await gate.start({"phone": Phone()})
    # As a supervisor saves it while the gate runs.
    desk.use_rules(read_rules({"queue": {"vip_groups": ["gold"]}}, {}))
    message = replace(incoming(1), customer={"id": "C1", "name": "Ann"})
    recorded = await gate.receive(message)
    await gate.answered(recorded.message, timeout=30)
    await gate.stop()
    conversation = await desk.conversation(recorded.conversation.id)
    assert (conversation.owner, conversation.group) == (Owner.QUEUE, "gold")


async def test_what_an_agent_agreed_is_told_to_the_shopper_and_known_to_the_assistant(
    desk: Desk,
) -> None:
    known: list[object] = []

    async def listens(request: TurnRequest) -> TurnResult:
        known.append(request.agreed)
        return said("fine")

    gate, _ = make_gate(desk, listens)
    await gate.start({"phone": Phone()})
    agent = await desk.add_agent("lin", "Lin", "a long password 1", Role.AGENT)
    recorded = await gate.receive(incoming(1))
    await gate.answered(recorded.message, timeout=30)
    await desk.take(recorded.conversation.id, agent.id)
    facts = {"order_number": "KF2601018011"}
    await desk.hand_back(
        recorded.conversation.id, agent.id, "be kind", agreed="a new parcel by Friday", facts=facts
    )
    recorded = await gate.receive(incoming(2))
    await gate.answered(recorded.message, timeout=30)
    await gate.stop()
    assert known[0] is None
    assert isinstance(known[1], dict)
    assert (known[1]["text"], known[1]["facts"]) == ("a new parcel by Friday", facts)
    texts = [message.content.text for message in await transcript(desk)]
    assert "What we agreed: a new parcel by Friday" in texts
    assert not any("be kind" in text for text in texts)


async def test_a_full_outbox_keeps_nobody_else_waiting(desk: Desk) -> None:
    going = asyncio.Event()

    class Slow:
        """A channel that hands nothing over before it is told to."""

        async def deliver_run(self, deliveries: Sequence[Delivery]) -> None:
            await going.wait()
            await desk.delivered(*(one.id for one in deliveries))

    gate = Gate(
        desk, Script(echo), SystemClock(), worker="one", times=GateTimes(), concurrent_sends=2
    )
    await gate.start({"phone": Slow()})
    for shopper in ("ann", "bob", "cid", "dan"):
        await gate.receive(replace(incoming(1), shopper_id=shopper))
    # All that may be sent at once is being sent, and more is told to go out.
    async with asyncio.timeout(30):
        while sum([await desk.is_answered(one.id) for one in await first_words(desk)]) < 4:
            await asyncio.sleep(0.02)
    gate.wake_outbox()
    await asyncio.sleep(0.05)
    gate.wake_outbox()
    going.set()
    async with asyncio.timeout(30):
        while any([await desk.is_sending(one.conversation_id) for one in await first_words(desk)]):
            await asyncio.sleep(0.02)
    await gate.stop()


async def first_words(desk: Desk) -> list[Message]:
    """What each shopper said first."""
    found = [await desk.conversation_of("phone", one) for one in ("ann", "bob", "cid", "dan")]
    return [(await desk.messages_after(one.id, 0, 1))[0] for one in found if one]


async def test_who_answers_late_is_not_expected_in_time_until_answers_come_soon_again(
    desk: Desk,
) -> None:
    pause = 0.3

    async def slowly(request: TurnRequest) -> TurnResult:
        await asyncio.sleep(pause)
        return await echo(request)

    gate, _ = make_gate(desk, slowly)
    await gate.start({"phone": Phone()})

    async def answered(*numbers: int) -> None:
        for number in numbers:
            recorded = await gate.receive(incoming(number))
            await gate.answered(recorded.message, timeout=30)

    assert gate.answers_within(0.25)
    assert not gate.answers_within(0.25, hoping=20)
    await answered(1, 2)
    await until(lambda: _is(not gate.answers_within(0.25)))
    assert gate.answers_within(60, hoping=20)
    pause = 0
    await answered(*range(3, 12))
    await until(lambda: _is(gate.answers_within(5)))
    await gate.stop()
