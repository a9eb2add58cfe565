"""News: what happened to orders, who wants to know it, and what waits to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0014_news"
down_revision = "0013_cursors"
branch_labels = None
depends_on = None


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    """An index over the rows for which ``where`` holds, on both databases."""
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Create the tables; conversations learn whose they are."""
    op.create_table(
        "shop_news",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("settled_at", UtcDateTime),
        sa.PrimaryKeyConstraint("key", name="pk_shop_news"),
    )
    _partial_index("ix_shop_news_untold", "shop_news", ["noted_at"], "settled_at IS NULL")
    op.create_table(
        "shop_news_wishes",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(32), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_id", "conversation_id", "kind", "order_number", name="pk_shop_news_wishes"
        ),
    )
    op.create_index("ix_shop_news_wishes_conversation", "shop_news_wishes", ["conversation_id"])
    op.create_table(
        "desk_news",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("customer_id", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("order_number", sa.String(64), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("asked_in", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("message_id", sa.String(32), sa.ForeignKey("desk_message.id")),
        sa.UniqueConstraint("customer_id", "key", name="uq_desk_news_key"),
    )
    _partial_index("ix_desk_news_waiting", "desk_news", ["due_at"], "state = 'waiting'")
    op.create_index("ix_desk_news_customer", "desk_news", ["customer_id", "state", "settled_at"])
    op.add_column("desk_conversation", sa.Column("told", sa.JSON()))
    op.add_column("desk_conversation", sa.Column("customer_id", sa.String(200)))
    _partial_index(
        "ix_desk_conversation_customer",
        "desk_conversation",
        ["customer_id"],
        "customer_id IS NOT NULL",
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    id_of = "json_extract(customer, '$.id')" if is_sqlite else "customer ->> 'id'"
    op.execute(f"UPDATE desk_conversation SET customer_id = {id_of} WHERE customer IS NOT NULL")  # noqa: S608


def downgrade() -> None:
    """Forget all of it."""
    op.drop_index("ix_desk_conversation_customer", "desk_conversation")
    op.drop_column("desk_conversation", "customer_id")
    op.drop_column("desk_conversation", "told")
    for table in ("desk_news", "shop_news_wishes", "shop_news"):
        op.drop_table(table)
