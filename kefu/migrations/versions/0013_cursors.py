"""What channels remember: how far a platform was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0013_cursors"
down_revision = "0012_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "channel_cursor",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(200), primary_key=True),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("token_at", UtcDateTime, nullable=False),
        sa.Column("nudges", sa.Integer, nullable=False),
        sa.Column("read_nudges", sa.Integer, nullable=False),
        sa.Column("lease_worker", sa.String(200)),
        sa.Column("lease_until", UtcDateTime),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("channel_cursor")
