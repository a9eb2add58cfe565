"""Token buckets: the same behaviour in this process and in Redis."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from connectors.channels.limits import MemoryRateLimiter, RedisRateLimiter
from connectors.channels.ports import RateLimiter
from kernel.clock import SetClock


async def takes(limiter: RateLimiter, key: str, times: int) -> list[bool]:
    """Whether each of ``times`` deeds was allowed."""
    return [await limiter.take(key) == 0.0 for _ in range(times)]


async def test_a_bucket_empties_and_fills_again_at_its_rate() -> None:
    clock = SetClock(datetime(2026, 11, 22, tzinfo=UTC))
    limiter = MemoryRateLimiter(clock, burst=3, per_minute=6)
    assert await takes(limiter, "ann", 4) == [True, True, True, False]
    assert await limiter.take("ann") == 10.0
    assert await limiter.take("bob") == 0.0
    clock.advance(timedelta(seconds=9.9))
    assert await limiter.take("ann") > 0
    clock.advance(timedelta(seconds=10.1))
    assert await takes(limiter, "ann", 3) == [True, True, False]
    clock.advance(timedelta(hours=5))
    assert await takes(limiter, "ann", 4) == [True, True, True, False]


async def test_replicas_share_a_bucket_in_redis(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    one, other = (RedisRateLimiter(redis, burst=5, per_minute=60) for _ in range(2))
    allowed = await asyncio.gather(*(each.take("ann") for each in (one, other) for _ in range(10)))
    assert sum(wait == 0.0 for wait in allowed) == 5
    assert 0 < await one.take("ann") <= 1.0
    assert await other.take("bob") == 0.0
    await asyncio.sleep(1.05)
    assert await one.take("ann") == 0.0
    await redis.aclose()


async def test_while_redis_is_down_shoppers_may_write() -> None:
    redis = Redis(host="127.0.0.1", port=1)
    limiter = RedisRateLimiter(redis, burst=1, per_minute=1)
    assert await takes(limiter, "ann", 3) == [True, True, True]
    await redis.aclose()
