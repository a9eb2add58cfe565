"""From an item of WeCom's to what the desk is told: words, pictures, places, pressed choices."""

from __future__ import annotations

from connectors.channels.arriving import (
    SentPictures,
    allowance,
    is_unreadable,
    number_in,
    place_in_words,
    said_by_scene,
    unreadable,
)
from connectors.channels.card_words import Language
from connectors.channels.incoming import Arrival
from connectors.channels.ports import Pictures
from connectors.channels.wecom.account import KfAccount, shopper_of
from connectors.channels.wecom.client import KfClient
from connectors.channels.wecom.payloads import KfItem, KfKind
from desk.reach import Allowance
from kernel.clock import Clock
from kernel.content import Attachment


class Arriving:
    """Makes arrivals of what customers said; fetches the pictures it only points at."""

    def __init__(
        self, account: KfAccount, client: KfClient, pictures: Pictures, clock: Clock
    ) -> None:
        self._account = account
        self._pictures = SentPictures("wecom", client, pictures, account.settings.picture_megabytes)
        self._clock = clock

    async def arrival(self, item: KfItem, customer: dict[str, str] | None) -> Arrival:
        """What a customer's ``item`` says."""
        language: Language = "en" if self._account.settings.language == "en" else "zh"
        shopper_id = shopper_of(item.open_kfid, item.external_userid)
        text, custom = item.text, {"kind": item.kind.value}
        attachments: tuple[Attachment, ...] = ()
        match item.kind:
            case KfKind.IMAGE:
                fetched = await self._pictures.fetch(item.media_id, shopper_id)
                if fetched is None:
                    text = unreadable(item.kind.value, language)
                    custom["unreadable"] = item.kind.value
                else:
                    attachments = (fetched,)
            case KfKind.PLACE:
                custom |= {"latitude": item.latitude, "longitude": item.longitude}
                text = place_in_words(text, item.latitude, item.longitude, language)
            case KfKind.LINK:
                custom["url"] = item.url
                text = f"{text} {item.url}".strip()
            case KfKind.CARD:
                custom["page"] = item.page
                text = " ".join(filter(None, (text, number_in(item.page))))
            case KfKind.TEXT:
                pass
            case _:
                kind = item.kind if is_unreadable(item.kind.value) else KfKind.UNKNOWN
                text = unreadable(kind.value, language)
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
        """What entering by a scene stands for, None for most; to enter allows no message yet."""
        says = said_by_scene(self._account.settings.scenes, item.scene)
        if not says:
            return None
        return Arrival(
            channel=self._account.channel,
            shopper_id=shopper_of(item.open_kfid, item.external_userid),
            message_id=item.id,
            text=says,
            language="en" if self._account.settings.language == "en" else "zh",
            custom={"kind": item.kind.value, "scene": item.scene},
        )

    def _allowance(self, item: KfItem) -> Allowance:
        settings = self._account.settings
        return allowance(
            "message", settings.messages, settings.window_seconds, item.sent_at, self._clock.now()
        )
