"""Opens the shop that everything asks: the embedded one, or the server that kefu.yml names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.customers.codes import OneTimeCodes
from connectors.backends.embedded.knowledge import ArticleKnowledge
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.http.client import HttpShop, ShopAddress
from connectors.backends.shop import Shop
from connectors.codes.webhook import CodeWebhook
from kefu.settings import Settings
from kernel.clock import Clock


@dataclass(frozen=True)
class OpenShop:
    """A shop to ask on one event loop, and what lets go of its connections there."""

    ports: Shop
    close: Callable[[], Awaitable[None]]


def open_shop(settings: Settings, engine: AsyncEngine, clock: Clock) -> OpenShop:
    """The shop that the assistant, the console and the demo page ask.

    The server that kefu.yml names, else the embedded shop over ``engine``, which stays the
    caller's to dispose of.
    """
    if settings.rulebook.shop.is_embedded:
        return open_embedded_shop(settings, engine, clock)
    server = settings.rulebook.shop.server
    shop = HttpShop(
        ShopAddress(server.url, settings.secrets.shop_token, server.seconds, server.repeats)
    )
    ports = shop.ports()
    if server.articles == "kefu":
        ports = replace(ports, knowledge=ArticleKnowledge(_articles(settings)))
    return OpenShop(ports, shop.close)


def open_embedded_shop(settings: Settings, engine: AsyncEngine, clock: Clock) -> OpenShop:
    """The embedded shop over ``engine``, whatever server kefu.yml names."""
    rules, articles = settings.rulebook.rules, _articles(settings)
    if not settings.rulebook.shop.codes.url:
        return OpenShop(make_embedded_shop(engine, clock, rules, articles), _nothing_to_close)
    key = settings.secrets.code_key
    sender = CodeWebhook(settings.rulebook.shop.codes, key, clock)
    ports = make_embedded_shop(engine, clock, rules, articles, OneTimeCodes(sender, key))
    return OpenShop(ports, sender.close)


def _articles(settings: Settings) -> Path:
    return settings.root / "data" / "knowledge"


async def _nothing_to_close() -> None:
    pass
