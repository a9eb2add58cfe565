"""The embedded shop: what it sells, to whom, what was ordered, paid, sent and given back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0002_shop"
down_revision = "0001_desk"
branch_labels = None
depends_on = None

TABLES = (
    "shop_tracking_events",
    "shop_return_tenders",
    "shop_return_lines",
    "shop_return_drafts",
    "shop_refunds",
    "shop_parcels",
    "shop_fulfilment_lines",
    "shop_returns",
    "shop_payments",
    "shop_payment_attempts",
    "shop_order_lines",
    "shop_fulfilments",
    "shop_variants",
    "shop_product_words",
    "shop_orders",
    "shop_products",
    "shop_identity_limits",
    "shop_customers",
    "shop_counters",
    "shop_carriers",
    "shop_audit",
)


def upgrade() -> None:
    """Create the shop's tables."""
    op.create_table(
        "shop_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_audit")),
    )
    op.create_index(op.f("ix_shop_audit_subject"), "shop_audit", ["subject"], unique=False)
    op.create_table(
        "shop_carriers",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("hotline", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_shop_carriers")),
    )
    op.create_table(
        "shop_counters",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_shop_counters")),
    )
    op.create_table(
        "shop_customers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("postcode", sa.String(length=16), nullable=False),
        sa.Column("postcode_key", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_customers")),
        sa.UniqueConstraint("email_key", name=op.f("uq_shop_customers_email_key")),
    )
    op.create_index(
        "ix_shop_customers_name_key_postcode_key",
        "shop_customers",
        ["name_key", "postcode_key"],
        unique=False,
    )
    op.create_table(
        "shop_identity_limits",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_shop_identity_limits")),
    )
    op.create_table(
        "shop_products",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("category_zh", sa.Text(), nullable=False),
        sa.Column("category_en", sa.Text(), nullable=False),
        sa.Column("description_zh", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_products")),
        sa.UniqueConstraint("position", name=op.f("uq_shop_products_position")),
    )
    op.create_table(
        "shop_orders",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("shipping_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("promised_by", UtcDateTime(), nullable=True),
        sa.Column("pay_by", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_orders_customer_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_orders")),
    )
    op.create_index(
        "ix_shop_orders_customer_id_placed_at",
        "shop_orders",
        ["customer_id", "placed_at"],
        unique=False,
    )
    op.create_table(
        "shop_product_words",
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["shop_products.id"], name=op.f("fk_shop_product_words_product_id")
        ),
        sa.PrimaryKeyConstraint("word", "product_id", name=op.f("pk_shop_product_words")),
    )
    op.create_table(
        "shop_variants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["shop_products.id"], name=op.f("fk_shop_variants_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_variants")),
        sa.UniqueConstraint("sku", name=op.f("uq_shop_variants_sku")),
    )
    op.create_index(
        op.f("ix_shop_variants_product_id"), "shop_variants", ["product_id"], unique=False
    )
    op.create_table(
        "shop_fulfilments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_fulfilments_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_fulfilments")),
    )
    op.create_index(
        op.f("ix_shop_fulfilments_order_number"), "shop_fulfilments", ["order_number"], unique=False
    )
    op.create_table(
        "shop_order_lines",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(length=64), nullable=False),
        sa.Column("variant_id", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.Column("exclusion_confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_order_lines_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_order_lines")),
    )
    op.create_index(
        op.f("ix_shop_order_lines_order_number"), "shop_order_lines", ["order_number"], unique=False
    )
    op.create_table(
        "shop_payment_attempts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("tender", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(length=32), nullable=True),
        sa.Column("account_hint", sa.String(length=32), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"],
            ["shop_orders.number"],
            name=op.f("fk_shop_payment_attempts_order_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_payment_attempts")),
    )
    op.create_index(
        op.f("ix_shop_payment_attempts_order_number"),
        "shop_payment_attempts",
        ["order_number"],
        unique=False,
    )
    op.create_table(
        "shop_payments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tender", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_payments_order_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_payments")),
    )
    op.create_index(
        op.f("ix_shop_payments_order_number"), "shop_payments", ["order_number"], unique=False
    )
    op.create_table(
        "shop_returns",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("shipping_refund_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("freight", sa.String(length=16), nullable=False),
        sa.Column("send_by", UtcDateTime(), nullable=False),
        sa.Column("return_address", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_returns_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_returns_order_number")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_returns")),
    )
    op.create_index(
        op.f("ix_shop_returns_customer_id"), "shop_returns", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_shop_returns_order_number"), "shop_returns", ["order_number"], unique=False
    )
    op.create_table(
        "shop_fulfilment_lines",
        sa.Column("fulfilment_id", sa.String(length=64), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fulfilment_id"],
            ["shop_fulfilments.id"],
            name=op.f("fk_shop_fulfilment_lines_fulfilment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["shop_order_lines.id"], name=op.f("fk_shop_fulfilment_lines_line_id")
        ),
        sa.PrimaryKeyConstraint("fulfilment_id", "line_id", name=op.f("pk_shop_fulfilment_lines")),
    )
    op.create_table(
        "shop_parcels",
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("fulfilment_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.Column("expected_by", UtcDateTime(), nullable=True),
        sa.Column("signature", sa.String(length=32), nullable=True),
        sa.Column("pickup_code", sa.String(length=32), nullable=True),
        sa.Column("pickup_place", sa.Text(), nullable=True),
        sa.Column("pickup_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["carrier"], ["shop_carriers.code"], name=op.f("fk_shop_parcels_carrier")
        ),
        sa.ForeignKeyConstraint(
            ["fulfilment_id"], ["shop_fulfilments.id"], name=op.f("fk_shop_parcels_fulfilment_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_parcels_order_number")
        ),
        sa.PrimaryKeyConstraint("tracking_number", name=op.f("pk_shop_parcels")),
    )
    op.create_index(
        op.f("ix_shop_parcels_fulfilment_id"), "shop_parcels", ["fulfilment_id"], unique=False
    )
    op.create_index(
        op.f("ix_shop_parcels_order_number"), "shop_parcels", ["order_number"], unique=False
    )
    op.create_table(
        "shop_refunds",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("return_number", sa.String(length=32), nullable=True),
        sa.Column("payment_id", sa.String(length=64), nullable=True),
        sa.Column("tender", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("expected_by", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_refunds_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_refunds_order_number")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["shop_payments.id"], name=op.f("fk_shop_refunds_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_number"], ["shop_returns.number"], name=op.f("fk_shop_refunds_return_number")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_refunds")),
    )
    op.create_index(
        op.f("ix_shop_refunds_customer_id"), "shop_refunds", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_shop_refunds_order_number"), "shop_refunds", ["order_number"], unique=False
    )
    op.create_table(
        "shop_return_drafts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("order_number", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("return_number", sa.String(length=32), nullable=True),
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
        op.f("ix_shop_return_drafts_order_number"),
        "shop_return_drafts",
        ["order_number"],
        unique=False,
    )
    op.create_table(
        "shop_return_lines",
        sa.Column("return_number", sa.String(length=32), nullable=False),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("refund_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["shop_order_lines.id"], name=op.f("fk_shop_return_lines_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_number"],
            ["shop_returns.number"],
            name=op.f("fk_shop_return_lines_return_number"),
        ),
        sa.PrimaryKeyConstraint("return_number", "line_id", name=op.f("pk_shop_return_lines")),
    )
    op.create_table(
        "shop_return_tenders",
        sa.Column("return_number", sa.String(length=32), nullable=False),
        sa.Column("payment_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["shop_payments.id"], name=op.f("fk_shop_return_tenders_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_number"],
            ["shop_returns.number"],
            name=op.f("fk_shop_return_tenders_return_number"),
        ),
        sa.PrimaryKeyConstraint("return_number", "payment_id", name=op.f("pk_shop_return_tenders")),
    )
    op.create_table(
        "shop_tracking_events",
        sa.Column("tracking_number", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tracking_number"],
            ["shop_parcels.tracking_number"],
            name=op.f("fk_shop_tracking_events_tracking_number"),
        ),
        sa.PrimaryKeyConstraint(
            "tracking_number", "position", name=op.f("pk_shop_tracking_events")
        ),
    )


def downgrade() -> None:
    """Drop them, those that others refer to last."""
    for table in TABLES:
        op.drop_table(table)
