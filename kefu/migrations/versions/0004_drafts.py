"""One table of drafts for every verb of the shop; audit lines that say who, why, before, after."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0004_drafts"
down_revision = "0003_tracker"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts live for minutes: those of returns are not taken along, audit lines are."""
    op.drop_table("shop_return_drafts")
    op.create_table(
        "shop_drafts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("prepared_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("committed_at", UtcDateTime()),
        sa.Column("result", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_drafts_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_drafts")),
    )
    op.create_index(op.f("ix_shop_drafts_customer_id"), "shop_drafts", ["customer_id"])
    with op.batch_alter_table("shop_audit") as audit:
        audit.add_column(
            sa.Column("actor", sa.String(64), nullable=False, server_default="shopper")
        )
        audit.add_column(sa.Column("draft_id", sa.String(64)))
        audit.add_column(sa.Column("rule", sa.String(64), nullable=False, server_default=""))
        audit.add_column(sa.Column("state_before", sa.JSON()))
        audit.alter_column("details", new_column_name="state_after", existing_type=sa.JSON())
    with op.batch_alter_table("shop_audit") as audit:
        audit.alter_column("actor", existing_type=sa.String(64), server_default=None)
        audit.alter_column("rule", existing_type=sa.String(64), server_default=None)


def downgrade() -> None:
    """Back to drafts of returns alone."""
    with op.batch_alter_table("shop_audit") as audit:
        audit.alter_column("state_after", new_column_name="details", existing_type=sa.JSON())
        for name in ("actor", "draft_id", "rule", "state_before"):
            audit.drop_column(name)
    op.drop_index(op.f("ix_shop_drafts_customer_id"), "shop_drafts")
    op.drop_table("shop_drafts")
    op.create_table(
        "shop_return_drafts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("return_number", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_return_drafts_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"],
            ["shop_orders.number"],
            name=op.f("fk_shop_return_drafts_order_number"),
        ),
        sa.ForeignKeyConstraint(
            ["return_number"],
            ["shop_returns.number"],
            name=op.f("fk_shop_return_drafts_return_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_return_drafts")),
        sa.UniqueConstraint("return_number", name=op.f("uq_shop_return_drafts_return_number")),
    )
    op.create_index(
        op.f("ix_shop_return_drafts_order_number"), "shop_return_drafts", ["order_number"]
    )
