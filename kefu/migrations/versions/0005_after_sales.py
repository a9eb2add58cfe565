"""Address books, stored tenders, cancelled units, delivery slots, notes and intercepts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0005_after_sales"
down_revision = "0004_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and columns; nothing that is there changes its meaning."""
    op.create_table(
        "shop_addresses",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_addresses_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_addresses")),
    )
    op.create_index(op.f("ix_shop_addresses_customer_id"), "shop_addresses", ["customer_id"])
    op.create_table(
        "shop_stored_tenders",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tender", sa.String(32), nullable=False),
        sa.Column("hint", sa.String(32), nullable=False),
        sa.Column("balance_minor", sa.BigInteger()),
        sa.Column("currency", sa.String(3)),
        sa.Column("expires_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_stored_tenders_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_stored_tenders")),
    )
    op.create_index(
        op.f("ix_shop_stored_tenders_customer_id"), "shop_stored_tenders", ["customer_id"]
    )
    op.create_table(
        "shop_order_notes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("due_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_order_notes_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_order_notes")),
    )
    op.create_index(op.f("ix_shop_order_notes_order_number"), "shop_order_notes", ["order_number"])
    op.create_table(
        "shop_intercepts",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("tracking_number", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("address", sa.JSON()),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_intercepts_order_number")
        ),
        sa.ForeignKeyConstraint(
            ["tracking_number"],
            ["shop_parcels.tracking_number"],
            name=op.f("fk_shop_intercepts_tracking_number"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_intercepts")),
    )
    op.create_index(op.f("ix_shop_intercepts_order_number"), "shop_intercepts", ["order_number"])
    with op.batch_alter_table("shop_orders") as orders:
        orders.add_column(sa.Column("slot", sa.JSON()))
    with op.batch_alter_table("shop_order_lines") as lines:
        lines.add_column(sa.Column("cancelled", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("shop_order_lines") as lines:
        lines.alter_column("cancelled", existing_type=sa.Integer(), server_default=None)
    with op.batch_alter_table("shop_payments") as payments:
        payments.add_column(sa.Column("stored_id", sa.String(64)))
        payments.create_foreign_key(
            op.f("fk_shop_payments_stored_id"), "shop_stored_tenders", ["stored_id"], ["id"]
        )


def downgrade() -> None:
    """Drop them again."""
    with op.batch_alter_table("shop_payments") as payments:
        payments.drop_constraint(op.f("fk_shop_payments_stored_id"), type_="foreignkey")
        payments.drop_column("stored_id")
    with op.batch_alter_table("shop_order_lines") as lines:
        lines.drop_column("cancelled")
    with op.batch_alter_table("shop_orders") as orders:
        orders.drop_column("slot")
    for table in (
        "shop_intercepts",
        "shop_order_notes",
        "shop_stored_tenders",
        "shop_addresses",
    ):
        op.drop_table(table)
