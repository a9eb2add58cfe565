"""How many replies of people came within the platforms' three and five minutes, of each case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_replies"
down_revision = "0023_alarms"
branch_labels = None
depends_on = None

_COUNTS = ("reply_asked", "reply_within_3", "reply_within_5")


def upgrade() -> None:
    """Add the counts; cases that were made before count nothing."""
    for name in _COUNTS:
        op.add_column("desk_case", sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove them."""
    for name in reversed(_COUNTS):
        op.drop_column("desk_case", name)
