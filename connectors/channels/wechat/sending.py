"""Parts of our messages as WeChat's: customer-service JSON, and passive replies in XML."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from connectors.channels.flat_xml import write_xml
from connectors.channels.handing_over import Handover, Outcome
from connectors.channels.ports import Pictures
from connectors.channels.rendering import (
    Capabilities,
    LinkPart,
    MenuPart,
    PagePart,
    Part,
    PicturePart,
    TextPart,
)
from connectors.channels.wechat.account import Account
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.payloads import Inbound
from desk.model import Conversation
from kernel.clock import Clock
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_MENU_ITEMS = 10
_ANNOUNCED_KEPT = 1000


class Sending:
    """The transport of one account; see connectors.channels.handing_over.Transport."""

    has_keys = False

    def __init__(
        self, account: Account, client: WeChatClient, pictures: Pictures, clock: Clock
    ) -> None:
        self._account = account
        self._client = client
        self._pictures = pictures
        self._clock = clock
        self._can = capabilities_of(account)
        self._announced: dict[str, None] = {}

    @property
    def can(self) -> Capabilities:
        """(see Transport)"""
        return self._can

    @property
    def can_send(self) -> bool:
        """(see Transport)"""
        return self._account.settings.customer_service

    async def send(self, shopper_id: str, part: Part, key: str) -> Handover:
        """(see Transport); the platform knows no keys for these messages."""
        message = await self._message(part)
        if isinstance(message, Handover):
            return message
        handover = await self._client.send({"touser": shopper_id, **message})
        if handover.outcome is Outcome.NO_SUCH_KIND:
            return self._do_without(part, handover)
        return handover

    async def was_sent(self, shopper_id: str, part: Part, since: datetime) -> bool | None:
        """(see Transport)"""
        if not self._account.settings.records or not isinstance(part, TextPart | MenuPart):
            return None
        try:
            texts = await self._client.sent_since(shopper_id, since, self._clock.now())
        except BackendRejected as error:
            log.warning("wechat.records.failed", error=str(error))
            return None
        return None if texts is None else any(part.text in text for text in texts)

    async def announce(self, conversation: Conversation, key: str) -> None:
        """(see Transport); once for what waits, by the account's template if it has one."""
        template = self._account.settings.waiting_template
        if template is None or key in self._announced:
            return
        self._announced[key] = None
        if len(self._announced) > _ANNOUNCED_KEPT:
            del self._announced[next(iter(self._announced))]
        handover = await self._client.send_template(
            conversation.shopper_id,
            template.id,
            template.fields,
            kind=template.kind,
            url=template.url,
            page=template.page,
            key=key,
        )
        log.info("wechat.announced", outcome=handover.outcome.value, code=handover.code)

    async def _message(self, part: Part) -> dict[str, Any] | Handover:
        match part:
            case TextPart(text):
                return {"msgtype": "text", "text": {"content": text}}
            case MenuPart(text, choices):
                items = [{"id": one.id, "content": one.title} for one in choices]
                menu = {"head_content": text, "list": items, "tail_content": ""}
                return {"msgtype": "msgmenu", "msgmenu": menu}
            case PicturePart(upload_id):
                return await self._picture(upload_id)
            case LinkPart(title, description, url, picture):
                card = {"title": title, "description": description, "url": url}
                if self._account.is_mini_program:
                    return {"msgtype": "link", "link": {**card, "thumb_url": picture}}
                return {"msgtype": "news", "news": {"articles": [{**card, "picurl": picture}]}}
            case PagePart(title, page):
                settings = self._account.settings
                card = {"title": title, "pagepath": page, "thumb_media_id": settings.thumb_media_id}
                if not self._account.is_mini_program:
                    card["appid"] = settings.mini_program_appid
                return {"msgtype": "miniprogrampage", "miniprogrampage": card}

    async def _picture(self, upload_id: str) -> dict[str, Any] | Handover:
        found = await self._pictures.read(upload_id)
        if found is None:
            return Handover(Outcome.BROKEN, "no such picture")
        try:
            media_id = await self._client.upload(*found)
        except BackendUnavailable as error:
            return Handover(Outcome.AGAIN, str(error))
        except BackendRejected as error:
            log.error("wechat.upload.rejected", error=str(error))
            return Handover(Outcome.BROKEN, "upload")
        return {"msgtype": "image", "image": {"media_id": media_id}}

    def _do_without(self, part: Part, handover: Handover) -> Handover:
        """Do not try this kind of message again in this process; words are left for everything."""
        match part:
            case MenuPart():
                self._can = replace(self._can, menu_items=0)
            case PicturePart():
                self._can = replace(self._can, pictures=False)
            case LinkPart():
                self._can = replace(self._can, links=False)
            case PagePart():
                self._can = replace(self._can, pages={})
            case TextPart():
                return replace(handover, outcome=Outcome.BROKEN)
        log.warning("wechat.kind_refused", kind=type(part).__name__, code=handover.code)
        return handover


def capabilities_of(account: Account) -> Capabilities:
    """What an account can show, before the platform has refused anything."""
    settings = account.settings
    # Mini programs have neither menus of choices nor links in their texts.
    official = not account.is_mini_program
    has_cards = bool(settings.pages) and bool(settings.thumb_media_id)
    return Capabilities(
        text_bytes=settings.text_bytes,
        menu_items=_MENU_ITEMS if official and settings.choice_menus else 0,
        choice_link=settings.choice_link if official else "",
        pictures=True,
        links=True,
        pages=settings.pages if has_cards else {},
    )


def passive_capabilities_of(account: Account) -> Capabilities:
    """What fits into the answer to a callback: words."""
    settings = account.settings
    return Capabilities(text_bytes=settings.text_bytes, choice_link=settings.choice_link)


def passive_reply(inbound: Inbound, part: Part, now: datetime) -> str:
    """``part``, which is words, as the XML that answers ``inbound``."""
    if not isinstance(part, TextPart):
        raise TypeError(f"no passive reply is a {type(part).__name__}")
    return write_xml(
        {
            "ToUserName": inbound.openid,
            "FromUserName": inbound.account,
            "CreateTime": int(now.timestamp()),
            "MsgType": "text",
            "Content": part.text,
        }
    )
