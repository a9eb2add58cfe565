"""What shoppers allow by a platform's message templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0019_consents"
down_revision = "0018_months"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "channel_consent",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("shopper_id", sa.String(200), primary_key=True),
        sa.Column("template_id", sa.String(128), primary_key=True),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("event", sa.String(200), nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("channel_consent")
