"""What the carriers said of the embedded shop's parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.carriers.model import (
    AT_REST,
    Carrier,
    ParcelUnderWay,
    Pickup,
    Shipment,
    ShipmentStatus,
    Signature,
    TrackingEvent,
)
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read
from connectors.backends.embedded.orders import number_key
from connectors.backends.text import Bilingual
from kernel.errors import NotFound


@dataclass(frozen=True)
class EmbeddedCarriers:
    """(see Carriers)"""

    engine: AsyncEngine

    async def track(self, tracking_number: str) -> Shipment:
        """(see Carriers)"""
        async with read(self.engine) as connection:
            return await load_shipment(connection, number_key(tracking_number))

    async def under_way(
        self, since: datetime, after: str, limit: int
    ) -> tuple[ParcelUnderWay, ...]:
        """(see Carriers)"""
        parcel = tables.parcels.c
        question = (
            select(parcel.tracking_number, parcel.order_number, parcel.carrier, parcel.announced_at)
            .where(
                parcel.tracking_number > after,
                parcel.announced_at >= since,
                parcel.status.not_in([status.value for status in AT_REST]),
            )
            .order_by(parcel.tracking_number)
            .limit(limit)
        )
        async with read(self.engine) as connection:
            found = await connection.execute(question)
            return tuple(ParcelUnderWay(**row) for row in found.mappings())


async def load_shipment(connection: AsyncConnection, key: str) -> Shipment:
    """What the carrier of the parcel says; raises NotFound."""
    parcels, carriers, events = tables.parcels, tables.carriers, tables.tracking_events
    head = await connection.execute(
        select(parcels, carriers)
        .join(carriers, carriers.c.code == parcels.c.carrier)
        .where(parcels.c.tracking_number == key)
    )
    row = head.mappings().first()
    if row is None:
        raise NotFound("shipment")
    scans = await connection.execute(
        select(events)
        .where(events.c.tracking_number == key)
        .order_by(events.c.at.desc(), events.c.position)
    )
    return _shipment(row, tuple(_event(scan) for scan in scans.mappings()))


def _event(row: RowMapping) -> TrackingEvent:
    return TrackingEvent(row["at"], ShipmentStatus(row["status"]), row["place"], row["description"])


def _shipment(row: RowMapping, events: tuple[TrackingEvent, ...]) -> Shipment:
    pickup = None
    if row["pickup_code"] is not None:
        pickup = Pickup(row["pickup_code"], row["pickup_place"] or "", row["pickup_until"])
    return Shipment(
        tracking_number=row["tracking_number"],
        carrier=Carrier(
            code=row["code"],
            name=Bilingual(row["name_zh"], row["name_en"]),
            hotline=row["hotline"],
            language=row["language"],
        ),
        status=ShipmentStatus(row["status"]),
        events=events,
        announced_at=row["announced_at"],
        expected_by=row["expected_by"],
        signature=Signature(row["signature"]) if row["signature"] else None,
        pickup=pickup,
    )
