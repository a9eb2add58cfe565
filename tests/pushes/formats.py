"""The same deeds of a carrier, in the format of every vendor of pushes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.pushes.kuaidi100 import Kuaidi100, sign_push
from connectors.backends.pushes.port import Vendor
from connectors.backends.pushes.webhook import SIGNATURE, TIMESTAMP, Webhook, sign

SALT = "not-a-real-salt"
KEY = "not-a-real-key"
_SHANGHAI = ZoneInfo("Asia/Shanghai")
CODES = {
    ShipmentStatus.PICKED_UP: "103",
    ShipmentStatus.IN_TRANSIT: "1002",
    ShipmentStatus.OUT_FOR_DELIVERY: "5",
    ShipmentStatus.AWAITING_PICKUP: "501",
    ShipmentStatus.DELIVERED: "301",
    ShipmentStatus.RETURNING: "6",
    ShipmentStatus.RETURNED: "4",
    ShipmentStatus.CUSTOMS: "8",
}


@dataclass(frozen=True)
class Scan:
    """One event as a carrier tells it; ``word`` in the place of a status nobody knows."""

    at: datetime
    status: ShipmentStatus
    text: str
    where: str = "杭州市"
    word: str = ""


@dataclass(frozen=True)
class Request:
    """An HTTP request of a vendor."""

    headers: dict[str, str]
    body: bytes


class Format(Protocol):
    """How one vendor says things."""

    name: str

    def vendor(self) -> Vendor:
        """The vendor under test."""

    def push(
        self,
        number: str,
        scans: list[Scan],
        now: datetime,
        *,
        code: str = "",
        key: str | None = None,
    ) -> Request:
        """A push about a parcel, signed; ``code`` is its pickup code, ``key`` another secret."""

    def raw(self, text: str, now: datetime) -> Request:
        """A signed push that says ``text`` instead of JSON."""


class Kuaidi100Format:
    """(see Format)"""

    name = "kuaidi100"

    def vendor(self) -> Vendor:
        return Kuaidi100(SALT)

    def push(
        self,
        number: str,
        scans: list[Scan],
        now: datetime,
        *,
        code: str = "",
        key: str | None = None,
    ) -> Request:
        rows = [
            {
                "ftime": f"{scan.at.astimezone(_SHANGHAI):%Y-%m-%d %H:%M:%S}",
                "context": f"{scan.text}，取件码{code}" if code and place == 0 else scan.text,
                "areaName": scan.where,
                "statusCode": scan.word or CODES[scan.status],
            }
            for place, scan in enumerate(scans)
        ]
        result = {"message": "ok", "nu": number, "com": "shunfeng", "state": "0", "data": rows}
        param = {"status": "polling", "message": "", "lastResult": result}
        return self.raw(json.dumps(param, ensure_ascii=False), now, key)

    def raw(self, text: str, now: datetime, key: str | None = None) -> Request:
        form = {"param": text, "sign": sign_push(text, SALT if key is None else key)}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request(headers, urlencode(form).encode())


class WebhookFormat:
    """(see Format)"""

    name = "webhook"

    def vendor(self) -> Vendor:
        return Webhook(KEY)

    def push(
        self,
        number: str,
        scans: list[Scan],
        now: datetime,
        *,
        code: str = "",
        key: str | None = None,
    ) -> Request:
        events = [
            {
                "at": scan.at.isoformat(),
                "status": scan.word or scan.status.value,
                "where": scan.where,
                "description": scan.text,
            }
            for scan in scans
        ]
        body: dict[str, Any] = {
            "id": f"{number}-{len(scans)}-{scans[0].status}-{scans[0].at.timestamp():.0f}-{code}",
            "type": "shipment.update",
            "tracking_number": number,
            "events": events,
        }
        if any(scan.status is ShipmentStatus.DELIVERED for scan in scans):
            body["signature"] = "recipient"
        if code:
            body["pickup"] = {"code": code, "place": scans[0].where}
        return self.raw(json.dumps(body), now, key)

    def raw(self, text: str, now: datetime, key: str | None = None) -> Request:
        body, timestamp = text.encode(), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(KEY if key is None else key, timestamp, body),
        }
        return Request(headers, body)

    def event(self, kind: str, now: datetime, **fields: Any) -> Request:
        """Any other event of the webhook."""
        return self.raw(json.dumps({"type": kind, **fields}), now)


FORMATS: list[Format] = [Kuaidi100Format(), WebhookFormat()]


def trip(start: datetime, *statuses: ShipmentStatus) -> list[Scan]:
    """A parcel's scans, an hour apart, newest first."""
    scans = [
        Scan(start + timedelta(hours=hour), status, f"第{hour}站 {status.value}")
        for hour, status in enumerate(statuses)
    ]
    return scans[::-1]
