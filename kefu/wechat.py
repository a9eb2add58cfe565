"""Assembles the channel of one WeChat account from its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.binding import Bindings
from connectors.channels.envelope import Envelope
from connectors.channels.handing_over import HandingOver
from connectors.channels.inbox import Inbox
from connectors.channels.incoming import Intake
from connectors.channels.ports import Gate, Pictures
from connectors.channels.tokens import CustomerTokens
from connectors.channels.wechat.account import Account
from connectors.channels.wechat.arriving import Arriving
from connectors.channels.wechat.bind_pages import BindPages
from connectors.channels.wechat.channel import WeChatChannel
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.sending import Sending
from connectors.channels.wechat.signature import Doorkeeper, Mode
from desk.service import Desk
from kernel.clock import Clock

# WeChat repeats a callback after its five seconds; a little later it will not any more.
_AFTER_THE_RETRY = 1.5


@dataclass(frozen=True)
class Surroundings:
    """What every channel of a platform is given by the program."""

    engine: AsyncEngine
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
    channel = WeChatChannel(
        account,
        door,
        client,
        HandingOver(
            around.desk,
            transport,
            around.clock,
            retry_window=retries_end,
            first_wait=timedelta(seconds=settings.first_retry_seconds),
        ),
        Arriving(account, client, around.pictures, around.clock),
        Inbox(around.engine, around.clock, account.channel, around.worker, around.lease),
        around.bindings,
        BindPages(account, client, around.bindings, around.customers, around.public_url),
        gate=around.gate,
        desk=around.desk,
        intake=around.intake,
        clock=around.clock,
    )
    return channel, client
