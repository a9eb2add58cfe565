"""Phones with WeChat: in the chat of an Official Account, and in that of 微信客服."""

from __future__ import annotations

from collections.abc import Collection

from kefu.sandbox.screen import Screen
from kefu.sandbox.wechat import WeChatPlatform
from kefu.sandbox.wecom import WeComPlatform


class WeChatHandset:
    """(see Handset)"""

    deeds: Collection[str] = ("subscribe", "SCAN", "unsubscribe")

    def __init__(self, platform: WeChatPlatform, name: str) -> None:
        self.name = name
        self._platform = platform

    def screen(self, person: str) -> Screen:
        """(see Handset)"""
        return self._platform.phone(person)

    def say(self, person: str, text: str, choice: str) -> None:
        """(see Handset)"""
        self._platform.say(person, text, choice)

    def do(self, person: str, deed: str, key: str) -> None:
        """(see Handset)"""
        self._platform.event(person, deed, EventKey=key)

    def send_picture(self, person: str, picture: bytes, media_type: str) -> None:
        """(see Handset)"""
        self._platform.send_picture(person, picture, media_type)

    def media(self, media_id: str) -> tuple[bytes, str] | None:
        """(see Handset)"""
        return self._platform.media(media_id)


class KfHandset:
    """(see Handset) The chat is that of the account ``open_kfid``."""

    deeds: Collection[str] = ("enter", "SCAN")

    def __init__(self, platform: WeComPlatform, open_kfid: str, name: str) -> None:
        self.name = name
        self._platform = platform
        self._open_kfid = open_kfid

    def screen(self, person: str) -> Screen:
        """(see Handset)"""
        return self._platform.session(self._open_kfid, person)

    def say(self, person: str, text: str, choice: str) -> None:
        """(see Handset)"""
        self._platform.say(self._open_kfid, person, text, choice)

    def do(self, person: str, deed: str, key: str) -> None:
        """(see Handset) Whoever scans a code enters the chat with its scene."""
        self._platform.enter(self._open_kfid, person, key)

    def send_picture(self, person: str, picture: bytes, media_type: str) -> None:
        """(see Handset)"""
        self._platform.send_picture(self._open_kfid, person, picture, media_type)

    def media(self, media_id: str) -> tuple[bytes, str] | None:
        """(see Handset)"""
        return self._platform.media(media_id)
