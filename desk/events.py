"""What has happened at the desk, told to listeners after it was committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desk.model import Conversation, Message, Owner
from desk.office.model import Note


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


@dataclass(frozen=True)
class Annotated:
    """Agents wrote on the margin of a conversation: a note, tags, a snooze, a link."""

    conversation_id: str
    note: Note | None = None


DeskEvent = MessageAppended | OwnerChanged | QueueChanged | Annotated
Listener = Callable[[DeskEvent], None]
