"""Parts of our messages as WeChat's: customer-service JSON, and passive replies in XML."""

from __future__ import annotations

from datetime import datetime

import structlog

from connectors.channels.calls import Body
from connectors.channels.flat_xml import write_xml
from connectors.channels.handing_over import Handover
from connectors.channels.platform_sending import PlatformSending
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
from kernel.errors import BackendRejected

log = structlog.get_logger()

_MENU_ITEMS = 10
_ANNOUNCED_KEPT = 1000


class Sending(PlatformSending):
    """The transport of one account; see connectors.channels.handing_over.Transport."""

    has_keys = False

    def __init__(
        self, account: Account, client: WeChatClient, pictures: Pictures, clock: Clock
    ) -> None:
        super().__init__("wechat", client, pictures, capabilities_of(account))
        self._account = account
        self._wechat = client
        self._clock = clock
        self._announced: dict[str, None] = {}

    @property
    def can_send(self) -> bool:
        """(see Transport)"""
        return self._account.settings.customer_service

    async def was_sent(self, shopper_id: str, part: Part, since: datetime) -> bool | None:
        """(see Transport)"""
        if not self._account.settings.records or not isinstance(part, TextPart | MenuPart):
            return None
        try:
            texts = await self._wechat.sent_since(shopper_id, since, self._clock.now())
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
        handover = await self._wechat.send_template(
            conversation.shopper_id,
            template.id,
            template.fields,
            kind=template.kind,
            url=template.url,
            page=template.page,
            key=key,
        )
        log.info("wechat.announced", outcome=handover.outcome.value, code=handover.code)

    async def _message(self, part: Part) -> Body | Handover:
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

    def _addressed(self, shopper_id: str, key: str) -> Body:
        # The platform knows no keys for these messages.
        return {"touser": shopper_id}


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
