"""Numbers that were left to be called at are found again when it is time to forget them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_forgotten_numbers"
down_revision = "0031_claim_grounds"
branch_labels = None
depends_on = None

_TABLE, _INDEX = "desk_owner_change", "ix_desk_owner_change_contact"


def upgrade() -> None:
    """Add the index of those that are still known."""
    is_known = sa.text("call_contact IS NOT NULL")
    op.create_index(_INDEX, _TABLE, ["at"], sqlite_where=is_known, postgresql_where=is_known)


def downgrade() -> None:
    """Remove it."""
    op.drop_index(_INDEX, _TABLE)
