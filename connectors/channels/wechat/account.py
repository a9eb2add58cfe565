"""What an operator configures of one WeChat account: facts of the platform, nothing secret.

Quotas, limits and addresses are WeChat's to change: here are the values of its pages in November
2026, all of them can be set in kefu.yml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from connectors.channels.wechat.payloads import Kind
from connectors.channels.wechat.signature import Mode

_Count = Annotated[int, msgspec.Meta(ge=1)]
_Seconds = Annotated[float, msgspec.Meta(ge=0)]
# The key of a menu's entry is what the shopper says by pressing it.
SAYS = "say:"
_TWO_DAYS = 48 * 3600.0
_MINUTE = 60.0


class AllowanceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many messages (none: any number) for so many seconds."""

    seconds: _Seconds
    messages: _Count | None = None


class MenuEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the account's menu: what the shopper says by pressing it, or where it leads.

    ``entries`` are up to five below it.
    """

    title: str
    says: str = ""
    url: str = ""
    entries: tuple[MenuEntry, ...] = ()


class WaitingTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message template that says that an answer waits; ``fields`` are its values.

    ``kind``: ``template`` (模板消息) or ``subscribe`` (订阅通知, needs the shopper's consent).
    """

    id: str
    fields: dict[str, str]
    kind: str = "template"
    url: str = ""
    page: str = ""


class NewsTemplate(WaitingTemplate, frozen=True, forbid_unknown_fields=True):
    """A message template that carries one kind of news; the words that ``fields``, ``url`` and
    ``page`` may contain are in ``desk.news.words.WORDS``.
    """


OFFICIAL_ALLOWANCES = {
    "message": AllowanceSettings(_TWO_DAYS, 5),
    "menu_click": AllowanceSettings(_MINUTE, 3),
    "follow": AllowanceSettings(_MINUTE, 3),
    "scan": AllowanceSettings(_MINUTE, 3),
}
MINI_PROGRAM_ALLOWANCES = {
    "message": AllowanceSettings(_TWO_DAYS, 5),
    "enter": AllowanceSettings(_MINUTE, 2),
}


class AccountSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One account, of either kind; see kefu.yml for what the fields mean."""

    enabled: bool = False
    appid: str = "wx0000000000000000"
    original_id: str = ""
    mode: Mode = Mode.SECURE
    api: str = "https://api.weixin.qq.com"
    language: str = "zh"
    freshness_seconds: _Seconds = 300
    passive_reply_seconds: _Seconds = 0.8
    retry_after_seconds: _Seconds = 5
    customer_service: bool = True
    choice_menus: bool = True
    choice_link: str = "weixin://bizmsgmenu?msgmenucontent={title}&msgmenuid={id}"
    typing: bool = True
    records: bool = True
    text_bytes: _Count = 2048
    picture_megabytes: _Count = 10
    request_seconds: _Seconds = 4
    first_retry_seconds: _Seconds = 2
    taken_within_seconds: _Seconds = 20
    allowances: dict[str, AllowanceSettings] = msgspec.field(default_factory=dict)
    greet_on: tuple[str, ...] = ("follow", "enter", "scan")
    scenes: dict[str, str] = msgspec.field(default_factory=dict)
    menu: tuple[MenuEntry, ...] = ()
    waiting_template: WaitingTemplate | None = None
    news_templates: dict[str, NewsTemplate] = msgspec.field(default_factory=dict)
    mini_program_appid: str = ""
    pages: dict[str, str] = msgspec.field(default_factory=dict)
    thumb_media_id: str = ""
    oauth: str = "https://open.weixin.qq.com/connect/oauth2/authorize"
    shop_login: str = ""


@dataclass(frozen=True)
class Account:
    """One account with its secrets, as the channel needs it.

    ``is_mini_program``: pushes may be JSON, nothing can be answered passively.
    """

    channel: str
    settings: AccountSettings
    token: str
    encoding_aes_key: str
    secret: str
    is_mini_program: bool = False

    @property
    def allowances(self) -> dict[str, AllowanceSettings]:
        """What a deed of the shopper lets us send; the operator's figures count before ours."""
        usual = MINI_PROGRAM_ALLOWANCES if self.is_mini_program else OFFICIAL_ALLOWANCES
        return {**usual, **self.settings.allowances}


# Which allowance a push opens; whatever is not here opens none.
ALLOWANCE_OF = {
    Kind.TEXT: "message",
    Kind.IMAGE: "message",
    Kind.VOICE: "message",
    Kind.VIDEO: "message",
    Kind.FILE: "message",
    Kind.PLACE: "message",
    Kind.LINK: "message",
    Kind.CARD: "message",
    Kind.MENU_CLICK: "menu_click",
    Kind.FOLLOW: "follow",
    Kind.SCAN: "scan",
    Kind.ENTER: "enter",
}


def menu_json(entries: Sequence[MenuEntry]) -> dict[str, Any]:
    """``entries`` as WeChat's menu: three at the top, five below each."""
    return {"button": [_button(entry) for entry in entries]}


def _button(entry: MenuEntry) -> dict[str, Any]:
    if entry.entries:
        return {"name": entry.title, "sub_button": [_button(one) for one in entry.entries]}
    if entry.url:
        return {"type": "view", "name": entry.title, "url": entry.url}
    return {"type": "click", "name": entry.title, "key": f"{SAYS}{entry.says or entry.title}"}
