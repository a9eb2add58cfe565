"""The callback door of one WeChat account: verify, store, acknowledge, then work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from connectors.channels.background import Background
from connectors.channels.binding import Bindings
from connectors.channels.bodies import read_body
from connectors.channels.envelope import BadEnvelope
from connectors.channels.flat_xml import LONGEST, BadXml
from connectors.channels.handing_over import HandingOver
from connectors.channels.inbox import Callback, Inbox
from connectors.channels.incoming import Intake
from connectors.channels.lines import Lines
from connectors.channels.ports import Gate
from connectors.channels.refusals import Refusal
from connectors.channels.rendering import TextPart
from connectors.channels.wechat.account import Account
from connectors.channels.wechat.arriving import Arriving
from connectors.channels.wechat.bind_pages import BindPages
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.news_templates import NewsTemplates
from connectors.channels.wechat.payloads import BadPayload, Inbound, Kind, read_push
from connectors.channels.wechat.sending import passive_capabilities_of, passive_reply
from connectors.channels.wechat.signature import Doorkeeper
from connectors.channels.wechat.slot import Slot
from desk.model import Conversation, Delivery, Owner
from desk.reach import ReachState
from desk.service import Desk
from kernel.clock import Clock

log = structlog.get_logger()

SUCCESS = "success"
_LONGEST_BODY = LONGEST * 3
_STILL_WORKING = {
    "zh": "还在为您查询，请稍后发送任意消息查看结果。",
    "en": "Still working on it: send any message in a moment to see the answer.",
}
# What is told of a shopper and needs no answer.
_SILENT = (Kind.UNFOLLOW, Kind.POSITION, Kind.REPORT, Kind.MENU_VIEW, Kind.CONSENT)


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
        self._background = Background(account.channel)
        self._lines = Lines(account.channel, inbox, self._do, self._background)
        self._slots: dict[str, Slot] = {}

    def add_to(self, app: web.Application) -> None:
        """Mount the callback address, with and without a slash: WeChat follows no redirect."""
        for path in (f"/channels/{self._account.channel}", f"/channels/{self._account.channel}/"):
            app.router.add_get(path, self._confirm)
            app.router.add_post(path, self._push)
        if self._bind_pages.is_on:
            self._bind_pages.add_to(app)

    async def start(self) -> None:
        """Begin to take up what an earlier process left undone."""
        self._lines.start()

    async def stop(self) -> None:
        """Stop; what is not done yet is taken up by the next process."""
        await self._background.stop()
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
            self._lines.add(_callback_of(inbound), others_wait=put.others_wait)
        if slot is None:
            return web.Response(text=SUCCESS)
        return await self._answer_within(request, inbound, slot, sealed=sealed, is_last=is_last)

    def _refused(self, error: Exception) -> web.Response:
        log.warning("wechat.callback.refused", channel=self._account.channel, reason=str(error))
        return web.Response(status=403, text="refused")

    def _open_slot(self, inbound: Inbound) -> Slot | None:
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
        slot = self._slots[inbound.openid] = Slot(inbound.id, self._can_passively)
        return slot

    async def _answer_within(
        self, request: web.Request, inbound: Inbound, slot: Slot, *, sealed: bool, is_last: bool
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
                        self._background.begin(self._client.typing(inbound.openid, on=True))
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

    async def _do(self, callback: Callback) -> float:
        """Do what a callback asks for; after how many seconds to try again, 0: it is done."""
        return await self._take(msgspec.convert(callback.payload, Inbound))

    async def _take(self, inbound: Inbound) -> float:
        """(see _do)"""
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


def _callback_of(inbound: Inbound) -> Callback:
    return Callback(inbound.id, inbound.openid, inbound.sent_at, msgspec.to_builtins(inbound))
