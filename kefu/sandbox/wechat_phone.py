"""One shopper's WeChat: whether they follow, what they consent to, what may still be sent them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.sandbox.screen import Screen

_QUOTA_USED, _WINDOW_CLOSED = 45047, 45015


@dataclass
class Phone(Screen):
    """What the account sees of a shopper is theirs to change."""

    follows: bool = True
    blacklisted: bool = False
    # template → messages that the shopper still allows by it
    consents: Counter[str] = field(default_factory=Counter)
    # kind → [messages left, until]
    allowed: dict[str, list[Any]] = field(default_factory=dict)

    def allow(self, kind: str, messages: int, until: datetime) -> None:
        """The shopper did what lets the account send so many messages."""
        self.allowed[kind] = [messages, until]

    def use_one(self, now: datetime) -> int:
        """Use up one message, of what ends soonest: 0, or the platform's code if there is none."""
        live = [one for one in self.allowed.values() if now < one[1]]
        usable = [one for one in live if one[0] > 0]
        if usable:
            min(usable, key=lambda one: one[1])[0] -= 1
            return 0
        return _QUOTA_USED if live else _WINDOW_CLOSED
