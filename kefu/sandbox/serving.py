"""`kefu wechat-sandbox`: WeChat's and WeCom's servers and phones, beside a local `kefu serve`."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from kefu.channel_accounts import (
    SANDBOX_APPID,
    SANDBOX_CORPID,
    SANDBOX_KFID,
    SANDBOX_SECRET,
    channel_secrets,
)
from kefu.listening import url_of
from kefu.sandbox.handsets import KfHandset, WeChatHandset
from kefu.sandbox.phone import PhonePage
from kefu.sandbox.wechat import WeChatPlatform
from kefu.sandbox.wechat_wire import PlatformSettings
from kefu.sandbox.wecom import KfPlatformSettings, WeComPlatform
from kefu.settings import Settings
from kefu.stopping import until_told_to_stop

_REQUEST_BYTES = 12 * 1024 * 1024


@dataclass(frozen=True)
class Sandbox:
    """Both platforms in one program: WeChat's below ``/``, WeCom's below ``/wecom/``."""

    app: web.Application
    wechat: WeChatPlatform
    wecom: WeComPlatform


def make_sandbox(settings: Settings, kefu: str) -> Sandbox:
    """The platforms with their phones, for the `kefu serve` at the address ``kefu``."""
    wechat, wecom = _wechat(settings, kefu), _wecom(settings, kefu)
    name = settings.rulebook.shop.name.zh
    app = web.Application(client_max_size=_REQUEST_BYTES)
    wechat.add_to(app)
    PhonePage(WeChatHandset(wechat, name)).add_to(app)
    beside = web.Application(client_max_size=_REQUEST_BYTES)
    wecom.add_to(beside)
    PhonePage(KfHandset(wecom, SANDBOX_KFID, name)).add_to(beside)
    app.add_subapp("/wecom", beside)
    return Sandbox(app, wechat, wecom)


def _wechat(settings: Settings, kefu: str) -> WeChatPlatform:
    account = settings.rulebook.channels.wechat
    kept = channel_secrets(settings.data, "wechat")
    return WeChatPlatform(
        PlatformSettings(
            appid=SANDBOX_APPID,
            secret=SANDBOX_SECRET,
            token=kept.token,
            encoding_aes_key=kept.encoding_aes_key,
            callback=f"{kefu.rstrip('/')}/channels/wechat",
            mode=account.mode.value,
            has_choice_menus=account.choice_menus,
            has_customer_service=account.customer_service,
            retry_seconds=account.retry_after_seconds,
        )
    )


def _wecom(settings: Settings, kefu: str) -> WeComPlatform:
    kept = channel_secrets(settings.data, "wecom")
    return WeComPlatform(
        KfPlatformSettings(
            corpid=SANDBOX_CORPID,
            secret=SANDBOX_SECRET,
            token=kept.token,
            encoding_aes_key=kept.encoding_aes_key,
            callback=f"{kefu.rstrip('/')}/channels/wecom",
            servicers=tuple(settings.rulebook.channels.wecom.servicers),
        )
    )


async def serve_sandbox(
    settings: Settings, kefu: str, bound: socket.socket, say: Callable[[str], None]
) -> int:
    """Serve the sandbox at ``bound`` until SIGINT or SIGTERM."""
    sandbox = make_sandbox(settings, kefu)
    runner = web.AppRunner(sandbox.app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    address = url_of(bound)
    chosen = f"KEFU_WECHAT_SANDBOX={address} KEFU_WECOM_SANDBOX={address}/wecom"
    say(f"a phone with WeChat   {address}/")
    say(f"in WeCom's 微信客服   {address}/wecom/")
    say(f"start Kefu for it as  {chosen} kefu serve --data {settings.data}")
    say(f"it writes to          {kefu}")
    try:
        await until_told_to_stop()
    finally:
        await runner.cleanup()
    return 0
