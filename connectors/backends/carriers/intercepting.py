"""Asking a carrier to bring a parcel that is on its way elsewhere, or back to the shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connectors.backends.carriers.model import (
    Intercept,
    InterceptKind,
    InterceptStatus,
    Shipment,
    ShipmentStatus,
)
from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.orders.model import Address, Order, OrderStatus
from connectors.backends.rules import InterceptRules


class InterceptRefusal(StrEnum):
    """Why no carrier is asked; every member has a response of its own."""

    NOT_SENT = "not_sent"
    DELIVERED = "delivered"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ON_ITS_WAY_BACK = "on_its_way_back"
    LOST = "lost"
    ASKED_ALREADY = "asked_already"
    CARRIER_CANNOT = "carrier_cannot"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"


_BY_STATUS = {
    ShipmentStatus.DELIVERED: InterceptRefusal.DELIVERED,
    ShipmentStatus.AWAITING_PICKUP: InterceptRefusal.OUT_FOR_DELIVERY,
    ShipmentStatus.OUT_FOR_DELIVERY: InterceptRefusal.OUT_FOR_DELIVERY,
    ShipmentStatus.RETURNING: InterceptRefusal.ON_ITS_WAY_BACK,
    ShipmentStatus.RETURNED: InterceptRefusal.ON_ITS_WAY_BACK,
    ShipmentStatus.DAMAGED: InterceptRefusal.LOST,
    ShipmentStatus.LOST: InterceptRefusal.LOST,
}
_STANDING = frozenset({InterceptStatus.REQUESTED, InterceptStatus.ACCEPTED})


@dataclass(frozen=True)
class InterceptDraft:
    """A request that is ready to be confirmed, for every parcel that can still be reached.

    ``unreachable`` are parcels of the order that are left alone, each with the reason.
    """

    id: str
    customer_id: str
    order_number: str
    kind: InterceptKind
    parcels: tuple[str, ...]
    unreachable: tuple[tuple[str, InterceptRefusal], ...]
    address: Address | None
    answer_by: datetime
    expires_at: datetime


class Intercepts(Protocol):
    """Requests to carriers. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound.
    """

    async def prepare_intercept(
        self,
        customer_id: str,
        order_number: str,
        kind: InterceptKind,
        address: Address | None = None,
    ) -> InterceptDraft:
        """What the carriers would be asked; ``address`` goes with a redirection.

        Raises NotFound, or Refused whose ``code`` is an ``InterceptRefusal``.
        """

    async def commit_intercept(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> tuple[Intercept, ...]:
        """Ask them, after checking everything again; a repeat gives the first result.

        Raises NotFound for a draft that is not this customer's, and Refused as
        ``prepare_intercept`` does.
        """

    async def intercepts_of(self, customer_id: str, order_number: str) -> tuple[Intercept, ...]:
        """What carriers were asked about this customer's order, newest first."""


def refusal_for(
    shipment: Shipment, asked: Sequence[Intercept], rules: InterceptRules
) -> InterceptRefusal | None:
    """Why the carrier of ``shipment`` is not asked, or None if it is."""
    if shipment.status in _BY_STATUS:
        return _BY_STATUS[shipment.status]
    if any(
        one.tracking_number == shipment.tracking_number and one.status in _STANDING for one in asked
    ):
        return InterceptRefusal.ASKED_ALREADY
    if shipment.carrier.code in rules.impossible_with:
        return InterceptRefusal.CARRIER_CANNOT
    return None


def order_refusal(order: Order) -> InterceptRefusal | None:
    """Why no parcel of the order can be intercepted, whatever its carrier says."""
    if not order.parcels:
        return InterceptRefusal.NOT_SENT
    if order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED):
        return InterceptRefusal.DELIVERED
    return None
