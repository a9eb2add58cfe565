"""What an operator configures of 微信客服: facts of the platform and who answers where.

Quotas, limits and addresses are WeCom's to change: here are the values of its pages in November
2026, all of them can be set in kefu.yml.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

_Count = Annotated[int, msgspec.Meta(ge=1)]
_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_TWO_DAYS = 48 * 3600.0


class AnswerIn(StrEnum):
    """Where people answer who take a conversation over from the bot."""

    KEFU = "kefu"
    WECOM = "wecom"


class KfSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer service of one enterprise; see kefu.yml for what the fields mean.

    ``servicers``: WeCom user id → login of the agent in Kefu. ``welcome`` by language.
    ``last_words_seconds``: so long a session stays open for our last words to arrive. ``pages``: of
    the mini program ``mini_program_appid``, by type of card, with the card's fields in braces.
    """

    enabled: bool = False
    corpid: str = "ww0000000000000000"
    open_kfids: tuple[str, ...] = ()
    api: str = "https://qyapi.weixin.qq.com"
    language: str = "zh"
    answer_in: AnswerIn = AnswerIn.KEFU
    servicers: dict[str, str] = msgspec.field(default_factory=dict)
    welcome: dict[str, str] = msgspec.field(
        default_factory=lambda: {
            "zh": "您好，请直接告诉我您的问题，例如“我的快递到哪了”。",
            "en": "Hello! Just tell me what you need, for instance “where is my parcel”.",
        }
    )
    scenes: dict[str, str] = msgspec.field(default_factory=dict)
    freshness_seconds: _Seconds = 300
    poll_seconds: _Seconds = 300
    page: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1000
    messages: _Count = 5
    window_seconds: _Seconds = _TWO_DAYS
    text_bytes: _Count = 2048
    picture_megabytes: _Count = 10
    thumb_media_id: str = ""
    mini_program_appid: str = ""
    pages: dict[str, str] = msgspec.field(default_factory=dict)
    request_seconds: _Seconds = 4
    first_retry_seconds: _Seconds = 2
    last_words_seconds: _Seconds = 20


@dataclass(frozen=True)
class KfAccount:
    """The accounts of one enterprise with their secrets, as the channel needs them."""

    channel: str
    settings: KfSettings
    token: str
    encoding_aes_key: str
    secret: str


def shopper_of(open_kfid: str, external_userid: str) -> str:
    """How the desk names somebody: each of the enterprise's accounts has its own conversation."""
    return f"{open_kfid}/{external_userid}"


def parts_of(shopper_id: str) -> tuple[str, str]:
    """Account and person behind a name that ``shopper_of`` made."""
    open_kfid, _, external_userid = shopper_id.partition("/")
    return open_kfid, external_userid
