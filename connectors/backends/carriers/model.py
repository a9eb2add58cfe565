"""What a shipment is, and what its scans mean for the shopper who waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.backends.life_cycle import LifeCycle
from connectors.backends.rules import TrackingRules
from connectors.backends.text import Bilingual


class ShipmentStatus(StrEnum):
    """What a carrier says of a parcel, in our words; a code that we do not know is UNKNOWN."""

    ANNOUNCED = "announced"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    FAILED_ATTEMPT = "failed_attempt"
    AWAITING_PICKUP = "awaiting_pickup"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"
    UNKNOWN = "unknown"


# Nothing more is to come of a parcel in one of these, unless it begins to travel again.
AT_REST = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.LOST})


class Signature(StrEnum):
    """Who or what took a delivered parcel."""

    RECIPIENT = "recipient"
    SOMEBODY_ELSE = "somebody_else"
    LOCKER = "locker"
    DOORSTEP = "doorstep"
    UNKNOWN = "unknown"


class Diagnosis(StrEnum):
    """What the shopper should know of a parcel now; every member has a response of its own."""

    NOT_YET_SHIPPED = "not_yet_shipped"
    MOVING = "moving"
    OUT_FOR_DELIVERY = "out_for_delivery"
    CUSTOMS = "customs"
    FAILED_ATTEMPT = "failed_attempt"
    AWAITING_PICKUP = "awaiting_pickup"
    STUCK = "stuck"
    OVERDUE = "overdue"
    DELIVERED = "delivered"
    SIGNED_NOT_RECEIVED_CANDIDATE = "signed_not_received_candidate"
    RETURNING = "returning"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Carrier:
    """A company that delivers. ``language``: the one in which it writes its tracking events."""

    code: str
    name: Bilingual
    hotline: str
    language: str


@dataclass(frozen=True)
class TrackingEvent:
    """One scan: when, status, where, and the sentence as the carrier wrote it."""

    at: datetime
    status: ShipmentStatus
    where: str
    description: str


@dataclass(frozen=True)
class Pickup:
    """Where a waiting parcel can be fetched, with which code, until when."""

    code: str
    place: str
    until: datetime | None


@dataclass(frozen=True)
class Shipment:
    """One parcel at one carrier; ``events`` newest first."""

    tracking_number: str
    carrier: Carrier
    status: ShipmentStatus
    events: tuple[TrackingEvent, ...]
    announced_at: datetime
    expected_by: datetime | None
    signature: Signature | None = None
    pickup: Pickup | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether its carrier may still say something of it that matters."""
        return self.status not in AT_REST

    @property
    def last_scan_at(self) -> datetime | None:
        """When the carrier last saw it; None before the first scan."""
        return self.events[0].at if self.events else None

    @property
    def delivered_at(self) -> datetime | None:
        """When it was signed for.

        Carriers append paperwork after delivery, so this is not always the newest scan.
        """
        signed = [event.at for event in self.events if event.status is ShipmentStatus.DELIVERED]
        return min(signed) if signed and self.status is ShipmentStatus.DELIVERED else None


@dataclass(frozen=True)
class ParcelUnderWay:
    """A parcel that a carrier may still say something of; ``carrier`` is its code in the shop."""

    tracking_number: str
    order_number: str
    carrier: str
    announced_at: datetime


class InterceptKind(StrEnum):
    """What a carrier is asked to do with a parcel that is on its way."""

    REDIRECT = "redirect"
    BRING_BACK = "bring_back"


class InterceptStatus(StrEnum):
    """How far such a request is; what it may become is in ``INTERCEPT_LIFE_CYCLE``."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"
    MISSED = "missed"
    """The parcel was delivered before the carrier could act."""


INTERCEPT_LIFE_CYCLE = LifeCycle(
    {
        InterceptStatus.REQUESTED: frozenset(
            {InterceptStatus.ACCEPTED, InterceptStatus.REFUSED, InterceptStatus.MISSED}
        ),
        InterceptStatus.ACCEPTED: frozenset({InterceptStatus.DONE, InterceptStatus.MISSED}),
        InterceptStatus.REFUSED: frozenset(),
        InterceptStatus.DONE: frozenset(),
        InterceptStatus.MISSED: frozenset(),
    }
)


@dataclass(frozen=True)
class Intercept:
    """A carrier was asked to bring a parcel elsewhere or back; it answers until ``answer_by``."""

    number: str
    order_number: str
    tracking_number: str
    kind: InterceptKind
    status: InterceptStatus
    requested_at: datetime
    answer_by: datetime


_PLAIN = {
    ShipmentStatus.RETURNING: Diagnosis.RETURNING,
    ShipmentStatus.RETURNED: Diagnosis.RETURNED,
    ShipmentStatus.DAMAGED: Diagnosis.DAMAGED,
    ShipmentStatus.LOST: Diagnosis.LOST,
    ShipmentStatus.AWAITING_PICKUP: Diagnosis.AWAITING_PICKUP,
}
_UNDERWAY = {
    ShipmentStatus.PICKED_UP: Diagnosis.MOVING,
    ShipmentStatus.IN_TRANSIT: Diagnosis.MOVING,
    ShipmentStatus.CUSTOMS: Diagnosis.CUSTOMS,
    ShipmentStatus.OUT_FOR_DELIVERY: Diagnosis.OUT_FOR_DELIVERY,
    ShipmentStatus.FAILED_ATTEMPT: Diagnosis.FAILED_ATTEMPT,
    ShipmentStatus.UNKNOWN: Diagnosis.UNKNOWN,
}


def diagnose(
    shipment: Shipment, now: datetime, rules: TrackingRules, promised_by: datetime | None = None
) -> Diagnosis:
    """What the scans of ``shipment`` mean at ``now``.

    Silence (STUCK) goes before lateness (OVERDUE): it tells the shopper why. Late is measured
    against the carrier's own expectation, or, where it gives none, against ``promised_by``.
    """
    if shipment.status in _PLAIN:
        return _PLAIN[shipment.status]
    if shipment.status is ShipmentStatus.DELIVERED:
        if shipment.signature is Signature.RECIPIENT:
            return Diagnosis.DELIVERED
        return Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE
    if is_silent(shipment, now, rules):
        return Diagnosis.STUCK
    due = shipment.expected_by or promised_by
    if due is not None and now > due + timedelta(hours=rules.overdue_grace_hours):
        return Diagnosis.OVERDUE
    if shipment.status is ShipmentStatus.ANNOUNCED:
        return Diagnosis.NOT_YET_SHIPPED
    return _UNDERWAY[shipment.status]


def is_silent(shipment: Shipment, now: datetime, rules: TrackingRules) -> bool:
    """Whether the carrier has said nothing for longer than is usual for where the parcel is."""
    if shipment.status is ShipmentStatus.ANNOUNCED:
        return now - shipment.announced_at > timedelta(hours=rules.collect_within_hours)
    hours = (
        rules.customs_silent_hours
        if shipment.status is ShipmentStatus.CUSTOMS
        else rules.stuck_after_hours
    )
    last_seen = shipment.last_scan_at or shipment.announced_at
    return now - last_seen > timedelta(hours=hours)


def needs_person(
    shipment: Shipment, now: datetime, rules: TrackingRules, promised_by: datetime | None = None
) -> bool:
    """Whether a parcel under way is silent, or late, for so long that a person must see to it."""
    last_seen = shipment.last_scan_at or shipment.announced_at
    since = min(last_seen, shipment.expected_by or promised_by or last_seen)
    return now - since > timedelta(days=rules.person_after_days)
