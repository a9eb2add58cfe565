"""What each format of pushes promises beside the contract of all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.pushes.kuaidi100 import STATUSES, Kuaidi100, sign_query, status_of
from connectors.backends.pushes.port import BadPush
from tests.pushes.formats import SALT, Kuaidi100Format, WebhookFormat, trip

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=5)
NUMBER = "SF1234567890123"
S = ShipmentStatus


def test_the_webhook_refuses_what_was_signed_too_long_ago() -> None:
    webhook = WebhookFormat()
    for sent_at in (NOW - timedelta(minutes=6), NOW + timedelta(minutes=6)):
        request = webhook.push(NUMBER, trip(BEGAN, S.PICKED_UP), sent_at)
        with pytest.raises(BadPush):
            webhook.vendor().admit(request.headers, request.body, NOW)


def test_kuaidi100_signs_as_its_vendor_does() -> None:
    # Published with the vendor's demo.
    param = '{"com":"yuantong","num":"500306190180"}'
    assert sign_query(param, "KEY", "CUSTOMER") == "83BB7FD8F33AEAE0E3BF1EC054BB225D"


def test_every_published_code_of_kuaidi100_means_something() -> None:
    with capture_logs() as lines:
        for code, status in STATUSES.items():
            assert status_of(code) is status
    assert lines == []


def test_a_signature_in_lower_case_is_kuaidi100s_too() -> None:
    request = Kuaidi100Format().push(NUMBER, trip(BEGAN, S.PICKED_UP), NOW)
    name, _, sign = request.body.partition(b"&sign=")
    lower = name + b"&sign=" + sign.lower()
    assert Kuaidi100(SALT).admit(request.headers, lower, NOW).subject == NUMBER
