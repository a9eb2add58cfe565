"""A platform at its worst against a process that is killed: what was lost, doubled, disordered?

`make chaos` runs it in full; the suite runs it small. Everything but the moments at which the
operating system does things comes from the seed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from aiohttp import web

from desk.model import Author, Conversation
from desk.service import Desk
from kefu.migrate import upgrade
from kefu.sandbox.wechat import Misfortunes
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.platforms.sides import KEY, SECRET, TOKEN, Side, WeChatSide, WeComSide, Where
from tests.platforms.victim import Orders
from tests.serving import ROOT, free_port

SIDES: dict[str, Callable[[Where, Misfortunes], Side]] = {
    "wechat": WeChatSide,
    "wecom": WeComSide,
}
_BEGIN, _END = re.compile(r"<(m\d+)"), re.compile(r"(m\d+)>")
_PATIENCE_SECONDS = 45.0
# What is not answered in so long waits for the shopper to write again, or never reached us.
_NOTHING_MOVES_SECONDS = 10.0
# A machine that does much else takes long to start a process.
_START_SECONDS = 240.0


@dataclass(frozen=True)
class Plan:
    """How bad it gets.

    ``at_once`` calls may be open and ``unanswered`` messages wait before anybody writes more.
    """

    messages: int
    shoppers: int
    kills: int
    seed: int = 1
    at_once: int = 60
    unanswered: int = 400
    retry_seconds: float = 5.0
    lease_seconds: float = 8.0
    passive_reply_seconds: float = 0.0
    channel: str = "wechat"
    misfortunes: Misfortunes = field(
        default_factory=lambda: Misfortunes(
            doubled=0.05,
            late=0.05,
            late_seconds=2.0,
            lost_acknowledgement=0.02,
            lost_answer=0.02,
            clock_skew=0.3,
        )
    )


@dataclass(frozen=True)
class Report:
    """What came of it. ``unheard`` never reached us in any of the platform's three attempts."""

    messages: int
    answered: int
    lost: list[str]
    doubled: list[str]
    disordered: list[str]
    unheard: int
    exceeded: int
    seconds: float
    slowest_ms: float

    def __str__(self) -> str:
        return (
            f"{self.messages} messages in {self.seconds:.0f} s: {self.answered} answered,"
            f" {len(self.lost)} lost, {len(self.doubled)} answered twice,"
            f" {len(self.disordered)} shoppers out of order, {self.unheard} never reached us,"
            f" quota exceeded {self.exceeded} times,"
            f" p99 acknowledgement {self.slowest_ms:.0f} ms"
        )


class Chaos:
    """One run: a platform in this process, the channel in another that is killed."""

    def __init__(self, plan: Plan, database_url: str, folder: Path) -> None:
        self._plan = plan
        self._database_url = database_url
        self._folder = folder
        self._chance = random.Random(plan.seed)
        self._came_back = 0
        self._victim: subprocess.Popen[bytes] | None = None
        self._redis: subprocess.Popen[bytes] | None = None
        self._redis_port = free_port()
        self._port, self._there = free_port(), free_port()
        # In the order in which they first wrote.
        self._people: dict[str, None] = {}
        # Who wrote what is not answered yet, as far as is known.
        self._unanswered: dict[str, str] = {}
        where = Where(
            kefu_port=self._port,
            platform_port=self._there,
            retry_seconds=plan.retry_seconds,
            passive_reply_seconds=plan.passive_reply_seconds,
            seed=plan.seed,
        )
        self._side = SIDES[plan.channel](where, plan.misfortunes)
        self._orders = Orders(
            database_url=database_url,
            redis_url=f"redis://127.0.0.1:{self._redis_port}/0",
            data=str(folder),
            port=self._port,
            token=TOKEN,
            encoding_aes_key=KEY,
            secret=SECRET,
            lease_seconds=plan.lease_seconds,
            **self._side.orders(),
        )

    async def run(self) -> Report:
        """Write all messages, kill as planned, wait for what is owed, and count."""
        began = time.monotonic()
        async with AsyncExitStack() as at_end:
            at_end.callback(self._end)
            app = web.Application()
            self._side.add_to(app)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
            await runner.setup()
            at_end.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", self._there).start()
            self._start_redis()
            await self._start_victim()
            await self._write()
            await self._side.quiet()
            await self._settled()
            await self._come_back()
            return await self._count(time.monotonic() - began)

    async def _write(self) -> None:
        plan = self._plan
        kills = {plan.messages * (n + 1) // (plan.kills + 1) for n in range(plan.kills)}
        restart_redis = plan.messages // 2
        for number in range(plan.messages):
            person = f"o{self._chance.randrange(plan.shoppers)}"
            self._say(person, f"m{number}")
            if number in kills:
                await self._kill_and_restart()
            if number == restart_redis:
                self._stop_redis()
                self._start_redis()
            while self._side.open_calls > plan.at_once:
                await asyncio.sleep(0.005)
            await self._answered_so_far()
            await asyncio.sleep(0)

    async def _answered_so_far(self) -> None:
        """Wait while too much is unanswered: shoppers do not write ever faster than they read."""
        moved = time.monotonic()
        while len(self._unanswered) > self._plan.unanswered:
            before = len(self._unanswered)
            for person in set(self._unanswered.values()):
                for name in _BEGIN.findall(" ".join(self._side.said(person))):
                    self._unanswered.pop(name, None)
            if len(self._unanswered) < before:
                moved = time.monotonic()
            elif time.monotonic() - moved > _NOTHING_MOVES_SECONDS:
                self._unanswered.clear()
            else:
                await asyncio.sleep(0.1)

    async def _come_back(self) -> None:
        """Who wrote faster than the quota allows writes once more: the rest comes then."""
        engine = make_engine(self._database_url)
        desk = Desk(engine, SystemClock())
        await asyncio.sleep(2)
        for person in self._people:
            conversation = await self._conversation(desk, person)
            reach = await desk.reach(conversation.id) if conversation else None
            if reach is not None and reach.parked:
                self._say(person, f"m{self._plan.messages + self._came_back}")
                self._came_back += 1
        await engine.dispose()
        if self._came_back:
            await self._side.quiet()
            await self._settled()

    async def _settled(self) -> None:
        """Wait until everything is answered, or nothing has moved for long."""
        owed = self._plan.messages + self._came_back
        last, moved = -1, time.monotonic()
        while time.monotonic() - moved < _PATIENCE_SECONDS:
            said = self._said()
            count = sum(len(texts) for texts in said.values())
            if count != last:
                last, moved = count, time.monotonic()
            if count >= owed - self._side.given_up:
                # A moment for what should not come: a second answer.
                await asyncio.sleep(self._plan.retry_seconds * 2)
                return
            await asyncio.sleep(0.2)

    def _say(self, person: str, text: str) -> None:
        self._people.setdefault(person)
        self._unanswered[text] = person
        self._side.say(person, text)

    async def _conversation(self, desk: Desk, person: str) -> Conversation | None:
        return await desk.conversation_of(self._plan.channel, self._side.shopper_id(person))

    def _said(self) -> dict[str, list[str]]:
        """What each shopper was answered to, in the order in which they saw it begin."""
        return {
            person: [name for text in self._side.said(person) for name in _BEGIN.findall(text)]
            for person in self._people
        }

    async def _count(self, seconds: float) -> Report:
        engine = make_engine(self._database_url)
        desk = Desk(engine, SystemClock())
        lost, doubled, disordered, heard = [], [], [], 0
        said = self._said()
        for person in self._people:
            conversation = await self._conversation(desk, person)
            stored = []
            if conversation is not None:
                messages = await desk.messages_after(conversation.id, 0, 1_000_000)
                stored = [m.content.text for m in messages if m.author is Author.SHOPPER]
            heard += len(stored)
            begun = said[person]
            ended = [name for text in self._side.said(person) for name in _END.findall(text)]
            for times in (Counter(begun), Counter(ended)):
                lost += [name for name in stored if not times[name]]
                doubled += [name for name, count in times.items() if count > 1]
            if [name for name in begun if name in set(stored)] != stored:
                disordered.append(person)
        await engine.dispose()
        took = sorted(self._side.acknowledged_seconds)
        return Report(
            messages=self._plan.messages + self._came_back,
            answered=sum(len(set(names)) for names in said.values()),
            lost=lost,
            doubled=doubled,
            disordered=disordered,
            unheard=self._plan.messages + self._came_back - heard,
            exceeded=self._side.exceeded,
            seconds=seconds,
            slowest_ms=took[int(len(took) * 0.99)] * 1000 if took else 0.0,
        )

    async def _start_victim(self) -> None:
        with (self._folder / "victim.log").open("ab") as output:
            self._victim = subprocess.Popen(  # noqa: ASYNC220 starting it takes no time
                [
                    *(sys.executable, "-W", "ignore", "-m", "tests.platforms.victim"),
                    msgspec.json.encode(self._orders).decode(),
                ],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._victim.poll() is not None:
                raise AssertionError((self._folder / "victim.log").read_text()[-3000:])
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
        raise AssertionError("the victim does not listen")

    async def _kill_and_restart(self) -> None:
        assert self._victim is not None
        self._victim.send_signal(signal.SIGKILL)
        self._victim.wait()
        await self._start_victim()

    def _start_redis(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None
        arguments = [program, "--port", str(self._redis_port), "--bind", "127.0.0.1"]
        self._redis = subprocess.Popen(
            [*arguments, "--save", "", "--appendonly", "no"],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
        )

    def _stop_redis(self) -> None:
        if self._redis is not None:
            self._redis.kill()
            self._redis.wait()

    def _end(self) -> None:
        self._stop_redis()
        if self._victim is not None:
            self._victim.kill()
            self._victim.wait()


async def main() -> int:
    """Run it as the command line says; the exit code says whether all promises were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--shoppers", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passive", type=float, default=0.0, help="passive_reply_seconds")
    parser.add_argument("--channel", choices=sorted(SIDES), default="wechat")
    parser.add_argument("--database", help="address of an empty database (default: new SQLite)")
    arguments = parser.parse_args()
    plan = Plan(
        arguments.messages,
        arguments.shoppers,
        arguments.kills,
        arguments.seed,
        passive_reply_seconds=arguments.passive,
        channel=arguments.channel,
    )
    with tempfile.TemporaryDirectory() as folder:
        database_url = arguments.database or f"sqlite:///{folder}/chaos.db"
        await upgrade(database_url)
        report = await Chaos(plan, database_url, Path(folder)).run()
    print(report)
    # An answer that WeChat lost on its way into a callback can only follow later ones.
    disordered = report.disordered and not arguments.passive
    broken = report.lost or report.doubled or disordered or report.exceeded
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
