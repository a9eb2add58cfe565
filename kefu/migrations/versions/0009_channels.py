"""What channels remember: callbacks, access tokens, bindings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0009_channels"
down_revision = "0008_service"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "channel_inbox",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("shopper_id", sa.String(200), nullable=False),
        sa.Column("sent_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("payload", sa.JSON),
        sa.Column("lease_worker", sa.String(200)),
        sa.Column("lease_until", UtcDateTime),
    )
    waiting = sa.text("payload IS NOT NULL")
    op.create_index(
        "ix_channel_inbox_waiting",
        "channel_inbox",
        ["channel", "shopper_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_channel_inbox_received", "channel_inbox", ["received_at"])
    op.create_table(
        "channel_access_token",
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("refreshing_until", UtcDateTime),
    )
    op.create_table(
        "channel_binding",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("shopper_id", sa.String(200), primary_key=True),
        sa.Column("customer_id", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("bound_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("channel_binding", "channel_access_token", "channel_inbox"):
        op.drop_table(table)
