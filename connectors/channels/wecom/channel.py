"""The callback door of 微信客服, and the reading of what it announces: in order, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from connectors.channels.background import Background
from connectors.channels.binding import Bindings
from connectors.channels.bodies import read_body
from connectors.channels.envelope import BadEnvelope
from connectors.channels.flat_xml import LONGEST, BadXml
from connectors.channels.handing_over import HandingOver
from connectors.channels.incoming import Intake
from connectors.channels.refusals import Refusal, RefusalCode
from connectors.channels.wecom.account import KfAccount, shopper_of
from connectors.channels.wecom.arriving import Arriving
from connectors.channels.wecom.client import KfClient
from connectors.channels.wecom.cursors import Cursors, Reading
from connectors.channels.wecom.errors import state_after_failure
from connectors.channels.wecom.payloads import KfItem, KfKind, Origin, read_item
from connectors.channels.wecom.sending import delivery_of
from connectors.channels.wecom.sessions import Sessions, goes_out
from connectors.channels.wecom.signature import Doorkeeper
from desk.events import DeskEvent, OwnerChanged
from desk.model import Delivery
from desk.service import Desk
from kernel.clock import Clock
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

SUCCESS = "success"
_LONGEST_BODY = LONGEST * 3
_CALLED = "kf_msg_or_event"
_SWEEP_SECONDS = 2.0
_AT_ONCE = 32
# A welcome may be sent so long after the shopper came in.
_WELCOME_LASTS = timedelta(seconds=20)
_LATER = timedelta(seconds=2)
_JUST_NOW, _LONG_AGO, _ROUNDS_BETWEEN = timedelta(minutes=5), timedelta(days=2), 60
_FAILURE_ATTEMPTS = 5
_FAILURE_SECONDS = 0.5


class KfChannel:
    """Serves one enterprise; see kefu.sending.RunChannel for what it does with what goes out."""

    def __init__(
        self,
        account: KfAccount,
        door: Doorkeeper,
        client: KfClient,
        handing_over: HandingOver,
        arriving: Arriving,
        sessions: Sessions,
        cursors: Cursors,
        bindings: Bindings,
        *,
        desk: Desk,
        intake: Intake,
        clock: Clock,
    ) -> None:
        self._account = account
        self._door = door
        self._client = client
        self._handing_over = handing_over
        self._arriving = arriving
        self._sessions = sessions
        self._cursors = cursors
        self._bindings = bindings
        self._desk = desk
        self._intake = intake
        self._clock = clock
        self._background = Background(account.channel)
        self._reading: set[str] = set()
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    def add_to(self, app: web.Application) -> None:
        """Mount the callback address, with and without a slash."""
        for path in (f"/channels/{self._account.channel}", f"/channels/{self._account.channel}/"):
            app.router.add_get(path, self._confirm)
            app.router.add_post(path, self._push)

    async def start(self) -> None:
        """Begin to read what the platform called about while nobody listened."""
        self._desk.listen(self._heard)
        self._background.begin(self._sweep())
        if self._account.settings.poll_seconds:
            self._background.begin(self._poll())

    async def stop(self) -> None:
        """Stop; what is not read yet is read by the next process."""
        await self._background.stop()

    async def deliver_run(self, deliveries: Sequence[Delivery]) -> None:
        """(see kefu.sending.RunChannel)"""
        inside = self._account.settings.answer_in
        rest = [one for one in deliveries if goes_out(one.message.content.custom, inside)]
        there = [one.id for one in deliveries if one not in rest]
        if there:
            await self._desk.delivered(*there)
        if rest:
            await self._handing_over.run(rest)

    # The door

    async def _confirm(self, request: web.Request) -> web.Response:
        try:
            return web.Response(text=self._door.echo(request.query))
        except BadEnvelope as error:
            return self._refused(error)

    async def _push(self, request: web.Request) -> web.Response:
        body = await read_body(request, _LONGEST_BODY)
        if body is None:
            return web.Response(status=413)
        try:
            fields = self._door.admit(request.query, body)
        except (BadEnvelope, BadXml) as error:
            return self._refused(error)
        open_kfid = fields.get("OpenKfId", "")
        if fields.get("Event") != _CALLED or not open_kfid:
            log.info("wecom.callback.unknown", vendor_kind=fields.get("Event", ""))
            return web.Response(text=SUCCESS)
        wanted = self._account.settings.open_kfids
        if wanted and open_kfid not in wanted:
            log.warning("wecom.callback.other_account", channel=self._account.channel)
            return web.Response(text=SUCCESS)
        try:
            await self._cursors.nudge(open_kfid, fields.get("Token", ""))
        except (SQLAlchemyError, OSError) as error:
            # Not stored, so not acknowledged: WeCom calls again.
            log.error("wecom.not_stored", error=type(error).__name__)
            return web.Response(status=503)
        self._read_soon(open_kfid)
        return web.Response(text=SUCCESS)

    def _refused(self, error: Exception) -> web.Response:
        log.warning("wecom.callback.refused", channel=self._account.channel, reason=str(error))
        return web.Response(status=403, text="refused")

    # Reading

    def _read_soon(self, open_kfid: str) -> None:
        if open_kfid not in self._reading:
            self._reading.add(open_kfid)
            self._background.begin(self._read(open_kfid))

    async def _read(self, open_kfid: str) -> None:
        """Read one account to its end, as long as the platform calls about it."""
        try:
            while reading := await self._cursors.claim(open_kfid):
                try:
                    if not await self._read_to_end(reading):
                        return
                except (BackendUnavailable, BackendRejected) as error:
                    # The sweep begins anew.
                    log.warning("wecom.read.failed", error=f"{type(error).__name__}: {error}")
                    await self._cursors.give_up(reading)
                    return
        except (SQLAlchemyError, OSError) as error:
            # The right to read ends by itself.
            log.warning("wecom.read.failed", error=type(error).__name__)
        finally:
            self._reading.discard(open_kfid)

    async def _read_to_end(self, reading: Reading) -> bool:
        cursor = reading.cursor
        while True:
            page = await self._client.sync(
                reading.open_kfid, cursor, reading.token, self._account.settings.page
            )
            items = [item for one in page.get("msg_list") or [] if (item := _item_in(one))]
            await self._work_off(items)
            cursor = str(page.get("next_cursor") or cursor)
            if not await self._cursors.advance(reading, cursor):
                return False
            if not page.get("has_more"):
                await self._cursors.done(reading)
                return True

    async def _work_off(self, items: Sequence[KfItem]) -> None:
        """Each shopper's items one after the other, shoppers side by side; raises what fails."""
        lines: dict[str, list[KfItem]] = {}
        for item in items:
            lines.setdefault(shopper_of(item.open_kfid, item.external_userid), []).append(item)

        async def line(of_one: Sequence[KfItem]) -> None:
            async with self._at_once:
                for item in of_one:
                    await self._take(item)

        await asyncio.gather(*(line(of_one) for of_one in lines.values()))

    async def _take(self, item: KfItem) -> None:
        try:
            await self._act(item)
        except (SQLAlchemyError, OSError):
            # Not stored, so this page is read again.
            raise
        except Exception as error:
            # One item that we cannot cope with must not keep everybody else's from being read.
            log.error("wecom.item.failed", vendor_kind=item.vendor_kind, exc_info=error)

    async def _act(self, item: KfItem) -> None:
        if item.origin == Origin.SERVICER:
            await self._sessions.said_inside(item)
            return
        match item.kind:
            case KfKind.ENTERED:
                await self._entered(item)
            case KfKind.SEND_FAILED:
                await self._send_failed(item)
            case KfKind.SESSION_STATUS:
                await self._sessions.session_changed(item)
            case KfKind.SERVICER_STATUS:
                log.info("wecom.servicer_status", change=item.change)
            case _ if item.origin == Origin.SYSTEM:
                log.info("wecom.event.unknown", vendor_kind=item.vendor_kind)
            case _:
                await self._said(item)

    async def _said(self, item: KfItem) -> None:
        shopper_id = shopper_of(item.open_kfid, item.external_userid)
        customer = await self._bindings.customer_of(self._account.channel, shopper_id)
        arrival = await self._arriving.arrival(item, customer)
        while True:
            taken = await self._intake.take(arrival)
            if not isinstance(taken, Refusal):
                return
            log.info("wecom.refused", code=taken.code.value)
            if taken.code is not RefusalCode.RATE_LIMITED:
                return
            # The platform has taken it already, so it waits for its turn instead of being lost.
            await asyncio.sleep(min(taken.seconds, _LATER.total_seconds()))

    async def _entered(self, item: KfItem) -> None:
        if (arrival := self._arriving.said_by_scene(item)) is not None:
            await self._intake.take(arrival)
        settings = self._account.settings
        words = settings.welcome.get("en" if settings.language == "en" else "zh", "")
        is_late = self._clock.now() - item.sent_at > _WELCOME_LASTS
        if item.welcome_code and words and not is_late:
            message = {"msgtype": "text", "text": {"content": words}}
            handover = await self._client.send_on_event(item.welcome_code, message)
            log.info("wecom.welcome", outcome=handover.outcome.value, code=handover.code)

    async def _send_failed(self, item: KfItem) -> None:
        delivery_id = delivery_of(item.failed_id)
        if delivery_id is None:
            return
        state = state_after_failure(item.fail_type)
        log.warning("wecom.send_failed", state=state.value)
        for _ in range(_FAILURE_ATTEMPTS):
            if await self._desk.bounced(delivery_id, state, f"fail_type {item.fail_type}"):
                return
            # The failure may be told before we have noted that it was sent.
            await asyncio.sleep(_FAILURE_SECONDS)

    # What runs beside

    def _heard(self, event: DeskEvent) -> None:
        if not isinstance(event, OwnerChanged):
            return
        if event.conversation.channel == self._account.channel:
            self._background.begin(self._sessions.tell(event.conversation.id))

    async def _sweep(self) -> None:
        rounds = 0
        while True:
            try:
                # What an earlier process has not told of is older than a moment.
                looking_back = _LONG_AGO if rounds % _ROUNDS_BETWEEN == 0 else _JUST_NOW
                rounds += 1
                await self._sessions.tell_of_all(looking_back)
                for open_kfid in await self._cursors.waiting():
                    self._read_soon(open_kfid)
            except (SQLAlchemyError, OSError) as error:
                log.warning("wecom.sweep.failed", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _poll(self) -> None:
        """Look now and then although nobody has called: calls get lost."""
        while True:
            await asyncio.sleep(self._account.settings.poll_seconds)
            for open_kfid in self._account.settings.open_kfids:
                try:
                    await self._cursors.nudge(open_kfid, "")
                except (SQLAlchemyError, OSError) as error:
                    log.warning("wecom.poll.failed", error=type(error).__name__)
                self._read_soon(open_kfid)


def _item_in(data: object) -> KfItem | None:
    item = read_item(data) if isinstance(data, dict) else None
    if item is None:
        log.warning("wecom.item.unreadable")
    return item
