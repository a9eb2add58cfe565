"""A wish to be called that nobody has fulfilled stays open when its conversation closes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029_open_calls"
down_revision = "0028_differences"
branch_labels = None
depends_on = None

_TABLE, _INDEX = "desk_owner_change", "ix_desk_owner_change_call"


def upgrade() -> None:
    """Add the number and who called it, and an index of what is open."""
    op.add_column(_TABLE, sa.Column("call_contact", sa.String(40)))
    op.add_column(_TABLE, sa.Column("call_made_by", sa.String(32)))
    is_open = sa.text("call_asked_at IS NOT NULL AND call_made_at IS NULL")
    op.create_index(
        _INDEX, _TABLE, ["conversation_id"], sqlite_where=is_open, postgresql_where=is_open
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index(_INDEX, _TABLE)
    op.drop_column(_TABLE, "call_made_by")
    op.drop_column(_TABLE, "call_contact")
