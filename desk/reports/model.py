"""The values of reports. A case is what lies between two closings of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.model import Conversation


class Outcome(StrEnum):
    """How a case ended; each case has one, the first that holds. Silence is never a success.

    ``came_back``: the shopper wrote again within 72 hours. ``unsolved`` and ``confirmed``: the
    shopper said so. ``abandoned``: nobody came while they waited in the queue. ``handed_off``: a
    person served them and they said nothing. ``silent``: the bot did, and they said nothing.
    """

    ABANDONED = "abandoned"
    CAME_BACK = "came_back"
    UNSOLVED = "unsolved"
    CONFIRMED = "confirmed"
    HANDED_OFF = "handed_off"
    SILENT = "silent"


class Dimension(StrEnum):
    """By what numbers are told apart."""

    TOTAL = "total"
    CHANNEL = "channel"
    JOURNEY = "journey"
    AGENT = "agent"
    HOUR = "hour"


class Reason(StrEnum):
    """Why a shopper gave a score."""

    FAST = "fast"
    KIND = "kind"
    CLEAR = "clear"
    SOLVED = "solved"
    SLOW = "slow"
    UNSOLVED = "unsolved"
    UNCLEAR = "unclear"
    UNKIND = "unkind"
    REPEATED = "repeated"
    POLICY = "policy"


@dataclass(frozen=True)
class Survey:
    """A question about one closed case; answered at most once, until ``expires_at``."""

    id: str
    conversation_id: str
    epoch: int
    agent_id: str | None
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    score: int | None
    solved: bool | None
    reasons: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class Score:
    """What a supervisor found in one case, 0 to 2 for each criterion."""

    id: str
    conversation_id: str
    epoch: int
    agent_id: str | None
    by_id: str
    marks: Mapping[str, int]
    comment: str
    at: datetime


@dataclass(frozen=True)
class Sample:
    """A case to look at: its conversation, when it closed, and who served it."""

    conversation: Conversation
    epoch: int
    closed_at: datetime
    agent_id: str | None
    outcome: str
    score: int | None
