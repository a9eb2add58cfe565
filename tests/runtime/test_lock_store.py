"""Locks: one at a time, in order, without a dead holder keeping everybody waiting."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import read_endpoint_config

from bot.runtime.lock_store import InProcessLockStore, RedisLockStore, lock_store_for
from tests.missing import missing

Locks = InProcessLockStore | RedisLockStore


@pytest.fixture(params=["in process", "redis"])
async def locks(request: pytest.FixtureRequest) -> AsyncIterator[Locks]:
    """Each kind of store."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    store = lock_store_for(url)
    yield store
    if isinstance(store, RedisLockStore):
        await store.close()


async def test_one_holds_the_lock_at_a_time_in_order_of_arrival(locks: Locks) -> None:
    holders, most, order = 0, 0, []

    async def work(number: int) -> None:
        nonlocal holders, most
        async with locks.lock("c"):
            holders += 1
            most = max(most, holders)
            await asyncio.sleep(0.005)
            order.append(number)
            holders -= 1

    tasks = []
    for number in range(20):
        tasks.append(asyncio.create_task(work(number)))
        await asyncio.sleep(0.003)
    await asyncio.gather(*tasks)
    assert most == 1
    assert order == list(range(20))


async def test_conversations_do_not_wait_for_each_other(locks: Locks) -> None:
    async with locks.lock("one"), asyncio.timeout(30), locks.lock("another"):
        pass


async def test_whoever_waits_is_woken_and_does_not_ask_again(redis_url: str) -> None:
    here, there = (RedisLockStore(redis_url, lease=120) for _ in range(2))
    waiting = asyncio.Event()

    async def wait() -> None:
        waiting.set()
        async with there.lock("c", lock_lifetime=30):  # who asked again would do so after 40 s
            pass

    async with here.lock("c"):
        task = asyncio.create_task(wait())
        await waiting.wait()
        await asyncio.sleep(0.3)
    await task
    await here.close()
    await there.close()


async def test_waiting_ends_with_an_error_after_its_limit(locks: Locks) -> None:
    async with locks.lock("c"):
        with pytest.raises(LockError):
            async with locks.lock("c", lock_lifetime=0.2):
                pass
    async with asyncio.timeout(30), locks.lock("c"):
        pass


async def test_a_waiter_who_gives_up_does_not_hold_up_the_line(locks: Locks) -> None:
    async def hold() -> None:
        async with locks.lock("c"):
            pass

    async with locks.lock("c"):
        gives_up, stays = asyncio.create_task(hold()), asyncio.create_task(hold())
        await asyncio.sleep(0.1)
        gives_up.cancel()
        await asyncio.sleep(0.1)
    async with asyncio.timeout(30):
        await stays


async def test_an_error_inside_lets_go_of_the_lock(locks: Locks) -> None:
    with pytest.raises(ZeroDivisionError):
        async with locks.lock("c"):
            _ = 1 // 0
    async with asyncio.timeout(30), locks.lock("c"):
        pass


async def test_several_processes_share_the_locks_of_one_redis(redis_url: str) -> None:
    stores = [RedisLockStore(redis_url) for _ in range(3)]
    holders, most = 0, 0

    async def work(store: RedisLockStore) -> None:
        nonlocal holders, most
        async with store.lock("c"):
            holders += 1
            most = max(most, holders)
            await asyncio.sleep(0.005)
            holders -= 1

    await asyncio.gather(*(work(store) for store in stores * 5))
    assert most == 1
    for store in stores:
        await store.close()


async def test_a_dead_holder_loses_the_lock_when_its_lease_ends(redis_url: str) -> None:
    dead, living = RedisLockStore(redis_url, lease=0.6), RedisLockStore(redis_url, lease=0.6)
    held = dead.lock("c")
    await held.__aenter__()
    renewals = [task for task in asyncio.all_tasks() if "renew" in repr(task)]
    assert renewals
    for renewal in renewals:  # the process dies: nobody renews, nobody lets go
        renewal.cancel()
    async with living.lock("c", lock_lifetime=30):
        pass
    await dead.close()
    await living.close()


async def test_a_living_holder_keeps_the_lock_beyond_its_lease(redis_url: str) -> None:
    here, there = RedisLockStore(redis_url, lease=0.3), RedisLockStore(redis_url, lease=0.3)
    async with here.lock("c"):
        await asyncio.sleep(1)
        with pytest.raises(LockError):
            async with there.lock("c", lock_lifetime=0.3):
                pass
    await here.close()
    await there.close()


async def test_nothing_is_left_in_redis_when_nobody_is_interested(redis_url: str) -> None:
    store = RedisLockStore(redis_url)

    async def hold() -> None:
        async with store.lock("c"):
            await asyncio.sleep(0.01)

    await asyncio.gather(*(hold() for _ in range(5)))
    keys = await store._redis.keys("*")
    assert keys == []
    await store.close()


async def test_a_redis_that_restarts_empty_is_queued_up_at_again(tmp_path: Path) -> None:
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = _redis(program, port, tmp_path)
    store = RedisLockStore(f"redis://127.0.0.1:{port}/0", lease=1)
    try:
        await _until_it_answers(port)
        got = asyncio.Event()

        async def wait() -> None:
            async with store.lock("c", lock_lifetime=20):
                got.set()

        async with store.lock("c"):
            waiting = asyncio.create_task(wait())
            await asyncio.sleep(0.2)
            assert not got.is_set()
            server.kill()
            server.wait(10)
            server = _redis(program, port, tmp_path)
            await _until_it_answers(port)
        async with asyncio.timeout(30):
            await waiting
        assert got.is_set()

        server.kill()
        server.wait(10)
        with pytest.raises(LockError):
            async with store.lock("c"):
                pass
    finally:
        await store.close()
        server.kill()
        server.wait(10)


def _redis(program: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )


async def _until_it_answers(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def test_rasa_makes_the_store_that_endpoints_yml_names(
    monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    endpoint = read_endpoint_config(str(Path(__file__).parents[2] / "endpoints.yml"), "lock_store")
    for url in (None, redis_url):
        monkeypatch.delenv("REDIS_URL", raising=False)
        if url:
            monkeypatch.setenv("REDIS_URL", url)
        store = LockStore.create(endpoint)
        async with store.lock("c"):
            with pytest.raises(LockError):
                async with store.lock("c", lock_lifetime=0.1):
                    pass
