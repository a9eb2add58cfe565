"""Hurrying an order: a note for those who pack it, how often, and by when it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.orders.model import NoteKind, Order, OrderNote, OrderStatus
from connectors.backends.rules import UrgeRules


class UrgeRefusal(StrEnum):
    """Why an order is not hurried; every member has a response of its own."""

    ORDER_CANCELLED = "order_cancelled"
    NOT_PAID = "not_paid"
    SHIPPED = "shipped"
    """The parcel is with its carrier."""
    ASKED_ALREADY = "asked_already"
    """The last note is young enough to be waited for."""
    LIMIT_REACHED = "limit_reached"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"


@dataclass(frozen=True)
class UrgeRefused:
    """A refusal, with the note that is being seen to where there is one."""

    code: UrgeRefusal
    note: OrderNote | None = None


@dataclass(frozen=True)
class UrgeTerms:
    """What hurrying comes to: an ``EXPEDITE`` note, or, past the promise, an ``ESCALATION``."""

    kind: NoteKind


@dataclass(frozen=True)
class UrgeDraft:
    """A note that is ready to be confirmed; ``due_at``: it is seen to until then (UTC)."""

    id: str
    customer_id: str
    order_number: str
    terms: UrgeTerms
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Urged:
    """The note that was made at an order."""

    order_number: str
    note: OrderNote


class Urging(Protocol):
    """Hurrying orders that were not sent. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound.
    """

    async def notes_of(self, customer_id: str, order_number: str) -> tuple[OrderNote, ...]:
        """What is noted at the order, newest first; raises NotFound."""

    async def prepare_urge(self, customer_id: str, order_number: str) -> UrgeDraft:
        """What would be noted; raises NotFound, or Refused whose ``code`` is an ``UrgeRefusal``."""

    async def commit_urge(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Urged:
        """Note it, after checking everything again; a repeat gives the first result.

        Raises NotFound for a draft that is not this customer's, and Refused as ``prepare_urge``.
        """


_NOT_NOW = {
    OrderStatus.CANCELLED: UrgeRefusal.ORDER_CANCELLED,
    OrderStatus.UNPAID: UrgeRefusal.NOT_PAID,
}


def order_refusal(order: Order) -> UrgeRefusal | None:
    """Why ``order`` cannot be hurried, whatever was noted at it."""
    if order.status in _NOT_NOW:
        return _NOT_NOW[order.status]
    return None if order.unsent() else UrgeRefusal.SHIPPED


def is_overdue(order: Order, now: datetime) -> bool:
    """Whether the day that was promised has passed."""
    return order.promised_by is not None and order.promised_by < now


def urge_terms(
    order: Order, notes: Sequence[OrderNote], now: datetime, rules: UrgeRules
) -> UrgeTerms | UrgeRefused:
    """What hurrying ``order`` comes to at ``now``; ``notes`` are all of its notes.

    What is late is escalated, however often it was hurried before, once until that is answered.
    """
    refusal = order_refusal(order)
    if refusal is not None:
        return UrgeRefused(refusal)
    kind = NoteKind.ESCALATION if is_overdue(order, now) else NoteKind.EXPEDITE
    same = sorted((one for one in notes if one.kind is kind), key=lambda one: one.at)
    if same and now < same[-1].at + timedelta(hours=rules.hours_between):
        return UrgeRefused(UrgeRefusal.ASKED_ALREADY, same[-1])
    if kind is NoteKind.EXPEDITE and len(same) >= rules.notes_per_order:
        return UrgeRefused(UrgeRefusal.LIMIT_REACHED, same[-1])
    return UrgeTerms(kind)


def due_at(terms: UrgeTerms, now: datetime, rules: UrgeRules) -> datetime:
    """Until when a note of today is seen to."""
    escalated = terms.kind is NoteKind.ESCALATION
    hours = rules.escalation_hours if escalated else rules.answer_hours
    return now + timedelta(hours=hours)
