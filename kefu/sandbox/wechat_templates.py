"""Template and subscription messages of WeChat in a box: fields, consents, and keys."""

from __future__ import annotations

from collections import Counter
from typing import Any

_FIELD_LENGTHS = {"thing": 20, "character_string": 32, "number": 32, "phrase": 5, "name": 10}
_ASCII_FIELDS = ("character_string", "number")
_BAD_FIELD = {"errcode": 47003, "errmsg": "argument invalid"}
_NO_CONSENT = {"errcode": 43101, "errmsg": "user refuse to accept the msg"}


class Templates:
    """What an account has sent by its templates."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._keys: set[str] = set()

    def use_consent(self, consents: Counter[str], template: str) -> dict[str, Any] | None:
        """Use up one of a shopper's ``consents``; the refusal if there is none."""
        if not consents[template]:
            return _NO_CONSENT
        consents[template] -= 1
        return None

    def take(self, message: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        """What the phone shows of ``message`` and what the account is answered.

        Nothing is shown of what breaks the rules of its fields, or comes again under its key.
        """
        values = {name: str(one.get("value")) for name, one in message.get("data", {}).items()}
        for name, value in values.items():
            kind = name.rstrip("0123456789")
            if not value or len(value) > _FIELD_LENGTHS.get(kind, 200):
                return None, _BAD_FIELD
            if kind in _ASCII_FIELDS and not value.isascii():
                return None, _BAD_FIELD
        shown = None
        key = str(message.get("client_msg_id") or "")
        if not key or key not in self._keys:
            self._keys.add(key)
            self.sent.append(message)
            shown = "\n".join(values.values())
        return shown, {"errcode": 0, "errmsg": "ok", "msgid": len(self.sent)}
