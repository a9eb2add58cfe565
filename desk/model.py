"""What the desk is about: conversations, who owns them, messages, agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk.reach import Allowance
from kernel.content import Content


class Owner(StrEnum):
    """Who is responsible for the next word in a conversation."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"
    CLOSED = "closed"


class Author(StrEnum):
    """Who said a message; the system tells of changes of owner."""

    SHOPPER = "shopper"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Role(StrEnum):
    """What an agent may do: a supervisor may also take a conversation from another agent."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


class TurnState(StrEnum):
    """Whether the bot owes a shopper's message an answer."""

    PENDING = "pending"
    ANSWERED = "answered"
    FOR_PERSON = "for_person"


class HandoffReason(StrEnum):
    """Why the bot gave a conversation to people."""

    ASKED = "asked"
    LOW_CONFIDENCE = "low_confidence"
    FRUSTRATED = "frustrated"
    REPEATED_FAILURE = "repeated_failure"
    BACKEND_DOWN = "backend_down"
    RULE_REQUIRES_PERSON = "rule_requires_person"
    SHIPMENT_OVERDUE = "shipment_overdue"
    REFUND_OVERDUE = "refund_overdue"
    BOT_TIMEOUT = "bot_timeout"
    BOT_ERROR = "bot_error"


class Move(StrEnum):
    """The deeds that change the owner of a conversation."""

    HAND_OFF = "hand_off"
    TAKE = "take"
    TRANSFER = "transfer"
    HAND_BACK = "hand_back"
    LEAVE_QUEUE = "leave_queue"
    CLOSE = "close"
    EXPIRE = "expire"
    MERGE = "merge"
    REOPEN = "reopen"


# The life of a conversation. Whatever is not in this table does not happen; an agent may be
# followed by an agent because a supervisor may pull a conversation over.
TRANSITIONS: dict[Owner, dict[Move, Owner]] = {
    Owner.BOT: {
        Move.HAND_OFF: Owner.QUEUE,
        Move.TAKE: Owner.AGENT,
        Move.EXPIRE: Owner.CLOSED,
        Move.MERGE: Owner.CLOSED,
    },
    Owner.QUEUE: {
        Move.TAKE: Owner.AGENT,
        Move.LEAVE_QUEUE: Owner.BOT,
        Move.MERGE: Owner.CLOSED,
    },
    Owner.AGENT: {
        Move.TAKE: Owner.AGENT,
        Move.TRANSFER: Owner.AGENT,
        Move.HAND_BACK: Owner.BOT,
        Move.CLOSE: Owner.CLOSED,
        Move.MERGE: Owner.CLOSED,
    },
    Owner.CLOSED: {Move.REOPEN: Owner.BOT},
}

# Waiting shoppers of a higher priority are served first, whenever they came.
PRIORITY_OF = {
    HandoffReason.FRUSTRATED: 1,
    HandoffReason.SHIPMENT_OVERDUE: 1,
    HandoffReason.REFUND_OVERDUE: 1,
}


@dataclass(frozen=True)
class Handoff:
    """Why and with what facts the bot gave a conversation to people; ``summary`` is JSON."""

    reason: HandoffReason
    summary: dict[str, Any]
    at: datetime


# The epoch of a conversation that has never changed its owner.
FIRST_EPOCH = 1


@dataclass(frozen=True)
class Conversation:
    """Everything between one shopper and us on one channel.

    ``epoch`` rises with every change of owner: what was said under an older epoch by the bot or
    an agent came too late. ``customer`` is who the shopper has proved to be, as JSON, or None.
    ``queued_at`` is set while the owner is the queue.
    """

    id: str
    channel: str
    shopper_id: str
    owner: Owner
    agent_id: str | None
    epoch: int
    language: str | None
    priority: int
    customer: dict[str, Any] | None
    last_seq: int
    created_at: datetime
    updated_at: datetime
    queued_at: datetime | None
    handoff: Handoff | None


@dataclass(frozen=True)
class Message:
    """One utterance; ``seq`` counts from 1 without gaps within its conversation.

    ``external_id`` is the sender's own name for it: a repeat is recognised by it. ``turn_state``
    is set on shoppers' messages only.
    """

    id: str
    conversation_id: str
    seq: int
    author: Author
    agent_id: str | None
    content: Content
    created_at: datetime
    external_id: str | None
    in_reply_to: str | None
    epoch: int
    turn_state: TurnState | None = None


@dataclass(frozen=True)
class Incoming:
    """What a channel received; ``customer`` only if the channel itself has verified it.

    ``allowance`` is what the platform lets us send because of it; None where nobody counts.
    """

    channel: str
    shopper_id: str
    external_id: str
    content: Content
    received_at: datetime | None = None
    customer: dict[str, Any] | None = None
    language: str | None = None
    allowance: Allowance | None = None


@dataclass(frozen=True)
class Recorded:
    """A shopper's message as stored; ``duplicate`` when it was stored before."""

    conversation: Conversation
    message: Message
    duplicate: bool


@dataclass(frozen=True)
class PendingTurn:
    """The right to answer ``message``; ``attempt`` is 1 unless earlier tries came to nothing."""

    conversation: Conversation
    message: Message
    lease_token: str
    attempt: int


@dataclass(frozen=True)
class Finished:
    """The bot's answer was appended; ``messages`` are its replies and what the system added.

    ``more``: the shopper has written since, so another turn may wait.
    """

    messages: list[Message]
    conversation: Conversation
    more: bool


@dataclass(frozen=True)
class Dropped:
    """The bot's answer came too late: nothing was appended. ``conversation`` is how it is now."""

    conversation: Conversation


@dataclass(frozen=True)
class QueueEntry:
    """A waiting conversation; ``position`` counts from 1, ``last_message`` is the shopper's."""

    conversation: Conversation
    position: int
    waiting_since: datetime
    last_message: Message | None


@dataclass(frozen=True)
class Delivery:
    """A message on its way to the shopper; ``attempt`` counts the earlier tries, so 0 at first.

    ``begun_at`` is set when an earlier try was begun and nobody knows how it ended; ``via`` is by
    which way the last one went, in the channel's words. ``parts``: how many parts of it are there
    already, where it had to be cut.
    """

    id: str
    conversation: Conversation
    message: Message
    attempt: int
    begun_at: datetime | None = None
    via: str = ""
    parts: int = 0


@dataclass(frozen=True)
class Agent:
    """A person at the desk."""

    id: str
    login: str
    name: str
    role: Role
    created_at: datetime
