"""The embedded shop's tables of news and of who wants to know of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table, text

from connectors.backends.embedded.tables import metadata
from kernel.database import UtcDateTime

# News outlives what it is about: an imported shop may know other orders and customers.
news = Table(
    "shop_news",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("event", String(32), nullable=False),
    Column("customer_id", String(64), nullable=False),
    Column("order_number", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
)
Index(
    "ix_shop_news_untold",
    news.c.noted_at,
    sqlite_where=text("settled_at IS NULL"),
    postgresql_where=text("settled_at IS NULL"),
)

# A wish for every order has an empty order number: it is part of the key.
wishes = Table(
    "shop_news_wishes",
    metadata,
    Column("customer_id", String(64), primary_key=True),
    Column("conversation_id", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("order_number", String(32), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)
Index("ix_shop_news_wishes_conversation", wishes.c.conversation_id)
