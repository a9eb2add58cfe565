"""The desk's queue, presence, promises and service levels."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0010_queue"
down_revision = "0009_channels"
branch_labels = None
depends_on = None

_Columns = tuple[tuple[str, sa.types.TypeEngine[Any]], ...]

_CONVERSATION: _Columns = (
    ("owner_since", UtcDateTime()),
    ("place_at", UtcDateTime()),
    ("skill", sa.String(64)),
    ("customer_group", sa.String(64)),
    ("offered_to", sa.String(32)),
    ("offer_until", UtcDateTime()),
    ("passed_by", sa.JSON()),
    ("last_agent_id", sa.String(32)),
    ("last_agent_at", UtcDateTime()),
    ("callback", sa.JSON()),
    ("snoozed_until", UtcDateTime()),
    ("sla", sa.JSON()),
    ("sla_check_at", UtcDateTime()),
    ("agreed", sa.JSON()),
)
_OWNER_CHANGE: _Columns = (
    ("by_id", sa.String(32)),
    ("lasted_s", sa.Float()),
    ("skill", sa.String(64)),
    ("priority", sa.Integer()),
)
_AGENT: _Columns = (("skills", sa.JSON()), ("languages", sa.JSON()), ("capacity", sa.Integer()))
_NEW = (
    "desk_presence",
    "desk_sla_event",
    "desk_promise",
    "desk_duty",
    "desk_rules_version",
)


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    """An index over the rows for which ``where`` holds, on both databases."""
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Add the columns and tables; who waits keeps their place."""
    for name, kind in _CONVERSATION:
        op.add_column("desk_conversation", sa.Column(name, kind))
    weight = sa.Column("weight", sa.Integer, nullable=False, server_default="1")
    op.add_column("desk_conversation", weight)
    op.execute("UPDATE desk_conversation SET place_at = queued_at, owner_since = updated_at")
    op.drop_index("ix_desk_conversation_queue", "desk_conversation")
    _partial_index(
        "ix_desk_conversation_queue", "desk_conversation", ["place_at", "id"], "owner = 'queue'"
    )
    for name, column in (
        ("offer", "offer_until"),
        ("snoozed", "snoozed_until"),
        ("sla", "sla_check_at"),
    ):
        where = f"{column} IS NOT NULL"
        _partial_index(f"ix_desk_conversation_{name}", "desk_conversation", [column], where)
    for name, kind in _OWNER_CHANGE:
        op.add_column("desk_owner_change", sa.Column(name, kind))
    op.create_index("ix_desk_owner_change_at", "desk_owner_change", ["at"])
    for name, kind in _AGENT:
        op.add_column("desk_agent", sa.Column(name, kind))
    op.create_table(
        "desk_presence",
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id"), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("busy_at", UtcDateTime),
        sa.Column("missed_offers", sa.Integer, nullable=False),
    )
    op.create_table(
        "desk_sla_event",
        sa.Column("id", sa.String(32), primary_key=True),
        _conversation_id(),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("metric", sa.String(16), nullable=False),
        sa.Column("policy", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False, index=True),
        sa.Column("target_s", sa.Float, nullable=False),
        sa.Column("spent_s", sa.Float, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("remedy", sa.String(16)),
        sa.Column("agent_id", sa.String(32)),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("skill", sa.String(64)),
    )
    op.create_index("ix_desk_sla_event_conversation", "desk_sla_event", ["conversation_id", "at"])
    op.create_table(
        "desk_promise",
        sa.Column("id", sa.String(32), primary_key=True),
        _conversation_id(),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("low_s", sa.Float, nullable=False),
        sa.Column("high_s", sa.Float, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("settled_at", UtcDateTime),
    )
    _partial_index("ix_desk_promise_open", "desk_promise", ["conversation_id"], "outcome IS NULL")
    op.create_table(
        "desk_duty",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("worker", sa.String(200), nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
    op.create_table(
        "desk_rules_version",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _conversation_id() -> sa.Column[str]:
    key = sa.ForeignKey("desk_conversation.id")
    return sa.Column("conversation_id", sa.String(32), key, nullable=False)


def downgrade() -> None:
    """Drop what was added."""
    for table in _NEW:
        op.drop_table(table)
    op.drop_index("ix_desk_owner_change_at", "desk_owner_change")
    for name in ("queue", "offer", "snoozed", "sla"):
        op.drop_index(f"ix_desk_conversation_{name}", "desk_conversation")
    for name, _ in _AGENT:
        op.drop_column("desk_agent", name)
    for name, _ in _OWNER_CHANGE:
        op.drop_column("desk_owner_change", name)
    op.drop_column("desk_conversation", "weight")
    for name, _ in _CONVERSATION:
        op.drop_column("desk_conversation", name)
    _partial_index(
        "ix_desk_conversation_queue",
        "desk_conversation",
        ["priority", "queued_at"],
        "owner = 'queue'",
    )
