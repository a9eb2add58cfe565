"""Puts the assistant together: the trained model, its stores, and actions over the shop's ports."""

from __future__ import annotations

from pathlib import Path

from actions.registry import make_executor
from bot.runtime.bot import Bot, BotTimes
from kefu.service_hours import DeskHours
from kefu.settings import Settings
from kefu.shop import open_shop
from kefu.surroundings import tell_rules
from kernel.clock import SystemClock
from kernel.database import make_engine


def make_bot(settings: Settings, model: Path) -> Bot:
    """The assistant of this installation, not started yet."""
    tell_rules(settings.rulebook)
    clock = SystemClock()
    # The bot has a loop of its own, so its actions get connections of their own.
    engine = make_engine(settings.database_url)
    shop = open_shop(settings, engine, clock)
    limits = settings.rulebook.assistant

    async def let_go() -> None:
        await shop.close()
        await engine.dispose()

    return Bot(
        model,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        actions=make_executor(
            shop.ports,
            settings.rulebook.rules,
            clock,
            DeskHours(engine, clock, settings),
        ),
        endpoints=settings.root / "endpoints.yml",
        times=BotTimes(turn=limits.turn_time_limit, action=limits.action_time_limit),
        at_stop=let_go,
    )
