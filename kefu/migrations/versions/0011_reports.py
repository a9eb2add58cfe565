"""Reports: surveys, cases, sums of days, score sheets; teams."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0011_reports"
down_revision = "0010_queue"
branch_labels = None
depends_on = None

_END = sa.text("after = 'closed' OR move = 'reopen'")


def _conversation(**options: Any) -> sa.Column[str]:
    return sa.Column(
        "conversation_id",
        sa.String(32),
        sa.ForeignKey("desk_conversation.id"),
        nullable=False,
        **options,
    )


def _agent(name: str = "agent_id", **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), sa.ForeignKey("desk_agent.id"), **options)


def upgrade() -> None:
    """Create the tables."""
    op.create_index(
        "ix_desk_owner_change_end",
        "desk_owner_change",
        ["at"],
        sqlite_where=_END,
        postgresql_where=_END,
    )
    op.create_table(
        "desk_member",
        _agent(primary_key=True),
        sa.Column("team", sa.String(80), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "desk_survey",
        sa.Column("id", sa.String(32), primary_key=True),
        _conversation(),
        sa.Column("epoch", sa.Integer, nullable=False),
        _agent(),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.Column("score", sa.Integer),
        sa.Column("solved", sa.Boolean),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation_id", "epoch", name="uq_desk_survey_case"),
    )
    _create_cases()
    op.create_table(
        "desk_day",
        sa.Column("dimension", sa.String(16), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("measures", sa.JSON, nullable=False),
    )
    op.create_table("desk_stale_day", sa.Column("day", sa.String(10), primary_key=True))
    op.create_table(
        "desk_quality",
        sa.Column("id", sa.String(32), primary_key=True),
        _conversation(),
        sa.Column("epoch", sa.Integer, nullable=False),
        _agent(),
        _agent("by_id", nullable=False),
        sa.Column("marks", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("conversation_id", "epoch", "by_id", name="uq_desk_quality_case"),
    )
    op.create_index("ix_desk_quality_agent", "desk_quality", ["agent_id", "at"])


def _create_cases() -> None:
    op.create_table(
        "desk_case",
        _conversation(primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("journey", sa.String(64), nullable=False),
        _agent(),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("waited_s", sa.Float),
        sa.Column("first_response_s", sa.Float),
        sa.Column("resolution_s", sa.Float),
        sa.Column("sla_kept", sa.Integer, nullable=False),
        sa.Column("sla_missed", sa.Integer, nullable=False),
        sa.Column("promise", sa.String(16)),
        sa.Column("score", sa.Integer),
        sa.Column("solved", sa.Boolean),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
    )
    op.create_index("ix_desk_case_day", "desk_case", ["day"])
    op.create_index("ix_desk_case_journey", "desk_case", ["journey", "outcome", "closed_at"])
    op.create_table(
        "desk_stale_case",
        _conversation(primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True),
    )


def downgrade() -> None:
    """Remove the reports; what they were made from stays."""
    for table in (
        "desk_quality",
        "desk_stale_day",
        "desk_day",
        "desk_stale_case",
        "desk_case",
        "desk_survey",
        "desk_member",
    ):
        op.drop_table(table)
    op.drop_index("ix_desk_owner_change_end", "desk_owner_change")
