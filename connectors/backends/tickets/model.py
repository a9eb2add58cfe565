"""What a complaint is, by when it is answered, and what feedback is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.life_cycle import LifeCycle
from kernel.money import Money


class TicketTopic(StrEnum):
    """What a complaint is about."""

    LATE_DELIVERY = "late_delivery"
    COURIER = "courier"
    PRODUCT = "product"
    SERVICE = "service"
    REFUND = "refund"
    OTHER = "other"


class TicketStatus(StrEnum):
    """Where a complaint stands; what it may become is in ``TICKET_LIFE_CYCLE``."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    UNDER_REVIEW = "under_review"
    """The shopper was not content: a supervisor looks again."""
    CLOSED = "closed"


TICKET_LIFE_CYCLE = LifeCycle(
    {
        TicketStatus.OPEN: frozenset({TicketStatus.ANSWERED, TicketStatus.RESOLVED}),
        TicketStatus.ANSWERED: frozenset({TicketStatus.RESOLVED}),
        TicketStatus.RESOLVED: frozenset({TicketStatus.UNDER_REVIEW, TicketStatus.CLOSED}),
        TicketStatus.UNDER_REVIEW: frozenset({TicketStatus.RESOLVED}),
        TicketStatus.CLOSED: frozenset(),
    }
)
UNSETTLED = frozenset({TicketStatus.OPEN, TicketStatus.ANSWERED, TicketStatus.UNDER_REVIEW})


class TicketRefusal(StrEnum):
    """Why a complaint is not taken. Each member has a response of its name."""

    SAYS_NOTHING = "says_nothing"
    ALREADY_OPEN = "already_open"
    """One about the same subject is open; ``detail`` is its number."""
    DRAFT_EXPIRED = DraftRefusal.DRAFT_EXPIRED.value
    TERMS_CHANGED = DraftRefusal.TERMS_CHANGED.value


class FeedbackRefusal(StrEnum):
    """Why feedback is not kept: a mistake of the caller, never told to a shopper."""

    BAD_SCORE = "bad_score"


@dataclass(frozen=True)
class Complaint:
    """What the shopper complains about; ``order_number`` None if it is about no order."""

    topic: TicketTopic
    text: str
    order_number: str | None = None


@dataclass(frozen=True)
class TicketDraft:
    """A complaint that is ready to be filed.

    ``answer_by`` and ``resolve_by`` are promises, counted from the filing; ``compensation`` is the
    coupon that the shopper gets because their order is late, None if it is not.
    """

    id: str
    complaint: Complaint
    answer_by: datetime
    resolve_by: datetime
    compensation: Money | None
    expires_at: datetime


@dataclass(frozen=True)
class Ticket:
    """A complaint that was filed; ``compensation_code`` is the coupon that came with it."""

    number: str
    customer_id: str
    complaint: Complaint
    status: TicketStatus
    created_at: datetime
    answer_by: datetime
    resolve_by: datetime
    compensation: Money | None = None
    compensation_code: str | None = None


@dataclass(frozen=True)
class Feedback:
    """What a shopper thinks of us: 1 (bad) to 5 (good), and their words."""

    number: str
    customer_id: str | None
    order_number: str | None
    score: int
    text: str
    created_at: datetime
