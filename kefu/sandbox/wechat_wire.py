"""How WeChat and an account write to each other: in XML or JSON, signed, and sealed if agreed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from connectors.channels.envelope import Envelope, signature_of

Packed = tuple[bytes, dict[str, str]]


@dataclass(frozen=True)
class PlatformSettings:
    """One account at the platform, and the platform's own habits."""

    appid: str
    secret: str
    token: str
    encoding_aes_key: str
    callback: str
    mode: str = "secure"
    original_id: str = "gh_sandbox"
    is_mini_program: bool = False
    # Test and subscription accounts have no menus of choices.
    has_choice_menus: bool = True
    has_customer_service: bool = True
    retry_seconds: float = 5.0
    token_seconds: int = 7200
    allowances: dict[str, tuple[int, float]] = field(
        default_factory=lambda: {
            "message": (5, 48 * 3600.0),
            "menu_click": (3, 60.0),
            "follow": (3, 60.0),
            "scan": (3, 60.0),
            "enter": (2, 60.0),
        }
    )


class Wire:
    """Packs what one account is told, and reads what it answers."""

    def __init__(self, settings: PlatformSettings) -> None:
        self._settings = settings
        self._envelope = Envelope(settings.encoding_aes_key, settings.appid)

    def packed(self, fields: dict[str, Any], at: datetime, nonce: str) -> Packed:
        """Body and query of a callback about ``fields``, signed as of ``at``."""
        plain = self._written(fields)
        timestamp = str(int(at.timestamp()))
        query = {
            "signature": signature_of(self._settings.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": fields["FromUserName"],
        }
        if self._settings.mode == "plain":
            return plain, query
        encrypted = self._envelope.seal(plain)
        query |= {
            "encrypt_type": "aes",
            "msg_signature": signature_of(self._settings.token, timestamp, nonce, encrypted),
        }
        around = {"ToUserName": fields["ToUserName"], "Encrypt": encrypted}
        if self._settings.mode == "compatible":
            around = {**fields, **around}
        return self._written(around), query

    def _written(self, fields: dict[str, Any]) -> bytes:
        if self._settings.is_mini_program:
            return json.dumps(fields, ensure_ascii=False).encode()
        root = ElementTree.Element("xml")
        _write_below(root, fields)
        written: bytes = ElementTree.tostring(root, encoding="utf-8")
        return written

    def read(self, answer: str) -> dict[str, str]:
        """The fields of what an account answers; raises ParseError, KeyError or BadEnvelope."""
        fields = {one.tag: one.text or "" for one in ElementTree.fromstring(answer)}  # noqa: S314
        if "Encrypt" not in fields:
            return fields
        expected = signature_of(
            self._settings.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"]
        )
        if expected != fields["MsgSignature"]:
            raise KeyError("MsgSignature")
        inside = self._envelope.open(fields["Encrypt"]).decode()
        return {one.tag: one.text or "" for one in ElementTree.fromstring(inside)}  # noqa: S314


def _write_below(parent: ElementTree.Element, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            below = ElementTree.SubElement(parent, name)
            if isinstance(one, dict):
                _write_below(below, one)
            else:
                below.text = one
