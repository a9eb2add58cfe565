"""From an item of WeCom's to what the desk is told: words, pictures, places, pressed choices."""

from __future__ import annotations

from datetime import timedelta

import structlog

from connectors.channels.calls import MediaRefused
from connectors.channels.incoming import Arrival
from connectors.channels.ports import Pictures
from connectors.channels.refusals import Refusal
from connectors.channels.wecom.account import KfAccount, shopper_of
from connectors.channels.wecom.client import KfClient
from connectors.channels.wecom.payloads import KfItem, KfKind
from desk.reach import Allowance
from kernel.clock import Clock
from kernel.content import Attachment
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_FETCH_ATTEMPTS = 3
_MEGABYTE = 1024 * 1024
# What nobody here can read is said for the agent, and answered with a request to write.
_UNREADABLE = {
    KfKind.VOICE: {"zh": "[语音]", "en": "[voice]"},
    KfKind.VIDEO: {"zh": "[视频]", "en": "[video]"},
    KfKind.FILE: {"zh": "[文件]", "en": "[file]"},
    KfKind.BUSINESS_CARD: {"zh": "[名片]", "en": "[business card]"},
    KfKind.UNKNOWN: {"zh": "[暂不支持的消息]", "en": "[a kind of message we cannot read]"},
    KfKind.IMAGE: {"zh": "[图片没有收到]", "en": "[a picture that did not arrive]"},
}
_PLACE = {"zh": "我的位置：{}", "en": "My location: {}"}


class Arriving:
    """Makes arrivals of what customers said; fetches the pictures it only points at."""

    def __init__(
        self, account: KfAccount, client: KfClient, pictures: Pictures, clock: Clock
    ) -> None:
        self._account = account
        self._client = client
        self._pictures = pictures
        self._clock = clock

    async def arrival(self, item: KfItem, customer: dict[str, str] | None) -> Arrival:
        """What a customer's ``item`` says."""
        language = "en" if self._account.settings.language == "en" else "zh"
        shopper_id = shopper_of(item.open_kfid, item.external_userid)
        text, custom = item.text, {"kind": item.kind.value}
        attachments: tuple[Attachment, ...] = ()
        match item.kind:
            case KfKind.IMAGE:
                fetched = await self._picture(item, shopper_id)
                if fetched is None:
                    text = _UNREADABLE[KfKind.IMAGE][language]
                    custom["unreadable"] = item.kind.value
                else:
                    attachments = (fetched,)
            case KfKind.PLACE:
                custom |= {"latitude": item.latitude, "longitude": item.longitude}
                place = text or f"{item.latitude}, {item.longitude}"
                text = _PLACE[language].format(place)
            case KfKind.LINK:
                custom["url"] = item.url
                text = f"{text} {item.url}".strip()
            case KfKind.CARD:
                custom["page"] = item.page
            case KfKind.TEXT:
                pass
            case _:
                kind = item.kind if item.kind in _UNREADABLE else KfKind.UNKNOWN
                text = _UNREADABLE[kind][language]
                custom |= {"unreadable": kind.value, "vendor_kind": item.vendor_kind}
        is_plain = item.kind is KfKind.TEXT
        return Arrival(
            channel=self._account.channel,
            shopper_id=shopper_id,
            message_id=item.id,
            text=text,
            attachments=attachments,
            customer=dict(customer) if customer else None,
            # What was typed tells the language; of anything else the account's own is assumed.
            language=None if is_plain else language,
            choice=item.menu_id,
            numbered=is_plain,
            custom=None if is_plain else custom,
            allowance=self._allowance(item),
        )

    def said_by_scene(self, item: KfItem) -> Arrival | None:
        """What entering by a scene stands for, by the operator's table; None for most scenes.

        The table is like ``goods_*: 我想了解商品 {rest}``. To enter allows no message yet.
        """
        for pattern, says in self._account.settings.scenes.items():
            rest = ""
            if pattern.endswith("*") and item.scene.startswith(pattern[:-1]):
                rest = item.scene[len(pattern) - 1 :]
            elif not item.scene or item.scene != pattern:
                continue
            return Arrival(
                channel=self._account.channel,
                shopper_id=shopper_of(item.open_kfid, item.external_userid),
                message_id=item.id,
                text=says.replace("{rest}", rest),
                language="en" if self._account.settings.language == "en" else "zh",
                custom={"kind": item.kind.value, "scene": item.scene},
            )
        return None

    def _allowance(self, item: KfItem) -> Allowance:
        # A platform whose clock is ahead of ours must not seem to allow what it does not.
        since = min(item.sent_at, self._clock.now())
        settings = self._account.settings
        window = timedelta(seconds=settings.window_seconds)
        return Allowance("message", settings.messages, since, since + window)

    async def _picture(self, item: KfItem, shopper_id: str) -> Attachment | None:
        """The shopper's picture, kept; None if there is none to be had."""
        longest = self._account.settings.picture_megabytes * _MEGABYTE
        for attempt in range(_FETCH_ATTEMPTS):
            try:
                data = await self._client.media(item.media_id, longest)
                saved = await self._pictures.save(shopper_id, "wecom.jpg", data)
                if isinstance(saved, Refusal):
                    log.info("wecom.picture.refused", code=saved.code.value)
                    return None
                return saved
            except (MediaRefused, BackendRejected) as error:
                log.warning("wecom.media.refused", error=str(error))
                return None
            except BackendUnavailable as error:
                log.warning("wecom.media.unavailable", error=str(error), attempt=attempt)
        return None
