"""The table of parcels that are watched."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, Table

from kernel.database import UtcDateTime

metadata = MetaData()

parcel = Table(
    "watch_parcel",
    metadata,
    Column("tracking_number", String(64), primary_key=True),
    Column("order_number", String(64), nullable=False),
    Column("carrier", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("announced_at", UtcDateTime, nullable=False),
    # When it is seen to next: never sooner, whoever starts anew in between.
    Column("next_at", UtcDateTime, nullable=False),
    # How often in a row nobody answered, and how often it was subscribed.
    Column("failures", Integer, nullable=False),
    Column("subscriptions", Integer, nullable=False),
    # What the tracker said last.
    Column("code", String(32), nullable=False),
)
Index("ix_watch_parcel_due", parcel.c.carrier, parcel.c.next_at)
