"""Returns by wish (where the money goes, who collects, pictures), and exchanges."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0012_returns"
down_revision = "0011_reports"
branch_labels = None
depends_on = None


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("refund_to", sa.String(16), nullable=False, server_default="original"),
        sa.Column("handover", sa.String(16), nullable=False, server_default="drop_off"),
        sa.Column("photos", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("return_address_en", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_by", sa.String(64), nullable=False, server_default=""),
    )


def upgrade() -> None:
    """Older returns keep their address, in the one language that it was written in."""
    with op.batch_alter_table("shop_returns") as returns:
        returns.alter_column(
            "return_address",
            new_column_name="return_address_zh",
            existing_type=sa.Text(),
            existing_nullable=False,
        )
        for column in _added():
            returns.add_column(column)
    op.execute("UPDATE shop_returns SET return_address_en = return_address_zh")
    with op.batch_alter_table("shop_returns") as returns:
        for added in _added():
            returns.alter_column(
                str(added.name),
                existing_type=added.type,
                existing_nullable=False,
                server_default=None,
            )
    op.create_table(
        "shop_exchanges",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("handover", sa.String(16), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("freight", sa.String(16), nullable=False),
        sa.Column("send_by", UtcDateTime(), nullable=False),
        sa.Column("return_address_zh", sa.Text(), nullable=False),
        sa.Column("return_address_en", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_number"], ["shop_orders.number"], name=op.f("fk_shop_exchanges_order_number")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["shop_customers.id"], name=op.f("fk_shop_exchanges_customer_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shop_exchanges")),
    )
    for key in ("order_number", "customer_id"):
        op.create_index(op.f(f"ix_shop_exchanges_{key}"), "shop_exchanges", [key])
    op.create_table(
        "shop_exchange_lines",
        sa.Column("exchange_number", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.String(64), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_number"],
            ["shop_exchanges.number"],
            name=op.f("fk_shop_exchange_lines_exchange_number"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["shop_order_lines.id"], name=op.f("fk_shop_exchange_lines_line_id")
        ),
        sa.PrimaryKeyConstraint("exchange_number", "position", name=op.f("pk_shop_exchange_lines")),
    )


def downgrade() -> None:
    """Exchanges are lost, and what returns knew beyond their lines."""
    op.drop_table("shop_exchange_lines")
    for key in ("order_number", "customer_id"):
        op.drop_index(op.f(f"ix_shop_exchanges_{key}"), "shop_exchanges")
    op.drop_table("shop_exchanges")
    with op.batch_alter_table("shop_returns") as returns:
        for column in reversed(_added()):
            returns.drop_column(column.name)
        returns.alter_column(
            "return_address_zh",
            new_column_name="return_address",
            existing_type=sa.Text(),
            existing_nullable=False,
        )
