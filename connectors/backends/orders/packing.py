"""How goods leave: several orders in one parcel, or one order in several; what the rules allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.orders.model import NoteKind, Order, OrderNote, OrderStatus
from connectors.backends.rules import PackRules


class PackRefusal(StrEnum):
    """Why goods do not leave so; every member has a response of its own."""

    ORDER_CANCELLED = "order_cancelled"
    NOT_PAID = "not_paid"
    SHIPPED = "shipped"
    BEING_PACKED = "being_packed"
    NO_OTHER_ORDER = "no_other_order"
    """Nothing was named that could go with it."""
    OTHER_ADDRESS = "other_address"
    TOO_FAR_APART = "too_far_apart"
    """One of them would wait too long for the other."""
    TOO_MANY_ORDERS = "too_many_orders"
    TOO_FEW_GOODS = "too_few_goods"
    """Not as many units are left to send as parcels are wanted."""
    TOO_MANY_PARCELS = "too_many_parcels"
    ASKED_ALREADY = "asked_already"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"


@dataclass(frozen=True)
class PackWish:
    """Either ``together_with`` other orders of the customer, or in so many ``parcels``.

    ``first`` are the lines that shall leave first; without any it is whatever is ready.
    """

    together_with: tuple[str, ...] = ()
    parcels: int = 1
    first: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackTerms:
    """What is noted at each of ``orders``, the one that was asked about first."""

    kind: NoteKind
    orders: tuple[str, ...]
    parcels: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class PackRefused:
    """A refusal; ``order_number`` is the order that it is about."""

    code: PackRefusal
    order_number: str


@dataclass(frozen=True)
class PackDraft:
    """A way of packing that is ready to be confirmed; it may be asked for until ``expires_at``."""

    id: str
    customer_id: str
    terms: PackTerms
    expires_at: datetime


@dataclass(frozen=True)
class Packed:
    """What was noted, and when."""

    terms: PackTerms
    at: datetime


class Packing(Protocol):
    """How orders leave that were not sent. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound.
    """

    async def prepare_packing(
        self, customer_id: str, order_number: str, wish: PackWish
    ) -> PackDraft:
        """What would be noted for the warehouse; nothing has happened yet.

        Raises NotFound, also for one of the other orders, or Refused whose ``code`` is a
        ``PackRefusal`` and whose ``detail`` is the number of the order that is refused.
        """

    async def commit_packing(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Packed:
        """Note it, after checking everything again; a repeat gives the first result.

        The newest note about an order's parcels counts. Raises NotFound for a draft that is not
        this customer's, and Refused as ``prepare_packing`` does.
        """


_NOT_NOW = {
    OrderStatus.CANCELLED: PackRefusal.ORDER_CANCELLED,
    OrderStatus.UNPAID: PackRefusal.NOT_PAID,
}
PACKING_NOTES = frozenset({NoteKind.PACK_TOGETHER, NoteKind.PACK_APART})


def pack_terms(
    orders: Sequence[Order], wish: PackWish, noted: OrderNote | None, rules: PackRules
) -> PackTerms | PackRefused:
    """What ``wish`` comes to: the first of ``orders`` is asked about, the rest go with it.

    ``noted`` is the newest note about the first one's parcels.
    """
    first = orders[0]
    for order in orders:
        refusal = order_refusal(order, rules)
        if refusal is not None:
            return PackRefused(refusal, order.number)
    refused = _apart(first, wish, rules) if wish.parcels > 1 else _together(orders, rules)
    if refused is not None:
        return refused
    kind = NoteKind.PACK_APART if wish.parcels > 1 else NoteKind.PACK_TOGETHER
    known = {line.id for line in first.lines}
    terms = PackTerms(
        kind,
        tuple(order.number for order in orders),
        wish.parcels,
        tuple(line_id for line_id in wish.first if line_id in known),
    )
    if noted is not None and (noted.kind, noted.text) == (kind, note_text(terms)):
        return PackRefused(PackRefusal.ASKED_ALREADY, first.number)
    return terms


def order_refusal(order: Order, rules: PackRules) -> PackRefusal | None:
    """Why the parcels of ``order`` cannot be arranged any more, or not yet."""
    if order.status in _NOT_NOW:
        return _NOT_NOW[order.status]
    if not order.unsent():
        return PackRefusal.SHIPPED
    if order.status is OrderStatus.PREPARING and not rules.while_packing:
        return PackRefusal.BEING_PACKED
    return None


def _together(orders: Sequence[Order], rules: PackRules) -> PackRefused | None:
    first = orders[0]
    if len(orders) == 1:
        return PackRefused(PackRefusal.NO_OTHER_ORDER, first.number)
    if len(orders) > rules.orders_together:
        return PackRefused(PackRefusal.TOO_MANY_ORDERS, first.number)
    apart = timedelta(hours=rules.hours_apart)
    for order in orders[1:]:
        if order.address != first.address:
            return PackRefused(PackRefusal.OTHER_ADDRESS, order.number)
        if any(abs(order.placed_at - other.placed_at) > apart for other in orders):
            return PackRefused(PackRefusal.TOO_FAR_APART, order.number)
    return None


def _apart(order: Order, wish: PackWish, rules: PackRules) -> PackRefused | None:
    if wish.parcels + len(order.parcels) > rules.parcels_per_order:
        return PackRefused(PackRefusal.TOO_MANY_PARCELS, order.number)
    if sum(part.quantity for part in order.unsent()) < wish.parcels:
        return PackRefused(PackRefusal.TOO_FEW_GOODS, order.number)
    return None


def note_text(terms: PackTerms) -> str:
    """What the warehouse reads, in both languages; the same at every order that it is about."""
    if terms.kind is NoteKind.PACK_TOGETHER:
        numbers = sorted(terms.orders)
        return f"{'、'.join(numbers)} 一起发 / {', '.join(numbers)} leave in one parcel"
    first = f"，先发 {'、'.join(terms.first)}" if terms.first else ""
    first_en = f", {', '.join(terms.first)} first" if terms.first else ""
    return f"分 {terms.parcels} 个包裹发{first} / leaves in {terms.parcels} parcels{first_en}"
