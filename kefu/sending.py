"""Sends what waits to be sent: a conversation's messages in order, conversations side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol, runtime_checkable

import structlog

from desk.events import DeskEvent, MessageAppended
from desk.model import Author, Delivery, Lease
from desk.outbox import LONGEST_RUN
from desk.service import Desk
from kefu.gate_times import GateTimes
from kefu.loops import forever
from kefu.metrics import DELIVERIES
from kernel.clock import Clock

log = structlog.get_logger()

_LAST_SECONDS = 5


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


class Sender:
    """Hands the outbox to the channels, some conversations at once."""

    def __init__(
        self, desk: Desk, clock: Clock, *, worker: str, times: GateTimes, at_once: int
    ) -> None:
        """``at_once``: messages of so many conversations are on their way at the same time."""
        self._desk = desk
        self._clock = clock
        self._worker = worker
        self._times = times
        self._at_once = at_once
        self._channels: Mapping[str, Channel | RunChannel] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._more_to_send: set[str] = set()
        self._settled: list[str] = []
        self._settling = asyncio.Lock()
        self._woken = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self, channels: Mapping[str, Channel | RunChannel]) -> None:
        """Begin to send through ``channels``, by name."""
        self._channels = channels
        self._desk.listen(self._heard)
        self._loop = asyncio.create_task(forever(self._send_due, self._pause))

    async def stop(self) -> None:
        """Begin to send nothing more, and finish what is on its way."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        if self._sending:
            await asyncio.wait(list(self._sending.values()), timeout=_LAST_SECONDS)

    def wake(self) -> None:
        """See to what waits to be sent."""
        self._woken.set()

    def lease_for(self, conversation_id: str) -> Lease | None:
        """To claim what is being said in a conversation with; None where it has to wait."""
        if conversation_id in self._sending or len(self._sending) >= self._at_once:
            return None
        return Lease(self._worker, self._times.delivery_lease)

    def _heard(self, event: DeskEvent) -> None:
        """What an agent or the desk itself says goes out without waiting for a sweep."""
        if not isinstance(event, MessageAppended) or event.message.in_reply_to is not None:
            return
        if event.message.author is not Author.SHOPPER:
            if event.conversation.id in self._sending:
                self._more_to_send.add(event.conversation.id)
            self.wake()

    async def _send_due(self) -> None:
        # Also when there is no room: who waits for a wake that is never cleared waits for nothing,
        # and never lets the loop go.
        self._woken.clear()
        while room := max(0, self._at_once - len(self._sending)):
            self._woken.clear()
            lease = Lease(self._worker, self._times.delivery_lease)
            due = await self._desk.due(min(room, LONGEST_RUN * 5), lease)
            # One conversation's messages go out one after the other, conversations side by side:
            # a transport that is slow for one shopper keeps nobody else's messages waiting.
            by_conversation: dict[str, list[Delivery]] = {}
            for delivery in due:
                by_conversation.setdefault(delivery.conversation.id, []).append(delivery)
            for deliveries in by_conversation.values():
                self.send(deliveries)
            if len(due) < LONGEST_RUN and not self._woken.is_set():
                return

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """Send claimed messages of one conversation, beside those of others."""
        conversation_id = deliveries[0].conversation.id
        task = asyncio.create_task(self._send(deliveries))
        self._sending[conversation_id] = task
        if len(deliveries) >= LONGEST_RUN:
            self._more_to_send.add(conversation_id)
        task.add_done_callback(partial(self._sent, conversation_id))

    def _sent(self, conversation_id: str, task: asyncio.Task[None]) -> None:
        was_full = len(self._sending) >= self._at_once
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
            self.wake()

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

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._times.sweep_every.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            return
