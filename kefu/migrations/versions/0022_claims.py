"""A price-protection claim has states: a person may have to decide on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_claims"
down_revision = "0021_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was claimed before was granted at once."""
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.add_column(
            sa.Column("status", sa.String(16), nullable=False, server_default="granted")
        )
        claims.add_column(sa.Column("decided_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE shop_price_claims SET decided_at = claimed_at")
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.alter_column("status", server_default=None)


def downgrade() -> None:
    """Drop the columns, and the claims that nobody granted."""
    op.execute("DELETE FROM shop_price_claims WHERE status <> 'granted'")
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.drop_column("decided_at")
        claims.drop_column("status")
