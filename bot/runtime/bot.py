"""The assistant as the rest of Kefu sees it: one turn in, replies out, never in anybody's way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from rasa.core.lock_store import LockError
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.trackers import EventVerbosity
from rasa.utils.endpoints import EndpointConfig
from threadpoolctl import threadpool_limits

from bot.runtime.actions import ActionRunner
from bot.runtime.lock_store import InProcessLockStore, RedisLockStore, lock_store_for
from bot.runtime.processor import TurnProcessor
from bot.runtime.tracker_store import SqlTrackerStore, TrackerConflict
from bot.runtime.turn import TurnFailed, TurnRequest, TurnResult, TurnTimeout

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True)
class BotTimes:
    """How long things may take, in seconds."""

    turn: float = 8.0
    action: float = 5.0
    stop: float = 10.0


class Bot:
    """Runs turns of a trained model in a thread with an event loop of its own.

    Rasa computes inside coroutines without giving the loop back; here it only keeps its own loop
    busy. Every method may be awaited from any other loop.
    """

    def __init__(
        self,
        model: Path,
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        actions: ActionRunner | None = None,
        endpoints: Path | None = None,
        times: BotTimes | None = None,
        at_stop: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Prepare; nothing is loaded, connected or started before ``start``.

        Args:
            model: a trained model, or a folder of which the newest counts.
            database_url: where trackers are kept; without: as SqlTrackerStore says.
            redis_url: for locks that hold across processes; without: locks of this process.
            actions: runs custom actions. It is used in the bot's own thread alone, so connections
                that belong to an event loop must not be shared with another.
            endpoints: a Rasa endpoints.yml; if it names an ``action_endpoint``, custom actions
                run there instead.
            at_stop: awaited in the bot's loop when it stops: lets go of what ``actions`` hold.
        """
        self._model = model
        self._database_url = database_url
        self._actions = actions
        self._endpoints = endpoints
        self._times = times or BotTimes()
        self._at_stop = at_stop
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bot", daemon=True)
        self._processor: TurnProcessor | None = None
        self._locks: InProcessLockStore | RedisLockStore = lock_store_for(redis_url)
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Load the model; raises rasa's ModelNotFound if there is none."""
        self._thread.start()
        await self.load(self._model)

    async def stop(self) -> None:
        """Let go of connections and of the thread; turns that still run are lost."""
        if not self._thread.is_alive():
            return
        await self._in_bot_loop(self._close(), self._times.stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join, self._times.stop)

    async def load(self, model: Path) -> None:
        """Put ``model`` in place of the one in use; turns that run end with the old one."""
        processor = await asyncio.to_thread(self._loaded, model)
        previous, self._processor = self._processor, processor
        self._model = model
        log.info("bot.loaded", model=processor.model_filename)
        if previous is not None:
            await self._in_bot_loop(self._retire(previous), None)

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message. The same message again gets the same answer and acts no second time.

        Raises:
            TurnTimeout: it took longer than ``times.turn``; nothing of it is kept, though an action
                may have acted.
            TurnFailed: another process answered the conversation meanwhile, or its lock is lost.
        """
        try:
            return await self._in_bot_loop(self._turn(request), self._times.turn)
        except (TrackerConflict, LockError) as error:
            raise TurnFailed(str(error)) from error

    async def parse(self, text: str) -> dict[str, Any]:
        """What the assistant understands from ``text``: Rasa's parse result, and ``intents``."""
        return await self._in_bot_loop(self._parse(text), self._times.turn)

    async def tracker(self, conversation_id: str, *, full: bool = False) -> dict[str, Any] | None:
        """Rasa's dump of a conversation: its last events, or all; None if there is none."""
        return await self._in_bot_loop(self._dump(conversation_id, full), self._times.turn)

    async def forget(self, conversation_id: str) -> None:
        """Remove what the dialogue remembers of one conversation."""
        await self._in_bot_loop(self._current().tracker_store.forget(conversation_id), None)

    async def forget_idle_since(self, moment: datetime) -> int:
        """Remove what the dialogue remembers of conversations at rest since; how many they were."""
        forgetting = self._current().tracker_store.forget_idle_since(moment)
        return await self._in_bot_loop(forgetting, None)

    def _current(self) -> TurnProcessor:
        if self._processor is None:
            raise RuntimeError("the bot is not started")
        return self._processor

    def _loaded(self, model: Path) -> TurnProcessor:
        processor = TurnProcessor(
            model,
            SqlTrackerStore(host=self._database_url),
            self._locks,
            actions=self._actions,
            action_endpoint=self._action_endpoint(),
            action_time_limit=self._times.action,
        )
        # The products of one short sentence gain nothing from a second core: the linear algebra
        # library's idle threads would only spin on it, a third of a turn's processor time.
        threadpool_limits(1)
        # What is read from disk at the first need, as the sentence encoder's weights are, is read
        # now: seconds that the first shopper would wait.
        processor.understand("hello")
        return processor

    def _action_endpoint(self) -> EndpointConfig | None:
        if self._endpoints is None:
            return None
        return AvailableEndpoints.read_endpoints(str(self._endpoints)).action

    async def _turn(self, request: TurnRequest) -> TurnResult:
        async with self._locks.lock(request.conversation_id):
            return await self._current().turn(request)

    async def _parse(self, text: str) -> dict[str, Any]:
        return self._current().understand(text)

    async def _dump(self, conversation_id: str, full: bool) -> dict[str, Any] | None:
        store = self._current().tracker_store
        tracker = await (
            store.retrieve_full_tracker(conversation_id)
            if full
            else store.retrieve_tail(conversation_id)
        )
        if tracker is None:
            return None
        dump: dict[str, Any] = tracker.current_state(EventVerbosity.ALL)
        return dump

    async def _retire(self, processor: TurnProcessor) -> None:
        async def close_when_unused() -> None:
            # A turn that began under the old model ends within its limit.
            await asyncio.sleep(self._times.turn)
            await processor.tracker_store.close()

        task = asyncio.create_task(close_when_unused())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _close(self) -> None:
        for task in self._retiring:
            task.cancel()
        if self._processor is not None:
            await self._processor.tracker_store.close()
        if isinstance(self._locks, RedisLockStore):
            await self._locks.close()
        if self._at_stop is not None:
            await self._at_stop()

    async def _in_bot_loop(self, work: Coroutine[Any, Any, T], limit: float | None) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            async with asyncio.timeout(limit) as time:
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if not time.expired():
                raise
            raise TurnTimeout(f"no answer within {limit} s") from error
