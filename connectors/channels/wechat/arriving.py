"""From a push of WeChat's to what the desk is told: words, pictures, and what an event asks for."""

from __future__ import annotations

import structlog

from connectors.channels.arriving import (
    SentPictures,
    allowance,
    number_in,
    place_in_words,
    said_by_scene,
    unreadable,
)
from connectors.channels.card_words import Language
from connectors.channels.incoming import Arrival
from connectors.channels.ports import Pictures
from connectors.channels.wechat.account import ALLOWANCE_OF, SAYS, Account
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.payloads import Inbound, Kind
from desk.reach import Allowance
from kernel.clock import Clock
from kernel.content import Attachment

log = structlog.get_logger()

_GREET = "/greet"
_EVENTS = {
    Kind.FOLLOW: {"zh": "（关注了公众号）", "en": "(followed the account)"},
    Kind.SCAN: {"zh": "（扫描了二维码）", "en": "(scanned a QR code)"},
    Kind.ENTER: {"zh": "（进入了客服会话）", "en": "(opened the chat)"},
}


class Arriving:
    """Makes arrivals of one account's pushes; fetches what they only point at."""

    def __init__(
        self, account: Account, client: WeChatClient, pictures: Pictures, clock: Clock
    ) -> None:
        self._clock = clock
        self._account = account
        self._pictures = SentPictures(
            "wechat", client, pictures, account.settings.picture_megabytes
        )

    async def arrival(self, inbound: Inbound, customer: dict[str, str] | None) -> Arrival | None:
        """What ``inbound`` says; None if it says nothing that belongs into a conversation."""
        language: Language = "en" if self._account.settings.language == "en" else "zh"
        text, command, custom = inbound.text, "", {"kind": inbound.kind.value}
        attachments: tuple[Attachment, ...] = ()
        match inbound.kind:
            case Kind.IMAGE:
                fetched = await self._pictures.fetch(inbound.media_id, inbound.openid)
                if fetched is None:
                    text = unreadable(inbound.kind.value, language)
                    custom["unreadable"] = inbound.kind.value
                else:
                    attachments = (fetched,)
            case Kind.VOICE if not text:
                text = unreadable(inbound.kind.value, language)
                custom["unreadable"] = inbound.kind.value
            case Kind.VIDEO | Kind.FILE | Kind.UNKNOWN:
                if inbound.vendor_kind.startswith("event."):
                    log.info("wechat.event.unknown", vendor_kind=inbound.vendor_kind)
                    return None
                text = unreadable(inbound.kind.value, language)
                custom |= {"unreadable": inbound.kind.value, "vendor_kind": inbound.vendor_kind}
            case Kind.PLACE:
                custom |= {"latitude": inbound.latitude, "longitude": inbound.longitude}
                text = place_in_words(text, inbound.latitude, inbound.longitude, language)
            case Kind.LINK:
                custom["url"] = inbound.url
                text = f"{text} {inbound.url}".strip()
            case Kind.CARD:
                custom["page"] = inbound.page
                text = " ".join(filter(None, (text, number_in(inbound.page))))
            case Kind.MENU_CLICK:
                # A scanned code is what the shopper wants to say; else the entry says it.
                text = text or inbound.key.removeprefix(SAYS)
                custom["key"] = inbound.key
            case Kind.FOLLOW | Kind.SCAN | Kind.ENTER:
                custom["scene"] = inbound.scene
                said = said_by_scene(self._account.settings.scenes, inbound.scene)
                text = said or _EVENTS[inbound.kind][language]
                if not said:
                    if inbound.kind.value not in self._account.settings.greet_on:
                        return None
                    command = _GREET
            case Kind.UNFOLLOW | Kind.POSITION | Kind.MENU_VIEW | Kind.REPORT | Kind.CONSENT:
                return None
            case _:
                pass
        is_plain = inbound.kind is Kind.TEXT
        return Arrival(
            channel=self._account.channel,
            shopper_id=inbound.openid,
            message_id=inbound.id,
            text=text,
            attachments=attachments,
            customer=dict(customer) if customer else None,
            # What was typed tells the language; of an event the account's own is assumed.
            language=None if is_plain else language,
            choice=inbound.choice,
            numbered=is_plain,
            command=command,
            custom=None if is_plain else custom,
            allowance=self._allowance(inbound),
        )

    def _allowance(self, inbound: Inbound) -> Allowance | None:
        kind = ALLOWANCE_OF.get(inbound.kind)
        # WeChat counts a pressed choice as a click on a menu.
        if inbound.choice and "menu_click" in self._account.allowances:
            kind = "menu_click"
        rule = self._account.allowances.get(kind or "")
        if kind is None or rule is None:
            return None
        return allowance(kind, rule.messages, rule.seconds, inbound.sent_at, self._clock.now())
