"""What has happened at the desk, told to listeners after it was committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desk.model import Conversation, Message, Owner


@dataclass(frozen=True)
class MessageAppended:
    """A message joined a conversation, whoever wrote it."""

    conversation: Conversation
    message: Message


@dataclass(frozen=True)
class OwnerChanged:
    """A conversation passed from ``before`` into the hands that ``conversation`` shows."""

    conversation: Conversation
    before: Owner


@dataclass(frozen=True)
class QueueChanged:
    """Somebody joined or left the queue, so places in it may have changed."""


DeskEvent = MessageAppended | OwnerChanged | QueueChanged
Listener = Callable[[DeskEvent], None]
