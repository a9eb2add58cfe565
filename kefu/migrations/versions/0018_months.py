"""What reports read of months that are over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_months"
down_revision = "0017_long_lines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the months of days that are added up already are due."""
    op.create_table(
        "desk_month",
        sa.Column("dimension", sa.String(16), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("measures", sa.JSON, nullable=False),
    )
    op.create_table("desk_stale_month", sa.Column("month", sa.String(7), primary_key=True))
    op.execute(
        "INSERT INTO desk_stale_month (month) SELECT DISTINCT substr(day, 1, 7) FROM desk_day"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("desk_stale_month")
    op.drop_table("desk_month")
