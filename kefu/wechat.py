"""Assembles the channel of one WeChat account from its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.binding import Bindings
from connectors.channels.carrying import Carrying
from connectors.channels.consents import Consents
from connectors.channels.envelope import Envelope
from connectors.channels.handing_over import HandingOver
from connectors.channels.inbox import Inbox
from connectors.channels.incoming import Intake
from connectors.channels.ports import Gate, Pictures
from connectors.channels.tokens import CustomerTokens
from connectors.channels.wechat.account import Account, menu_json
from connectors.channels.wechat.arriving import Arriving
from connectors.channels.wechat.bind_pages import BindPages
from connectors.channels.wechat.channel import WeChatChannel
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.news_templates import NewsTemplates
from connectors.channels.wechat.sending import Sending
from connectors.channels.wechat.signature import Doorkeeper, Mode
from desk.service import Desk
from kefu.channel_accounts import wechat_accounts
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.clock import Clock, SystemClock
from kernel.database import make_engine
from kernel.errors import SettingsError

# WeChat repeats a callback after its five seconds; a little later it will not any more.
_AFTER_THE_RETRY = 1.5


@dataclass(frozen=True)
class Surroundings:
    """What every channel of a platform is given by the program."""

    engine: AsyncEngine
    # Where callbacks are stored; see kefu.callbacks.
    callbacks: AsyncEngine
    clock: Clock
    session: aiohttp.ClientSession
    gate: Gate
    desk: Desk
    intake: Intake
    pictures: Pictures
    bindings: Bindings
    customers: CustomerTokens
    worker: str
    public_url: str = ""
    # Messages of a platform's allowance that news leaves for answers.
    news_reserve: int = 1
    # After so long a process that works on a callback counts as dead.
    lease: timedelta = timedelta(seconds=20)


def make_wechat(account: Account, around: Surroundings) -> tuple[WeChatChannel, WeChatClient]:
    """The channel of ``account``, not started yet, and the client it uses."""
    settings = account.settings
    envelope = None
    if settings.mode is not Mode.PLAIN:
        envelope = Envelope(account.encoding_aes_key, settings.appid)
    client = WeChatClient(account, around.engine, around.clock, around.session)
    transport = Sending(account, client, around.pictures, around.clock)
    door = Doorkeeper(
        account.token,
        around.clock,
        mode=settings.mode,
        envelope=envelope,
        freshness=timedelta(seconds=settings.freshness_seconds),
    )
    retries_end = timedelta(
        seconds=settings.retry_after_seconds * _AFTER_THE_RETRY + settings.passive_reply_seconds
    )
    consents = Consents(around.engine, around.clock, account.channel)
    templates = NewsTemplates(account, client, consents)
    first_wait = timedelta(seconds=settings.first_retry_seconds)
    carrying = Carrying(around.desk, templates, around.clock, around.news_reserve, first_wait)
    channel = WeChatChannel(
        account,
        door,
        client,
        HandingOver(
            around.desk,
            transport,
            around.clock,
            retry_window=retries_end,
            first_wait=first_wait,
            taken_within=timedelta(seconds=settings.taken_within_seconds),
            carrying=carrying.run,
        ),
        Arriving(account, client, around.pictures, around.clock),
        Inbox(around.callbacks, around.clock, account.channel, around.worker, around.lease),
        around.bindings,
        BindPages(account, client, around.bindings, around.customers, around.public_url),
        templates,
        gate=around.gate,
        desk=around.desk,
        intake=around.intake,
        clock=around.clock,
    )
    return channel, client


async def publish_menu(settings: Settings) -> int:
    """Replace the Official Account's menu by the one in kefu.yml; how many entries it has.

    Raises SettingsError, BackendUnavailable, or BackendRejected with the platform's code.
    """
    account = next((one for one in wechat_accounts(settings) if one.channel == "wechat"), None)
    if account is None:
        raise SettingsError("kefu.yml: channels.wechat is not enabled")
    entries = account.settings.menu
    if not entries:
        raise SettingsError("kefu.yml: channels.wechat.menu is empty")
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        async with aiohttp.ClientSession() as session:
            client = WeChatClient(account, engine, SystemClock(), session)
            await client.create_menu(menu_json(entries))
    finally:
        await engine.dispose()
    return len(entries)
