"""How many WeChat callbacks are acknowledged a second and core while the bot is saturated.

The channel, desk and gate run in a process of their own; beside them one thread computes without
end, as the assistant's does under load. Every callback is signed, encrypted and of another message.
With every callback a server is called that does nothing (benchmarks/bare.py), to know what the
machine itself takes in the same moments. Once the callbacks come as fast as they are acknowledged,
once so many a second. The first ones are not counted: what is done once in a process is done then.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
import psutil

from connectors.channels.envelope import Envelope, signature_of
from connectors.channels.flat_xml import write_xml
from connectors.channels.wechat.account import AccountSettings
from kefu.migrate import upgrade
from tests.platforms.victim import Orders
from tests.serving import ROOT, free_port

_TOKEN, _APPID = "a-token-of-benchmarks", "wx2c2769f8efd9abc2"
_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_WARM_UP = 100


def callbacks(count: int, shoppers: int) -> list[tuple[dict[str, str], bytes]]:
    """Query and body of ``count`` messages, encrypted beforehand."""
    envelope = Envelope(_KEY, _APPID)
    made = []
    for number in range(count):
        now = int(time.time())
        message = write_xml(
            {
                "ToUserName": "gh_1",
                "FromUserName": f"o{number % shoppers}",
                "CreateTime": now,
                "MsgType": "text",
                "Content": f"message {number}",
                "MsgId": number + 1,
            }
        )
        encrypted, nonce, timestamp = (
            envelope.seal(message.encode()),
            secrets.token_hex(4),
            str(now),
        )
        query = {
            "timestamp": timestamp,
            "nonce": nonce,
            "signature": signature_of(_TOKEN, timestamp, nonce),
            "encrypt_type": "aes",
            "msg_signature": signature_of(_TOKEN, timestamp, nonce, encrypted),
        }
        made.append((query, write_xml({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()))
    return made


async def measure(count: int, at_once: int, *, saturated: bool, rate: float = 0.0) -> str:
    """One line of result; ``rate``: callbacks a second, 0 for as many as are acknowledged."""
    port, bare_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/b.db"
        await upgrade(url)
        orders = Orders(
            database_url=url,
            redis_url="",
            data=folder,
            port=port,
            settings=AccountSettings(enabled=True, appid=_APPID, api="http://127.0.0.1:1"),
            token=_TOKEN,
            encoding_aes_key=_KEY,
            secret="s",
            lease_seconds=20,
            turn_seconds=5,
            busy=saturated,
        )
        bare = subprocess.Popen(  # noqa: ASYNC220 starting it takes no time
            [sys.executable, "-m", "benchmarks.bare", str(bare_port)], cwd=ROOT
        )
        victim = [sys.executable, "-W", "ignore", "-m", "tests.platforms.victim"]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: ASYNC220 starting it takes no time
                [*victim, msgspec.json.encode(orders).decode()], cwd=ROOT, stderr=log
            )
        try:
            bot = "bot saturated" if saturated else "bot idle"
            pace = f"{rate:.0f}/s wanted" if rate else "at full speed"
            load = _Load(process.pid, port, bare_port, count, at_once, rate)
            return f"{bot}, {pace}: {await load.run()}"
        finally:
            for started in (process, bare):
                started.kill()
                started.wait()


@dataclass(frozen=True)
class _Load:
    """Calls the channel at ``port`` of process ``pid``, and beside it the bare server."""

    pid: int
    port: int
    bare_port: int
    count: int
    at_once: int
    rate: float

    async def run(self) -> str:
        """What came of it."""
        address = f"http://127.0.0.1:{self.port}/channels/wechat"
        bare = f"http://127.0.0.1:{self.bare_port}/"
        made = callbacks(_WARM_UP + self.count, shoppers=max(100, self.count // 5))
        taken: list[float] = []
        bare_taken: list[float] = []
        connector = aiohttp.TCPConnector(limit=self.at_once * 2)
        async with aiohttp.ClientSession(connector=connector) as http:

            async def call(
                url: str, times: list[float], query: dict[str, str], body: bytes
            ) -> None:
                began = time.perf_counter()
                async with http.post(url, params=query, data=body) as answer:
                    await answer.read()
                    assert answer.status == 200, answer.status
                times.append(time.perf_counter() - began)

            async def one_line(todo: list[tuple[dict[str, str], bytes]], count: int) -> None:
                while todo:
                    query, body = todo.pop()
                    if self.rate:
                        turn = began + (count - len(todo)) / self.rate
                        await asyncio.sleep(turn - time.perf_counter())
                    await call(address, taken, query, body)
                    await call(bare, bare_taken, {}, body)

            async def all_of(todo: list[tuple[dict[str, str], bytes]]) -> None:
                count = len(todo)
                await asyncio.gather(*(one_line(todo, count) for _ in range(self.at_once)))

            for url in (address, bare):
                await _until_there(http, url)
            began = time.perf_counter()
            await all_of(made[:_WARM_UP])
            taken.clear()
            bare_taken.clear()
            watched = psutil.Process(self.pid)
            cpu_before, began = sum(watched.cpu_times()[:2]), time.perf_counter()
            await all_of(made[_WARM_UP:])
            seconds = time.perf_counter() - began
            cpu = sum(watched.cpu_times()[:2]) - cpu_before
        return (
            f"{self.count} callbacks, {self.at_once} at once, {self.count / seconds:.0f}/s,"
            f" {self.count / max(cpu, 0.01):.0f} per second of a core, {_in_words(taken)}"
            f" (a server that does nothing: {_in_words(bare_taken)})"
        )


def _in_words(taken: list[float]) -> str:
    taken.sort()
    p50, p99 = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"


async def _until_there(http: aiohttp.ClientSession, url: str) -> None:
    while True:
        try:
            async with http.get(url) as answer:
                await answer.read()
            return
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)


async def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callbacks", type=int, default=3000)
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--rate", type=float, default=20.0, help="callbacks a second")
    arguments = parser.parse_args()
    for rate in (0.0, arguments.rate):
        for saturated in (False, True):
            count, at_once = arguments.callbacks, arguments.at_once
            print(await measure(count, at_once, saturated=saturated, rate=rate))


if __name__ == "__main__":
    asyncio.run(main())
