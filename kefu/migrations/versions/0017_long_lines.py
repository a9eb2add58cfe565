"""What a long line and many agents are read from: indexes that need no row, promises in danger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0017_long_lines"
down_revision = "0016_watches"
branch_labels = None
depends_on = None

_CONVERSATION, _PROMISE = "desk_conversation", "desk_promise"
_QUEUE = ["owner", "place_at", "id", "skill", "language", "offered_to", "queued_at"]
_AGENT = ["owner", "agent_id", "snoozed_until", "weight"]


def upgrade() -> None:
    """Add the moment of danger, and let the indexes hold what is asked of them."""
    op.add_column(_CONVERSATION, sa.Column("sla_risk_at", UtcDateTime))
    # Who has promises now is looked at; what the moment really is stands there with the next step.
    op.execute("UPDATE desk_conversation SET sla_risk_at = updated_at WHERE sla IS NOT NULL")
    op.drop_index("ix_desk_conversation_queue", _CONVERSATION)
    op.drop_index("ix_desk_conversation_agent", _CONVERSATION)
    _partial("ix_desk_conversation_queue", _CONVERSATION, _QUEUE, "owner = 'queue'")
    _partial("ix_desk_conversation_agent", _CONVERSATION, _AGENT, "owner = 'agent'")
    offered = ["offered_to", "owner", "weight"]
    _partial("ix_desk_conversation_offered", _CONVERSATION, offered, "offered_to IS NOT NULL")
    risk = ["sla_risk_at"]
    _partial("ix_desk_conversation_risk", _CONVERSATION, risk, "sla_risk_at IS NOT NULL")
    _partial("ix_desk_promise_due", _PROMISE, ["due_at", "conversation_id"], "outcome IS NULL")


def downgrade() -> None:
    """As it was before."""
    op.drop_index("ix_desk_promise_due", _PROMISE)
    op.drop_index("ix_desk_conversation_risk", _CONVERSATION)
    op.drop_index("ix_desk_conversation_offered", _CONVERSATION)
    op.drop_index("ix_desk_conversation_queue", _CONVERSATION)
    op.drop_index("ix_desk_conversation_agent", _CONVERSATION)
    queue = ["place_at", "id"]
    _partial("ix_desk_conversation_queue", _CONVERSATION, queue, "owner = 'queue'")
    _partial("ix_desk_conversation_agent", _CONVERSATION, ["agent_id"], "owner = 'agent'")
    op.drop_column(_CONVERSATION, "sla_risk_at")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
