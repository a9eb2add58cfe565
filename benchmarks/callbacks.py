"""How many WeChat callbacks are acknowledged a second and core while the bot is saturated.

The channel, desk and gate run in a process of their own; beside them one thread computes without
end, as the assistant's does under load. Every callback is signed, encrypted and of another message.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import subprocess
import sys
import tempfile
import time
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


async def measure(count: int, at_once: int, *, saturated: bool) -> str:
    """One line of result."""
    port = free_port()
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
        victim = [sys.executable, "-W", "ignore", "-m", "tests.platforms.victim"]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: ASYNC220 starting it takes no time
                [*victim, msgspec.json.encode(orders).decode()], cwd=ROOT, stderr=log
            )
        try:
            return await _load(process, port, count, at_once, saturated=saturated)
        finally:
            process.kill()
            process.wait()


async def _load(
    process: subprocess.Popen[bytes], port: int, count: int, at_once: int, *, saturated: bool
) -> str:
    address = f"http://127.0.0.1:{port}/channels/wechat"
    todo = callbacks(count, shoppers=max(100, count // 5))
    taken: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as http:
        while True:
            try:
                async with http.get(address) as answer:
                    await answer.read()
                break
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)

        async def one_line() -> None:
            while todo:
                query, body = todo.pop()
                began = time.perf_counter()
                async with http.post(address, params=query, data=body) as answer:
                    await answer.read()
                    assert answer.status == 200, answer.status
                taken.append(time.perf_counter() - began)

        watched = psutil.Process(process.pid)
        # The first ones fill the slots of the assistant.
        cpu_before, began = sum(watched.cpu_times()[:2]), time.perf_counter()
        await asyncio.gather(*(one_line() for _ in range(at_once)))
        seconds = time.perf_counter() - began
        cpu = sum(watched.cpu_times()[:2]) - cpu_before
    taken.sort()
    p50, p99 = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000
    name = "bot saturated" if saturated else "bot idle"
    return (
        f"{name}: {count} callbacks, {at_once} at once, {count / seconds:.0f}/s,"
        f" {count / max(cpu, 0.01):.0f} per second of a core, p50 {p50:.0f} ms, p99 {p99:.0f} ms"
    )


async def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callbacks", type=int, default=3000)
    parser.add_argument("--at-once", type=int, default=10)
    arguments = parser.parse_args()
    for saturated in (False, True):
        print(await measure(arguments.callbacks, arguments.at_once, saturated=saturated))


if __name__ == "__main__":
    asyncio.run(main())
