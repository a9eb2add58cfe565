"""The values of agents' tools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk.model import Conversation, Message


class Shelf(StrEnum):
    """The lists an agent can look through."""

    MINE = "mine"
    OTHERS = "others"
    ALL = "all"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    MENTIONS = "mentions"
    CALLS = "calls"


class Reader(StrEnum):
    """Who has read a transcript besides agents, under a name no agent's id can be."""

    SHOPPER = "shopper"


class Deed(StrEnum):
    """What the audit log tells of."""

    SIGNED_IN = "signed_in"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 the name of a deed
    AGENT_ADDED = "agent_added"
    AGENT_CHANGED = "agent_changed"
    TAKEN_BY_FORCE = "taken_by_force"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    CANNED_CHANGED = "canned_changed"
    RULES_CHANGED = "rules_changed"
    EXPORTED = "exported"
    SCORED = "scored"
    ORDER_CHANGED = "order_changed"


@dataclass(frozen=True)
class Snooze:
    """A conversation put aside until a moment, or until the shopper writes (after ``seq``)."""

    until: datetime
    agent_id: str
    seq: int


@dataclass(frozen=True)
class Entry:
    """One line of a list; ``read_seq`` is how far the asker has read.

    ``last`` is the newest message of a shopper, the bot or an agent: notices of the desk are none.

    ``snooze`` is None once the conversation is awake again. ``call_open``: the shopper left a
    number before this case, and nobody has called it yet.
    """

    conversation: Conversation
    last: Message | None
    last_shopper_seq: int
    tags: tuple[str, ...]
    snooze: Snooze | None
    read_seq: int
    call_open: bool


@dataclass(frozen=True)
class Note:
    """What an agent wrote for colleagues; it stands after message ``seq``."""

    id: str
    conversation_id: str
    seq: int
    agent_id: str
    text: str
    mentions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Canned:
    """A reply prepared in both languages; everybody's, or one agent's own.

    ``{customer}``, ``{agent}``, ``{order}`` and ``{shop}`` stand for what the page fills in.
    """

    id: str
    shortcut: str
    title: str
    zh: str
    en: str
    agent_id: str | None


@dataclass(frozen=True)
class Hit:
    """A conversation in which something was found: its newest matching message."""

    conversation: Conversation
    message: Message
    hits: int


@dataclass(frozen=True)
class Audited:
    """One line of the audit log; ``agent_id`` None is the system."""

    id: str
    at: datetime
    agent_id: str | None
    deed: str
    subject: str
    detail: dict[str, Any]
