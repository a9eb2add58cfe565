"""Parts of our messages as WeCom's JSON, each under a key that makes a repeat of it none."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from uuid import UUID

from connectors.channels.calls import Body
from connectors.channels.handing_over import Handover, Outcome
from connectors.channels.long_text import cut
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
from connectors.channels.wecom.account import KfAccount, parts_of
from connectors.channels.wecom.client import KfClient
from desk.model import Conversation
from desk.reach import ReachState
from kernel.clock import Clock

_MENU_ITEMS = 10
_ID_BYTES = 22
# Of a link and of a mini program's card; the platform refuses longer ones.
_LINK_TITLE_BYTES, _LINK_WORDS_BYTES, _CARD_TITLE_BYTES = 128, 512, 64
_CODES_KEPT = 1000
_CODE_LASTS = timedelta(seconds=18)
_QUESTION_FOLLOWS = timedelta(seconds=3)


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


class Sending(PlatformSending):
    """The transport of one enterprise; see connectors.channels.handing_over.Transport."""

    can_send = True
    has_keys = True

    def __init__(
        self, account: KfAccount, client: KfClient, pictures: Pictures, clock: Clock
    ) -> None:
        settings = account.settings
        has_program = bool(settings.mini_program_appid)
        can = Capabilities(
            text_bytes=settings.text_bytes,
            menu_items=_MENU_ITEMS,
            pictures=True,
            # A link and a card need a picture that was uploaded before.
            links=bool(settings.thumb_media_id),
            pages=settings.pages if settings.thumb_media_id and has_program else {},
        )
        super().__init__("wecom", client, pictures, can)
        self._account = account
        self._kf = client
        self._clock = clock
        self._codes: dict[str, tuple[str, datetime]] = {}

    def may_say_once(self, shopper_id: str, code: str) -> None:
        """WeCom allows one message, for a moment, to somebody whose session has just ended."""
        self._codes[shopper_id] = code, self._clock.now() + _CODE_LASTS
        if len(self._codes) > _CODES_KEPT:
            del self._codes[next(iter(self._codes))]

    async def send(self, shopper_id: str, part: Part, key: str) -> Handover:
        """(see Transport); when the session has ended, the question how it went goes all the same.

        It is asked a moment after the last words, so these wait to go with it.
        """
        handover = await super().send(shopper_id, part, key)
        code, until = self._codes.get(shopper_id, ("", self._clock.now()))
        if handover.state is not ReachState.SESSION_STATE or self._clock.now() >= until:
            return handover
        message = await self._message(part)
        if isinstance(part, MenuPart) and not isinstance(message, Handover):
            del self._codes[shopper_id]
            return await self._kf.send_on_event(code, message)
        return Handover(Outcome.AGAIN, handover.code, wait=_QUESTION_FOLLOWS)

    async def was_sent(self, shopper_id: str, part: Part, since: datetime) -> bool | None:
        """(see Transport); it may be sent again: the key makes the platform take it once."""
        return None

    async def announce(self, conversation: Conversation, key: str) -> None:
        """(see Transport); WeCom has no other way to a shopper."""

    async def _message(self, part: Part) -> Body | Handover:
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
                    "title": _begun(title, _LINK_TITLE_BYTES),
                    "desc": _begun(description, _LINK_WORDS_BYTES),
                    "url": url,
                    "thumb_media_id": self._account.settings.thumb_media_id,
                }
                return {"msgtype": "link", "link": link}
            case PagePart(title, page):
                card = {
                    "appid": self._account.settings.mini_program_appid,
                    "title": _begun(title, _CARD_TITLE_BYTES),
                    "pagepath": page,
                    "thumb_media_id": self._account.settings.thumb_media_id,
                }
                return {"msgtype": "miniprogram", "miniprogram": card}

    def _addressed(self, shopper_id: str, key: str) -> Body:
        open_kfid, external_userid = parts_of(shopper_id)
        return {"touser": external_userid, "open_kfid": open_kfid, "msgid": message_key(key)}


def _begun(text: str, longest: int) -> str:
    """As much of ``text`` as has room in so many bytes."""
    return next(iter(cut(text, longest)), "")
