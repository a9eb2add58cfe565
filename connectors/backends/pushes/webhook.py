"""The generic webhook: events of any carrier, warehouse or cashier, signed with a shared secret.

``X-Kefu-Signature: v1=HMAC-SHA256(secret, timestamp + "." + body)`` in hexadecimal,
``X-Kefu-Timestamp`` in seconds since 1970; docs/news.md describes the events.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import structlog

from connectors.backends.carriers.model import Pickup, ShipmentStatus, Signature, TrackingEvent
from connectors.backends.carriers.reports import CarrierReport, Dispatch
from connectors.backends.pushes.port import BadPush, Push, Report
from connectors.backends.refunds.model import RefundStatus
from connectors.backends.refunds.reports import RefundReport

log = structlog.get_logger()

NAME = "webhook"
TIMESTAMP, SIGNATURE = "X-Kefu-Timestamp", "X-Kefu-Signature"
_VERSION = "v1="
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Text = Annotated[str, msgspec.Meta(max_length=500)]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Event(msgspec.Struct, frozen=True):
    at: _Moment
    status: _Name
    where: _Text = ""
    description: _Text = ""


class _Pickup(msgspec.Struct, frozen=True):
    code: _Name
    place: _Text = ""
    until: _Moment | None = None


class _Shipment(msgspec.Struct, frozen=True, tag="shipment.update", tag_field="type"):
    id: _Name
    tracking_number: _Name
    events: Annotated[tuple[_Event, ...], msgspec.Meta(max_length=500)]
    signature: _Name | None = None
    pickup: _Pickup | None = None
    expected_by: _Moment | None = None


class _Shipped(msgspec.Struct, frozen=True, tag="order.shipped", tag_field="type"):
    id: _Name
    order_number: _Name
    carrier: _Name
    tracking_number: _Name
    at: _Moment


class _Refund(msgspec.Struct, frozen=True, tag="refund.update", tag_field="type"):
    id: _Name
    refund_number: _Name
    status: RefundStatus
    at: _Moment


_Body = _Shipment | _Shipped | _Refund


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the header ``X-Kefu-Signature`` for ``body`` at ``timestamp``."""
    text = timestamp.encode() + b"." + body
    return _VERSION + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Webhook:
    """(see Vendor) ``freshness``: how far the sender's clock may be from ours."""

    secret: str
    freshness: timedelta = timedelta(minutes=5)

    name = NAME

    def admit(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """(see Vendor)"""
        timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        expected = sign(self.secret, timestamp, body).encode()
        if not hmac.compare_digest(given.lower().encode(errors="replace"), expected):
            raise BadPush("wrong signature")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise BadPush("the timestamp is no number of seconds")
        sent_at = datetime.fromtimestamp(int(timestamp), UTC)
        if abs(now - sent_at) > self.freshness:
            raise BadPush("too old or from the future")
        read = _decoded(body)
        subject = read.refund_number if isinstance(read, _Refund) else read.tracking_number
        return Push(read.id, subject, sent_at, msgspec.json.decode(body))

    def read(self, payload: Mapping[str, Any]) -> Report | None:
        """(see Vendor)"""
        match _converted(payload):
            case _Shipped() as shipped:
                return Dispatch(
                    order_number=shipped.order_number,
                    carrier=shipped.carrier,
                    tracking_number=shipped.tracking_number,
                    at=shipped.at,
                )
            case _Refund() as refund:
                return RefundReport(refund.refund_number, refund.status, refund.at)
            case _Shipment() as told:
                return _report(told)

    def answer(self, *, accepted: bool) -> dict[str, Any]:
        """(see Vendor)"""
        return {"ok": accepted}


def _report(told: _Shipment) -> CarrierReport | None:
    events = [
        TrackingEvent(one.at, _status(one.status), one.where, one.description)
        for one in told.events
    ]
    pickup = told.pickup
    report = CarrierReport(
        tracking_number=told.tracking_number,
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        signature=_signature(told.signature) if told.signature else None,
        pickup=Pickup(pickup.code, pickup.place, pickup.until) if pickup else None,
        expected_by=told.expected_by,
    )
    return report if report.events or report.pickup else None


def _status(word: str) -> ShipmentStatus:
    try:
        return ShipmentStatus(word)
    except ValueError:
        log.warning("webhook.status.unknown", status=word[:20])
        return ShipmentStatus.UNKNOWN


def _signature(word: str) -> Signature:
    try:
        return Signature(word)
    except ValueError:
        log.warning("webhook.signature.unknown", signature=word[:20])
        return Signature.UNKNOWN


def _decoded(body: bytes) -> _Body:
    try:
        read: _Body = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # The library's words name the field, never its value.
        raise BadPush(f"not understood: {error}"[:200], believed=True) from error
    return read


def _converted(payload: Mapping[str, Any]) -> _Body:
    try:
        read: _Body = msgspec.convert(payload, _Body)
    except msgspec.ValidationError as error:
        raise BadPush(f"not understood: {error}"[:200], believed=True) from error
    return read
