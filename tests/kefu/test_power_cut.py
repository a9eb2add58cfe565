"""The serving process is killed under load: nothing is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import socketio

from tests.serving import Served

SHOPPERS = 6
MESSAGES = 8
CUTS = 2
WORDS = ["hello", "你好", "thanks", "谢谢", "can I pay by card", "多久发货"]


@dataclass
class Shopper:
    """A widget that sends message after message and retries what was not acknowledged."""

    number: int
    token: str | None = None
    conversation: str | None = None
    acknowledged: list[str] = field(default_factory=list)

    async def write_all(self, url: str) -> None:
        for number in range(MESSAGES):
            client_id = f"s{self.number}-m{number}"
            text = f"{WORDS[number % len(WORDS)]} {client_id}"
            while True:
                try:
                    await self._write(url, client_id, text)
                    break
                except (TimeoutError, OSError, socketio.exceptions.SocketIOError):
                    await asyncio.sleep(0.3)

    async def _write(self, url: str, client_id: str, text: str) -> None:
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(url, namespaces=["/widget"], transports=["websocket"], wait_timeout=3)
        try:
            hello = {"token": self.token, "language": "en"}
            answer = await client.call("hello", hello, namespace="/widget", timeout=5)
            self.token = answer["token"]
            message = {"client_id": client_id, "text": text}
            ack = await client.call("send", message, namespace="/widget", timeout=5)
            assert ack["ok"], ack
            self.acknowledged.append(client_id)
            hello = {"token": self.token, "language": "en"}
            answer = await client.call("hello", hello, namespace="/widget", timeout=5)
            self.conversation = answer["conversation"]
        finally:
            await client.disconnect()


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("model")
async def test_every_acknowledged_message_is_stored_once_and_answered_once_in_order(
    tmp_path: Path,
) -> None:
    chance = random.Random(20261122)
    served = Served(tmp_path / "var")
    await asyncio.to_thread(served.start)
    shoppers = [Shopper(number) for number in range(SHOPPERS)]
    writing = asyncio.gather(*(shopper.write_all(served.url) for shopper in shoppers))
    try:
        for _ in range(CUTS):
            await asyncio.sleep(chance.uniform(0.3, 0.9))
            served.kill()
            await asyncio.to_thread(served.start)
        await asyncio.wait_for(writing, 120)
        await _until_all_answered(tmp_path / "var" / "kefu.db")
    finally:
        writing.cancel()
        served.stop()

    rows = _messages(tmp_path / "var" / "kefu.db")
    for shopper in shoppers:
        mine = [row for row in rows if row["conversation_id"] == shopper.conversation]
        assert [row["seq"] for row in mine] == list(range(1, len(mine) + 1))
        sent = [row for row in mine if row["author"] == "shopper"]
        ids = [row["external_id"].partition(":")[2] for row in sent]
        assert ids == [f"s{shopper.number}-m{number}" for number in range(MESSAGES)]
        assert set(shopper.acknowledged) == set(ids)
        answered = [row["in_reply_to"] for row in mine if row["author"] == "bot"]
        assert list(dict.fromkeys(answered)) == [row["id"] for row in sent]
        _assert_answers_are_one_turn_each(mine)


def _assert_answers_are_one_turn_each(mine: list[sqlite3.Row]) -> None:
    """One message's replies stand together and none is said twice."""
    replies: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in mine:
        if row["author"] == "bot":
            replies[row["in_reply_to"]].append(row)
    for rows in replies.values():
        seqs = [row["seq"] for row in rows]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        contents = [row["content"] for row in rows]
        assert len(contents) == len(set(contents))


def _messages(database: Path) -> list[sqlite3.Row]:
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(
            "SELECT * FROM desk_message ORDER BY conversation_id, seq"
        ).fetchall()
    finally:
        connection.close()


async def _until_all_answered(database: Path) -> None:
    async with asyncio.timeout(60):
        while any(row["turn_state"] == "pending" for row in _messages(database)):
            await asyncio.sleep(0.2)
