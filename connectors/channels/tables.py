"""What channels remember: callbacks, how far a platform was read, access tokens, bindings."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, Text, text

from kernel.database import UtcDateTime

metadata = MetaData()

inbox = Table(
    "channel_inbox",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("shopper_id", String(200), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    # Forgotten as soon as it is worked on: the desk has it then.
    Column("payload", JSON(none_as_null=True)),
    Column("lease_worker", String(200)),
    Column("lease_until", UtcDateTime),
)
Index(
    "ix_channel_inbox_waiting",
    inbox.c.channel,
    inbox.c.shopper_id,
    sqlite_where=text("payload IS NOT NULL"),
    postgresql_where=text("payload IS NOT NULL"),
)
Index("ix_channel_inbox_received", inbox.c.received_at)

access_token = Table(
    "channel_access_token",
    metadata,
    Column("account", String(200), primary_key=True),
    Column("token", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("refreshing_until", UtcDateTime),
)

binding = Table(
    "channel_binding",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("shopper_id", String(200), primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
)

cursor = Table(
    "channel_cursor",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("account", String(200), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("token_at", UtcDateTime, nullable=False),
    # How often the platform has called, and how many of its calls have been followed.
    Column("nudges", Integer, nullable=False),
    Column("read_nudges", Integer, nullable=False),
    Column("lease_worker", String(200)),
    Column("lease_until", UtcDateTime),
)

session = Table(
    "channel_session",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("shopper_id", String(200), primary_key=True),
    # The change of owner that the platform was told of last, and who became the owner by it.
    Column("epoch", Integer, nullable=False),
    Column("owner", String(16), nullable=False),
    Column("lease_until", UtcDateTime),
)

consent = Table(
    "channel_consent",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("shopper_id", String(200), primary_key=True),
    Column("template_id", String(128), primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(32), nullable=False),
    # The event that told of it last: told again it counts once.
    Column("event", String(200), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
