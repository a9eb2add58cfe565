"""What an invoice is, and what is prepared before one is issued, changed or sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.life_cycle import LifeCycle
from kernel.money import Money


class InvoiceKind(StrEnum):
    """To whom an invoice is addressed."""

    PERSONAL = "personal"
    COMPANY = "company"


class InvoiceStatus(StrEnum):
    """Where an invoice stands; what it may become is in ``INVOICE_LIFE_CYCLE``."""

    REQUESTED = "requested"
    ISSUED = "issued"
    REVERSED = "reversed"
    """A red-letter invoice took it back."""
    WITHDRAWN = "withdrawn"
    """Replaced before it was issued."""


INVOICE_LIFE_CYCLE = LifeCycle(
    {
        InvoiceStatus.REQUESTED: frozenset({InvoiceStatus.ISSUED, InvoiceStatus.WITHDRAWN}),
        InvoiceStatus.ISSUED: frozenset({InvoiceStatus.REVERSED}),
        InvoiceStatus.REVERSED: frozenset(),
        InvoiceStatus.WITHDRAWN: frozenset(),
    }
)
IN_FORCE = frozenset({InvoiceStatus.REQUESTED, InvoiceStatus.ISSUED})
"""An order has at most one blue invoice in these states."""


class InvoiceStep(StrEnum):
    """What may be done about the invoice of an order."""

    ISSUE = "issue"
    CHANGE = "change"
    RESEND = "resend"


class InvoiceRefusal(StrEnum):
    """Why a step is not possible. Each member has a response of its name."""

    NOT_PAID = "not_paid"
    ORDER_CANCELLED = "order_cancelled"
    NOTHING_LEFT = "nothing_left"
    """All of it was refunded, or paid by a tender for which no invoice is due."""
    REQUEST_CLOSED = "request_closed"
    ALREADY_THERE = "already_there"
    NO_INVOICE = "no_invoice"
    NOT_ISSUED_YET = "not_issued_yet"
    CHANGE_CLOSED = "change_closed"
    CHANGED_ALREADY = "changed_already"
    SAME_AS_BEFORE = "same_as_before"
    BAD_TITLE = "bad_title"
    BAD_TAX_NUMBER = "bad_tax_number"
    BAD_EMAIL = "bad_email"
    SENT_TOO_OFTEN = "sent_too_often"
    DRAFT_EXPIRED = DraftRefusal.DRAFT_EXPIRED.value
    TERMS_CHANGED = DraftRefusal.TERMS_CHANGED.value


@dataclass(frozen=True)
class InvoiceDetails:
    """What the shopper wants on the invoice; ``tax_number`` is empty for a person."""

    kind: InvoiceKind
    title: str
    tax_number: str
    email: str


@dataclass(frozen=True)
class Invoice:
    """An electronic invoice for an order.

    ``reverses``: the number of the invoice that this red-letter one takes back, None for a blue
    one; ``amount`` is positive in both. ``due_at``: until when a requested one is issued.
    """

    number: str
    order_number: str
    customer_id: str
    details: InvoiceDetails
    amount: Money
    status: InvoiceStatus
    requested_at: datetime
    due_at: datetime
    issued_at: datetime | None
    reverses: str | None = None


@dataclass(frozen=True)
class InvoiceDraft:
    """A step that is ready to be confirmed.

    ``replaces`` is the invoice that goes; with ``reversal`` a red-letter invoice takes it back,
    which cannot be undone.
    """

    id: str
    customer_id: str
    order_number: str
    step: InvoiceStep
    details: InvoiceDetails
    amount: Money
    replaces: Invoice | None
    reversal: bool
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class InvoiceOutcome:
    """What came of a confirmed step: the invoice in force, and the red-letter one if there is."""

    step: InvoiceStep
    invoice: Invoice
    red: Invoice | None = None
