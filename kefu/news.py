"""News: what other systems push is written down in the shop, and told to who asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.vocabulary import TENDERS
from connectors.backends.carriers.reports import CarrierReport, Dispatch
from connectors.backends.news.model import News, Wish
from connectors.backends.orders.model import Tender
from connectors.backends.pushes.kuaidi100 import Kuaidi100
from connectors.backends.pushes.port import Report, Vendor, WatchEnded
from connectors.backends.pushes.webhook import Webhook
from connectors.backends.shop import Shop
from connectors.channels.carrying import Templates
from connectors.channels.inbox import Inbox
from connectors.pushes.door import PushDoor
from connectors.watching.watcher import Watcher
from desk.model import Conversation
from desk.news.model import NewsRules, QuietHours, Tidings
from desk.news.telling import MayCarry
from desk.service import Desk
from kefu.settings import Settings
from kernel.clock import Clock
from kernel.errors import BackendUnavailable

log = structlog.get_logger()

_AT_ONCE = 100
_EVERY_SECONDS = 2.0


class Newsroom:
    """Carries news from the shop to the desk, and has the desk tell what is due.

    Any replica may do it at any time: the shop notes news once, the desk keeps it once, and tells
    it in the transaction that marks it as told.
    """

    def __init__(self, shop: Shop, desk: Desk, every: float = _EVERY_SECONDS) -> None:
        """``every``: seconds between two looks; a push wakes it at once.

        ``watcher``, where parcels are watched, is told what has left and what nobody else watches.
        """
        self.watcher: Watcher | None = None
        self._shop = shop
        self._desk = desk
        self._every = every
        self._wake = asyncio.Event()

    async def take(self, report: Report) -> None:
        """Write down what another system tells; raises ConnectorError."""
        match report:
            case CarrierReport():
                await self._shop.reports.record(report)
            case Dispatch():
                await self._shop.reports.dispatch(report)
                if self.watcher is not None:
                    self.watcher.wake()
            case WatchEnded():
                if report.report is not None:
                    await self._shop.reports.record(report.report)
                if self.watcher is not None:
                    await self.watcher.ended(report.tracking_number)
            case _:
                await self._shop.refund_reports.refund_moved(report)
        self._wake.set()

    async def run(self) -> None:
        """Carry and tell until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.carry()
                await self.tell()
            except BackendUnavailable as error:
                # Without the shop nobody knows what is still wanted: it is told when it is back.
                log.warning("news.shop.unavailable", error=str(error))
            except Exception as error:
                log.error("news.failed", exc_info=error)
            try:
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def carry(self) -> int:
        """Hand the shop's news to the desk, as far as somebody wants it; how much there was."""
        untold = await self._shop.news.untold(_AT_ONCE)
        for news, wishes in untold:
            await self.hand_over(news, wishes)
            # Only now: after a crash in between it is handed over again, and known there.
            await self._shop.news.settle(news.key)
        return len(untold)

    async def tell(self) -> int:
        """Have the desk tell what is due and still wanted; how many shoppers heard something."""
        return await self._desk.news.tell_due(self._still_wanted)

    async def end(self, conversation: Conversation) -> None:
        """The shopper of ``conversation`` wants no more news; they are told so if they got any."""
        customer = conversation.customer
        customer_id = str(customer["id"]) if customer else None
        if await self._shop.wishes.stop(conversation.id, customer_id):
            await self._desk.news.say_stopped(conversation.id)

    async def _still_wanted(self, customer_id: str, waiting: Sequence[Tidings]) -> set[str]:
        wishes = await self._shop.wishes.wishes_of(customer_id)
        wanted = {(one.kind.value, one.order_number) for one in wishes}
        return {
            one.key for one in waiting if {(one.kind, None), (one.kind, one.order_number)} & wanted
        }

    async def hand_over(self, news: News, wishes: Sequence[Wish]) -> None:
        """Have the desk keep ``news`` until it may be told, if anybody wants it."""
        if wishes:
            await self._desk.news.add(_tidings(news, wishes))


def carried_by(templates: Mapping[str, Templates]) -> MayCarry:
    """Asks the templates of a conversation's channel; ``templates`` by name of the channel."""

    async def may_carry(conversation: Conversation, kinds: Sequence[str]) -> bool:
        of_channel = templates.get(conversation.channel)
        return of_channel is not None and await of_channel.may_carry(conversation.shopper_id, kinds)

    return may_carry


def news_rules(settings: Settings) -> NewsRules:
    """How shoppers are told news, as kefu.yml says."""
    rules = settings.rulebook.news
    zone = ZoneInfo(settings.rulebook.rules.timezone)
    quiet, hours = None, rules.quiet_hours
    if hours is not None:
        quiet = QuietHours(time.fromisoformat(hours.start), time.fromisoformat(hours.end), zone)
    channels = settings.rulebook.channels
    accounts = {"wechat": channels.wechat, "miniprogram": channels.miniprogram}
    return NewsRules(
        quiet=quiet,
        zone=zone,
        gap=timedelta(minutes=rules.gap_minutes),
        keep=timedelta(hours=rules.keep_hours),
        reserve=rules.reserve,
        announced_on=frozenset(name for name, one in accounts.items() if one.waiting_template),
    )


def vendors_of(settings: Settings) -> list[Vendor]:
    """The formats in which other systems may push, as far as they are enabled."""
    rules, secrets = settings.rulebook.news, settings.secrets
    vendors: list[Vendor] = []
    if rules.kuaidi100.enabled:
        vendors.append(Kuaidi100(secrets.kuaidi100_salt))
    if rules.webhook.enabled:
        freshness = timedelta(seconds=rules.webhook.freshness_seconds)
        vendors.append(Webhook(secrets.webhook_key, freshness))
    return vendors


@dataclass(frozen=True)
class PushSurroundings:
    """What the doors of pushes are given by the program."""

    # Where callbacks are stored; see kefu.callbacks.
    callbacks: AsyncEngine
    clock: Clock
    worker: str


def mount_pushes(
    app: web.Application, vendors: Sequence[Vendor], newsroom: Newsroom, around: PushSurroundings
) -> list[PushDoor]:
    """A door for each vendor, not started yet."""
    doors = []
    for vendor in vendors:
        inbox = Inbox(around.callbacks, around.clock, f"push:{vendor.name}", around.worker)
        door = PushDoor(vendor, inbox, around.clock, newsroom.take)
        door.add_to(app)
        doors.append(door)
    return doors


def _tidings(news: News, wishes: Sequence[Wish]) -> Tidings:
    facts = dict(news.facts)
    if "tender" in facts:
        name = TENDERS[Tender(facts["tender"])]
        facts["tender"] = {"zh": name.zh, "en": name.en}
    return Tidings(
        key=news.key,
        customer_id=news.customer_id,
        kind=news.kind.value,
        event=news.event,
        order_number=news.order_number,
        about=str(facts.get("tracking_number") or facts.get("refund_number") or news.key),
        at=news.at,
        facts=facts,
        asked_in=tuple(dict.fromkeys(one.conversation_id for one in wishes)),
    )
