"""The shop remembers what an exchange was charged as, and a payment the code of its bank."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_exchange_money"
down_revision = "0019_consents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("shop_payment_attempts") as attempts:
        attempts.add_column(sa.Column("code", sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("shop_exchanges") as exchanges:
        exchanges.add_column(sa.Column("tender_id", sa.String(64)))
        exchanges.add_column(sa.Column("payment_id", sa.String(64)))
        exchanges.create_foreign_key(
            "fk_shop_exchanges_payment", "shop_payments", ["payment_id"], ["id"]
        )


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("shop_exchanges") as exchanges:
        exchanges.drop_constraint("fk_shop_exchanges_payment", type_="foreignkey")
        exchanges.drop_column("payment_id")
        exchanges.drop_column("tender_id")
    with op.batch_alter_table("shop_payment_attempts") as attempts:
        attempts.drop_column("code")
