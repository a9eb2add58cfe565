"""What the desk is about: conversations, who owns them, messages, agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from desk.reach import Allowance
from desk.sla.clocks import AppliedSla
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
    VIP = "vip"
    LOW_SCORE = "low_score"


class Move(StrEnum):
    """The deeds that change the owner of a conversation."""

    HAND_OFF = "hand_off"
    TAKE = "take"
    TRANSFER = "transfer"
    RETURN = "return"
    HAND_BACK = "hand_back"
    LEAVE_QUEUE = "leave_queue"
    CLOSE = "close"
    EXPIRE = "expire"
    MERGE = "merge"
    FOLLOW_UP = "follow_up"
    REOPEN = "reopen"


# The life of a conversation. Whatever is not in this table does not happen; an agent may be
# followed by an agent because a supervisor may pull a conversation over or assign it to somebody,
# and by the queue because agents lose their connection, fall silent or pass a matter on.
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
        Move.RETURN: Owner.QUEUE,
        Move.HAND_BACK: Owner.BOT,
        Move.CLOSE: Owner.CLOSED,
        Move.MERGE: Owner.CLOSED,
    },
    Owner.CLOSED: {Move.REOPEN: Owner.BOT, Move.FOLLOW_UP: Owner.QUEUE},
}

# The priority with which a conversation joins the queue, if not 0.
PRIORITY_OF = {
    HandoffReason.FRUSTRATED: 1,
    HandoffReason.SHIPMENT_OVERDUE: 1,
    HandoffReason.REFUND_OVERDUE: 1,
    HandoffReason.LOW_SCORE: 1,
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
class Offer:
    """A waiting conversation is held out to one agent until a moment; others may take it too."""

    agent_id: str
    until: datetime


@dataclass(frozen=True)
class WaitRange:
    """How long a shopper is going to wait, most probably: open hours from now."""

    low: timedelta
    high: timedelta


@dataclass(frozen=True)
class QueuePlace:
    """What a waiting shopper may know of the line; ``position`` counts from 1.

    ``wait`` is None while nobody works or nobody can tell; ``opens_at`` is set while people are
    not there. ``calls_back``: the place is kept and the shopper is told when it is their turn;
    ``contact`` is the number they are called at, its middle hidden.
    """

    position: int
    wait: WaitRange | None
    opens_at: datetime | None
    calls_back: bool = False
    contact: str | None = None


@dataclass(frozen=True)
class InLine:
    """A waiting conversation as far as its place in line is concerned.

    ``is_offered``: it is held out to an agent. The rest is as in ``Conversation``.
    """

    id: str
    channel: str
    shopper_id: str
    skill: str | None
    language: str | None
    callback: Callback | None
    is_offered: bool


@dataclass(frozen=True)
class Callback:
    """The shopper keeps the place without watching; ``contact`` is the number to call them at.

    ``called_at`` is when they were told that their turn is near, ``made_at`` when the agent
    ``made_by`` called the number.
    """

    at: datetime
    contact: str | None = None
    called_at: datetime | None = None
    made_at: datetime | None = None
    made_by: str | None = None

    @property
    def is_due(self) -> bool:
        """Whether somebody waits to be called."""
        return self.contact is not None and self.made_at is None

    @property
    def hint(self) -> str | None:
        """The number as whoever left it knows it again, and nobody else can call it."""
        return self.contact and f"{self.contact[:3]}****{self.contact[-4:]}"


@dataclass(frozen=True)
class Call:
    """A wish to be called at ``contact`` (None once it is forgotten), and what became of it.

    Made: the agent ``made_by`` called. Withdrawn: the shopper left the line, and the wish with it.
    Neither: somebody waits to be called.
    """

    contact: str | None
    asked_at: datetime
    made_at: datetime | None = None
    made_by: str | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Agreement:
    """What an agent has agreed with the shopper and gives the bot on the way (``facts``: JSON)."""

    text: str
    agent_id: str
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The news the shopper was told last, in message ``seq``; ``facts``: values by slot, JSON."""

    seq: int
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True)
class Conversation:
    """Everything between one shopper and us on one channel.

    ``epoch`` rises with every change of owner: what was said under an older epoch by the bot or
    an agent came too late. ``customer`` is who the shopper has proved to be, as JSON, or None.
    ``queued_at`` is set while the owner is the queue; ``place_at`` orders the queue, earliest
    first: the moment of joining, brought forward by the priority. ``group`` is the customer's
    group in the shop, ``weight`` what the conversation takes of an agent's capacity, ``sla`` what
    is promised while people own it.
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
    owner_since: datetime | None = None
    place_at: datetime | None = None
    skill: str | None = None
    group: str | None = None
    weight: int = 1
    offer: Offer | None = None
    passed_by: tuple[str, ...] = ()
    last_agent_id: str | None = None
    last_agent_at: datetime | None = None
    callback: Callback | None = None
    snoozed_until: datetime | None = None
    sla: AppliedSla | None = None
    agreed: Agreement | None = None
    told: Told | None = None


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
class Lease:
    """Who takes work upon themselves, and how long nobody else may."""

    worker: str
    duration: timedelta


@dataclass(frozen=True)
class PendingTurn:
    """The right to answer ``message``; ``attempt`` is 1 unless earlier tries came to nothing."""

    conversation: Conversation
    message: Message
    lease_token: str
    attempt: int


@dataclass(frozen=True)
class Recorded:
    """A shopper's message as stored; ``duplicate`` when it was stored before.

    ``turn`` is the right to answer it, for who asked for it along with recording.
    """

    conversation: Conversation
    message: Message
    duplicate: bool
    turn: PendingTurn | None = None


@dataclass(frozen=True)
class Finished:
    """The bot's answer was appended; ``messages`` are its replies and what the system added.

    ``more``: the shopper has written since, so another turn may wait. ``deliveries``: the messages
    that are the caller's to send, if it asked for them and nothing earlier waits to be sent.
    """

    messages: list[Message]
    conversation: Conversation
    more: bool
    deliveries: Sequence[Delivery] = ()


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
class LineChanges:
    """What has happened to the line: ``lines`` are new in its ``head`` or have changed there.

    ``waiting`` is how many wait, ``head`` the first of them in order; ``gone`` wait no more.
    """

    waiting: int
    head: Sequence[str]
    lines: Sequence[QueueEntry]
    gone: Sequence[str]


@dataclass(frozen=True)
class Delivery:
    """A message on its way to the shopper; ``attempt`` counts the earlier tries, so 0 at first.

    ``begun_at`` is set when an earlier try was begun and nobody knows how it ended; ``via`` is by
    which way the last one went, in the channel's words. ``parts``: how many parts of it are there
    already, where it had to be cut. ``held_until``: whoever was given it may send it until then,
    unless somebody else has been given it since.
    """

    id: str
    conversation: Conversation
    message: Message
    attempt: int
    held_until: datetime
    begun_at: datetime | None = None
    via: str = ""
    parts: int = 0


class Begun(StrEnum):
    """Whether deliveries may be handed over now.

    ``NOT_NEXT``: they are in other hands, or something earlier of the conversation goes first.
    """

    YES = "yes"
    NOTHING_LEFT = "nothing_left"
    NOT_NEXT = "not_next"


@dataclass(frozen=True)
class Agent:
    """A person at the desk.

    Without ``skills`` or ``languages`` they take everything; without ``capacity`` as much as the
    rules say.
    """

    id: str
    login: str
    name: str
    role: Role
    created_at: datetime
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    capacity: int | None = None


class AgentState(StrEnum):
    """Whether an agent takes conversations. Away keeps what they hold, offline returns it."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Presence:
    """How an agent is there: ``connected`` unless they have not been heard of for a while.

    ``load`` is the weight of what they hold, ``capacity`` how much they can. ``busy_at`` is when
    they last got or ended a conversation.
    """

    agent: Agent
    state: AgentState
    connected: bool
    seen_at: datetime | None
    changed_at: datetime | None
    busy_at: datetime | None
    missed_offers: int
    load: int
    capacity: int


@dataclass(frozen=True)
class ClockReading:
    """A promise as a console shows it: ``remaining`` counts open time and is negative when broken.

    ``due_at`` is None while the clock stands still.
    """

    metric: str
    policy: str
    target: timedelta
    due_at: datetime | None
    remaining: timedelta
    running: bool
    at_risk: bool
    breached: bool
