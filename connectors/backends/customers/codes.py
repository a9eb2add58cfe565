"""How one-time codes reach customers: whatever sends text messages and e-mail plugs in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class OutgoingCode:
    """A code on its way. ``contact``: phone number or e-mail address as the shop has it.

    ``language``: "zh" or "en", what its customer reads.
    """

    contact: str
    code: str
    language: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Without the code and whose it is: a log may quote this."""
        return f"OutgoingCode(expires_at={self.expires_at.isoformat()})"


class CodeSender(Protocol):
    """Sends codes. ``send`` and ``check`` return at once; what comes of them shows in ``is_down``.

    For a contact that is nobody's it is asked to ``check`` instead of ``send``: so whether it is
    down never tells about whom somebody has asked.
    """

    @property
    def is_down(self) -> bool:
        """Whether it could not be reached last time."""

    def send(self, code: OutgoingCode) -> None:
        """Have ``code`` sent, soon and by itself."""

    def check(self) -> None:
        """Find out, soon and by itself, whether codes could be sent; nobody gets one."""


@dataclass(frozen=True)
class OneTimeCodes:
    """Who sends codes, and the key that their digests are made with: no table gives them away."""

    sender: CodeSender
    key: str
