"""Tables of the dialogue's memory: one row an event, one row a conversation."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table, Text, text

from kernel.database import UtcDateTime

metadata = MetaData()

# ``version`` is the sequence number of the last event: it rises with every save and is the key to
# noticing that another process has written. ``base`` is the state before event ``base_seq + 1``;
# nothing older needs to be read to go on with the conversation.
trackers = Table(
    "trackers",
    metadata,
    Column("conversation_id", String(255), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("base_seq", BigInteger, nullable=False),
    Column("base", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_trackers_updated_at", "updated_at"),
)

# ``message_id`` is set on what a shopper said: it leads back to the turn of a repeated message.
tracker_events = Table(
    "tracker_events",
    metadata,
    Column("conversation_id", String(255), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("message_id", String(255)),
    Column("event", Text, nullable=False),
    Index(
        "ix_tracker_events_message_id",
        "conversation_id",
        "message_id",
        sqlite_where=text("message_id IS NOT NULL"),
        postgresql_where=text("message_id IS NOT NULL"),
    ),
)
