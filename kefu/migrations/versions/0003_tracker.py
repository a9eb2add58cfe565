"""The dialogue's memory: tracker events and the state they are read from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0003_tracker"
down_revision = "0002_shop"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, unless a plain `rasa run` on this database has made them already."""
    op.create_table(
        "trackers",
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("base_seq", sa.BigInteger, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_trackers_updated_at", "trackers", ["updated_at"], if_not_exists=True)
    op.create_table(
        "tracker_events",
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.String(255)),
        sa.Column("event", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index(
        "ix_tracker_events_message_id",
        "tracker_events",
        ["conversation_id", "message_id"],
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
        if_not_exists=True,
    )


def downgrade() -> None:
    """Drop the tables and what they remember."""
    op.drop_table("tracker_events")
    op.drop_table("trackers")
