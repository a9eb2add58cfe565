"""Where simulated shoppers meet the bot: one loaded model, a copy of the shop for each talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from kernel.errors import Refused
from tests.conversations.stage import NOW, Stage
from tests.simulation.course import Course
from tests.simulation.goal import Goal, Task, Twist
from tests.simulation.goals import draw_goal
from tests.simulation.judge import Judgement, judge
from tests.simulation.market import Market, make_market, shop_of
from tests.simulation.shopper import Shopper
from tests.simulation.speech import LANGUAGES, Manner, draw_manner

_SIGNED_IN = 0.8
_TRIES = 50
_TOGETHER = 4


@dataclass(frozen=True)
class Dialogue:
    """One talk from beginning to end."""

    seed: int
    goal: Goal
    manner: Manner
    course: Course
    judgement: Judgement

    def told(self) -> dict[str, Any]:
        """All of it as JSON, to look at."""
        goal = self.goal
        return {
            "seed": self.seed,
            "task": goal.task.value,
            "language": self.manner.language,
            "style": self.manner.style.value,
            "verdict": self.judgement.verdict.value,
            "why": self.judgement.why,
            "twist": goal.twist.value,
            "order": goal.order.number,
            "units": dict(goal.units),
            "values": dict(goal.values),
            "wishes": dict(goal.wishes),
            "objections": self.course.objections,
            "messages": self.course.messages,
            "lines": self.course.lines,
        }


class Hall:
    """Plays talks by seed: the same seed, the same talk."""

    def __init__(self, model: Path, folder: Path) -> None:
        shop = make_market(NOW)
        self._market = Market(shop, NOW)
        self._stage = Stage(model, folder, shop)
        self._seeded: dict[str, Path] = {}

    async def start(self) -> None:
        """Load the model and seed the shop: a small one for each few customers.

        What else could change is read after each talk, and takes time in a big one.
        """
        await self._stage.start()
        shop = self._market.shop
        ids = [customer.id for customer in shop.customers]
        for first in range(0, len(ids), _TOGETHER):
            some = ids[first : first + _TOGETHER]
            seeded = await self._stage.seed(f"seeded-{first}", shop_of(shop, some))
            self._seeded |= dict.fromkeys(some, seeded)

    async def stop(self) -> None:
        """Let go of the model."""
        await self._stage.bot.stop()

    async def play(
        self, seed: int, task: Task | None = None, language: str | None = None
    ) -> Dialogue:
        """The talk of ``seed``; goal, manner and behaviour are drawn apart from each other."""
        task = task or Random(f"{seed} task").choice(list(Task))
        language = language or Random(f"{seed} language").choice(LANGUAGES)
        goal, carried = await self._goal(seed, task)
        manner = draw_manner(Random(f"{seed} manner"), language)
        random = Random(f"{seed} talk")
        signed_in = random.random() < _SIGNED_IN
        seeded = self._seeded[goal.customer.id]
        talk = self._stage.open(customer=goal.customer.id if signed_in else None, seeded=seeded)
        try:
            shopper = Shopper(
                talk,
                goal,
                manner,
                random,
                self._market.products,
                self._market.orders_of(goal.customer.id),
                signed_in=signed_in,
            )
            course = await shopper.run()
            after = await talk.export()
        finally:
            talk.close()
        before = await self._stage.seeded_export(seeded)
        judgement = judge(goal, course, before, after, carried)
        return Dialogue(seed, goal, manner, course, judgement)

    async def _goal(self, seed: int, task: Task) -> tuple[Goal, Mapping[str, Any] | None]:
        """A goal that the shop's rules allow, and the shop that has reached it by itself.

        None: the rules alone say what it is like, or nothing is to change.
        """
        random = Random(f"{seed} goal")
        for _ in range(_TRIES):
            goal = draw_goal(self._market, random, task)
            if goal.carry is None:
                return goal, None
            seeded = self._seeded[goal.customer.id]
            try:
                carried = await self._stage.after(goal.carry, seeded)
            except Refused:
                continue
            if goal.twist is Twist.WITHDRAWN:
                carried = await self._stage.seeded_export(seeded)
            return goal, carried
        raise LookupError(f"the shop allows nothing of {task}")
