"""Shoppers who write to a REST channel, over loopback, and how long their answers take."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle
from uuid import uuid4

import aiohttp

# A shopper moves on to a new conversation after so many messages: below every rate limit.
_MESSAGES_A_CONVERSATION = 10
_ANSWER_SECONDS = 120


@dataclass(frozen=True)
class Latencies:
    """What came of a load: milliseconds a turn, and turns a second."""

    p50_ms: float
    p95_ms: float
    turns_per_second: float
    turns: int
    unanswered: int


class Shoppers:
    """Talks to one server; every answer must be a list with at least one reply."""

    def __init__(self, url: str, lines: Sequence[str]) -> None:
        self._url = url
        self._lines = lines

    async def talk(self, at_once: int, turns: int) -> Latencies:
        """``at_once`` shoppers write ``turns`` messages in all, each after their last answer."""
        numbers = count()
        taken: list[float] = []
        unanswered = 0
        async with self._session() as session:

            async def shopper() -> None:
                nonlocal unanswered
                sent = 0
                sender = uuid4().hex
                while (number := next(numbers)) < turns:
                    if sent == _MESSAGES_A_CONVERSATION:
                        sender, sent = uuid4().hex, 0
                    line = self._lines[number % len(self._lines)]
                    milliseconds, answered = await self._ask(session, sender, line)
                    taken.append(milliseconds)
                    unanswered += not answered
                    sent += 1

            began = time.perf_counter()
            await asyncio.gather(*(shopper() for _ in range(at_once)))
            elapsed = time.perf_counter() - began
        return _latencies(taken, elapsed, unanswered)

    async def talk_as(self, sender: str, turns: int, enough_seconds: float = math.inf) -> Latencies:
        """One shopper writes ``turns`` messages in the conversation ``sender``.

        Fewer, but at least three, when that has taken longer than ``enough_seconds``.
        """
        taken: list[float] = []
        unanswered = 0
        lines = cycle(self._lines)
        async with self._session() as session:
            began = time.perf_counter()
            for _ in range(turns):
                milliseconds, answered = await self._ask(session, sender, next(lines))
                taken.append(milliseconds)
                unanswered += not answered
                if len(taken) >= 3 and time.perf_counter() - began > enough_seconds:
                    break
            elapsed = time.perf_counter() - began
        return _latencies(taken, elapsed, unanswered)

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS))

    async def _ask(
        self, session: aiohttp.ClientSession, sender: str, line: str
    ) -> tuple[float, bool]:
        began = time.perf_counter()
        async with session.post(self._url, json={"sender": sender, "message": line}) as answer:
            replies = await answer.json()
            answered = answer.status == 200 and bool(replies)
        return (time.perf_counter() - began) * 1000, answered


def _latencies(taken: list[float], elapsed: float, unanswered: int) -> Latencies:
    return Latencies(
        p50_ms=statistics.median(taken),
        p95_ms=statistics.quantiles(taken, n=20)[-1],
        turns_per_second=len(taken) / elapsed,
        turns=len(taken),
        unanswered=unanswered,
    )
