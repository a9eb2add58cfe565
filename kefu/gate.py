"""The way of every message: recorded, then answered by whoever owns the conversation, then sent."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.runtime.turn import TurnFailed, TurnRequest, TurnResult, TurnTimeout
from connectors.channels.ports import Answer
from desk import line_words
from desk.errors import ConversationMoved
from desk.line_wishes import number_to_call, wants_to_leave
from desk.model import (
    Conversation,
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
from desk.service import Desk
from kefu.answer_times import AnswerTimes
from kefu.gate_times import GateTimes
from kefu.handoffs import GroupOf, HandoffLimits, Handoffs
from kefu.loops import forever
from kefu.metrics import TURN_SECONDS, TURNS
from kefu.notices import Notice, notice, unreadable
from kefu.sending import Channel, RunChannel, Sender
from kernel.clock import Clock
from kernel.content import Content

log = structlog.get_logger()

_TURN_ATTEMPTS = 3
_ANSWER_LOOKUP_SECONDS = 0.5
_ANSWERS_KEPT = 1000
_LAST_SECONDS = 5
# So many transactions that bring more work run at once. Where there are more, they wait outside:
# what is on its way to shoppers goes first, else nothing would get there before its lease ends.
_NEW_WORK_AT_ONCE = 8
# Ends the news that the shopper of a conversation gets, and says so there; again does nothing.
EndNews = Callable[[Conversation], Awaitable[None]]


class Assistant(Protocol):
    """What the gate needs of the bot."""

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message; raises TurnTimeout. Asked twice for one message, acts once."""


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
        self._sender = Sender(
            desk, clock, worker=worker, times=self._times, at_once=concurrent_sends
        )
        self._slots = asyncio.Semaphore(concurrent_turns)
        self._new_work = asyncio.Semaphore(_NEW_WORK_AT_ONCE)
        self._running: dict[str, asyncio.Task[None]] = {}
        # Turns that were claimed along with recording and have not begun.
        self._claimed: dict[str, PendingTurn] = {}
        self._again: set[str] = set()
        # What the last turns said, for whoever waits for it, also if they ask a moment later.
        self._answers: OrderedDict[str, asyncio.Future[Answer]] = OrderedDict()
        self._answer_times = AnswerTimes()
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self, channels: Mapping[str, Channel | RunChannel]) -> None:
        """Begin to sweep and to send; what an earlier process left undone comes first."""
        self._sweeping = asyncio.create_task(forever(self._sweep, self._sweep_pause))
        self._sender.start(channels)

    async def stop(self) -> None:
        """Finish the turns that run, stop sweeping and sending."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait([self._sweeping])
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=_LAST_SECONDS)
        await self._sender.stop()

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
        contact = None
        if not wish and recorded.conversation.callback is not None:
            # Who keeps the place was asked for a number.
            contact = number_to_call(content.text)
        try:
            match wish:
                case line_words.LEAVE:
                    await self._desk.leave_queue(conversation_id)
                case line_words.KEEP_PLACE:
                    await self._desk.keep_place(conversation_id)
                case _ if contact:
                    await self._desk.keep_place(conversation_id, contact)
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
        self._answer_times.begin(conversation_id)
        task = asyncio.create_task(self._answer(conversation_id))
        self._running[conversation_id] = task
        task.add_done_callback(lambda done: self._ended(conversation_id, done))

    @property
    def is_busy(self) -> bool:
        """Whether a message that comes now would wait for others before its turn begins."""
        return len(self._running) >= self._at_once

    def answers_within(self, seconds: float, hoping: int = 0) -> bool:
        """(see connectors.channels.ports.Gate)"""
        return not self.is_busy and self._answer_times.keeps(seconds, hoping)

    def wake_outbox(self) -> None:
        """See to what waits to be sent."""
        self._sender.wake()

    def _ended(self, conversation_id: str, task: asyncio.Task[None]) -> None:
        self._running.pop(conversation_id, None)
        self._answer_times.end(conversation_id)
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
        heard: str | None = None
        try:
            with TURN_SECONDS.time():
                result = await self._assistant.turn(request)
            replies, language, customer = result.replies, result.language, result.customer
            heard = result.heard
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
        return await self._finish(claim, replies, handoff, language, customer, heard)

    async def _finish(
        self,
        claim: PendingTurn,
        replies: Sequence[Content],
        handoff: Handoff | None,
        language: str | None,
        customer: dict[str, Any] | None,
        heard: str | None = None,
    ) -> bool:
        """Store the end of a turn; whether another one may wait."""
        conversation, message = claim.conversation, claim.message
        sender = self._sender.lease_for(conversation.id)
        async with self._new_work:
            finished = await self._desk.finish_turn(
                claim,
                replies,
                handoff=handoff,
                language=language,
                customer=customer,
                sender=sender,
                heard=heard,
            )
        if not isinstance(finished, Finished):
            log.info("gate.turn.dropped", conversation=conversation.id, message=message.id)
            self._settle(message, Answer([], finished.conversation))
            return True
        if finished.deliveries:
            self._sender.send(finished.deliveries)
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
