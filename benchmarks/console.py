"""Measures the console's server side: opening conversations, lists, search, a year of reports.

One process on SQLite, asked over HTTP: 200 open conversations, one of them with 20,000 messages,
and 1,000,000 closed cases. ``--cases`` makes it smaller; the seed is fixed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.bare_console import Nothing, no_facts
from connectors.console.api import ConsoleParts, ConsoleSettings, make_console
from connectors.console.sessions import HEADER
from desk.model import Incoming, Role
from desk.service import Desk
from kefu.migrate import upgrade
from kernel.clock import SystemClock
from kernel.content import Content
from kernel.database import make_engine

OPEN = 200
# As many as serve a million conversations a year, each thirty a day.
AGENTS = 30
HISTORY = 20_000
ROUNDS = 100
TARGET_OPEN_MS = 100
TARGET_REPORT_MS = 1000
PASSWORD = "a long password"  # a database that lives for one run
WORDS = (
    "快递到哪里了",
    "我要退货",
    "where is my parcel",
    "refund please",
    "尺码不合适",
    "台灯坏了",
)
OUTCOMES = ("confirmed", "handed_off", "silent", "came_back", "unsolved", "abandoned")
CHANNELS = ("web", "wechat", "wecom")
JOURNEYS = ("order_status", "track_shipment", "return_request", "refund_status", "question")


async def fill_desk(desk: Desk, random: Random) -> str:
    """200 conversations in one agent's hands; returns the id of the one with the long history."""
    agent = await desk.add_agent("lin", "Lin", PASSWORD, Role.SUPERVISOR)
    last = ""
    for number in range(OPEN):
        said = Incoming("web", f"shopper-{number}", "1", Content(text=random.choice(WORDS)))
        last = (await desk.record(said)).conversation.id
        await desk.take(last, agent.id)
    return last


def lengthen(path: Path, conversation_id: str, random: Random) -> None:
    """Give a conversation its history, as rows: 20,000 deeds would take minutes."""
    connection = sqlite3.connect(path)
    (last,) = connection.execute(
        "SELECT last_seq FROM desk_conversation WHERE id = ?", (conversation_id,)
    ).fetchone()
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    rows = []
    for seq in range(last + 1, HISTORY + 1):
        content = json.dumps({"text": f"{random.choice(WORDS)} {seq}"})
        rows.append((uuid4().hex, conversation_id, seq, content, now))
    connection.executemany(
        "INSERT INTO desk_message (id, conversation_id, seq, author, content, created_at, epoch,"
        " turn_attempts) VALUES (?, ?, ?, 'shopper', ?, ?, 2, 0)",
        rows,
    )
    connection.execute(
        "UPDATE desk_conversation SET last_seq = ?, last_shopper_seq = ? WHERE id = ?",
        (HISTORY, HISTORY, conversation_id),
    )
    connection.commit()
    connection.close()


def fill_cases(path: Path, cases: int, random: Random) -> None:
    """A year of closed cases of ``AGENTS`` agents, as rows, on conversations of their own.

    Day after day, as they close in life; the indexes are built once all are there.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    agents = _add_agents(connection)
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'desk_case' AND sql LIKE 'CREATE I%'"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.executemany(
        "INSERT INTO desk_case (conversation_id, epoch, opened_at, closed_at, day, hour, channel,"
        " journey, agent_id, outcome, waited_s, first_response_s, resolution_s, sla_kept,"
        " sla_missed, score, reasons, request)"
        " VALUES (?, 2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '[]', ?)",
        _cases(cases, agents, random),
    )
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("INSERT INTO desk_stale_day (day) SELECT DISTINCT day FROM desk_case")
    connection.execute("COMMIT")
    connection.close()


def _add_agents(connection: sqlite3.Connection) -> list[str]:
    """Colleagues with the row of the one who is there, but for names; the ids of all."""
    columns = [row[1] for row in connection.execute("PRAGMA table_info(desk_agent)")]
    row = dict(zip(columns, connection.execute("SELECT * FROM desk_agent").fetchone(), strict=True))
    ids = [row["id"]]
    for number in range(1, AGENTS):
        ids.append(f"{number:032x}")
        copy = row | {"id": ids[-1], "login": f"agent{number}", "name": f"Agent {number}"}
        marks = ", ".join("?" * len(columns))
        connection.execute(f"INSERT INTO desk_agent VALUES ({marks})", list(copy.values()))
    return ids


def _cases(cases: int, agents: list[str], random: Random) -> Iterator[tuple[Any, ...]]:
    first = datetime.now(UTC).date() - timedelta(days=364)
    for number in range(cases):
        day = (first + timedelta(days=number * 365 // cases)).isoformat()
        chance = random.random()
        # So many bits of one number are enough for choices that are not measured.
        choice = int(chance * 2**40)
        hour = choice % 24
        at = f"{day} {hour:02}:00:00.000000"
        served = choice // 24 % 10 < 3
        scored = choice // 240 % 5 == 0
        yield (
            f"{number:032x}",
            at,
            at,
            day,
            hour,
            CHANNELS[choice // 1200 % 3],
            JOURNEYS[choice // 3600 % 5],
            agents[choice // 18_000 % len(agents)] if served else None,
            OUTCOMES[choice // 720_000 % 6],
            random.expovariate(1 / 60) if served else None,
            random.expovariate(1 / 90) if served else None,
            random.expovariate(1 / 600) if served else None,
            int(served),
            1 + choice // 4_320_000 % 5 if scored else None,
            WORDS[choice // 21_600_000 % len(WORDS)],
        )


async def timed(session: ClientSession, url: Any, rounds: int) -> dict[str, float]:
    """Milliseconds of ``rounds`` requests, each read to its end.

    ``cpu_ms``: of the processor, both sides together; on a busy machine it says more.
    """
    took = []
    busy = time.process_time()
    for _ in range(rounds):
        start = time.perf_counter()
        async with session.get(url) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    busy = time.process_time() - busy
    return {
        "cpu_ms": round(busy * 1000 / rounds, 1),
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[max(0, round(len(took) * 0.95) - 1)], 1),
    }


async def measure(path: Path, engine: AsyncEngine, cases: int) -> dict[str, Any]:
    """Fill, ask, and return the figures."""
    random = Random(5)
    desk = Desk(engine, SystemClock(), hasher=PasswordHasher(1, 8, 1))
    conversation_id = await fill_desk(desk, random)
    lengthen(path, conversation_id, random)
    spent = {}
    start = time.process_time()
    fill_cases(path, cases, random)
    spent["filling"] = time.process_time() - start
    start = time.process_time()
    while await desk.search.index():
        pass
    spent["indexing"] = time.process_time() - start
    start = time.process_time()
    while await desk.days.fold():
        pass
    spent["adding_up_a_year"] = time.process_time() - start
    nothing = Nothing()
    app = web.Application()
    parts = ConsoleParts(desk, nothing, no_facts, nothing)
    app.add_subapp("/console/api", make_console(parts, ConsoleSettings()))
    server = TestServer(app)
    await server.start_server()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        login = {"login": "lin", "password": PASSWORD}
        base = server.make_url("/console/api")
        await session.post(base / "login", json=login, headers={HEADER: "1"})
        one = base / "conversations" / conversation_id
        today = datetime.now(UTC).date()
        days = {"from": str(today - timedelta(days=364)), "to": str(today)}
        results = {
            "open": await timed(session, one, ROUNDS),
            "open_in_the_middle": await timed(session, one.with_query(around=10_000), ROUNDS),
            "margin": await timed(session, one / "margin", ROUNDS),
            "lists": await timed(session, base / "overview", ROUNDS),
            "search_zh": await timed(session, (base / "search").with_query(q="退货"), 20),
            "search_en": await timed(session, (base / "search").with_query(q="parcel"), 20),
        }
        for dimension in ("channel", "journey", "agent", "hour"):
            url = (base / "reports").with_query({**days, "by": dimension})
            results[f"report_by_{dimension}"] = await timed(session, url, 5)
    await server.close()
    return {
        "cases": cases,
        "load_at_end": round(os.getloadavg()[0], 1),
        "history": HISTORY,
        "open_conversations": OPEN,
        "processor_s": {name: round(seconds, 1) for name, seconds in spent.items()},
        **results,
        "whole_run_processor_s": round(time.process_time(), 1),
    }


async def run(cases: int) -> dict[str, Any]:
    """The whole benchmark on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        await upgrade(f"sqlite:///{path}")
        engine = make_engine(f"sqlite:///{path}")
        try:
            return await measure(path, engine, cases)
        finally:
            await engine.dispose()


def main() -> int:
    """Print the figures; 1 if one of them misses its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    figures = asyncio.run(run(parser.parse_args().cases))
    print(json.dumps(figures, indent=1))
    targets = dict.fromkeys(("open", "open_in_the_middle", "lists"), TARGET_OPEN_MS)
    reports = (name for name in figures if name.startswith("report_by_"))
    targets |= dict.fromkeys(reports, TARGET_REPORT_MS)
    slow = [name for name, most in targets.items() if figures[name]["p95_ms"] > most]
    if slow:
        print(f"too slow: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
