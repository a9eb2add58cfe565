"""Works off each shopper's callbacks one after the other, also what a dead process left undone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.channels.background import Background
from connectors.channels.inbox import Callback, Inbox

log = structlog.get_logger()

_AT_ONCE = 64
_SWEEP_SECONDS = 5.0
_HELD_UP_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.5
# What is to be tried again is, after so long at the latest.
_LONGEST_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class _Task:
    callback: Callback
    others_wait: bool

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands among what a shopper did."""
        return (self.callback.sent_at, self.callback.id)


class Lines:
    """A line of callbacks for each shopper who has any; shoppers are served side by side."""

    def __init__(
        self,
        channel: str,
        inbox: Inbox,
        work: Callable[[Callback], Awaitable[float]],
        background: Background,
    ) -> None:
        """``work`` is done for each callback; it says after how many seconds to try it again.

        0: it is done. What fails stays in the inbox, and is taken up again when its lease ends.
        """
        self._channel = channel
        self._inbox = inbox
        self._do = work
        self._background = background
        self._lines: dict[str, deque[_Task]] = {}
        # The ids of all callbacks in the lines, and of those that are being worked on.
        self._in_hand: set[str] = set()
        # Shoppers of whom somebody else holds what comes first, until nobody does.
        self._held_up: dict[str, asyncio.Event] = {}
        self._is_watching = False
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    def start(self) -> None:
        """Begin to take up what an earlier process left undone."""
        self._background.begin(self._sweep())

    def add(self, callback: Callback, *, others_wait: bool) -> None:
        """Work on ``callback`` after everything that this shopper did before.

        ``others_wait``: another process still holds something of theirs.
        """
        self._enqueue(_Task(callback, others_wait))

    def _enqueue(self, task: _Task) -> None:
        self._in_hand.add(task.callback.id)
        shopper_id = task.callback.shopper_id
        if shopper_id in self._lines:
            self._lines[shopper_id].append(task)
            return
        self._lines[shopper_id] = deque([task])
        self._background.begin(self._work_off(shopper_id))

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

    async def _work_off(self, shopper_id: str) -> None:
        """One shopper's callbacks, one after the other."""
        line = self._lines[shopper_id]
        try:
            while line:
                first = line[0]
                if first.others_wait:
                    await self._others_done(shopper_id)
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
            del self._lines[shopper_id]

    async def _others_done(self, shopper_id: str) -> None:
        """Wait until no other process holds anything of this shopper."""
        waiting = self._held_up[shopper_id] = asyncio.Event()
        if not self._is_watching:
            self._is_watching = True
            self._background.begin(self._watch_others())
        try:
            async with asyncio.timeout(_HELD_UP_SECONDS):
                await waiting.wait()
        except TimeoutError:
            log.warning("lines.held_up", channel=self._channel)
        finally:
            self._held_up.pop(shopper_id, None)

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
            before = {shopper_id: self._lines[shopper_id][0].place for shopper_id in self._held_up}
            held = await self._inbox.held_by_others(before)
        except (SQLAlchemyError, OSError) as error:
            log.warning("lines.watch.failed", channel=self._channel, error=type(error).__name__)
            return
        for shopper_id, waiting in self._held_up.items():
            if shopper_id not in held:
                waiting.set()

    async def _take_up_abandoned(self) -> None:
        while callbacks := await self._inbox.abandoned():
            for callback in callbacks:
                self._take_up(callback)

    async def _work(self, callback: Callback) -> float:
        """Do what a callback asks for, once; after how many seconds to try again, 0: it is done."""
        try:
            wait = await self._do(callback)
        except Exception as error:
            # It stays in the inbox, and is taken up again when its lease has ended.
            log.error(
                "lines.work.failed",
                channel=self._channel,
                callback=callback.id[:8],
                exc_info=error,
            )
            self._in_hand.discard(callback.id)
            return 0.0
        if not wait:
            self._in_hand.discard(callback.id)
            self._inbox.done(callback.id)
        return wait

    async def _sweep(self) -> None:
        while True:
            try:
                # What waits here is not abandoned, however long it does.
                if self._in_hand:
                    await self._inbox.keep(list(self._in_hand))
                await self._take_up_abandoned()
                await self._inbox.forget()
            except (SQLAlchemyError, OSError) as error:
                log.warning("lines.sweep.failed", channel=self._channel, error=type(error).__name__)
            await asyncio.sleep(_SWEEP_SECONDS)
