"""Kuaidi100 (快递100): its pushes, signatures and status codes, as our reports.

Source: the vendor's Java demo and api.kuaidi100.com, November 2026. Pushes are forms of ``sign``
and ``param`` (JSON), ``sign`` = MD5(param + salt) in hexadecimal of either case.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import structlog

from connectors.backends.carriers.model import (
    Pickup,
    ShipmentStatus,
    Signature,
    TrackingEvent,
)
from connectors.backends.carriers.reports import CarrierReport
from connectors.backends.pushes.port import BadPush, Push, Report, WatchEnded

log = structlog.get_logger()

NAME = "kuaidi100"
_ZONE = ZoneInfo("Asia/Shanghai")
_MOST_FIELDS = 10
_MOST_EVENTS = 500
_LONGEST_NUMBER = 32
_LONGEST_TEXT = 500

# Codes of a state, basic and advanced. What the vendor itself calls a problem without saying which
# is UNKNOWN here: it is known to the table, so it makes no line in the log.
STATUSES: dict[str, ShipmentStatus] = {
    "0": ShipmentStatus.IN_TRANSIT,
    "1001": ShipmentStatus.IN_TRANSIT,
    "1002": ShipmentStatus.IN_TRANSIT,
    "1003": ShipmentStatus.IN_TRANSIT,
    "1": ShipmentStatus.PICKED_UP,
    "101": ShipmentStatus.ANNOUNCED,
    "102": ShipmentStatus.ANNOUNCED,
    "103": ShipmentStatus.PICKED_UP,
    "2": ShipmentStatus.UNKNOWN,
    "201": ShipmentStatus.UNKNOWN,
    "202": ShipmentStatus.IN_TRANSIT,
    "203": ShipmentStatus.FAILED_ATTEMPT,
    "204": ShipmentStatus.FAILED_ATTEMPT,
    "205": ShipmentStatus.AWAITING_PICKUP,
    "206": ShipmentStatus.FAILED_ATTEMPT,
    "207": ShipmentStatus.FAILED_ATTEMPT,
    "208": ShipmentStatus.IN_TRANSIT,
    "209": ShipmentStatus.DAMAGED,
    "210": ShipmentStatus.UNKNOWN,
    "3": ShipmentStatus.DELIVERED,
    "301": ShipmentStatus.DELIVERED,
    "302": ShipmentStatus.DELIVERED,
    "303": ShipmentStatus.DELIVERED,
    "304": ShipmentStatus.DELIVERED,
    "4": ShipmentStatus.RETURNED,
    "401": ShipmentStatus.UNKNOWN,
    "5": ShipmentStatus.OUT_FOR_DELIVERY,
    "501": ShipmentStatus.AWAITING_PICKUP,
    "6": ShipmentStatus.RETURNING,
    "7": ShipmentStatus.IN_TRANSIT,
    "8": ShipmentStatus.CUSTOMS,
    "10": ShipmentStatus.CUSTOMS,
    "11": ShipmentStatus.CUSTOMS,
    "12": ShipmentStatus.CUSTOMS,
    "13": ShipmentStatus.CUSTOMS,
    "14": ShipmentStatus.FAILED_ATTEMPT,
}
# The names that stand in the place of codes where only resultv2=1 was asked for.
_NAMES = {
    "在途": "0",
    "揽收": "1",
    "疑难": "2",
    "签收": "3",
    "退签": "4",
    "派件": "5",
    "退回": "6",
    "转投": "7",
    "清关": "8",
    "拒签": "14",
}
_SIGNATURES = {
    "301": Signature.RECIPIENT,
    "303": Signature.SOMEBODY_ELSE,
    "304": Signature.LOCKER,
}
# A code is only taken where the sentence itself calls it one.
_PICKUP_CODE = re.compile(
    r"(?:取件码|取货码|提货码|取件密码)[是为]?[:：\s]*([A-Za-z0-9][A-Za-z0-9-]{2,15})"
)


def sign_push(param: str, salt: str) -> str:
    """The signature of a push over the exact ``param``: MD5 in upper case."""
    digest = hashlib.md5((param + salt).encode(), usedforsecurity=False)
    return digest.hexdigest().upper()


def sign_query(param: str, key: str, customer: str) -> str:
    """The signature of a query: MD5(param + key + customer) in upper case."""
    digest = hashlib.md5((param + key + customer).encode(), usedforsecurity=False)
    return digest.hexdigest().upper()


@dataclass(frozen=True)
class Kuaidi100:
    """(see Vendor) ``salt`` is the word that was given with the subscription."""

    salt: str

    name = NAME

    def admit(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """(see Vendor)"""
        try:
            form = parse_qs(
                body.decode(),
                keep_blank_values=True,
                strict_parsing=True,
                max_num_fields=_MOST_FIELDS,
                errors="strict",
            )
        except ValueError as error:
            raise BadPush("not a form") from error
        param, sign = form.get("param", []), form.get("sign", [])
        if len(param) != 1 or len(sign) != 1:
            raise BadPush("param or sign is missing")
        # The vendor's own code signs in upper case, others of its programs in lower case.
        given = sign[0].upper().encode(errors="replace")
        if not hmac.compare_digest(given, sign_push(param[0], self.salt).encode()):
            raise BadPush("wrong signature")
        payload = _object(param[0])
        number = str((_part(payload, "lastResult")).get("nu") or "")
        if not 0 < len(number) <= _LONGEST_NUMBER:
            raise BadPush("no tracking number", believed=True)
        digest = hashlib.sha256(param[0].encode()).hexdigest()
        return Push(digest, number, now, payload)

    def read(self, payload: Mapping[str, Any]) -> Report | None:
        """(see Vendor)"""
        report = read_result(_part(payload, "lastResult"))
        known = report if report.events else None
        if payload.get("status") == "abort":
            # Nothing found for three days, or nothing new for sixty: it watches no longer.
            reason = str(payload.get("message"))[:100]
            log.warning("kuaidi100.aborted", reason=reason)
            return WatchEnded(report.tracking_number, reason, known)
        return known

    def answer(self, *, accepted: bool) -> dict[str, Any]:
        """(see Vendor) Anything but 200 makes the vendor send it again after thirty minutes."""
        if accepted:
            return {"result": True, "returnCode": "200", "message": "成功"}
        return {"result": False, "returnCode": "500", "message": "失败"}


def read_result(result: Mapping[str, Any]) -> CarrierReport:
    """A parcel's track as pushes and queries tell it, as our report; raises BadPush."""
    rows = result.get("data") or []
    if not isinstance(rows, list) or len(rows) > _MOST_EVENTS:
        raise BadPush("data is no list of events", believed=True)
    state = str(result.get("state") or "")
    events: list[TrackingEvent] = []
    pickup, codes = None, []
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            raise BadPush("an event is no object", believed=True)
        # Where events carry no code of their own, the state is that of the newest.
        code = _code_of(row) or (state if place == 0 else "")
        text = str(row.get("context") or "")[:_LONGEST_TEXT]
        codes.append(code)
        events.append(
            TrackingEvent(
                at=_moment(row),
                status=status_of(code),
                where=str(row.get("areaName") or row.get("location") or "")[:_LONGEST_TEXT],
                description=text,
            )
        )
        if pickup is None and (match := _PICKUP_CODE.search(text)):
            pickup = Pickup(match[1], str(row.get("location") or row.get("areaName") or ""), None)
    signature = next((_SIGNATURES[code] for code in codes if code in _SIGNATURES), None)
    return CarrierReport(
        tracking_number=str(result.get("nu") or ""),
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)),
        signature=signature,
        pickup=pickup,
        expected_by=_expected(result.get("arrivalTime")),
    )


def status_of(code: str) -> ShipmentStatus:
    """What a code means; one that the table does not know is UNKNOWN and makes a log line."""
    if not code:
        return ShipmentStatus.UNKNOWN
    known = STATUSES.get(code)
    if known is None:
        log.warning("kuaidi100.status.unknown", code=code[:20])
        return ShipmentStatus.UNKNOWN
    return known


def _code_of(row: Mapping[str, Any]) -> str:
    code = str(row.get("statusCode") or "")
    if code:
        return code
    name = str(row.get("status") or "")
    return _NAMES.get(name, name)


def _moment(row: Mapping[str, Any]) -> datetime:
    text = str(row.get("ftime") or row.get("time") or "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadPush("an event has no time", believed=True) from error
    return at if at.tzinfo else at.replace(tzinfo=_ZONE)


def _expected(value: object) -> datetime | None:
    # "2026-11-25 18" as well as a whole moment; it is only a hope, so nothing depends on it.
    for form in ("%Y-%m-%d %H", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(str(value), form).replace(tzinfo=_ZONE)
        except ValueError:
            continue
    return None


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPush("param is not JSON", believed=True) from error
    if not isinstance(value, dict):
        raise BadPush("param is no object", believed=True)
    return value


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = payload.get(name)
    if not isinstance(value, dict):
        raise BadPush(f"{name} is missing", believed=True)
    return value
