"""One person's session with one account of 微信客服: whose turn it is, what may still be sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from kefu.sandbox.screen import Screen

_WINDOW_SECONDS = 48 * 3600.0
_MESSAGES = 5
_WINDOW_CLOSED, _TOO_MANY = 4, 6


class State(IntEnum):
    """Whose turn it is, as WeCom counts."""

    NEW = 0
    BOT = 1
    POOL = 2
    SERVICER = 3
    ENDED = 4


@dataclass
class Session(Screen):
    """What both sides see; ``until`` is Unix time."""

    state: int = State.NEW
    servicer: str = ""
    left: int = 0
    until: float = 0.0

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What was last offered, id and words."""
        return next((list(one.choices) for one in reversed(self.seen) if one.choices), [])

    def wrote(self, now: float) -> None:
        """The shopper has written: the account may answer, and an ended session begins anew."""
        self.left, self.until = _MESSAGES, now + _WINDOW_SECONDS
        if self.state == State.ENDED:
            self.state = State.NEW

    def use_one(self, now: float) -> int:
        """Use up one message; the type of WeCom's failure if none may be sent, else 0."""
        if now >= self.until:
            return _WINDOW_CLOSED
        if self.left <= 0:
            return _TOO_MANY
        self.left -= 1
        return 0
