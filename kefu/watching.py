"""Assembles what watches parcels, as kefu.yml says; refuses what could not work."""

from __future__ import annotations

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.shop import Shop
from connectors.watching.kuaidi100 import Kuaidi100Tracker
from connectors.watching.port import Way
from connectors.watching.watcher import Pace, Take, Watcher
from connectors.watching.watches import Watches
from kefu.settings import Settings
from kernel.clock import Clock
from kernel.errors import SettingsError

_WHERE = "kefu.yml: news.kuaidi100"
_EXAMPLE_CUSTOMER = "0" * 32


def watches_parcels(settings: Settings) -> bool:
    """Whether parcels are subscribed or asked about; raises SettingsError with what is missing."""
    rules = settings.rulebook.news.kuaidi100
    if not rules.enabled or not rules.carriers or settings.kuaidi100_key is None:
        return False
    if rules.subscribes and not settings.rulebook.channels.public_url:
        raise SettingsError(
            f"{_WHERE} subscribes parcels, but channels.public_url does not say where to push to"
        )
    polls = any(one.way is Way.POLL for one in rules.carriers.values())
    if polls and rules.customer in ("", _EXAMPLE_CUSTOMER):
        raise SettingsError(f"{_WHERE}.customer is still the example: enter your own")
    return True


def make_watcher(
    settings: Settings,
    shop: Shop,
    engine: AsyncEngine,
    clock: Clock,
    http: aiohttp.ClientSession,
    take: Take,
) -> Watcher | None:
    """What watches parcels, None if nothing does; raises SettingsError.

    ``take`` writes down what is learned.
    """
    if not watches_parcels(settings):
        return None
    tracker = Kuaidi100Tracker(
        settings.rulebook.news.kuaidi100,
        http,
        key=settings.kuaidi100_key or "",
        salt=settings.secrets.kuaidi100_salt,
        callback=f"{settings.rulebook.channels.public_url.rstrip('/')}/pushes/kuaidi100",
    )
    return Watcher(shop, tracker, Watches(engine, clock), clock, take, Pace())
