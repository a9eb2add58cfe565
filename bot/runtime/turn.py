"""What goes into one turn of the assistant and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.content import Attachment, Content
from kernel.errors import KefuError


class TurnTimeout(KefuError):
    """A turn did not end within its limit; nothing of it was kept."""


class TurnFailed(KefuError):
    """A turn could not be run: another process answered meanwhile, or a store is unreachable."""


@dataclass(frozen=True)
class TurnRequest:
    """One message of a shopper, to be answered.

    ``text`` is never read as Rasa's payload syntax; ``payload`` (``/intent{"entity": "value"}``)
    is, so only what a button of ours offered may stand there. ``language`` and ``customer`` are
    what the desk knows at this moment; None leaves what the dialogue knows as it is. A customer
    whose ``proven_at`` is not after ``proven_since`` is forgotten, wherever they are known from;
    one without ``proven_at`` never, and with ``proven_since`` None nobody is. ``agreed`` is what a
    person settled with the shopper before: ``{"text", "facts": {slot: value}, "at"}``, JSON.
    ``news`` is what they were told last without asking, ``{"facts", "at", "answered"}``, where
    ``answered`` says that this message is the next thing said.
    """

    conversation_id: str
    message_id: str
    text: str
    payload: str | None = None
    language: str | None = None
    customer: Mapping[str, Any] | None = None
    proven_since: datetime | None = None
    channel: str = "rest"
    attachments: tuple[Attachment, ...] = ()
    agreed: Mapping[str, Any] | None = None
    news: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class HandoffRequest:
    """The assistant asks for a person: why, and the facts that the person should know (JSON)."""

    reason: str
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TurnResult:
    """What the assistant says to one message, and what it knows of the shopper afterwards.

    ``heard``: the message as it may be kept, where something in it was for this turn alone.
    """

    replies: tuple[Content, ...]
    handoff: HandoffRequest | None
    language: str | None
    customer: dict[str, Any] | None
    heard: str | None = None
