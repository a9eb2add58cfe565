"""What supervisors are called for is found at once, and who of them has seen it is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0023_alarms"
down_revision = "0022_claims"
branch_labels = None
depends_on = None

_EVENT = "desk_sla_event"
_INDEX = "ix_desk_sla_event_remedy"


def upgrade() -> None:
    """Add the table and the index."""
    told = sa.text("remedy IS NOT NULL")
    op.create_index(_INDEX, _EVENT, ["remedy", "at"], sqlite_where=told, postgresql_where=told)
    op.create_table(
        "desk_alarm_seen",
        sa.Column("event_id", sa.String(32), sa.ForeignKey("desk_sla_event.id"), primary_key=True),
        sa.Column("agent_id", sa.String(32), sa.ForeignKey("desk_agent.id"), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("desk_alarm_seen")
    op.drop_index(_INDEX, _EVENT)
