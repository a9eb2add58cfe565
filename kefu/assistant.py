"""Puts the assistant together: the trained model, its stores, and actions over the shop's ports."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from actions.registry import make_executor
from bot.runtime.bot import Bot, BotTimes
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.shop import Shop
from kefu.settings import Settings
from kefu.surroundings import tell_rules
from kernel.clock import Clock, SystemClock
from kernel.database import make_engine


def make_shop(settings: Settings, engine: AsyncEngine, clock: Clock) -> Shop:
    """The shop that the assistant, the console and the demo page ask, over ``engine``."""
    return make_embedded_shop(
        engine, clock, settings.rulebook.rules, settings.root / "data" / "knowledge"
    )


def make_bot(settings: Settings, model: Path) -> Bot:
    """The assistant of this installation, not started yet."""
    tell_rules(settings.rulebook)
    clock = SystemClock()
    # The bot has a loop of its own, so its actions get connections of their own.
    engine = make_engine(settings.database_url)
    limits = settings.rulebook.assistant
    return Bot(
        model,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        actions=make_executor(make_shop(settings, engine, clock), settings.rulebook.rules, clock),
        endpoints=settings.root / "endpoints.yml",
        times=BotTimes(turn=limits.turn_time_limit, action=limits.action_time_limit),
        at_stop=engine.dispose,
    )
