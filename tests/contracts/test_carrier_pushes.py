"""Every vendor of pushes: believes what is signed, reads what is there, guesses nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from connectors.backends.carriers.model import ShipmentStatus, Signature
from connectors.backends.carriers.reports import CarrierReport
from connectors.backends.pushes.port import BadPush
from tests.pushes.formats import FORMATS, Format, Request, Scan, trip

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=5)
NUMBER = "SF1234567890123"
S = ShipmentStatus

pytestmark = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def read(form: Format, request: Request) -> CarrierReport:
    vendor = form.vendor()
    report = vendor.read(vendor.admit(request.headers, request.body, NOW).payload)
    assert isinstance(report, CarrierReport)
    return report


def test_a_signed_push_is_read(form: Format) -> None:
    scans = trip(BEGAN, S.PICKED_UP, S.IN_TRANSIT, S.DELIVERED)
    report = read(form, form.push(NUMBER, scans, NOW))
    assert report.tracking_number == NUMBER
    assert [one.status for one in report.events] == [S.DELIVERED, S.IN_TRANSIT, S.PICKED_UP]
    assert [one.at for one in report.events] == [scan.at for scan in scans]
    assert report.events[0].description == scans[0].text
    assert report.events[0].where == "杭州市"
    assert report.signature is Signature.RECIPIENT


def test_a_pickup_code_is_read(form: Format) -> None:
    scans = [Scan(BEGAN, S.AWAITING_PICKUP, "已放入菜鸟驿站")]
    report = read(form, form.push(NUMBER, scans, NOW, code="6-2-1234"))
    assert report.pickup is not None
    assert report.pickup.code == "6-2-1234"


def test_a_repeat_has_the_same_name_and_another_push_has_not(form: Format) -> None:
    vendor = form.vendor()
    first = form.push(NUMBER, trip(BEGAN, S.PICKED_UP), NOW)
    other = form.push(NUMBER, trip(BEGAN, S.PICKED_UP, S.IN_TRANSIT), NOW)
    names = [vendor.admit(one.headers, one.body, NOW).id for one in (first, first, other)]
    assert names[0] == names[1] != names[2]


def test_another_secret_or_a_changed_body_is_not_believed(form: Format) -> None:
    vendor = form.vendor()
    scans = trip(BEGAN, S.PICKED_UP)
    forged = form.push(NUMBER, scans, NOW, key="guessed")
    good = form.push(NUMBER, scans, NOW)
    changed = Request(good.headers, good.body.replace(NUMBER.encode(), b"SF0000000000000"))
    for request in (forged, changed, Request({}, b"")):
        with pytest.raises(BadPush) as refused:
            vendor.admit(request.headers, request.body, NOW)
        assert not refused.value.believed


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "null", "{}", '{"type": "nothing"}', '{"lastResult": 1}', "[" * 100_000],
    ids=lambda text: text[:12],
)
def test_what_is_signed_and_no_push_is_refused_without_its_content(form: Format, text: str) -> None:
    request = form.raw(text, NOW)
    with pytest.raises(BadPush) as refused:
        form.vendor().admit(request.headers, request.body, NOW)
    assert refused.value.believed


def test_bytes_that_are_no_text_are_refused(form: Format) -> None:
    for body in (b"\xff\xfe\x00", b"param=%ff&sign=%ff", b"sign=1&sign=2&param=x"):
        with pytest.raises(BadPush):
            form.vendor().admit({}, body, NOW)


def test_a_status_nobody_knows_is_unknown_and_makes_a_log_line(form: Format) -> None:
    request = form.push(NUMBER, [Scan(BEGAN, S.UNKNOWN, "？", word="9999")], NOW)
    with capture_logs() as lines:
        report = read(form, request)
    assert report.events[0].status is S.UNKNOWN
    assert [line["event"] for line in lines] == [f"{form.name}.status.unknown"]
