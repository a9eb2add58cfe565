"""A change of cases while their sums are made leaves another mark than the one seen before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_marks"
down_revision = "0024_replies"
branch_labels = None
depends_on = None

_TABLES = ("desk_stale_day", "desk_stale_month")


def upgrade() -> None:
    """Add the marks."""
    for table in _TABLES:
        op.add_column(table, sa.Column("mark", sa.String(32)))


def downgrade() -> None:
    """Remove them."""
    for table in reversed(_TABLES):
        op.drop_column(table, "mark")
