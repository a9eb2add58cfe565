"""How fast one shopper may write: a token bucket, in this process or in Redis."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime

import structlog
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError

from kernel.clock import Clock

log = structlog.get_logger()

_MAX_BUCKETS = 50_000

# One round trip and atomic, so that replicas share a bucket. Redis' own clock is the only one that
# all replicas agree on. Returns the milliseconds to wait.
_TAKE = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local burst, per_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(bucket[1]) or burst, tonumber(bucket[2]) or ms
tokens = math.min(burst, tokens + math.max(0, ms - at) * per_ms)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / per_ms) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / per_ms) + 1000)
return wait
"""


def address_of(request: web.Request, proxies: int) -> str:
    """From where ``request`` comes: the peer, or what the farthest of our ``proxies`` saw.

    Anybody can write ``X-Forwarded-For``: only as many of its last entries as there are proxies
    of ours were written by them.
    """
    if proxies:
        header = ",".join(request.headers.getall("X-Forwarded-For", []))
        hops = [hop.strip() for hop in header.split(",") if hop.strip()]
        if len(hops) >= proxies:
            return str(hops[-proxies])
    return str(request.remote)


class MemoryRateLimiter:
    """Token buckets of one process."""

    def __init__(self, clock: Clock, *, burst: int, per_minute: float) -> None:
        self._clock = clock
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    async def take(self, key: str) -> float:
        """(see RateLimiter)"""
        now = self._clock.now()
        tokens, at = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at).total_seconds() * self._per_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._per_second
        self._buckets[key] = (tokens if wait else tokens - 1, now)
        if len(self._buckets) > _MAX_BUCKETS:
            # The one unused for longest has most likely filled up again.
            self._buckets.popitem(last=False)
        return wait


class RedisRateLimiter:
    """Token buckets shared by all replicas."""

    def __init__(
        self, redis: Redis, *, burst: int, per_minute: float, prefix: str = "kefu:rate:"
    ) -> None:
        self._take = redis.register_script(_TAKE)
        self._arguments = [burst, per_minute / 60_000]
        self._prefix = prefix

    async def take(self, key: str) -> float:
        """(see RateLimiter); while Redis is down everybody may go on."""
        try:
            wait = await self._take(keys=[self._prefix + key], args=self._arguments)
        except RedisError as error:
            # A shop without limits is better than a shop that answers nobody.
            log.warning("rate_limiter.down", error=repr(error))
            return 0.0
        return math.ceil(int(wait)) / 1000
