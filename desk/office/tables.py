"""The tables of agents' tools."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from desk.tables import metadata
from kernel.database import UtcDateTime

_CONVERSATION = "desk_conversation.id"
_AGENT = "desk_agent.id"

note = Table(
    "desk_note",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("agent_id", String(32), ForeignKey(_AGENT), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_desk_note_conversation", note.c.conversation_id, note.c.at)

mention = Table(
    "desk_mention",
    metadata,
    Column("note_id", String(32), ForeignKey("desk_note.id"), primary_key=True),
    Column("agent_id", String(32), ForeignKey(_AGENT), primary_key=True),
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),
)
Index("ix_desk_mention_agent", mention.c.agent_id, mention.c.seen_at)
Index("ix_desk_mention_conversation", mention.c.conversation_id, mention.c.agent_id)

tag = Table(
    "desk_tag",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("tag", String(40), primary_key=True),
    Column("agent_id", String(32), ForeignKey(_AGENT), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_desk_tag_tag", tag.c.tag)

snooze = Table(
    "desk_snooze",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("agent_id", String(32), ForeignKey(_AGENT), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
)

canned = Table(
    "desk_canned",
    metadata,
    Column("id", String(32), primary_key=True),
    # One name space for each owner; everybody's replies have the empty owner.
    Column("owner", String(32), nullable=False),
    Column("shortcut", String(40), nullable=False),
    Column("title", String(200), nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
Index("uq_desk_canned_shortcut", canned.c.owner, canned.c.shortcut, unique=True)

read = Table(
    "desk_read",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("reader", String(32), primary_key=True),
    Column("seq", Integer, nullable=False),
)

link = Table(
    "desk_link",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("into_id", String(32), ForeignKey(_CONVERSATION), nullable=False, index=True),
    Column("agent_id", String(32), ForeignKey(_AGENT), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

audit = Table(
    "desk_audit",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("agent_id", String(32), ForeignKey(_AGENT)),
    Column("deed", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", JSON, nullable=False),
)
Index("ix_desk_audit_at", audit.c.at, audit.c.id)

# How far a conversation's messages are in the search index.
indexed = Table(
    "desk_indexed",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("seq", Integer, nullable=False),
)

progress = Table(
    "desk_progress",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# Which team an agent is in, and whether they still work here.
member = Table(
    "desk_member",
    metadata,
    Column("agent_id", String(32), ForeignKey(_AGENT), primary_key=True),
    Column("team", String(80), nullable=False),
    Column("active", Boolean, nullable=False),
)
