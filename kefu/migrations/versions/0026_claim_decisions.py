"""A price-protection claim says who decided on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_claim_decisions"
down_revision = "0025_marks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty where nobody had to decide; the audit lines know who did."""
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.add_column(sa.Column("decided_by", sa.String(64), nullable=False, server_default=""))
    op.execute(
        "UPDATE shop_price_claims SET decided_by = COALESCE((SELECT MAX(actor) FROM shop_audit"
        " WHERE subject = shop_price_claims.number AND action = 'decide_claim'), '')"
    )
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.alter_column("decided_by", server_default=None)


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("shop_price_claims") as claims:
        claims.drop_column("decided_by")
