"""What platforms let us send, and how far a message has come on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0006_reach"
down_revision = "0005_after_sales"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the ledger and the columns of a delivery."""
    op.create_table(
        "desk_reach",
        sa.Column(
            "conversation_id",
            sa.String(32),
            sa.ForeignKey("desk_conversation.id"),
            primary_key=True,
        ),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("allowances", sa.JSON, nullable=False),
        sa.Column("spent", sa.JSON, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.add_column("desk_delivery", sa.Column("begun_at", UtcDateTime))
    op.add_column("desk_delivery", sa.Column("via", sa.String(300)))
    op.add_column(
        "desk_delivery", sa.Column("parts", sa.Integer, nullable=False, server_default="0")
    )
    for name, columns, where in (
        ("ix_desk_delivery_parked", ["conversation_id"], "state = 'parked'"),
        ("ix_desk_delivery_via", ["conversation_id", "via"], "via IS NOT NULL"),
    ):
        condition = sa.text(where)
        op.create_index(
            name,
            "desk_delivery",
            columns,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def downgrade() -> None:
    """Drop the ledger and the columns."""
    op.drop_index("ix_desk_delivery_via", "desk_delivery")
    op.drop_index("ix_desk_delivery_parked", "desk_delivery")
    for column in ("parts", "via", "begun_at"):
        op.drop_column("desk_delivery", column)
    op.drop_table("desk_reach")
