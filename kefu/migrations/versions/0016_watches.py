"""Parcels whose carriers are asked, or have been told to tell us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0016_watches"
down_revision = "0015_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "watch_parcel",
        sa.Column("tracking_number", sa.String(64), primary_key=True),
        sa.Column("order_number", sa.String(64), nullable=False),
        sa.Column("carrier", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("announced_at", UtcDateTime, nullable=False),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("subscriptions", sa.Integer, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
    )
    op.create_index("ix_watch_parcel_due", "watch_parcel", ["carrier", "next_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("watch_parcel")
