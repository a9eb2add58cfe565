"""What is news to a customer: kinds that can be asked for, and how they follow from the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from connectors.backends.carriers.model import Shipment, ShipmentStatus
from connectors.backends.carriers.reports import Recorded
from connectors.backends.offers.model import ClaimStatus, PriceClaim
from connectors.backends.refunds.model import Refund, RefundStatus


class NewsKind(StrEnum):
    """What a shopper may ask to be told; the words of every kind are in ``desk.news.words``."""

    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    STUCK = "stuck"
    CUSTOMS = "customs"
    RETURNED = "returned"
    REFUND_ARRIVED = "refund_arrived"
    PRICE_PROTECTION = "price_protection"


PARCEL_KINDS = (
    NewsKind.SHIPPED,
    NewsKind.OUT_FOR_DELIVERY,
    NewsKind.DELIVERED,
    NewsKind.STUCK,
    NewsKind.CUSTOMS,
    NewsKind.RETURNED,
)


@dataclass(frozen=True)
class News:
    """Something that happened to an order of a customer.

    ``key`` is the same whenever it is the same news, so that nobody is told twice. ``event`` says
    more exactly what happened than ``kind`` does. ``facts`` is JSON, with words in both languages
    where there are any: ``{"zh", "en"}``.
    """

    key: str
    kind: NewsKind
    event: str
    customer_id: str
    order_number: str
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Wish:
    """A conversation wants news of a kind; ``order_number`` None: of every order."""

    conversation_id: str
    customer_id: str
    kind: NewsKind
    order_number: str | None


SHIPPED = "shipped"
# Which scans are news, and to whom.
_KINDS = {
    ShipmentStatus.PICKED_UP: NewsKind.SHIPPED,
    ShipmentStatus.IN_TRANSIT: NewsKind.SHIPPED,
    ShipmentStatus.OUT_FOR_DELIVERY: NewsKind.OUT_FOR_DELIVERY,
    ShipmentStatus.AWAITING_PICKUP: NewsKind.OUT_FOR_DELIVERY,
    ShipmentStatus.FAILED_ATTEMPT: NewsKind.OUT_FOR_DELIVERY,
    ShipmentStatus.DELIVERED: NewsKind.DELIVERED,
    ShipmentStatus.CUSTOMS: NewsKind.CUSTOMS,
    ShipmentStatus.RETURNING: NewsKind.RETURNED,
    ShipmentStatus.RETURNED: NewsKind.RETURNED,
    ShipmentStatus.DAMAGED: NewsKind.STUCK,
    ShipmentStatus.LOST: NewsKind.STUCK,
}
# Seen by the carrier for the first time: it has left the shop, whatever the scan says.
_UNSEEN = frozenset({ShipmentStatus.ANNOUNCED})
# A courier sets out again after a day: that is news again, a second scan of the same day is not.
_DAILY = frozenset({ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.FAILED_ATTEMPT})


def news_of_shipment(recorded: Recorded, zone: ZoneInfo) -> Iterator[News]:
    """What a report of a carrier is news of; days are those of ``zone``.

    Only where the parcel stands now is news: what was told late about yesterday is not.
    """
    before, after = recorded.before, recorded.after
    if not after.events:
        return
    newest = next((one for one in after.events if one.status is after.status), after.events[0])
    kind = _KINDS.get(after.status)
    is_later = newest in recorded.fresh or before.status is not after.status
    code_came = after.pickup is not None and after.pickup != before.pickup
    if kind is NewsKind.SHIPPED and before.status not in _UNSEEN:
        return
    if kind is None or not (is_later or code_came):
        return
    if after.status is before.status and after.status not in _DAILY and not code_came:
        return
    event = SHIPPED if kind is NewsKind.SHIPPED else after.status.value
    yield News(
        key=f"{after.tracking_number}:{event}{_suffix(after, newest.at, zone)}",
        kind=kind,
        event=event,
        customer_id=recorded.customer_id,
        order_number=recorded.order_number,
        at=newest.at,
        facts=_facts(after, newest.description),
    )


def news_of_dispatch(shipment: Shipment, order_number: str, customer_id: str, at: datetime) -> News:
    """That a parcel has left the shop: the same news as its first scan."""
    return News(
        key=f"{shipment.tracking_number}:{SHIPPED}",
        kind=NewsKind.SHIPPED,
        event=SHIPPED,
        customer_id=customer_id,
        order_number=order_number,
        at=at,
        facts=_facts(shipment, ""),
    )


def news_of_silence(shipment: Shipment, order_number: str, customer_id: str, now: datetime) -> News:
    """That the carrier has said nothing of a parcel for too long; once for each last scan."""
    last = shipment.last_scan_at or shipment.announced_at
    return News(
        key=f"{shipment.tracking_number}:stuck:{last.isoformat()}",
        kind=NewsKind.STUCK,
        event="stuck",
        customer_id=customer_id,
        order_number=order_number,
        at=now,
        facts={**_facts(shipment, ""), "since": last.isoformat()},
    )


_REFUND_EVENTS = {
    RefundStatus.COMPLETED: {
        NewsKind.REFUND_ARRIVED: "refund_arrived",
        NewsKind.PRICE_PROTECTION: "price_protection",
    },
    RefundStatus.FAILED: {
        NewsKind.REFUND_ARRIVED: "refund_failed",
        NewsKind.PRICE_PROTECTION: "price_protection_failed",
    },
}


def news_of_refund(
    refund: Refund, status: RefundStatus, kind: NewsKind, at: datetime
) -> Iterator[News]:
    """That the money of ``refund`` has arrived, or did not; ``kind``: what it was for."""
    event = _REFUND_EVENTS.get(status, {}).get(kind)
    if event is None:
        return
    yield News(
        key=f"{refund.number}:{status.value}:{at.isoformat()}",
        kind=kind,
        event=event,
        customer_id=refund.customer_id,
        order_number=refund.order_number,
        at=at,
        facts={
            "refund_number": refund.number,
            "amount": str(refund.amount),
            "tender": refund.tender.value,
        },
    )


_CLAIM_EVENTS = {
    ClaimStatus.GRANTED: "price_protection_granted",
    ClaimStatus.REFUSED: "price_protection_refused",
}


def news_of_claim(claim: PriceClaim, at: datetime) -> News:
    """What a person has decided of a price-protection claim; the tender is that of most of it."""
    most = max(claim.tenders, key=lambda part: part.amount.minor)
    return News(
        key=f"{claim.number}:{claim.status.value}",
        kind=NewsKind.PRICE_PROTECTION,
        event=_CLAIM_EVENTS[claim.status],
        customer_id=claim.customer_id,
        order_number=claim.order_number,
        at=at,
        facts={
            "claim_number": claim.number,
            "amount": str(claim.total),
            "tender": most.tender.value,
            **({"ground": claim.ground.value} if claim.ground else {}),
        },
    )


def _suffix(shipment: Shipment, at: datetime, zone: ZoneInfo) -> str:
    if shipment.status in _DAILY:
        return f":{at.astimezone(zone).date().isoformat()}"
    if shipment.status is ShipmentStatus.AWAITING_PICKUP and shipment.pickup:
        return f":{shipment.pickup.code}"
    return ""


def _facts(shipment: Shipment, description: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "tracking_number": shipment.tracking_number,
        "carrier": {"zh": shipment.carrier.name.zh, "en": shipment.carrier.name.en},
        "hotline": shipment.carrier.hotline,
        "said": description,
    }
    pickup = shipment.pickup
    if pickup is not None and shipment.status is ShipmentStatus.AWAITING_PICKUP:
        facts["pickup"] = {
            "code": pickup.code,
            "place": pickup.place,
            "until": pickup.until.isoformat() if pickup.until else None,
        }
    if shipment.signature is not None and shipment.status is ShipmentStatus.DELIVERED:
        facts["signature"] = shipment.signature.value
    return facts
