"""Indexes for what pages ask of everything that was ever said, promised, scored and served."""

from __future__ import annotations

from alembic import op

revision = "0021_plans"
down_revision = "0020_exchange_money"
branch_labels = None
depends_on = None

_NEW = (
    ("ix_desk_mention_conversation", "desk_mention", ["conversation_id", "agent_id"]),
    ("ix_desk_promise_conversation", "desk_promise", ["conversation_id", "epoch", "number"]),
    ("ix_desk_case_agent", "desk_case", ["agent_id", "day", "conversation_id"]),
    ("ix_desk_quality_at", "desk_quality", ["at", "id"]),
)
_QUALITY = "ix_desk_quality_agent"


def upgrade() -> None:
    """Add them."""
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    op.drop_index(_QUALITY, "desk_quality")
    op.create_index(_QUALITY, "desk_quality", ["agent_id", "at", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(_QUALITY, "desk_quality")
    op.create_index(_QUALITY, "desk_quality", ["agent_id", "at"])
    for name, table, _ in reversed(_NEW):
        op.drop_index(name, table)
