"""The platforms of the chaos runs: what a run does at any of them, and what its victim is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from connectors.channels.wechat.account import AccountSettings
from connectors.channels.wecom.account import KfSettings, shopper_of
from kefu.sandbox.wechat import Misfortunes, WeChatPlatform
from kefu.sandbox.wechat_wire import PlatformSettings
from kefu.sandbox.wecom import KfMisfortunes, KfPlatformSettings, WeComPlatform

TOKEN = "a-token-of-chaos"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRET = "a secret of chaos"
_APPID, _CORPID, _KFID = "wx2c2769f8efd9abc2", "ww1234567890abcdef", "wkchaos"
# What WeCom tells of a message that was one too many, or too late.
_TOO_MANY, _TOO_LATE = 6, 4


@dataclass(frozen=True)
class Where:
    """The ports of both, and how patient the platform is."""

    kefu_port: int
    platform_port: int
    retry_seconds: float
    passive_reply_seconds: float
    seed: int


class Side(Protocol):
    """One platform with its shoppers."""

    channel: str

    def add_to(self, app: web.Application) -> None:
        """Mount the platform's API."""

    def orders(self) -> dict[str, Any]:
        """What the victim's orders say of this platform."""

    def say(self, person: str, text: str) -> None:
        """A shopper writes."""

    def said(self, person: str) -> list[str]:
        """What a shopper has read of the account's, in order."""

    def shopper_id(self, person: str) -> str:
        """How the desk names a shopper."""

    @property
    def open_calls(self) -> int:
        """How many calls are neither acknowledged nor given up."""

    async def quiet(self) -> None:
        """Wait until there are none."""

    @property
    def given_up(self) -> int:
        """How many messages nobody will ever hear of again."""

    @property
    def exceeded(self) -> int:
        """How often a quota was exceeded."""

    @property
    def acknowledged_seconds(self) -> Sequence[float]:
        """How long it took to acknowledge each call."""


class WeChatSide:
    """(see Side)"""

    channel = "wechat"

    def __init__(self, where: Where, misfortunes: Misfortunes) -> None:
        self._where = where
        self._platform = WeChatPlatform(
            PlatformSettings(
                appid=_APPID,
                secret=SECRET,
                token=TOKEN,
                encoding_aes_key=KEY,
                callback=f"http://127.0.0.1:{where.kefu_port}/channels/wechat",
                retry_seconds=where.retry_seconds,
            ),
            misfortunes=misfortunes,
            seed=where.seed,
        )
        self.add_to = self._platform.add_to
        self.said = self._platform.account_said
        self.quiet = self._platform.quiet

    def orders(self) -> dict[str, Any]:
        """(see Side)"""
        settings = AccountSettings(
            enabled=True,
            appid=_APPID,
            api=f"http://127.0.0.1:{self._where.platform_port}",
            retry_after_seconds=self._where.retry_seconds,
            passive_reply_seconds=self._where.passive_reply_seconds,
            first_retry_seconds=0.2,
            taken_within_seconds=3,
            typing=False,
        )
        return {"settings": settings}

    def say(self, person: str, text: str) -> None:
        """(see Side)"""
        self._platform.say(person, text)

    def shopper_id(self, person: str) -> str:
        """(see Side)"""
        return person

    @property
    def open_calls(self) -> int:
        """(see Side)"""
        return self._platform.open_callbacks

    @property
    def given_up(self) -> int:
        """(see Side)"""
        return len(self._platform.given_up)

    @property
    def exceeded(self) -> int:
        """(see Side)"""
        return self._platform.refusals[45047] + self._platform.refusals[45015]

    @property
    def acknowledged_seconds(self) -> Sequence[float]:
        """(see Side)"""
        return self._platform.acknowledged_seconds


class WeComSide:
    """(see Side) A call that is lost loses nothing: whoever asks reads on where they were."""

    channel = "wecom"
    given_up = 0

    def __init__(self, where: Where, misfortunes: Misfortunes) -> None:
        self._where = where
        self._platform = WeComPlatform(
            KfPlatformSettings(
                corpid=_CORPID,
                secret=SECRET,
                token=TOKEN,
                encoding_aes_key=KEY,
                callback=f"http://127.0.0.1:{where.kefu_port}/channels/wecom",
                call_seconds=where.retry_seconds,
            ),
            misfortunes=KfMisfortunes(
                lost_call=misfortunes.lost_acknowledgement,
                doubled_call=misfortunes.doubled,
                late_call=misfortunes.late,
                late_seconds=misfortunes.late_seconds,
                lost_answer=misfortunes.lost_answer,
            ),
            seed=where.seed,
        )
        self.add_to = self._platform.add_to
        self.quiet = self._platform.quiet

    def orders(self) -> dict[str, Any]:
        """(see Side)"""
        settings = KfSettings(
            enabled=True,
            corpid=_CORPID,
            api=f"http://127.0.0.1:{self._where.platform_port}",
            open_kfids=(_KFID,),
            first_retry_seconds=0.2,
            poll_seconds=2,
        )
        return {"kf": settings}

    def say(self, person: str, text: str) -> None:
        """(see Side)"""
        self._platform.say(_KFID, person, text)

    def said(self, person: str) -> list[str]:
        """(see Side)"""
        return self._platform.account_said(_KFID, person)

    def shopper_id(self, person: str) -> str:
        """(see Side)"""
        return shopper_of(_KFID, person)

    @property
    def open_calls(self) -> int:
        """(see Side)"""
        return self._platform.open_calls

    @property
    def exceeded(self) -> int:
        """(see Side)"""
        return self._platform.refusals[_TOO_MANY] + self._platform.refusals[_TOO_LATE]

    @property
    def acknowledged_seconds(self) -> Sequence[float]:
        """(see Side)"""
        return self._platform.answered_seconds
