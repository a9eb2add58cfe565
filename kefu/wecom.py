"""Assembles the channel of 微信客服 from its parts."""

from __future__ import annotations

from datetime import timedelta

from connectors.channels.envelope import Envelope
from connectors.channels.handing_over import HandingOver
from connectors.channels.wecom.account import KfAccount
from connectors.channels.wecom.arriving import Arriving
from connectors.channels.wecom.channel import KfChannel
from connectors.channels.wecom.client import KfClient
from connectors.channels.wecom.cursors import Cursors
from connectors.channels.wecom.sending import Sending
from connectors.channels.wecom.sessions import Sessions
from connectors.channels.wecom.signature import Doorkeeper
from connectors.channels.wecom.told import Told
from kefu.wechat import Surroundings


def make_wecom(account: KfAccount, around: Surroundings) -> KfChannel:
    """The channel of ``account``, not started yet."""
    settings = account.settings
    client = KfClient(account, around.engine, around.clock, around.session)
    door = Doorkeeper(
        account.token,
        around.clock,
        Envelope(account.encoding_aes_key, settings.corpid),
        timedelta(seconds=settings.freshness_seconds),
    )
    sending = Sending(account, client, around.pictures, around.clock)
    told = Told(around.engine, around.clock, account.channel)
    handing_over = HandingOver(
        around.desk,
        sending,
        around.clock,
        first_wait=timedelta(seconds=settings.first_retry_seconds),
    )
    return KfChannel(
        account,
        door,
        client,
        handing_over,
        Arriving(account, client, around.pictures, around.clock),
        Sessions(account, client, sending, told, around.desk, around.clock),
        Cursors(around.callbacks, around.clock, account.channel, around.worker),
        around.bindings,
        desk=around.desk,
        intake=around.intake,
        clock=around.clock,
    )
