"""Calls that shoppers wished for and got, and replies within thirty seconds, of each case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0027_calls"
down_revision = "0026_claim_decisions"
branch_labels = None
depends_on = None

_MOMENTS = ("call_asked_at", "call_made_at")
_COUNTS = ("reply_asked_from_9", "reply_within_30s", "call_asked", "call_made")


def upgrade() -> None:
    """Add them; what was over before counts nothing."""
    for name in _MOMENTS:
        op.add_column("desk_owner_change", sa.Column(name, UtcDateTime))
    for name in _COUNTS:
        op.add_column("desk_case", sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove them."""
    for name in reversed(_COUNTS):
        op.drop_column("desk_case", name)
    for name in reversed(_MOMENTS):
        op.drop_column("desk_owner_change", name)
