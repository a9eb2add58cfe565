"""Where simulated shoppers meet the bot: one loaded model, a copy of the shop for each talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.conversations.stage import NOW, Stage
from tests.simulation.goals import Goal, Task, draw_goal
from tests.simulation.judge import Judgement, judge
from tests.simulation.market import Market, make_market
from tests.simulation.shopper import Course, Shopper
from tests.simulation.speech import LANGUAGES, Manner, draw_manner

_SIGNED_IN = 0.8


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
            "messages": self.course.messages,
            "lines": self.course.lines,
        }


class Hall:
    """Plays talks by seed: the same seed, the same talk."""

    def __init__(self, model: Path, folder: Path) -> None:
        shop = make_market(NOW)
        self._market = Market(shop, NOW)
        self._stage = Stage(model, folder, shop)
        self._before: Mapping[str, Any] = {}

    async def start(self) -> None:
        """Load the model and seed the shop."""
        await self._stage.start()
        self._before = await self._stage.seeded_export()

    async def stop(self) -> None:
        """Let go of the model."""
        await self._stage.bot.stop()

    async def play(
        self, seed: int, task: Task | None = None, language: str | None = None
    ) -> Dialogue:
        """The talk of ``seed``; goal, manner and behaviour are drawn apart from each other."""
        task = task or Random(f"{seed} task").choice(list(Task))
        language = language or Random(f"{seed} language").choice(LANGUAGES)
        goal = draw_goal(self._market, Random(f"{seed} goal"), task)
        manner = draw_manner(Random(f"{seed} manner"), language)
        random = Random(f"{seed} talk")
        signed_in = random.random() < _SIGNED_IN
        talk = self._stage.open(customer=goal.customer.id if signed_in else None)
        try:
            shopper = Shopper(talk, goal, manner, random, signed_in=signed_in)
            course = await shopper.run()
            after = await talk.export()
        finally:
            talk.close()
        return Dialogue(seed, goal, manner, course, judge(goal, course, self._before, after))
