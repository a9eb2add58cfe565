"""The table of news that waits to be told or was told."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, UniqueConstraint, text

from desk.tables import metadata
from kernel.database import UtcDateTime

news = Table(
    "desk_news",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("event", String(32), nullable=False),
    Column("order_number", String(64), nullable=False),
    Column("about", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("asked_in", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("message_id", String(32), ForeignKey("desk_message.id")),
    UniqueConstraint("customer_id", "key", name="uq_desk_news_key"),
)
Index(
    "ix_desk_news_waiting",
    news.c.due_at,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index("ix_desk_news_customer", news.c.customer_id, news.c.state, news.c.settled_at)
