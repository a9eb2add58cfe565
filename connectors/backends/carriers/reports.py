"""What a carrier tells by itself, and how it changes what is known of a parcel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.backends.carriers.model import (
    Pickup,
    Shipment,
    ShipmentStatus,
    Signature,
    TrackingEvent,
)


@dataclass(frozen=True)
class CarrierReport:
    """One word of a carrier about one parcel; ``events`` newest first, maybe known already.

    None where the carrier says nothing of it.
    """

    tracking_number: str
    events: tuple[TrackingEvent, ...]
    signature: Signature | None = None
    pickup: Pickup | None = None
    expected_by: datetime | None = None


@dataclass(frozen=True)
class Dispatch:
    """The warehouse has handed what was left of an order to a carrier, as one parcel."""

    order_number: str
    carrier: str
    tracking_number: str
    at: datetime


@dataclass(frozen=True)
class Recorded:
    """What a report changed: the parcel before and after, and the events nobody knew."""

    order_number: str
    customer_id: str
    before: Shipment
    after: Shipment
    fresh: tuple[TrackingEvent, ...]


class CarrierReports(Protocol):
    """Where reports of carriers are written down; may raise BackendUnavailable."""

    async def record(self, report: CarrierReport) -> Recorded:
        """Store what is new in ``report``; the same report again changes nothing.

        Raises NotFound for a parcel that the shop does not know.
        """

    async def dispatch(self, dispatch: Dispatch) -> bool:
        """Store that a parcel has left; False if the shop knows this parcel already.

        Raises NotFound for an order or a carrier that the shop does not know, InvalidTransition
        for an order of which nothing can be sent.
        """


# What comes after these is paperwork, unless the parcel begins to travel back.
_FINAL = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED})
_UNDOES_DELIVERY = frozenset({ShipmentStatus.RETURNING, ShipmentStatus.RETURNED})


def merged(
    known: Sequence[TrackingEvent], told: Iterable[TrackingEvent]
) -> tuple[tuple[TrackingEvent, ...], tuple[TrackingEvent, ...]]:
    """All events newest first, and those of ``told`` that were not ``known``, likewise.

    Carriers tell late, twice and in any order: an event is known by its moment and its words. Of
    two at the same moment the one told later counts as the newer one.
    """
    seen = {(event.at, event.description) for event in known}
    fresh: list[TrackingEvent] = []
    for event in told:
        if (event.at, event.description) not in seen:
            seen.add((event.at, event.description))
            fresh.append(event)
    fresh.sort(key=lambda event: event.at, reverse=True)
    every = sorted((*fresh, *known), key=lambda event: event.at, reverse=True)
    return tuple(every), tuple(fresh)


def status_after(events: Sequence[TrackingEvent], otherwise: ShipmentStatus) -> ShipmentStatus:
    """Where a parcel stands after ``events`` (newest first); ``otherwise`` if there are none.

    What a carrier writes after delivery does not take the delivery back, whatever it is.
    """
    status = otherwise
    for event in reversed(events):
        final = status in _FINAL
        if not final or event.status in _UNDOES_DELIVERY:
            status = event.status
    return status
