"""Invoices, coupons, price protection, complaints, feedback, accounts; attributes of products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0008_service"
down_revision = "0007_office"
branch_labels = None
depends_on = None

_TABLES = (
    "shop_accounts",
    "shop_feedback",
    "shop_tickets",
    "shop_price_claims",
    "shop_coupons",
    "shop_invoice_sendings",
    "shop_invoices",
)


def upgrade() -> None:
    """What was sold before had no attributes and gave nothing back for a fallen price."""
    with op.batch_alter_table("shop_products") as products:
        products.add_column(sa.Column("attributes", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("shop_order_lines") as lines:
        lines.add_column(
            sa.Column("credited_units", sa.Integer(), nullable=False, server_default="0")
        )
        lines.add_column(
            sa.Column("credited_minor", sa.BigInteger(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("shop_products") as products:
        products.alter_column("attributes", existing_type=sa.JSON(), server_default=None)
    with op.batch_alter_table("shop_order_lines") as lines:
        lines.alter_column("credited_units", existing_type=sa.Integer(), server_default=None)
        lines.alter_column("credited_minor", existing_type=sa.BigInteger(), server_default=None)
    op.create_table(
        "shop_invoices",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.String(32), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("issued_at", UtcDateTime()),
        sa.Column("reverses", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_invoices_order_number")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_invoices_customer_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_invoices")),
    )
    op.create_index(op.f("ix_shop_invoices_order_number"), "shop_invoices", ["order_number"])
    op.create_table(
        "shop_invoice_sendings",
        sa.Column("invoice_number", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_number"],
            ["shop_invoices.number"],
            name=op.f("fk_shop_invoice_sendings_invoice_number"),
        ),
        sa.PrimaryKeyConstraint(
            "invoice_number", "position", name=op.f("pk_shop_invoice_sendings")
        ),
    )
    op.create_table(
        "shop_coupons",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("percent", sa.Integer()),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("order_number", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_coupons_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_coupons_order_number")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_shop_coupons")),
    )
    op.create_index(op.f("ix_shop_coupons_customer_id"), "shop_coupons", ["customer_id"])
    op.create_table(
        "shop_price_claims",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("tenders", sa.JSON(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_price_claims_order_number")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_price_claims_customer_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_price_claims")),
    )
    op.create_index(
        op.f("ix_shop_price_claims_order_number"), "shop_price_claims", ["order_number"]
    )
    op.create_table(
        "shop_tickets",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("order_number", sa.String(32)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("resolve_by", UtcDateTime(), nullable=False),
        sa.Column("compensation_minor", sa.BigInteger()),
        sa.Column("currency", sa.String(3)),
        sa.Column("compensation_code", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_tickets_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_tickets_order_number")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_tickets")),
    )
    op.create_index(op.f("ix_shop_tickets_customer_id"), "shop_tickets", ["customer_id"])
    op.create_table(
        "shop_feedback",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("order_number", sa.String(32)),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_feedback_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_feedback_order_number")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_feedback")),
        sa.UniqueConstraint("key", name=op.f("uq_shop_feedback_key")),
    )
    op.create_table(
        "shop_accounts",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("logins", sa.JSON(), nullable=False),
        sa.Column("ends_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_accounts_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_shop_accounts")),
    )


def downgrade() -> None:
    """Everything of them is lost."""
    for table in _TABLES:
        op.drop_table(table)
    with op.batch_alter_table("shop_order_lines") as lines:
        lines.drop_column("credited_minor")
        lines.drop_column("credited_units")
    with op.batch_alter_table("shop_products") as products:
        products.drop_column("attributes")
