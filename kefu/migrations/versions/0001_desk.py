"""The desk: conversations, messages, deliveries, agents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0001_desk"
down_revision = None
branch_labels = None
depends_on = None


def _partial_index(name: str, table: str, columns: list[str | sa.TextClause], where: str) -> None:
    """An index over the rows for which ``where`` holds, on both databases."""
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Create the desk's tables."""
    op.create_table(
        "desk_agent",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("login", sa.String(200), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "desk_agent_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id"), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    )
    op.create_table(
        "desk_login_attempt",
        sa.Column("login_hash", sa.String(64), primary_key=True),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False, index=True),
    )
    _create_conversations()
    _create_messages()
    _create_deliveries()


def _create_conversations() -> None:
    op.create_table(
        "desk_conversation",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("shopper_id", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id")),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("customer", sa.JSON),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("last_shopper_seq", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("queued_at", UtcDateTime),
        sa.Column("handoff", sa.JSON),
        sa.Column("lease_token", sa.String(32)),
        sa.Column("lease_worker", sa.String(200)),
        sa.Column("lease_until", UtcDateTime),
        sa.UniqueConstraint("channel", "shopper_id", name="uq_desk_conversation_shopper"),
    )
    _partial_index(
        "ix_desk_conversation_queue",
        "desk_conversation",
        [sa.text("priority DESC"), "queued_at"],
        "owner = 'queue'",
    )
    _partial_index(
        "ix_desk_conversation_agent", "desk_conversation", ["agent_id"], "owner = 'agent'"
    )
    op.create_table(
        "desk_owner_change",
        sa.Column(
            "conversation_id",
            sa.String(32),
            sa.ForeignKey("desk_conversation.id"),
            primary_key=True,
        ),
        sa.Column("epoch", sa.Integer, primary_key=True),
        sa.Column("move", sa.String(16), nullable=False),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id")),
        sa.Column("note", sa.Text),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _create_messages() -> None:
    op.create_table(
        "desk_message",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "conversation_id", sa.String(32), sa.ForeignKey("desk_conversation.id"), nullable=False
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id")),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.Column("in_reply_to", sa.String(32)),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("turn_state", sa.String(16)),
        sa.Column("turn_attempts", sa.Integer, nullable=False),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_desk_message_seq"),
        sa.UniqueConstraint(
            "conversation_id", "author", "external_id", name="uq_desk_message_external"
        ),
    )
    _partial_index(
        "ix_desk_message_pending",
        "desk_message",
        ["conversation_id", "seq"],
        "turn_state = 'pending'",
    )
    _partial_index(
        "ix_desk_message_reply", "desk_message", ["in_reply_to"], "in_reply_to IS NOT NULL"
    )


def _create_deliveries() -> None:
    op.create_table(
        "desk_delivery",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "conversation_id", sa.String(32), sa.ForeignKey("desk_conversation.id"), nullable=False
        ),
        sa.Column(
            "message_id",
            sa.String(32),
            sa.ForeignKey("desk_message.id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("lease_worker", sa.String(200)),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("error", sa.Text),
    )
    _partial_index("ix_desk_delivery_due", "desk_delivery", ["due_at"], "state = 'due'")
    _partial_index(
        "ix_desk_delivery_order", "desk_delivery", ["conversation_id", "seq"], "state = 'due'"
    )


def downgrade() -> None:
    """Remove the desk's tables, and with them every conversation."""
    for table in (
        "desk_delivery",
        "desk_message",
        "desk_owner_change",
        "desk_conversation",
        "desk_login_attempt",
        "desk_agent_session",
        "desk_agent",
    ):
        op.drop_table(table)
