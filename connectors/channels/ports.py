"""What a channel needs of the rest of Kefu; the assembly brings it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from connectors.channels.refusals import Refusal
from desk.model import Conversation, Incoming, Message, Recorded
from kernel.content import Attachment


@dataclass(frozen=True)
class Answer:
    """What came of a shopper's message."""

    replies: list[Message]
    # As the answer left it; None when there was no answer in time.
    conversation: Conversation | None


class Gate(Protocol):
    """The way of every message: recorded, then answered by whoever owns the conversation."""

    def answers_within(self, seconds: float, hoping: int = 0) -> bool:
        """Whether a message that comes now is likely to be answered so soon.

        ``hoping``: so many others were promised it and have no answer yet.
        """

    def wake_outbox(self) -> None:
        """See to what waits to be sent."""

    async def receive(self, incoming: Incoming) -> Recorded:
        """Store ``incoming`` and see to its answer; returns as soon as it is stored."""

    async def answered(self, message: Message, timeout: float) -> Answer:
        """The replies to ``message``, awaited for at most ``timeout`` seconds; maybe none."""


class Pictures(Protocol):
    """Where pictures that shoppers send are kept."""

    async def save(self, shopper_id: str, name: str, data: bytes) -> Attachment | Refusal:
        """Check ``data`` and keep it for ``shopper_id``; the file's own name is only a label."""

    async def read(self, upload_id: str) -> tuple[bytes, str] | None:
        """The bytes and the media type of a kept picture, None if there is none."""


class RateLimiter(Protocol):
    """Says whether somebody may go on."""

    async def take(self, key: str) -> float:
        """Count one deed of ``key``: 0.0 if it is allowed, else the seconds until one is."""


class ShopperSigns(Protocol):
    """Who wants to know what a shopper does besides writing messages."""

    async def shopper_typing(self, conversation: Conversation, *, on: bool) -> None:
        """The shopper is writing, or stopped."""

    async def shopper_read(self, conversation: Conversation, seq: int) -> None:
        """The shopper has read up to message ``seq``."""
