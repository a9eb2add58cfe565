"""Locks that let one message of a conversation be answered at a time, in the order they came."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import uuid4

import structlog
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

log = structlog.get_logger()

LEASE_SECONDS = 9.0


class InProcessLockStore(LockStore):
    """Locks of this process and this event loop; whoever waits is woken, in order of arrival."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._interested: dict[str, int] = {}

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation's lock.

        Raises:
            LockError: it was not free within ``lock_lifetime`` seconds.
        """
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        self._interested[conversation_id] = self._interested.get(conversation_id, 0) + 1
        try:
            await _acquired(lock, conversation_id, lock_lifetime)
            try:
                yield TicketLock(conversation_id)
            finally:
                lock.release()
        finally:
            self._interested[conversation_id] -= 1
            if not self._interested[conversation_id]:
                del self._interested[conversation_id], self._locks[conversation_id]


async def _acquired(lock: asyncio.Lock, conversation_id: str, limit: float) -> None:
    try:
        async with asyncio.timeout(limit):
            await lock.acquire()
    except TimeoutError as error:
        raise LockError(f"{conversation_id} was busy for {limit} s") from error


# A queue is a list of tickets; the first one holds the lock. A ticket counts while its own key
# lives, which its owner renews: who has died is passed over as soon as that key has expired. A
# ticket that comes to the front finds a word in its mailbox, a list that its owner blocks on.
_SHARED = """
local function ticket_key(ticket) return KEYS[1] .. ':' .. ticket end
local function front()
  while true do
    local first = redis.call('LINDEX', KEYS[1], 0)
    if not first or redis.call('EXISTS', ticket_key(first)) == 1 then return first end
    redis.call('LPOP', KEYS[1])
  end
end
"""
# Milliseconds until it is worth asking again; 0: the lock is ours; -1: our ticket is gone.
_STAND = (
    _SHARED
    + """
local ticket, lease, enter = ARGV[1], tonumber(ARGV[2]), ARGV[3]
if enter == '1' then
  redis.call('RPUSH', KEYS[1], ticket)
elseif redis.call('EXISTS', ticket_key(ticket)) == 0 then
  redis.call('LREM', KEYS[1], 1, ticket)
  return -1
end
redis.call('SET', ticket_key(ticket), '1', 'PX', lease)
redis.call('PEXPIRE', KEYS[1], lease * 2)
local first = front()
if first == ticket then return 0 end
return math.max(1, math.min(redis.call('PTTL', ticket_key(first)), lease / 3))
"""
)
_LEAVE = (
    _SHARED
    + """
local ticket, lease = ARGV[1], tonumber(ARGV[2])
redis.call('LREM', KEYS[1], 1, ticket)
redis.call('DEL', ticket_key(ticket), ticket_key(ticket) .. ':mail')
local first = front()
if first then
  redis.call('RPUSH', ticket_key(first) .. ':mail', '1')
  redis.call('PEXPIRE', ticket_key(first) .. ':mail', lease)
end
return 0
"""
)


class RedisLockStore(LockStore):
    """Locks that hold across processes, on Redis: atomic, first come first served, no polling.

    A holder that dies loses the lock within ``lease`` seconds. A lock is a courtesy between
    processes that live; what makes two answers impossible is the tracker's version.
    """

    def __init__(self, url: str, lease: float = LEASE_SECONDS) -> None:
        """Connect to nothing yet."""
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=2,
            retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), retries=5),
            retry_on_error=[RedisConnectionError],
        )
        self._lease = lease
        self._entering = asyncio.Lock()
        self._stand = self._redis.register_script(_STAND)
        self._leave = self._redis.register_script(_LEAVE)

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation's lock.

        Raises:
            LockError: it was not free within ``lock_lifetime`` seconds, or Redis does not answer.
        """
        queue, ticket = f"kefu:lock:{{{conversation_id}}}", uuid4().hex
        try:
            try:
                async with asyncio.timeout(lock_lifetime):
                    await self._come_to_front(queue, ticket)
            except TimeoutError as error:
                raise LockError(f"{conversation_id} was busy for {lock_lifetime} s") from error
            except RedisError as error:
                raise LockError(f"no lock for {conversation_id}: {error}") from error
            async with self._renewing(queue, ticket, conversation_id):
                yield TicketLock(conversation_id)
        finally:
            await self._let_go(queue, ticket)

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def _come_to_front(self, queue: str, ticket: str) -> None:
        wait = await self._ask(queue, ticket, enter=True)
        while wait:
            if wait < 0:  # Redis has restarted empty, or we were thought dead: queue up again
                wait = await self._ask(queue, ticket, enter=True)
                continue
            with contextlib.suppress(RedisConnectionError):
                await self._mail(f"{queue}:{ticket}:mail", wait / 1000)
            wait = await self._ask(queue, ticket, enter=False)

    async def _mail(self, mailbox: str, seconds: float) -> None:
        # The typed method knows whole seconds only.
        command: Any = self._redis.execute_command
        await command("BLPOP", mailbox, seconds)

    async def _ask(self, queue: str, ticket: str, *, enter: bool) -> int:
        arguments = [ticket, int(self._lease * 1000), int(enter)]
        if not enter:
            return int(await self._stand(keys=[queue], args=arguments))
        # One after the other: requests on several connections could overtake each other.
        async with self._entering:
            return int(await self._stand(keys=[queue], args=arguments))

    @asynccontextmanager
    async def _renewing(self, queue: str, ticket: str, conversation_id: str) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(self._lease / 3)
                try:
                    lost = await self._ask(queue, ticket, enter=False) != 0
                except RedisError as error:
                    log.warning("lock.not_renewed", conversation=conversation_id, error=str(error))
                    continue
                if lost:
                    log.warning("lock.lost", conversation=conversation_id)
                    return

        renewal = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewal.cancel()

    async def _let_go(self, queue: str, ticket: str) -> None:
        try:
            # Also when the turn is being cancelled: those who wait should not wait for the lease.
            await asyncio.shield(self._leave(keys=[queue], args=[ticket, int(self._lease * 1000)]))
        except RedisError as error:
            log.warning("lock.not_released", queue=queue, error=str(error))


class EnvironmentLockStore(LockStore):
    """For ``endpoints.yml``: on Redis if REDIS_URL is set, else in this process."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        """Rasa hands over the endpoint; its ``url`` goes before the environment."""
        named = endpoint_config.url if endpoint_config else None
        self._store = lock_store_for(named or os.environ.get("REDIS_URL"))

    def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AbstractAsyncContextManager[TicketLock]:
        """(see parent class for full docstring)"""
        held: Any = self._store.lock(conversation_id, lock_lifetime, wait_time_in_seconds)
        return held  # type: ignore[no-any-return]


def lock_store_for(redis_url: str | None) -> InProcessLockStore | RedisLockStore:
    """Locks on the Redis at ``redis_url``; locks of this process if there is none."""
    return RedisLockStore(redis_url) if redis_url else InProcessLockStore()
