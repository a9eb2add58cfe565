"""The HTTP door of one vendor's pushes: verify, store, acknowledge, then work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from connectors.backends.pushes.port import BadPush, Report, Vendor
from connectors.channels.bodies import read_body
from connectors.channels.inbox import Callback, Inbox
from kernel.clock import Clock
from kernel.errors import BackendUnavailable, ConnectorError

log = structlog.get_logger()

# Room for the whole history of a parcel, twice.
LONGEST_BODY = 256 * 1024
_SWEEP_SECONDS = 5.0
_AT_ONCE = 16
# A push that only ever meets a bug is given up after so long.
_PATIENCE = timedelta(hours=1)

Work = Callable[[Report], Awaitable[None]]


class PushDoor:
    """Takes the pushes of ``vendor``; ``work`` is done for each at least once, and in order.

    What ``work`` cannot do because the shop does not answer is done again later, by any replica;
    what the shop refuses is noted in the log and over.
    """

    def __init__(self, vendor: Vendor, inbox: Inbox, clock: Clock, work: Work) -> None:
        self._vendor = vendor
        self._inbox = inbox
        self._clock = clock
        self._work = work
        self._lines: dict[str, asyncio.Lock] = {}
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._working: set[asyncio.Task[None]] = set()

    def add_to(self, app: web.Application) -> None:
        """Mount the address that the vendor is told."""
        app.router.add_post(f"/pushes/{self._vendor.name}", self._push)

    async def start(self) -> None:
        """Begin to take up what an earlier process left undone."""
        self._later(self._sweep())

    async def stop(self) -> None:
        """Stop; what is not done yet is taken up by the next process."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._inbox.flush()

    async def idle(self) -> None:
        """Wait until everything that was taken here is done, or given up for later."""
        while self._working:
            await asyncio.wait(self._working)

    async def _push(self, request: web.Request) -> web.Response:
        body = await read_body(request, LONGEST_BODY)
        if body is None:
            return self._answer(413)
        try:
            push = self._vendor.admit(request.headers, body, self._clock.now())
        except BadPush as error:
            log.warning("push.refused", vendor=self._vendor.name, reason=str(error))
            return self._answer(400 if error.believed else 403)
        callback = Callback(push.id, push.subject, push.sent_at, push.payload)
        try:
            put = await self._inbox.put(callback)
        except (SQLAlchemyError, OSError) as error:
            # Not stored, so not acknowledged: it is sent again.
            log.error("push.not_stored", vendor=self._vendor.name, error=type(error).__name__)
            return self._answer(503)
        if put.first_at is None:
            self._work_on(callback)
        return self._answer(200)

    def _answer(self, status: int) -> web.Response:
        return web.json_response(self._vendor.answer(accepted=status == 200), status=status)

    async def _do(self, callback: Callback) -> None:
        line = self._lines.setdefault(callback.shopper_id, asyncio.Lock())
        async with self._at_once, line:
            try:
                report = self._vendor.read(callback.payload)
                if report is not None:
                    await self._work(report)
            except BackendUnavailable as error:
                # Kept: it is taken up again when its lease ends.
                log.warning("push.later", vendor=self._vendor.name, error=str(error))
                return
            except BadPush as error:
                log.warning("push.unreadable", vendor=self._vendor.name, reason=str(error))
            except ConnectorError as error:
                log.warning("push.no_effect", vendor=self._vendor.name, error=type(error).__name__)
            except Exception as error:
                log.error("push.failed", vendor=self._vendor.name, exc_info=error)
                if self._clock.now() - callback.sent_at < _PATIENCE:
                    return
            self._inbox.done(callback.id)
        if not line.locked():
            self._lines.pop(callback.shopper_id, None)

    async def _sweep(self) -> None:
        while True:
            try:
                for callback in await self._inbox.abandoned():
                    self._work_on(callback)
                await self._inbox.forget()
            except (SQLAlchemyError, OSError) as error:
                log.error("push.sweep.failed", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)

    def _work_on(self, callback: Callback) -> None:
        task = self._later(self._do(callback))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    def _later(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
