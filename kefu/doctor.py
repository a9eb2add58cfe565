"""`kefu doctor`: what is installed, reachable and misconfigured, one line each."""

from __future__ import annotations

import importlib.metadata
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from connectors.watching.port import Way
from desk.rulebook import years_without_holidays
from kefu.channel_accounts import wechat_accounts, wecom_account
from kefu.migrate import pending
from kefu.settings import Settings, load_settings
from kefu.shop import open_shop
from kefu.training import model_path
from kefu.watching import watches_parcels
from kernel.clock import SystemClock
from kernel.database import make_engine, trouble_in
from kernel.errors import ConnectorError, SettingsError

_PACKAGES = (
    "rasa",
    "rasa-sdk",
    "aiohttp",
    "python-socketio",
    "sqlalchemy",
    "scikit-learn",
    "spacy",
)
_NEEDED_DISK = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``hint`` says what to do if it is not well."""

    well: bool
    what: str
    hint: str = ""


async def examine(root: Path, data: Path, port: int, say: Callable[[str], None]) -> int:
    """Print a line for everything Kefu needs; returns 1 if something is not well, else 0."""
    well = True
    async for finding in _findings(root, data, port):
        well = well and finding.well
        say(f"{'ok  ' if finding.well else 'FAIL'} {finding.what}")
        if not finding.well and finding.hint:
            say(f"     {finding.hint}")
    return 0 if well else 1


async def _findings(root: Path, data: Path, port: int) -> AsyncIterator[Finding]:
    version = sys.version_info
    yield Finding(version[:2] == (3, 11), f"Python {version[0]}.{version[1]}", "use Python 3.11")
    for package in _PACKAGES:
        try:
            yield Finding(True, f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding(False, f"{package} is missing", "run `make serve` once to install it")
    free = shutil.disk_usage(root).free
    yield Finding(free > _NEEDED_DISK, f"{free // 1024**2} MB of disk free", "make room")
    model = model_path(root, root / "models")
    yield Finding(
        model.exists(),
        f"model {model.name}" + ("" if model.exists() else " is missing"),
        "run `kefu train` (`kefu serve` does it by itself)",
    )
    try:
        settings = load_settings(root, data)
    except SettingsError as error:
        yield Finding(False, str(error), "mend it and run `kefu doctor` again")
        return
    yield Finding(True, f"kefu.yml is understood, data folder {data}")
    year = SystemClock().now().year
    book = settings.rulebook.desk_book
    for wanted in (year, year + 1):
        for name in years_without_holidays(book, settings.holidays, wanted):
            # Next year's days off are announced late in this one.
            hint = f"append {wanted} to holidays/{name}.yml"
            yield Finding(wanted != year, f"holidays/{name}.yml has no {wanted}: {hint}", hint)
    yield await _database(settings)
    if settings.redis_url:
        yield await _redis(settings.redis_url)
    else:
        yield Finding(True, "no REDIS_URL: locks and fan-out stay in this process")
    if not settings.rulebook.shop.is_embedded:
        yield await _shop(settings)
    yield _platforms(settings)
    yield _carriers(settings)
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    yield Finding(True, f"port {port} is {'in use (by a running Kefu?)' if taken else 'free'}")


async def _database(settings: Settings) -> Finding:
    kind = settings.database_url.split(":", 1)[0].split("+")[0]
    engine = make_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        waiting = await pending(settings.database_url)
    except Exception as error:
        reason = trouble_in(error)
        if reason is None and not isinstance(error, OSError):
            raise
        reason = reason or str(error) or type(error).__name__
        return Finding(False, f"{kind} cannot be used: {reason}", "check DATABASE_URL")
    finally:
        await engine.dispose()
    if waiting:
        return Finding(True, f"{kind} is reachable, to be migrated at the next `kefu serve`")
    return Finding(True, f"{kind} is reachable and migrated")


def _platforms(settings: Settings) -> Finding:
    try:
        kf = wecom_account(settings)
        names = [one.channel for one in wechat_accounts(settings)] + ([kf.channel] if kf else [])
    except SettingsError as error:
        return Finding(False, str(error), "connectors/channels/*/README.md says how to set it up")
    return Finding(True, f"platforms: {', '.join(names) or 'none'}")


def _carriers(settings: Settings) -> Finding:
    try:
        watched = watches_parcels(settings)
    except SettingsError as error:
        return Finding(False, str(error), "docs/news.md says how to set it up")
    rules = settings.rulebook.news.kuaidi100
    if watched:
        ways = [one.way for one in rules.carriers.values()]
        counts = f"{ways.count(Way.PUSH)} carriers push, {ways.count(Way.POLL)} are asked"
        return Finding(True, f"Kuaidi100: {counts}")
    if not rules.enabled:
        return Finding(True, "Kuaidi100 is off")
    why = "news.kuaidi100.carriers is empty" if not rules.carriers else "no KEFU_KUAIDI100_KEY"
    return Finding(True, f"Kuaidi100 may push; no parcel is subscribed by us ({why})")


async def _shop(settings: Settings) -> Finding:
    url = settings.rulebook.shop.server.url
    engine = make_engine(settings.database_url)
    shop = open_shop(settings, engine, SystemClock())
    try:
        await shop.ports.catalogue.products(limit=1)
    except ConnectorError as error:
        told = repr(error.__cause__ or error)
        hint = "check shop.server in kefu.yml, KEFU_SHOP_TOKEN, and the shop itself"
        return Finding(False, f"the shop at {url} does not answer as it should: {told}", hint)
    finally:
        await shop.close()
        await engine.dispose()
    return Finding(True, f"the shop at {url} answers")


async def _redis(url: str) -> Finding:
    client = Redis.from_url(url, socket_connect_timeout=3)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return Finding(False, f"Redis cannot be used: {error}", "check REDIS_URL")
    finally:
        await client.aclose()
    return Finding(True, "Redis is reachable")
