"""How WeCom calls an enterprise, signed and sealed, and which messages it takes and shows."""

from __future__ import annotations

import secrets
from typing import Any

from connectors.channels.envelope import Envelope, signature_of
from connectors.channels.flat_xml import write_xml

_TEXT_BYTES, _HEAD_BYTES, _CHOICE_BYTES, _MOST_CHOICES = 2048, 1024, 128, 10
_LINK_BYTES = {"title": 128, "desc": 512, "url": 2048}
_CARD_TITLE_BYTES = 64


class Wire:
    """Packs what one enterprise is called about."""

    def __init__(self, corpid: str, token: str, encoding_aes_key: str) -> None:
        self._corpid = corpid
        self._token = token
        self._envelope = Envelope(encoding_aes_key, corpid)

    def call(self, open_kfid: str, at: int) -> tuple[str, dict[str, str]]:
        """Body and query of a call that says there is something to read of an account."""
        inside = write_xml(
            {
                "ToUserName": self._corpid,
                "CreateTime": at,
                "MsgType": "event",
                "Event": "kf_msg_or_event",
                "Token": f"call-{secrets.token_hex(4)}",
                "OpenKfId": open_kfid,
            }
        )
        encrypted = self.sealed(inside)
        body = write_xml({"ToUserName": self._corpid, "Encrypt": encrypted})
        return body, self.signed(encrypted, at)

    def signed(self, encrypted: str, at: int) -> dict[str, str]:
        """The query of a call that carries ``encrypted``, sent at a moment of Unix time."""
        timestamp, nonce = str(at), secrets.token_hex(5)
        signature = signature_of(self._token, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def sealed(self, text: str) -> str:
        """``text`` in the envelope of this enterprise."""
        return self._envelope.seal(text.encode())


def shown_of(message: dict[str, Any]) -> str | None:
    """What the phone shows of ``message``; None if the platform does not take it."""
    match message["msgtype"]:
        case "text":
            text: str = message["text"]["content"]
            return text if 0 < _size(text) <= _TEXT_BYTES else None
        case "msgmenu":
            menu = message["msgmenu"]
            head: str = menu["head_content"]
            titles = [one["click"]["content"] for one in menu["list"]]
            too_long = [one for one in titles if _size(one) > _CHOICE_BYTES]
            if _size(head) > _HEAD_BYTES or len(titles) > _MOST_CHOICES or too_long:
                return None
            return head
        case "image":
            return f"[image {message['image']['media_id']}]"
        case "link":
            link = message["link"]
            if any(_size(link.get(name)) > longest for name, longest in _LINK_BYTES.items()):
                return None
            return f"{link['title']} {link['url']}"
        case "miniprogram":
            card = message["miniprogram"]
            whole = all(card.get(name) for name in ("appid", "pagepath", "thumb_media_id"))
            title: str = card.get("title", "")
            return title if whole and _size(title) <= _CARD_TITLE_BYTES else None
        case _:
            return None


def _size(text: str | None) -> int:
    return len((text or "").encode())
