"""What the scans of a parcel mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.backends.carriers.model import (
    Carrier,
    Diagnosis,
    Shipment,
    ShipmentStatus,
    Signature,
    TrackingEvent,
    diagnose,
)
from connectors.backends.rules import TrackingRules
from connectors.backends.text import Bilingual
from tests.unit.backends.factories import NOW

RULES = TrackingRules()
SF = Carrier("sf", Bilingual("顺丰速运", "SF Express"), "95338", "zh")


def _shipment(
    status: ShipmentStatus,
    hours_silent: float = 5,
    expected_in: float | None = 24,
    signature: Signature | None = None,
) -> Shipment:
    at = NOW - timedelta(hours=hours_silent)
    events: tuple[TrackingEvent, ...] = (TrackingEvent(at, status, "杭州", "扫描"),)
    if status is ShipmentStatus.ANNOUNCED:
        events = ()
    return Shipment(
        tracking_number="SF1",
        carrier=SF,
        status=status,
        events=events,
        announced_at=at,
        expected_by=None if expected_in is None else NOW + timedelta(hours=expected_in),
        signature=signature,
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ShipmentStatus.ANNOUNCED, Diagnosis.NOT_YET_SHIPPED),
        (ShipmentStatus.PICKED_UP, Diagnosis.MOVING),
        (ShipmentStatus.IN_TRANSIT, Diagnosis.MOVING),
        (ShipmentStatus.CUSTOMS, Diagnosis.CUSTOMS),
        (ShipmentStatus.OUT_FOR_DELIVERY, Diagnosis.OUT_FOR_DELIVERY),
        (ShipmentStatus.FAILED_ATTEMPT, Diagnosis.FAILED_ATTEMPT),
        (ShipmentStatus.AWAITING_PICKUP, Diagnosis.AWAITING_PICKUP),
        (ShipmentStatus.DELIVERED, Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        (ShipmentStatus.RETURNING, Diagnosis.RETURNING),
        (ShipmentStatus.RETURNED, Diagnosis.RETURNED),
        (ShipmentStatus.DAMAGED, Diagnosis.DAMAGED),
        (ShipmentStatus.LOST, Diagnosis.LOST),
        (ShipmentStatus.UNKNOWN, Diagnosis.UNKNOWN),
    ],
)
def test_a_parcel_seen_lately_is_what_its_carrier_says(
    status: ShipmentStatus, expected: Diagnosis
) -> None:
    assert diagnose(_shipment(status), NOW, RULES) is expected


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (Signature.RECIPIENT, Diagnosis.DELIVERED),
        (Signature.SOMEBODY_ELSE, Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        (Signature.LOCKER, Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        (Signature.DOORSTEP, Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        (Signature.UNKNOWN, Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        (None, Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
    ],
)
def test_only_the_recipients_own_signature_is_certain(
    signature: Signature | None, expected: Diagnosis
) -> None:
    shipment = _shipment(ShipmentStatus.DELIVERED, 400, -300, signature)
    assert diagnose(shipment, NOW, RULES) is expected


@pytest.mark.parametrize(
    ("status", "usual"),
    [
        (ShipmentStatus.ANNOUNCED, 48),
        (ShipmentStatus.PICKED_UP, 72),
        (ShipmentStatus.IN_TRANSIT, 72),
        (ShipmentStatus.OUT_FOR_DELIVERY, 72),
        (ShipmentStatus.CUSTOMS, 120),
    ],
)
def test_a_parcel_is_stuck_just_after_the_usual_silence(status: ShipmentStatus, usual: int) -> None:
    assert diagnose(_shipment(status, usual), NOW, RULES) is not Diagnosis.STUCK
    assert diagnose(_shipment(status, usual + 0.01), NOW, RULES) is Diagnosis.STUCK


def test_a_parcel_is_overdue_just_after_the_grace() -> None:
    moving = ShipmentStatus.IN_TRANSIT
    assert diagnose(_shipment(moving, 5, -12), NOW, RULES) is Diagnosis.MOVING
    assert diagnose(_shipment(moving, 5, -12.01), NOW, RULES) is Diagnosis.OVERDUE


def test_without_the_carriers_expectation_the_shops_promise_counts() -> None:
    shipment = _shipment(ShipmentStatus.IN_TRANSIT, 5, None)
    late = NOW - timedelta(days=3)
    assert diagnose(shipment, NOW, RULES) is Diagnosis.MOVING
    assert diagnose(shipment, NOW, RULES, promised_by=late) is Diagnosis.OVERDUE
    punctual = replace(shipment, expected_by=NOW + timedelta(hours=1))
    assert diagnose(punctual, NOW, RULES, promised_by=late) is Diagnosis.MOVING


def test_silence_goes_before_lateness() -> None:
    shipment = _shipment(ShipmentStatus.IN_TRANSIT, 100, -100)
    assert diagnose(shipment, NOW, RULES) is Diagnosis.STUCK


def test_paperwork_after_delivery_does_not_move_the_time_of_delivery() -> None:
    shipment = _shipment(ShipmentStatus.DELIVERED, 30, signature=Signature.RECIPIENT)
    paperwork = replace(shipment.events[0], at=NOW)
    later = replace(shipment, events=(paperwork, *shipment.events))
    assert later.delivered_at == NOW - timedelta(hours=30)
    assert later.last_scan_at == NOW
