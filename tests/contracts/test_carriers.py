"""What every adapter of the port Carriers promises."""

from __future__ import annotations

import pytest

from connectors.backends.carriers.model import Diagnosis, ShipmentStatus, Signature, diagnose
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from connectors.backends.text import is_chinese
from kernel.errors import BackendUnavailable, NotFound
from tests.contracts.conftest import NOW

READS_ONLY = True


async def _tracking_number(shop: Shop, order: str) -> str:
    return (await shop.orders.get(order)).parcels[0].tracking_number


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("KF2601018001", Diagnosis.MOVING),
        ("KF2601018002", Diagnosis.DELIVERED),
        ("KF2601018021", Diagnosis.STUCK),
        ("KF2601018022", Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        ("KF2601018023", Diagnosis.OVERDUE),
        ("KF2601018024", Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE),
        ("KF2601018025", Diagnosis.CUSTOMS),
        ("KF2601018026", Diagnosis.LOST),
        ("KF2601018087", Diagnosis.AWAITING_PICKUP),
        ("KF2601018088", Diagnosis.OUT_FOR_DELIVERY),
    ],
)
async def test_a_known_parcel_is_in_the_state_that_the_docs_say(
    shop: Shop, rules: ShopRules, order: str, expected: Diagnosis
) -> None:
    shipment = await shop.carriers.track(await _tracking_number(shop, order))
    assert diagnose(shipment, NOW, rules.tracking) is expected


async def test_scans_come_newest_first_and_in_the_carriers_language(shop: Shop) -> None:
    for order, chinese in (("KF2601018002", True), ("KF2601018012", False)):
        shipment = await shop.carriers.track(await _tracking_number(shop, order))
        times = [scan.at for scan in shipment.events]
        assert len(times) >= 5
        assert times == sorted(times, reverse=True)
        assert shipment.last_scan_at == times[0]
        assert shipment.carrier.language == ("zh" if chinese else "en")
        assert {is_chinese(scan.description) for scan in shipment.events} == {chinese}


async def test_a_delivered_parcel_says_who_took_it_and_when(shop: Shop) -> None:
    shipment = await shop.carriers.track(await _tracking_number(shop, "KF2601018022"))
    assert shipment.status is ShipmentStatus.DELIVERED
    assert shipment.signature is Signature.LOCKER
    assert shipment.delivered_at == shipment.events[0].at


async def test_a_waiting_parcel_says_where_with_which_code_until_when(shop: Shop) -> None:
    shipment = await shop.carriers.track(await _tracking_number(shop, "KF2601018087"))
    assert shipment.pickup is not None
    assert shipment.pickup.code
    assert shipment.pickup.place
    assert shipment.pickup.until is not None
    assert shipment.pickup.until > NOW


async def test_spelling_of_a_tracking_number_does_not_matter(shop: Shop) -> None:
    number = await _tracking_number(shop, "KF2601018001")
    spelled = f" {number[:4].lower()} {number[4:]} "
    assert (await shop.carriers.track(spelled)).tracking_number == number


async def test_an_unknown_parcel_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.carriers.track("SF0000000000000")


async def test_without_a_database_the_carriers_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.carriers.track("SF0000000000000")
