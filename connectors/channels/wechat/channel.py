"""The callback door of one WeChat account: verify, store, acknowledge, then work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from connectors.channels.binding import Bindings
from connectors.channels.bodies import read_body
from connectors.channels.envelope import BadEnvelope
from connectors.channels.flat_xml import LONGEST, BadXml
from connectors.channels.handing_over import HandingOver
from connectors.channels.inbox import Callback, Inbox
from connectors.channels.incoming import Intake
from connectors.channels.ports import Gate
from connectors.channels.refusals import Refusal
from connectors.channels.rendering import Capabilities, Part, TextPart
from connectors.channels.wechat.account import Account
from connectors.channels.wechat.arriving import Arriving
from connectors.channels.wechat.bind_pages import BindPages
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.news_templates import NewsTemplates
from connectors.channels.wechat.payloads import BadPayload, Inbound, Kind, read_push
from connectors.channels.wechat.sending import passive_capabilities_of, passive_reply
from connectors.channels.wechat.signature import Doorkeeper
from desk.model import Conversation, Delivery, Owner
from desk.reach import ReachState
from desk.service import Desk
from kernel.clock import Clock

log = structlog.get_logger()

SUCCESS = "success"
_LONGEST_BODY = LONGEST * 3
_AT_ONCE = 64
_SWEEP_SECONDS = 5.0
_HELD_UP_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.5
# Who wrote too fast is looked at again after so long at the latest.
_LONGEST_WAIT_SECONDS = 5.0
_STILL_WORKING = {
    "zh": "还在为您查询，请稍后发送任意消息查看结果。",
    "en": "Still working on it: send any message in a moment to see the answer.",
}
# An answer that is begun may be written a moment after the time for it is over.
_GRACE_SECONDS = 2.0
# What is told of a shopper and needs no answer.
_SILENT = (Kind.UNFOLLOW, Kind.POSITION, Kind.REPORT, Kind.MENU_VIEW, Kind.CONSENT)


@dataclass(frozen=True)
class _Task:
    callback: Callback
    others_wait: bool

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands among what a shopper did."""
        return (self.callback.sent_at, self.callback.id)


class _Slot:
    """An open callback; see connectors.channels.handing_over.PassiveSlot."""

    def __init__(self, via: str, can: Capabilities) -> None:
        self.via = via
        self.can = can
        self._taken = False
        self._closed = False
        self._part: asyncio.Future[TextPart | None] = asyncio.Future()
        self._written: asyncio.Future[bool] = asyncio.Future()

    def take(self) -> bool:
        if self._taken or self._closed:
            return False
        self._taken = True
        return True

    def say(self, text: str) -> bool:
        """Write something that is no message of the conversation, if the slot is free."""
        if not self.take():
            return False
        self._part.set_result(TextPart(text))
        return True

    async def write(self, part: Part) -> bool:
        if self._closed or not isinstance(part, TextPart):
            return False
        self._part.set_result(part)
        return await self._written

    def give_up(self) -> None:
        if not self._part.done():
            self._part.set_result(None)

    async def wait(self, seconds: float) -> TextPart | None:
        """What is to be written, None if nothing comes in time."""
        done, _ = await asyncio.wait([self._part], timeout=seconds)
        if not done and self._taken:
            done, _ = await asyncio.wait([self._part], timeout=_GRACE_SECONDS)
        self._closed = True
        if done:
            return self._part.result()
        return None

    def close(self, *, written: bool) -> None:
        self._closed = True
        if not self._written.done():
            self._written.set_result(written)


class WeChatChannel:
    """Serves one account; see kefu.sending.RunChannel for what it does with what goes out."""

    def __init__(
        self,
        account: Account,
        door: Doorkeeper,
        client: WeChatClient,
        handing_over: HandingOver,
        arriving: Arriving,
        inbox: Inbox,
        bindings: Bindings,
        bind_pages: BindPages,
        templates: NewsTemplates,
        *,
        gate: Gate,
        desk: Desk,
        intake: Intake,
        clock: Clock,
    ) -> None:
        self.templates = templates
        self._account = account
        self._door = door
        self._client = client
        self._handing_over = handing_over
        self._arriving = arriving
        self._inbox = inbox
        self._bindings = bindings
        self._bind_pages = bind_pages
        self._gate = gate
        self._desk = desk
        self._intake = intake
        self._clock = clock
        self._can_send = account.settings.customer_service
        self._can_passively = passive_capabilities_of(account)
        self._lines: dict[str, deque[_Task]] = {}
        # The ids of all callbacks in the lines, and of those that are being worked on.
        self._in_hand: set[str] = set()
        # Shoppers of whom somebody else holds what comes first, until nobody does.
        self._held_up: dict[str, asyncio.Event] = {}
        self._is_watching = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._slots: dict[str, _Slot] = {}

    def add_to(self, app: web.Application) -> None:
        """Mount the callback address, with and without a slash: WeChat follows no redirect."""
        for path in (f"/channels/{self._account.channel}", f"/channels/{self._account.channel}/"):
            app.router.add_get(path, self._confirm)
            app.router.add_post(path, self._push)
        if self._bind_pages.is_on:
            self._bind_pages.add_to(app)

    async def start(self) -> None:
        """Begin to take up what an earlier process left undone."""
        self._later(self._sweep())

    async def stop(self) -> None:
        """Stop; what is not done yet is taken up by the next process."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._inbox.flush()

    async def deliver_run(self, deliveries: Sequence[Delivery]) -> None:
        """(see kefu.sending.RunChannel)"""
        slot = self._slots.get(deliveries[0].conversation.shopper_id)
        await self._handing_over.run(deliveries, slot)

    async def typing(self, conversation: Conversation, *, on: bool) -> None:
        """Show the shopper that somebody is writing, or stopped."""
        if self._account.settings.typing:
            await self._client.typing(conversation.shopper_id, on=on)

    # The door

    async def _confirm(self, request: web.Request) -> web.Response:
        try:
            return web.Response(text=self._door.echo(request.query))
        except BadEnvelope as error:
            return self._refused(error)

    async def _push(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request, _LONGEST_BODY)
        if body is None:
            return web.Response(status=413)
        try:
            fields, sealed = self._door.admit(request.query, body)
            original = self._account.settings.original_id
            if original and fields.get("ToUserName") != original:
                raise BadEnvelope("it is for another account")
            inbound = read_push(fields)
        except (BadEnvelope, BadXml, BadPayload) as error:
            return self._refused(error)
        if (link := self._bind_pages.answer_to(inbound)) is not None:
            answer = passive_reply(inbound, TextPart(link), self._clock.now())
            text = self._door.seal(answer) if sealed else answer
            return web.Response(text=text, content_type="application/xml")
        try:
            put = await self._inbox.put(
                Callback(inbound.id, inbound.openid, inbound.sent_at, msgspec.to_builtins(inbound))
            )
        except (SQLAlchemyError, OSError) as error:
            # Not stored, so not acknowledged: WeChat sends it again.
            log.error("wechat.not_stored", error=type(error).__name__)
            return web.Response(status=503)
        is_last = False
        if put.first_at is not None:
            waited = self._clock.now() - put.first_at
            # One that comes again at once is a double; WeChat repeats only what it got no answer
            # to, and only after its five seconds.
            retry = timedelta(seconds=self._account.settings.retry_after_seconds * 0.9)
            if waited < retry:
                return web.Response(text=SUCCESS)
            is_last = waited >= retry * 2
            slot = None if self._can_send else self._open_slot(inbound)
            await self._answer_was_lost(inbound)
        else:
            slot = self._open_slot(inbound)
            self._enqueue(_Task(_callback_of(inbound), put.others_wait))
        if slot is None:
            return web.Response(text=SUCCESS)
        return await self._answer_within(request, inbound, slot, sealed=sealed, is_last=is_last)

    def _refused(self, error: Exception) -> web.Response:
        log.warning("wechat.callback.refused", channel=self._account.channel, reason=str(error))
        return web.Response(status=403, text="refused")

    def _open_slot(self, inbound: Inbound) -> _Slot | None:
        """A place for an answer in this callback, unless none can be ready in time."""
        seconds = self._account.settings.passive_reply_seconds
        # Who answers too late keeps every callback open for nothing.
        in_time = seconds > 0 and self._gate.answers_within(seconds, len(self._slots))
        waits = in_time or not self._can_send
        # The one before it waits in a connection that WeChat has cut.
        current = self._slots.get(inbound.openid)
        is_superseded = current is not None and current.via == inbound.id
        silent = inbound.kind in _SILENT
        if (
            not waits
            or silent
            or self._account.is_mini_program
            or (current is not None and not is_superseded)
        ):
            return None
        if current is not None:
            current.close(written=False)
        slot = self._slots[inbound.openid] = _Slot(inbound.id, self._can_passively)
        return slot

    async def _answer_within(
        self, request: web.Request, inbound: Inbound, slot: _Slot, *, sealed: bool, is_last: bool
    ) -> web.StreamResponse:
        settings = self._account.settings
        seconds = settings.passive_reply_seconds
        if not self._can_send:
            # No answer at all makes WeChat ask again, and its last question is the last chance.
            seconds = settings.retry_after_seconds * (0.8 if is_last else 1.5)
        written = False
        try:
            part = await slot.wait(seconds)
            if part is None:
                if self._can_send or not is_last:
                    if self._can_send and settings.typing:
                        # The answer takes longer: the shopper sees that somebody is at it.
                        self._later(self._client.typing(inbound.openid, on=True))
                    return web.Response(text=SUCCESS)
                part = TextPart(_STILL_WORKING["en" if settings.language == "en" else "zh"])
            answer = passive_reply(inbound, part, self._clock.now())
            response = web.Response(
                text=self._door.seal(answer) if sealed else answer, content_type="application/xml"
            )
            if request.transport is None or request.transport.is_closing():
                return response
            await response.prepare(request)
            await response.write_eof()
            written = True
            return response
        finally:
            if self._slots.get(inbound.openid) is slot:
                del self._slots[inbound.openid]
            slot.close(written=written)

    async def _answer_was_lost(self, inbound: Inbound) -> None:
        """WeChat asks again, so what was written into its earlier request was not read."""
        conversation = await self._desk.conversation_of(self._account.channel, inbound.openid)
        if conversation is None:
            return
        lost = await self._desk.came_to_nothing(conversation.id, f"passive:{inbound.id}")
        if lost:
            log.info("wechat.passive.lost", conversation=conversation.id)
        # An account that may only answer passively has this callback to do it in.
        waits = not self._account.settings.customer_service
        if (waits and await self._desk.unpark(conversation.id)) or lost:
            self._gate.wake_outbox()

    # The work

    def _enqueue(self, task: _Task) -> None:
        self._in_hand.add(task.callback.id)
        openid = task.callback.shopper_id
        if openid in self._lines:
            self._lines[openid].append(task)
            return
        self._lines[openid] = deque([task])
        self._later(self._work_off(openid))

    def _take_up(self, callback: Callback) -> None:
        """Work on what another process left undone, before what the shopper did later."""
        if callback.id in self._in_hand:
            return
        task = _Task(callback, others_wait=False)
        line = self._lines.get(callback.shopper_id)
        if line is None:
            self._enqueue(task)
            return
        self._in_hand.add(callback.id)
        later = (place for place, one in enumerate(line) if one.place > task.place)
        line.insert(next(later, len(line)), task)

    async def _work_off(self, openid: str) -> None:
        """One shopper's callbacks, one after the other."""
        line = self._lines[openid]
        try:
            while line:
                first = line[0]
                if first.others_wait:
                    await self._others_done(openid)
                    # What they left undone may stand before it now.
                    line[line.index(first)] = replace(first, others_wait=False)
                    continue
                async with self._at_once:
                    wait = await self._work(first.callback)
                if wait:
                    # The platform has taken it already, so it waits for its turn.
                    await asyncio.sleep(min(wait, _LONGEST_WAIT_SECONDS))
                    continue
                # What another process left undone may have come before it meanwhile.
                line.remove(first)
        finally:
            del self._lines[openid]

    async def _others_done(self, openid: str) -> None:
        """Wait until no other process holds anything of this shopper."""
        waiting = self._held_up[openid] = asyncio.Event()
        if not self._is_watching:
            self._is_watching = True
            self._later(self._watch_others())
        try:
            async with asyncio.timeout(_HELD_UP_SECONDS):
                await waiting.wait()
        except TimeoutError:
            log.warning("wechat.held_up", channel=self._account.channel)
        finally:
            self._held_up.pop(openid, None)

    async def _watch_others(self) -> None:
        """Look for all who are held up at once, as long as there are any."""
        try:
            while self._held_up:
                await self._look_for_others()
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        finally:
            self._is_watching = False

    async def _look_for_others(self) -> None:
        try:
            await self._take_up_abandoned()
            before = {openid: self._lines[openid][0].place for openid in self._held_up}
            held = await self._inbox.held_by_others(before)
        except (SQLAlchemyError, OSError) as error:
            log.warning("wechat.watch.failed", error=type(error).__name__)
            return
        for openid, waiting in self._held_up.items():
            if openid not in held:
                waiting.set()

    async def _take_up_abandoned(self) -> None:
        while callbacks := await self._inbox.abandoned():
            for callback in callbacks:
                self._take_up(callback)

    async def _work(self, callback: Callback) -> float:
        """Do what a callback asks for, once; after how many seconds to try again, 0: it is done."""
        try:
            inbound = msgspec.convert(callback.payload, Inbound)
            wait = await self._take(inbound)
        except Exception as error:
            # It stays in the inbox, and is taken up again when its lease has ended.
            log.error("wechat.work.failed", callback=callback.id[:8], exc_info=error)
            self._in_hand.discard(callback.id)
            return 0.0
        if not wait:
            self._in_hand.discard(callback.id)
            self._inbox.done(callback.id)
        return wait

    async def _take(self, inbound: Inbound) -> float:
        """(see _work)"""
        if inbound.kind is Kind.UNFOLLOW:
            conversation = await self._desk.conversation_of(self._account.channel, inbound.openid)
            if conversation is not None:
                await self._desk.reach_changed(
                    conversation.id, ReachState.UNFOLLOWED, "unsubscribe"
                )
            return 0.0
        if inbound.kind is Kind.CONSENT:
            await self.templates.answered(inbound)
            return 0.0
        customer = await self._bindings.customer_of(self._account.channel, inbound.openid)
        arrival = await self._arriving.arrival(inbound, customer)
        if arrival is None:
            return 0.0
        taken = await self._intake.take(arrival)
        slot = self._slots.get(inbound.openid)
        if isinstance(taken, Refusal):
            log.info("wechat.refused", code=taken.code.value)
            told = slot is not None and slot.say(taken.sentence(self._account.settings.language))
            # Where nobody can be told that it was not taken, it must not be lost.
            return 0.0 if told else taken.seconds
        if slot is not None and taken.conversation.owner is not Owner.BOT:
            # A person answers in their own time.
            slot.give_up()
        return 0.0

    async def _sweep(self) -> None:
        while True:
            try:
                # What waits here is not abandoned, however long it does.
                if self._in_hand:
                    await self._inbox.keep(list(self._in_hand))
                await self._take_up_abandoned()
                await self._inbox.forget()
            except (SQLAlchemyError, OSError) as error:
                log.warning("wechat.sweep.failed", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)

    def _later(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("wechat.task.failed", exc_info=error)


def _callback_of(inbound: Inbound) -> Callback:
    return Callback(inbound.id, inbound.openid, inbound.sent_at, msgspec.to_builtins(inbound))
