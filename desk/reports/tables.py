"""The tables of reports."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from desk.tables import metadata
from kernel.database import UtcDateTime

_CONVERSATION = "desk_conversation.id"
_AGENT = "desk_agent.id"

survey = Table(
    "desk_survey",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), nullable=False),
    # The epoch that began with the closing: it names the case.
    Column("epoch", Integer, nullable=False),
    Column("agent_id", String(32), ForeignKey(_AGENT)),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("score", Integer),
    Column("solved", Boolean),
    Column("reasons", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    UniqueConstraint("conversation_id", "epoch", name="uq_desk_survey_case"),
)

case = Table(
    "desk_case",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=False),
    # The day and hour of opening where the shop is.
    Column("day", String(10), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("language", String(16)),
    Column("journey", String(64), nullable=False),
    Column("agent_id", String(32), ForeignKey(_AGENT)),
    Column("outcome", String(16), nullable=False),
    Column("waited_s", Float),
    Column("first_response_s", Float),
    Column("resolution_s", Float),
    Column("sla_kept", Integer, nullable=False),
    Column("sla_missed", Integer, nullable=False),
    Column("promise", String(16)),
    Column("reply_asked", Integer, nullable=False, server_default="0"),
    Column("reply_within_3", Integer, nullable=False, server_default="0"),
    Column("reply_within_5", Integer, nullable=False, server_default="0"),
    Column("reply_asked_from_9", Integer, nullable=False, server_default="0"),
    Column("reply_within_30s", Integer, nullable=False, server_default="0"),
    # How often the shopper left a number to be called at, and how often it was called.
    Column("call_asked", Integer, nullable=False, server_default="0"),
    Column("call_made", Integer, nullable=False, server_default="0"),
    Column("score", Integer),
    Column("solved", Boolean),
    Column("reasons", JSON, nullable=False),
    Column("request", Text, nullable=False),
)
Index("ix_desk_case_day", case.c.day)
# Samples of one agent's cases, the newest days first.
Index("ix_desk_case_agent", case.c.agent_id, case.c.day, case.c.conversation_id)
Index("ix_desk_case_journey", case.c.journey, case.c.outcome, case.c.closed_at)

# Cases of which more is known since they were made.
stale_case = Table(
    "desk_stale_case",
    metadata,
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), primary_key=True),
    Column("epoch", Integer, primary_key=True),
)

# One row a day and key of each dimension: what views add up instead of cases.
day = Table(
    "desk_day",
    metadata,
    Column("dimension", String(16), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("measures", JSON, nullable=False),
)

# The same of months that are over, from the rows of their days; one that is stale is not read.
month = Table(
    "desk_month",
    metadata,
    Column("dimension", String(16), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("measures", JSON, nullable=False),
)

# Sums to be made anew (desk.reports.marks).
stale_month = Table(
    "desk_stale_month",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("mark", String(32)),
)

stale_day = Table(
    "desk_stale_day",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("mark", String(32)),
)

quality = Table(
    "desk_quality",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), ForeignKey(_CONVERSATION), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("agent_id", String(32), ForeignKey(_AGENT)),
    Column("by_id", String(32), ForeignKey(_AGENT), nullable=False),
    Column("marks", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "epoch", "by_id", name="uq_desk_quality_case"),
)
Index("ix_desk_quality_agent", quality.c.agent_id, quality.c.at, quality.c.id)
Index("ix_desk_quality_at", quality.c.at, quality.c.id)
