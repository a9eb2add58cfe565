"""What channels remember: which change of owner a platform has been told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0015_sessions"
down_revision = "0014_news"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "channel_session",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("shopper_id", sa.String(200), primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("lease_until", UtcDateTime),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("channel_session")
