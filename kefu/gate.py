"""The way of every message: recorded, then answered by whoever owns the conversation, then sent."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, runtime_checkable

import structlog

from bot.runtime.turn import TurnFailed, TurnRequest, TurnResult, TurnTimeout
from connectors.channels.ports import Answer
from desk import line_words
from desk.errors import ConversationMoved
from desk.events import DeskEvent, MessageAppended
from desk.line_wishes import wants_to_leave
from desk.model import (
    Author,
    Conversation,
    Delivery,
    Finished,
    Handoff,
    HandoffReason,
    Incoming,
    Lease,
    Message,
    Owner,
    PendingTurn,
    Recorded,
)
from desk.news.words import STOP_PAYLOAD, asks_to_stop
from desk.outbox import LONGEST_RUN
from desk.service import Desk
from kefu.handoffs import GroupOf, HandoffLimits, Handoffs
from kefu.metrics import DELIVERIES, TURN_SECONDS, TURNS
from kefu.notices import Notice, notice, unreadable
from kernel.clock import Clock
from kernel.content import Content

log = structlog.get_logger()

_TURN_ATTEMPTS = 3
_ANSWER_LOOKUP_SECONDS = 0.5
_ANSWERS_KEPT = 1000
# So many transactions that bring more work run at once. Where there are more, they wait outside:
# what is on its way to shoppers goes first, else nothing would get there before its lease ends.
_NEW_WORK_AT_ONCE = 8
_Step = Callable[[], Awaitable[None]]
# Ends the news that the shopper of a conversation gets, and says so there; again does nothing.
EndNews = Callable[[Conversation], Awaitable[None]]


class Assistant(Protocol):
    """What the gate needs of the bot."""

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message; raises TurnTimeout. Asked twice for one message, acts once."""


class Channel(Protocol):
    """What the gate needs of a channel to reach a shopper."""

    async def deliver(self, delivery: Delivery) -> None:
        """Hand one message to the channel's transport; raises if it could not be handed over."""


@runtime_checkable
class RunChannel(Protocol):
    """A channel that decides itself what goes out together, what waits, and what is tried again."""

    async def deliver_run(self, deliveries: Sequence[Delivery]) -> None:
        """Settle these messages of one conversation, in their order, with the desk.

        What it leaves unsettled comes again when its lease ends; it raises only for bugs.
        """


@dataclass(frozen=True)
class GateTimes:
    """How long things may take. The lease outlives a turn, so that two turns never overlap."""

    turn_lease: timedelta = timedelta(seconds=20)
    sweep_every: timedelta = timedelta(seconds=2)
    delivery_lease: timedelta = timedelta(seconds=20)
    delivery_limit: timedelta = timedelta(seconds=10)
    delivery_backoff: timedelta = timedelta(seconds=2)
    delivery_attempts: int = 8


class Gate:
    """Records what comes in, runs one turn at a time a conversation, sends what goes out.

    Every step is stored before the next begins: whatever process dies in between, the sweep of
    any replica finds the message without an answer, or the answer not sent, and goes on there.
    ``proof_valid``: how long a shopper's proof of identity counts; None for ever. ``end_news`` is
    asked for where a shopper wants no more news while people have the conversation.
    """

    def __init__(
        self,
        desk: Desk,
        assistant: Assistant,
        clock: Clock,
        *,
        worker: str,
        times: GateTimes | None = None,
        proof_valid: timedelta | None = None,
        concurrent_turns: int = 32,
        concurrent_sends: int = 200,
        limits: HandoffLimits | None = None,
        group_of: GroupOf | None = None,
        end_news: EndNews | None = None,
    ) -> None:
        self._end_news = end_news
        self._desk = desk
        self._assistant = assistant
        self._clock = clock
        self._worker = worker
        self._times = times or GateTimes()
        self._proof_valid = proof_valid
        self._handoffs = Handoffs(desk, clock, limits or HandoffLimits(), group_of)
        self._at_once = concurrent_turns
        self._sends_at_once = concurrent_sends
        self._slots = asyncio.Semaphore(concurrent_turns)
        self._new_work = asyncio.Semaphore(_NEW_WORK_AT_ONCE)
        self._channels: Mapping[str, Channel | RunChannel] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._more_to_send: set[str] = set()
        self._settled: list[str] = []
        self._settling = asyncio.Lock()
        self._running: dict[str, asyncio.Task[None]] = {}
        # Turns that were claimed along with recording and have not begun.
        self._claimed: dict[str, PendingTurn] = {}
        self._again: set[str] = set()
        self._outbox_wake = asyncio.Event()
        # What the last turns said, for whoever waits for it, also if they ask a moment later.
        self._answers: OrderedDict[str, asyncio.Future[Answer]] = OrderedDict()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self, channels: Mapping[str, Channel | RunChannel]) -> None:
        """Begin to sweep and to send; what an earlier process left undone comes first."""
        self._channels = channels
        self._desk.listen(self._heard)
        self._loops = [
            asyncio.create_task(self._forever(self._sweep, self._sweep_pause)),
            asyncio.create_task(self._forever(self._send_due, self._outbox_pause)),
        ]

    async def stop(self) -> None:
        """Finish the turns that run, stop sweeping and sending."""
        for loop in self._loops:
            loop.cancel()
        if busy := [*self._running.values(), *self._sending.values()]:
            await asyncio.wait(busy, timeout=5)
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def receive(self, incoming: Incoming) -> Recorded:
        """Store ``incoming`` and see to its answer; returns as soon as it is stored."""
        lease = None if self.is_busy else Lease(self._worker, self._times.turn_lease)
        async with self._new_work:
            recorded = await self._desk.record(incoming, turn_for=lease)
        if recorded.turn is not None:
            self._claimed[recorded.conversation.id] = recorded.turn
        if incoming.allowance is not None:
            # It may have freed what was waiting for the shopper.
            self.wake_outbox()
        if not recorded.duplicate:
            if recorded.conversation.owner is Owner.BOT:
                self.wake(recorded.conversation.id)
            elif recorded.conversation.owner is Owner.QUEUE:
                await self._serve_in_line(recorded)
        if recorded.conversation.owner in (Owner.QUEUE, Owner.AGENT):
            await self._stop_news(recorded)
        return recorded

    async def _stop_news(self, recorded: Recorded) -> None:
        """While people have the conversation, no bot reads that the shopper wants no more news."""
        conversation, message = recorded.conversation, recorded.message
        pressed = message.content.payload == STOP_PAYLOAD
        if self._end_news and (pressed or _meant(conversation, message)):
            await self._end_news(conversation)

    async def _serve_in_line(self, recorded: Recorded) -> None:
        """Do what waiting shoppers are offered, pressed or said; all else is for people."""
        conversation_id, content = recorded.conversation.id, recorded.message.content
        wish = content.payload
        if not wish and not content.attachments and wants_to_leave(content.text):
            wish = line_words.LEAVE
        try:
            match wish:
                case line_words.LEAVE:
                    await self._desk.leave_queue(conversation_id)
                case line_words.KEEP_PLACE:
                    await self._desk.keep_place(conversation_id)
        except ConversationMoved:
            # An agent was faster, and reads what the shopper wanted.
            log.info("gate.line.moved", conversation=conversation_id)

    async def answered(self, message: Message, timeout: float) -> Answer:
        """The bot's replies to ``message``, awaited for at most ``timeout`` seconds; maybe none."""
        answer = self._answers.setdefault(message.id, asyncio.Future())
        try:
            async with asyncio.timeout(timeout):
                while True:
                    # Another replica may hold the turn: its end reaches us through the database.
                    done, _ = await asyncio.wait([answer], timeout=_ANSWER_LOOKUP_SECONDS)
                    if done:
                        return answer.result()
                    if message.conversation_id in self._running:
                        continue
                    if await self._desk.is_answered(message.id):
                        replies = await self._desk.replies_to(message.id)
                        now = await self._desk.conversation(message.conversation_id)
                        return Answer(replies, now)
        except TimeoutError:
            return Answer([], None)
        finally:
            self._answers.pop(message.id, None)

    def wake(self, conversation_id: str) -> None:
        """See to the unanswered messages of a conversation, unless somebody here already does."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._answer(conversation_id))
        self._running[conversation_id] = task
        task.add_done_callback(lambda done: self._ended(conversation_id, done))

    @property
    def is_busy(self) -> bool:
        """Whether a message that comes now would wait for others before its turn begins."""
        return len(self._running) >= self._at_once

    def wake_outbox(self) -> None:
        """See to what waits to be sent."""
        self._outbox_wake.set()

    def _heard(self, event: DeskEvent) -> None:
        """What an agent or the desk itself says goes out without waiting for a sweep."""
        if not isinstance(event, MessageAppended) or event.message.in_reply_to is not None:
            return
        if event.message.author is not Author.SHOPPER:
            if event.conversation.id in self._sending:
                self._more_to_send.add(event.conversation.id)
            self.wake_outbox()

    def _ended(self, conversation_id: str, task: asyncio.Task[None]) -> None:
        self._running.pop(conversation_id, None)
        if not task.cancelled() and (error := task.exception()):
            # The lease ends by itself and the sweep takes the message up again.
            log.error("gate.turn.lost", conversation=conversation_id, exc_info=error)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _answer(self, conversation_id: str) -> None:
        async with self._slots:
            while claim := await self._claim(conversation_id):
                if not await self._run_turn(claim):
                    return

    async def _claim(self, conversation_id: str) -> PendingTurn | None:
        if claimed := self._claimed.pop(conversation_id, None):
            return claimed
        lease = Lease(self._worker, self._times.turn_lease)
        async with self._new_work:
            return await self._desk.claim_turn(conversation_id, lease)

    async def _run_turn(self, claim: PendingTurn) -> bool:
        """Run the claimed turn and store its end; whether another one may wait."""
        conversation, message = claim.conversation, claim.message
        if (occasion := unreadable(message.content)) is not None:
            said = (notice(occasion, conversation.language),)
            return await self._finish(
                claim, said, None, conversation.language, conversation.customer
            )
        request = TurnRequest(
            conversation_id=conversation.id,
            message_id=message.id,
            text=message.content.text,
            payload=message.content.payload or _meant(conversation, message),
            language=conversation.language,
            customer=await self._handoffs.with_group(conversation.customer),
            proven_since=self._proven_since(),
            channel=conversation.channel,
            attachments=message.content.attachments,
            agreed=_agreed_in(conversation),
            news=_news_in(conversation, message),
        )
        replies: tuple[Content, ...]
        handoff: Handoff | None = None
        language, customer = conversation.language, conversation.customer
        try:
            with TURN_SECONDS.time():
                result = await self._assistant.turn(request)
            replies, language, customer = result.replies, result.language, result.customer
            if result.handoff:
                handoff = Handoff(
                    reason=HandoffReason(result.handoff.reason),
                    summary=dict(result.handoff.summary),
                    at=self._clock.now(),
                )
                handoff = await self._handoffs.complete(handoff, customer)
            outcome = "answered" if replies or handoff else "silent"
            if outcome == "silent":
                log.error("gate.turn.silent", conversation=conversation.id, message=message.id)
                replies = (notice(Notice.TURN_FAILED, language),)
        except TurnFailed as error:
            log.warning("gate.turn.again", conversation=conversation.id, error=str(error))
            if claim.attempt < _TURN_ATTEMPTS:
                # The sweep takes it up again; the assistant acts once for one message.
                await self._desk.release_turn(claim)
                return False
            outcome = "failed"
            replies = (notice(Notice.TURN_FAILED, language),)
            handoff = await self._handoffs.after(Notice.TURN_FAILED, conversation)
        except TurnTimeout:
            outcome = "timeout"
            log.error("gate.turn.timeout", conversation=conversation.id, message=message.id)
            replies = (notice(Notice.TURN_TOO_SLOW, language),)
            handoff = await self._handoffs.after(Notice.TURN_TOO_SLOW, conversation)
        except Exception as error:
            outcome = "failed"
            log.error(
                "gate.turn.failed", conversation=conversation.id, message=message.id, exc_info=error
            )
            replies = (notice(Notice.TURN_FAILED, language),)
            handoff = await self._handoffs.after(Notice.TURN_FAILED, conversation)
        TURNS.labels(outcome).inc()
        return await self._finish(claim, replies, handoff, language, customer)

    async def _finish(
        self,
        claim: PendingTurn,
        replies: Sequence[Content],
        handoff: Handoff | None,
        language: str | None,
        customer: dict[str, Any] | None,
    ) -> bool:
        """Store the end of a turn; whether another one may wait."""
        conversation, message = claim.conversation, claim.message
        sender = None
        if conversation.id not in self._sending and len(self._sending) < self._sends_at_once:
            sender = Lease(self._worker, self._times.delivery_lease)
        async with self._new_work:
            finished = await self._desk.finish_turn(
                claim, replies, handoff=handoff, language=language, customer=customer, sender=sender
            )
        if not isinstance(finished, Finished):
            log.info("gate.turn.dropped", conversation=conversation.id, message=message.id)
            self._settle(message, Answer([], finished.conversation))
            return True
        if finished.deliveries:
            self._begin_to_send(finished.deliveries)
        else:
            self.wake_outbox()
        said = [reply for reply in finished.messages if reply.in_reply_to == message.id]
        self._settle(message, Answer(said, finished.conversation))
        return finished.more

    def _proven_since(self) -> datetime | None:
        if self._proof_valid is None:
            return None
        return self._clock.now() - self._proof_valid

    def _settle(self, message: Message, answer: Answer) -> None:
        awaited = self._answers.setdefault(message.id, asyncio.Future())
        if not awaited.done():
            awaited.set_result(answer)
        while len(self._answers) > _ANSWERS_KEPT:
            self._answers.popitem(last=False)

    async def _sweep(self) -> None:
        for conversation_id in await self._desk.unanswered(self._times.sweep_every, limit=200):
            self.wake(conversation_id)

    async def _sweep_pause(self) -> None:
        await asyncio.sleep(self._times.sweep_every.total_seconds())

    async def _send_due(self) -> None:
        # Also when there is no room: who waits for a wake that is never cleared waits for nothing,
        # and never lets the loop go.
        self._outbox_wake.clear()
        while room := max(0, self._sends_at_once - len(self._sending)):
            self._outbox_wake.clear()
            lease = Lease(self._worker, self._times.delivery_lease)
            due = await self._desk.due(min(room, LONGEST_RUN * 5), lease)
            # One conversation's messages go out one after the other, conversations side by side:
            # a transport that is slow for one shopper keeps nobody else's messages waiting.
            by_conversation: dict[str, list[Delivery]] = {}
            for delivery in due:
                by_conversation.setdefault(delivery.conversation.id, []).append(delivery)
            for deliveries in by_conversation.values():
                self._begin_to_send(deliveries)
            if len(due) < LONGEST_RUN and not self._outbox_wake.is_set():
                return

    def _begin_to_send(self, deliveries: Sequence[Delivery]) -> None:
        """Send claimed messages of one conversation, beside those of others."""
        conversation_id = deliveries[0].conversation.id
        task = asyncio.create_task(self._send(deliveries))
        self._sending[conversation_id] = task
        if len(deliveries) >= LONGEST_RUN:
            self._more_to_send.add(conversation_id)
        task.add_done_callback(partial(self._sent, conversation_id))

    def _sent(self, conversation_id: str, task: asyncio.Task[None]) -> None:
        was_full = len(self._sending) >= self._sends_at_once
        if self._sending.get(conversation_id) is task:
            del self._sending[conversation_id]
        if not task.cancelled() and (error := task.exception()):
            # The lease ends by itself, then the messages are due again.
            if isinstance(error, TimeoutError):
                log.warning("gate.delivery.slow", conversation=conversation_id)
            else:
                log.error("gate.delivery.lost", conversation=conversation_id, exc_info=error)
        if was_full or conversation_id in self._more_to_send:
            self._more_to_send.discard(conversation_id)
            self.wake_outbox()

    async def _send(self, deliveries: Sequence[Delivery]) -> None:
        channel = self._channels.get(deliveries[0].conversation.channel)
        if isinstance(channel, RunChannel):
            # Nobody may still be sending when the messages are given to somebody else.
            held = deliveries[0].held_until - self._clock.now()
            async with asyncio.timeout(held.total_seconds() * 0.8):
                await channel.deliver_run(deliveries)
            return
        await self._send_in_order(channel, deliveries)

    async def _send_in_order(self, channel: Channel | None, deliveries: Sequence[Delivery]) -> None:
        sent: list[str] = []
        for delivery in deliveries:
            try:
                if channel is None:
                    raise LookupError(f"no channel {delivery.conversation.channel}")
                # One transport that hangs must not keep every other shopper's messages waiting.
                async with asyncio.timeout(self._times.delivery_limit.total_seconds()):
                    await channel.deliver(delivery)
            except Exception as error:  # noqa: BLE001 whatever the transport raises, we retry
                again = delivery.attempt + 1 < self._times.delivery_attempts
                DELIVERIES.labels("failed" if again else "given_up").inc()
                tell = log.warning if again else log.error
                event = "gate.delivery.failed" if again else "gate.delivery.given_up"
                tell(event, delivery=delivery.id, message=delivery.message.id, error=repr(error))
                wait = self._times.delivery_backoff * 2**delivery.attempt
                retry_at = self._clock.now() + wait if again else None
                await self._settle_run(sent)
                await self._desk.failed(delivery.id, retry_at, repr(error))
                return
            sent.append(delivery.id)
        await self._settle_run(sent)

    async def _settle_run(self, sent: list[str]) -> None:
        """Note what has been sent, along with what others have sent meanwhile."""
        self._settled += sent
        async with self._settling:
            settled, self._settled = self._settled, []
            if settled:
                await self._desk.delivered(*settled)
                DELIVERIES.labels("delivered").inc(len(settled))

    async def _outbox_pause(self) -> None:
        try:
            async with asyncio.timeout(self._times.sweep_every.total_seconds()):
                await self._outbox_wake.wait()
        except TimeoutError:
            return

    async def _forever(self, work: _Step, pause: _Step) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                log.error("gate.loop.failed", work=repr(work), exc_info=error)
            await pause()


def _meant(conversation: Conversation, message: Message) -> str | None:
    """What plain words mean whatever was being talked about: that the shopper wants no news."""
    if asks_to_stop(message.content.text, after_news=_answers_news(conversation, message)):
        return STOP_PAYLOAD
    return None


def _answers_news(conversation: Conversation, message: Message) -> bool:
    """Whether the shopper was told news, and this is the next thing they say."""
    told = conversation.told
    return told is not None and message.seq == told.seq + 1


def _news_in(conversation: Conversation, message: Message) -> dict[str, Any] | None:
    """What the shopper was told last without asking, as JSON."""
    told = conversation.told
    if told is None:
        return None
    answered = _answers_news(conversation, message)
    return {"facts": told.facts, "at": told.at.isoformat(), "answered": answered}


def _agreed_in(conversation: Conversation) -> dict[str, Any] | None:
    """What an agent agreed with the shopper before giving the conversation to the bot, as JSON."""
    agreed = conversation.agreed
    if agreed is None:
        return None
    return {"text": agreed.text, "facts": agreed.facts, "at": agreed.at.isoformat()}
