"""`kefu wechat-sandbox`: WeChat's server and a phone, beside a local `kefu serve`."""

from __future__ import annotations

import socket
from collections.abc import Callable

from aiohttp import web

from kefu.channel_accounts import SANDBOX_APPID, SANDBOX_SECRET, channel_secrets
from kefu.listening import url_of
from kefu.sandbox.phone import PhonePage
from kefu.sandbox.wechat import PlatformSettings, WeChatPlatform
from kefu.settings import Settings
from kefu.stopping import until_told_to_stop

_REQUEST_BYTES = 12 * 1024 * 1024


def make_sandbox(settings: Settings, kefu: str) -> tuple[web.Application, WeChatPlatform]:
    """The platform with its phone, for the `kefu serve` at the address ``kefu``."""
    account = settings.rulebook.channels.wechat
    kept = channel_secrets(settings.data, "wechat")
    platform = WeChatPlatform(
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
    app = web.Application(client_max_size=_REQUEST_BYTES)
    platform.add_to(app)
    PhonePage(platform, settings.rulebook.shop.name.zh).add_to(app)
    return app, platform


async def serve_sandbox(
    settings: Settings, kefu: str, bound: socket.socket, say: Callable[[str], None]
) -> int:
    """Serve the sandbox at ``bound`` until SIGINT or SIGTERM."""
    app, _ = make_sandbox(settings, kefu)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    address = url_of(bound)
    say(f"a phone with WeChat   {address}/")
    say(f"start Kefu for it as  KEFU_WECHAT_SANDBOX={address} kefu serve --data {settings.data}")
    say(f"it writes to          {kefu}")
    try:
        await until_told_to_stop()
    finally:
        await runner.cleanup()
    return 0
