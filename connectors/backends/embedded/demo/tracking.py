"""Parcels of the demo shop, with scans in the words that carriers use."""

# ruff: noqa: E501 - sentences stand as the carriers write them, unbroken

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from connectors.backends.carriers.model import ShipmentStatus as S
from connectors.backends.carriers.model import Signature
from connectors.backends.embedded.demo.people import Person
from connectors.backends.embedded.document import (
    CarrierPart,
    EventPart,
    ParcelPart,
    PickupPart,
)
from connectors.backends.embedded.document_types import Words

CARRIERS = (
    CarrierPart(code="sf", name=Words(zh="顺丰速运", en="SF Express"), language="zh", hotline="95338"),
    CarrierPart(code="zto", name=Words(zh="中通快递", en="ZTO Express"), language="zh", hotline="95311"),
    CarrierPart(code="yto", name=Words(zh="圆通速递", en="YTO Express"), language="zh", hotline="95554"),
    CarrierPart(code="jd", name=Words(zh="京东物流", en="JD Logistics"), language="zh", hotline="950616"),
    CarrierPart(code="yunda", name=Words(zh="韵达速递", en="Yunda Express"), language="zh", hotline="95546"),
    CarrierPart(code="dhl", name=Words(zh="DHL 国际快递", en="DHL Express"), language="en"),
    CarrierPart(code="ups", name=Words(zh="UPS 国际快递", en="UPS"), language="en"),
    CarrierPart(code="fedex", name=Words(zh="联邦快递", en="FedEx"), language="en"),
)  # fmt: skip
_CHINESE = ("sf", "zto", "yto", "jd", "yunda")
_INTERNATIONAL = ("dhl", "ups", "fedex")
_NAMES = {carrier.code: carrier.name.zh for carrier in CARRIERS}
_HOTLINES = {carrier.code: carrier.hotline for carrier in CARRIERS}


@dataclass(frozen=True)
class Trip:
    """How far a parcel has come: its last status and scan, and what came of its delivery."""

    shipped_at: datetime
    last_at: datetime
    status: S
    expected_by: datetime | None = None
    signature: Signature | None = None
    pickup_until: datetime | None = None


def make_parcel(
    random: Random, person: Person, trip: Trip, carrier: str | None = None
) -> ParcelPart:
    """A parcel to ``person`` with every scan up to where ``trip`` has come, newest first."""
    chinese = person.customer.language == "zh"
    code = carrier or random.choice(_CHINESE if chinese else _INTERNATIONAL)
    pickup = None
    if trip.status is S.AWAITING_PICKUP:
        place = "菜鸟驿站（小区东门店）" if chinese else "Corner shop, 2 Example Street"
        pickup = PickupPart(
            code=f"{random.randint(1, 9)}-{random.randint(1, 9)}-{random.randint(1000, 9999)}",
            place=place,
            until=trip.pickup_until,
        )
    steps = _steps_zh(random, person, trip, code) if chinese else _steps_en(random, person, trip)
    events = _timed(steps, trip)
    return ParcelPart(
        tracking_number=_tracking_number(random, code),
        carrier=code,
        shipped_at=trip.shipped_at,
        announced_at=trip.shipped_at,
        status=trip.status,
        events=tuple(reversed(events)),
        delivered_at=trip.last_at if trip.status is S.DELIVERED else None,
        expected_by=trip.expected_by,
        signature=trip.signature,
        pickup=pickup,
    )


def _tracking_number(random: Random, carrier: str) -> str:
    def digits(count: int) -> str:
        return "".join(random.choice("0123456789") for _ in range(count))

    shapes = {
        "sf": ("SF", 13),
        "zto": ("75", 12),
        "yto": ("YT", 13),
        "jd": ("JD", 13),
        "yunda": ("43", 13),
        "dhl": ("33", 8),
        "ups": ("1Z", 16),
        "fedex": ("98", 10),
    }
    prefix, count = shapes[carrier]
    return prefix + digits(count)


_Step = tuple[S, str, str]


def _timed(steps: list[_Step], trip: Trip) -> list[EventPart]:
    """``steps`` spread evenly from the pick-up to the last scan."""
    if not steps:
        return []
    first = trip.shipped_at + timedelta(hours=3)
    gap = (trip.last_at - first) / max(len(steps) - 1, 1)
    return [
        EventPart(
            at=trip.last_at if number == len(steps) - 1 else _whole(first + gap * number),
            status=status,
            where=where,
            description=words,
        )
        for number, (status, where, words) in enumerate(steps)
    ]


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


# How many scans of the common route lie behind a parcel of this status.
_BEHIND = {S.ANNOUNCED: 0, S.PICKED_UP: 1, S.IN_TRANSIT: 3, S.LOST: 3, S.DAMAGED: 3}


def _steps_zh(random: Random, person: Person, trip: Trip, carrier: str) -> list[_Step]:
    address, name = person.address, _NAMES[carrier]
    courier = random.choice(("小李", "小张", "王师傅", "陈师傅"))
    mobile = f"1370000{random.randint(0, 9999):04d}"
    hub = f"{address.city.removesuffix('市')}转运中心"
    branch = f"{address.district}营业部"
    road: list[_Step] = [
        (S.PICKED_UP, "杭州市", f"【杭州市】{name}余杭营业部 已揽收，揽件员：{courier}，客服电话：{_HOTLINES[carrier]}"),
        (S.IN_TRANSIT, "杭州转运中心", f"快件离开【杭州转运中心】，已发往【{hub}】"),
        (S.IN_TRANSIT, hub, f"快件到达【{hub}】"),
        (S.IN_TRANSIT, branch, f"快件已到达【{branch}】，等待派送"),
    ]  # fmt: skip
    sending: _Step = (
        S.OUT_FOR_DELIVERY,
        branch,
        f"【{branch}】的快递员 {courier}（{mobile}）正在为您派件，请保持电话畅通",
    )
    signed = {
        Signature.RECIPIENT: "您的快件已签收，签收人：本人。感谢使用，期待再次为您服务",
        Signature.SOMEBODY_ELSE: "您的快件已由他人代签收，签收人：家人/同事，如有疑问请联系快递员",
        Signature.LOCKER: "您的快件已投放至【丰巢】小区南门快递柜，系统已签收",
        Signature.DOORSTEP: "您的快件已按照约定放在门口，已签收",
    }
    ends: dict[S, list[_Step]] = {
        S.OUT_FOR_DELIVERY: [sending],
        S.DELIVERED: [
            sending,
            (S.DELIVERED, branch, signed.get(trip.signature or Signature.RECIPIENT, "快件已签收")),
        ],
        S.FAILED_ATTEMPT: [
            sending,
            (S.FAILED_ATTEMPT, branch, "派送不成功：收件人电话无人接听，将于次日再次派送"),
        ],
        S.AWAITING_PICKUP: [
            sending,
            (S.AWAITING_PICKUP, branch, "您的快件已到达【菜鸟驿站】小区东门店，请凭取件码及时领取"),
        ],
        S.RETURNING: [
            sending,
            (S.RETURNING, branch, "收件人拒收，快件退回中，正在发往【杭州转运中心】"),
        ],
        S.DAMAGED: [(S.DAMAGED, hub, "快件外包装破损，已转问题件处理，请联系客服")],
        S.LOST: [(S.LOST, hub, "快件经多次查找未果，已按遗失登记，请联系寄件方处理")],
    }  # fmt: skip
    behind = _BEHIND.get(trip.status, len(road))
    return road[:behind] + ends.get(trip.status, [])


def _steps_en(random: Random, person: Person, trip: Trip) -> list[_Step]:
    address = person.address
    local = f"{address.city}, {address.country}"
    road: list[_Step] = [
        (S.PICKED_UP, "Hangzhou, China", "Shipment picked up"),
        (S.IN_TRANSIT, "Shanghai, China", "Departed facility - Shanghai gateway"),
        (S.IN_TRANSIT, "Leipzig, Germany", "Arrived at sort facility - Leipzig hub"),
        (S.CUSTOMS, local, "Customs clearance status updated. Clearance completed"),
        (S.IN_TRANSIT, local, f"Arrived at delivery facility - {address.city}"),
    ]
    sending: _Step = (S.OUT_FOR_DELIVERY, local, "Shipment is out with courier for delivery")
    initial = person.customer.name[:1]
    signed = {
        Signature.RECIPIENT: f"Delivered - signed for by {initial}. {address.name.split()[-1]}",
        Signature.SOMEBODY_ELSE: "Delivered - left with a neighbour, signed for by R. Young",
        Signature.LOCKER: "Delivered - placed in parcel locker",
        Signature.DOORSTEP: "Delivered - left in a safe place at the front door",
    }
    ends: dict[S, list[_Step]] = {
        S.CUSTOMS: [(S.CUSTOMS, local, "Clearance event: awaiting release by customs authority")],
        S.OUT_FOR_DELIVERY: [sending],
        S.DELIVERED: [
            sending,
            (S.DELIVERED, local, signed.get(trip.signature or Signature.RECIPIENT, "Delivered")),
        ],
        S.FAILED_ATTEMPT: [
            sending,
            (S.FAILED_ATTEMPT, local, "Delivery attempted - recipient not home. Next attempt: next working day"),
        ],
        S.AWAITING_PICKUP: [
            sending,
            (S.AWAITING_PICKUP, local, "Available for collection at service point - photo ID required"),
        ],
        S.RETURNING: [
            sending,
            (S.RETURNING, local, "Recipient refused delivery. Returning to shipper"),
        ],
        S.DAMAGED: [(S.DAMAGED, "Leipzig, Germany", "Shipment damaged in handling. Under investigation")],
        S.LOST: [(S.LOST, "Leipzig, Germany", "Shipment cannot be located. Search closed; contact shipper")],
    }  # fmt: skip
    behind = _BEHIND.get(trip.status, len(road))
    if trip.status is S.CUSTOMS:
        behind = 3
    return road[:behind] + ends.get(trip.status, [])
