"""Parts of our messages as WeCom's JSON, each under a key that makes a repeat of it none."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

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
from connectors.channels.wecom.account import KfAccount, parts_of
from connectors.channels.wecom.client import KfClient
from desk.model import Conversation
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_MENU_ITEMS = 10
_ID_BYTES = 22


def message_key(key: str) -> str:
    """``<delivery id>-<part>`` as a msgid: at most 32 of ``[0-9a-zA-Z_-]``, and reversible."""
    delivery_id, _, part = key.rpartition("-")
    packed = base64.urlsafe_b64encode(UUID(delivery_id).bytes).decode().rstrip("=")
    return f"{packed}-{part}"


def delivery_of(key: str) -> str | None:
    """The delivery behind a msgid of ours; None if it is not one."""
    packed = key[:_ID_BYTES]
    if len(packed) != _ID_BYTES or key[_ID_BYTES : _ID_BYTES + 1] != "-":
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(f"{packed}==")).hex
    except ValueError:
        return None


class Sending:
    """The transport of one enterprise; see connectors.channels.handing_over.Transport."""

    can_send = True
    has_keys = True

    def __init__(self, account: KfAccount, client: KfClient, pictures: Pictures) -> None:
        self._account = account
        self._client = client
        self._pictures = pictures
        settings = account.settings
        self._can = Capabilities(
            text_bytes=settings.text_bytes,
            menu_items=_MENU_ITEMS,
            pictures=True,
            # A link needs a picture that was uploaded before.
            links=bool(settings.thumb_media_id),
        )

    @property
    def can(self) -> Capabilities:
        """(see Transport)"""
        return self._can

    async def send(self, shopper_id: str, part: Part, key: str) -> Handover:
        """(see Transport)"""
        message = await self._message(part)
        if isinstance(message, Handover):
            return message
        open_kfid, external_userid = parts_of(shopper_id)
        handover = await self._client.send(
            {
                "touser": external_userid,
                "open_kfid": open_kfid,
                "msgid": message_key(key),
                **message,
            }
        )
        if handover.outcome is Outcome.NO_SUCH_KIND:
            return self._do_without(part, handover)
        return handover

    async def was_sent(self, shopper_id: str, part: Part, since: datetime) -> bool | None:
        """(see Transport); it may be sent again: the key makes the platform take it once."""
        return None

    async def announce(self, conversation: Conversation, key: str) -> None:
        """(see Transport); WeCom has no other way to a shopper."""

    async def _message(self, part: Part) -> dict[str, Any] | Handover:
        match part:
            case TextPart(text):
                return {"msgtype": "text", "text": {"content": text}}
            case MenuPart(text, choices):
                items = [
                    {"type": "click", "click": {"id": one.id, "content": one.title}}
                    for one in choices
                ]
                return {"msgtype": "msgmenu", "msgmenu": {"head_content": text, "list": items}}
            case PicturePart(upload_id):
                return await self._picture(upload_id)
            case LinkPart(title, description, url):
                link = {
                    "title": title,
                    "desc": description,
                    "url": url,
                    "thumb_media_id": self._account.settings.thumb_media_id,
                }
                return {"msgtype": "link", "link": link}
            case PagePart():
                # The capabilities name no pages.
                return Handover(Outcome.BROKEN, "no pages")

    async def _picture(self, upload_id: str) -> dict[str, Any] | Handover:
        found = await self._pictures.read(upload_id)
        if found is None:
            return Handover(Outcome.BROKEN, "no such picture")
        try:
            media_id = await self._client.upload(*found)
        except BackendUnavailable as error:
            return Handover(Outcome.AGAIN, str(error))
        except BackendRejected as error:
            log.error("wecom.upload.rejected", error=str(error))
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
            case _:
                return replace(handover, outcome=Outcome.BROKEN)
        log.warning("wecom.kind_refused", kind=type(part).__name__, code=handover.code)
        return handover
