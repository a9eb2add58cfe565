"""What the arrivals of all platforms have in common: pictures, places, scenes, the unreadable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import structlog

from connectors.channels.calls import MediaRefused
from connectors.channels.card_words import Language
from connectors.channels.platform_client import PlatformClient
from connectors.channels.ports import Pictures
from connectors.channels.refusals import Refusal
from desk.reach import Allowance
from kernel.content import Attachment
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_FETCH_ATTEMPTS = 3
_MEGABYTE = 1024 * 1024
# What nobody here can read is said for the agent, and answered with a request to write.
_UNREADABLE = {
    "voice": {"zh": "[语音]", "en": "[voice]"},
    "video": {"zh": "[视频]", "en": "[video]"},
    "file": {"zh": "[文件]", "en": "[file]"},
    "business_card": {"zh": "[名片]", "en": "[business card]"},
    "image": {"zh": "[图片没有收到]", "en": "[a picture that did not arrive]"},
}
_UNKNOWN = {"zh": "[暂不支持的消息]", "en": "[a kind of message we cannot read]"}
_ORDERLIKE = re.compile(r"[A-Za-z]{0,4}\d{6,}")
_PLACE = {"zh": "我的位置：{}", "en": "My location: {}"}


def unreadable(kind: str, language: Language) -> str:
    """What stands in the record for a message of ``kind`` that nobody here can read."""
    return _UNREADABLE.get(kind, _UNKNOWN)[language]


def is_unreadable(kind: str) -> bool:
    """Whether there is a word for a message of ``kind`` that nobody here can read."""
    return kind in _UNREADABLE


def place_in_words(name: str, latitude: str, longitude: str, language: Language) -> str:
    """A shared location as a sentence; ``name`` may be empty."""
    return _PLACE[language].format(name or f"{latitude}, {longitude}")


def said_by_scene(scenes: Mapping[str, str], scene: str) -> str:
    """What a scene stands for, by the operator's table: ``goods_*: 我想了解商品 {rest}``."""
    for pattern, says in scenes.items():
        if pattern.endswith("*") and scene.startswith(pattern[:-1]):
            return says.replace("{rest}", scene[len(pattern) - 1 :])
        if scene and scene == pattern:
            return says
    return ""


def number_in(page: str) -> str:
    """What looks like a number of an order in the address of a mini program's page."""
    values = [value for _, value in parse_qsl(urlsplit(page).query)]
    return next((value for value in values if _ORDERLIKE.fullmatch(value)), "")


def allowance(
    kind: str, messages: int | None, seconds: float, sent_at: datetime, now: datetime
) -> Allowance:
    """What a deed of the shopper at ``sent_at``, by the platform's clock, lets us send."""
    # A platform whose clock is ahead of ours must not seem to allow what it does not.
    since = min(sent_at, now)
    return Allowance(kind, messages, since, since + timedelta(seconds=seconds))


class SentPictures:
    """Fetches what shoppers sent from the platform, and keeps it."""

    def __init__(
        self, platform: str, client: PlatformClient, pictures: Pictures, megabytes: int
    ) -> None:
        """``megabytes``: larger pictures are not fetched."""
        self._platform = platform
        self._client = client
        self._pictures = pictures
        self._longest = megabytes * _MEGABYTE

    async def fetch(self, media_id: str, shopper_id: str) -> Attachment | None:
        """The shopper's picture, kept; None if there is none to be had."""
        tell = log.bind(platform=self._platform)
        for attempt in range(_FETCH_ATTEMPTS):
            try:
                data = await self._client.media(media_id, self._longest)
                saved = await self._pictures.save(shopper_id, f"{self._platform}.jpg", data)
                if isinstance(saved, Refusal):
                    tell.info("platform.picture.refused", code=saved.code.value)
                    return None
                return saved
            except (MediaRefused, BackendRejected) as error:
                tell.warning("platform.media.refused", error=str(error))
                return None
            except BackendUnavailable as error:
                tell.warning("platform.media.unavailable", error=str(error), attempt=attempt)
        return None
