"""Puts a platform's settings and secrets together; refuses an account that could not work."""

from __future__ import annotations

import json
import os
import secrets
import string
from collections.abc import Mapping
from pathlib import Path

import msgspec

from connectors.channels.envelope import is_encoding_key
from connectors.channels.wechat.account import Account, AccountSettings
from connectors.channels.wechat.news_templates import check_templates
from connectors.channels.wecom.account import KfAccount
from kefu.settings import Settings
from kernel.errors import SettingsError

_ALPHABET = string.ascii_letters + string.digits
_TOKEN_LENGTH = 32
_KEY_LENGTH = 43
_EXAMPLE_APPID = "wx0000000000000000"
_EXAMPLE_CORPID = "ww0000000000000000"
SANDBOX_APPID = "wxsandbox000000000"
SANDBOX_CORPID = "wwsandbox000000000"
SANDBOX_KFID = "wksandbox"
SANDBOX_SECRET = "the sandbox believes anybody"  # noqa: S105 it opens nothing but the sandbox


class ChannelSecrets(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only the platform and we know. We choose the first two, the platform the third."""

    token: str = ""
    encoding_aes_key: str = ""
    secret: str = ""


def wechat_accounts(
    settings: Settings, environment: Mapping[str, str] | None = None
) -> list[Account]:
    """The WeChat accounts that are enabled; raises SettingsError with what is missing.

    ``KEFU_WECHAT_SANDBOX`` is the address of a `kefu wechat-sandbox`: then the Official Account
    is enabled and talks to it, whatever kefu.yml says.
    """
    environment = os.environ if environment is None else environment
    channels = settings.rulebook.channels
    official, mini = channels.wechat, channels.miniprogram
    sandbox = environment.get("KEFU_WECHAT_SANDBOX")
    kept = channel_secrets(settings.data, "wechat", environment)
    if sandbox:
        official = in_sandbox(official, sandbox)
        kept = msgspec.structs.replace(kept, secret=SANDBOX_SECRET)
    accounts = []
    if official.enabled:
        accounts.append(_account("wechat", official, kept, is_mini_program=False))
    if mini.enabled:
        of_mini = channel_secrets(settings.data, "miniprogram", environment)
        accounts.append(_account("miniprogram", mini, of_mini, is_mini_program=True))
    return accounts


def wecom_account(
    settings: Settings, environment: Mapping[str, str] | None = None
) -> KfAccount | None:
    """微信客服 if it is enabled; raises SettingsError with what is missing.

    ``KEFU_WECOM_SANDBOX``: where a `kefu wechat-sandbox` has WeCom; then it is enabled there.
    """
    environment = os.environ if environment is None else environment
    wanted = settings.rulebook.channels.wecom
    sandbox = environment.get("KEFU_WECOM_SANDBOX")
    if not wanted.enabled and not sandbox:
        return None
    kept = channel_secrets(settings.data, "wecom", environment)
    if sandbox:
        wanted = msgspec.structs.replace(
            wanted,
            enabled=True,
            corpid=SANDBOX_CORPID,
            open_kfids=(SANDBOX_KFID,),
            api=sandbox.rstrip("/"),
        )
        kept = msgspec.structs.replace(kept, secret=SANDBOX_SECRET)
    _check("wecom", kept, "corpid", is_example=wanted.corpid == _EXAMPLE_CORPID)
    return KfAccount("wecom", wanted, kept.token, kept.encoding_aes_key, kept.secret)


def in_sandbox(settings: AccountSettings, address: str) -> AccountSettings:
    """``settings`` for the sandbox at ``address`` instead of WeChat."""
    return msgspec.structs.replace(
        settings,
        enabled=True,
        appid=SANDBOX_APPID,
        original_id="",
        api=address.rstrip("/"),
        oauth=f"{address.rstrip('/')}/connect/oauth2/authorize",
    )


def channel_secrets(
    data: Path, channel: str, environment: Mapping[str, str] | None = None
) -> ChannelSecrets:
    """The secrets of ``channel``: from the environment, else from ``<data>/channels.json``.

    Token and EncodingAESKey are made and kept when there are none: the operator copies them from
    there to the platform. Raises SettingsError when the file is damaged.
    """
    environment = os.environ if environment is None else environment
    path = data / "channels.json"
    try:
        known = (
            msgspec.json.decode(path.read_bytes(), type=dict[str, ChannelSecrets])
            if path.exists()
            else {}
        )
    except msgspec.DecodeError as error:
        raise SettingsError(f"{path} is damaged: restore it") from error
    kept = known.get(channel, ChannelSecrets())
    made = ChannelSecrets(
        token=kept.token or _random(_TOKEN_LENGTH),
        encoding_aes_key=kept.encoding_aes_key or _random(_KEY_LENGTH),
        secret=kept.secret,
    )
    if made != kept:
        # Complete or not at all.
        staging = path.with_suffix(f".{os.getpid()}")
        staging.touch(mode=0o600)
        staging.write_text(json.dumps(msgspec.to_builtins({**known, channel: made}), indent=1))
        staging.replace(path)
    prefix = f"KEFU_{channel.upper()}"
    return ChannelSecrets(
        token=environment.get(f"{prefix}_TOKEN") or made.token,
        encoding_aes_key=environment.get(f"{prefix}_AES_KEY") or made.encoding_aes_key,
        secret=environment.get(f"{prefix}_SECRET") or made.secret,
    )


def _account(
    channel: str, settings: AccountSettings, kept: ChannelSecrets, *, is_mini_program: bool
) -> Account:
    _check(channel, kept, "appid", is_example=settings.appid == _EXAMPLE_APPID)
    check_templates(f"kefu.yml: channels.{channel}", settings.news_templates)
    return Account(
        channel, settings, kept.token, kept.encoding_aes_key, kept.secret, is_mini_program
    )


def _check(channel: str, kept: ChannelSecrets, name: str, *, is_example: bool) -> None:
    """Raise SettingsError with what is missing; ``name``: how the channel calls its account."""
    where = f"kefu.yml: channels.{channel}"
    if is_example:
        raise SettingsError(f"{where}.{name} is still the example: enter your own")
    if not kept.secret:
        raise SettingsError(f"{where} is enabled, but KEFU_{channel.upper()}_SECRET is not set")
    if not is_encoding_key(kept.encoding_aes_key):
        raise SettingsError(f"KEFU_{channel.upper()}_AES_KEY must have 43 letters and digits")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
