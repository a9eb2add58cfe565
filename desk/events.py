"""What has happened at the desk, told to listeners after it was committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desk.model import AgentState, Conversation, InLine, Message, Offer, Owner, QueuePlace
from desk.office.model import Note
from desk.sla.clocks import SlaEvent


@dataclass(frozen=True)
class MessageAppended:
    """A message joined a conversation, whoever wrote it."""

    conversation: Conversation
    message: Message


@dataclass(frozen=True)
class MessageRewritten:
    """A message is shown otherwise from now on: what nobody may read any more is out of it."""

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


@dataclass(frozen=True)
class Offered:
    """A waiting conversation is held out to an agent."""

    conversation: Conversation
    offer: Offer


@dataclass(frozen=True)
class OfferEnded:
    """An agent has let an offer pass; the conversation is at the head of the line again."""

    conversation: Conversation
    agent_id: str


@dataclass(frozen=True)
class PresenceChanged:
    """An agent came, went away, or is taken for gone."""

    agent_id: str
    state: AgentState


@dataclass(frozen=True)
class PlaceChanged:
    """A waiting shopper's place or wait is not what they were told last."""

    conversation: InLine
    place: QueuePlace


@dataclass(frozen=True)
class SlaChanged:
    """Something became of the promises of a conversation; a breach is for supervisors."""

    conversation: Conversation
    event: SlaEvent


DeskEvent = (
    MessageAppended
    | MessageRewritten
    | OwnerChanged
    | QueueChanged
    | Offered
    | OfferEnded
    | PresenceChanged
    | PlaceChanged
    | SlaChanged
    | Annotated
)
Listener = Callable[[DeskEvent], None]
