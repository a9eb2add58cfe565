"""A refused price-protection claim says on which ground, to be told to its shopper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_claim_grounds"
down_revision = "0030_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what was refused before nobody said why."""
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.add_column(sa.Column("ground", sa.String(32)))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.drop_column("ground")
