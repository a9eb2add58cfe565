"""The parts of a shop file that belong to its service: invoices, coupons, complaints, accounts."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from connectors.backends.accounts.model import AccountStatus, Login
from connectors.backends.embedded.document_types import (
    Id,
    Line,
    Minor,
    Moment,
    Number,
    Part,
    Units,
    Words,
)
from connectors.backends.invoices.model import InvoiceKind, InvoiceStatus
from connectors.backends.offers.model import ClaimGround, ClaimStatus, CouponStatus
from connectors.backends.tickets.model import TicketStatus, TicketTopic

Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$")]


class SendingPart(Part, frozen=True):
    """One time that an invoice was sent again."""

    email: Email
    at: Moment


class InvoicePart(Part, frozen=True):
    """An invoice of the order; a red-letter one names what it ``reverses``."""

    number: Number
    kind: InvoiceKind
    title: Line
    email: Email
    amount: Minor
    status: InvoiceStatus
    requested_at: Moment
    due_at: Moment
    issued_at: Moment | None = None
    tax_number: Annotated[str, Meta(max_length=32)] = ""
    reverses: Annotated[str | None, Meta(description="The number of an invoice of this order.")] = (
        None
    )
    sent_again: tuple[SendingPart, ...] = ()


class ClaimedPart(Part, frozen=True):
    """What went back for units of a line because its price fell."""

    line: Annotated[str, Meta(description="The id of a line of this order.")]
    units: Units
    amount: Minor


class ClaimTenderPart(Part, frozen=True):
    """How much of a claim went back to which payment."""

    payment: Annotated[str, Meta(description="The id of a payment of this order.")]
    amount: Minor


class PriceClaimPart(Part, frozen=True):
    """A price-protection claim; once it is granted, its money is among the order's refunds."""

    number: Number
    lines: Annotated[tuple[ClaimedPart, ...], Meta(min_length=1)]
    tenders: tuple[ClaimTenderPart, ...]
    total: Minor
    claimed_at: Moment
    status: ClaimStatus = ClaimStatus.GRANTED
    decided_at: Moment | None = None
    decided_by: Annotated[str, Meta(max_length=64, description="Who granted or refused it.")] = ""
    ground: ClaimGround | None = None


class CouponPart(Part, frozen=True):
    """A coupon of one customer: either an amount off or a percentage."""

    code: Number
    customer: Annotated[str, Meta(description="The id of a customer of this file.")]
    name: Words
    status: CouponStatus
    minimum: Minor
    valid_from: Moment
    valid_until: Moment
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    amount_off: Minor | None = None
    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    categories: tuple[Id, ...] = ()
    order: Annotated[str | None, Meta(description="The number of the order it was used for.")] = (
        None
    )


class TicketPart(Part, frozen=True):
    """A complaint."""

    number: Number
    customer: Annotated[str, Meta(description="The id of a customer of this file.")]
    topic: TicketTopic
    text: Line
    status: TicketStatus
    created_at: Moment
    answer_by: Moment
    resolve_by: Moment
    order: Annotated[str | None, Meta(description="The number of an order of this file.")] = None
    compensation: Minor | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] | None = None
    compensation_code: Annotated[str, Meta(max_length=32)] | None = None


class FeedbackPart(Part, frozen=True):
    """What a shopper thinks of the shop."""

    number: Number
    key: Annotated[str, Meta(min_length=1, max_length=64, description="Kept once a key.")]
    score: Annotated[int, Meta(ge=1, le=5)]
    text: str
    created_at: Moment
    customer: str | None = None
    order: str | None = None


class AccountPart(Part, frozen=True):
    """How a customer signs in; without it by phone and e-mail. Nobody signs in once deleted."""

    logins: tuple[Login, ...]
    status: AccountStatus = AccountStatus.ACTIVE
    ends_at: Moment | None = None
