"""One-time codes that were sent, and customers found by their phone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.database import UtcDateTime

revision = "0030_codes"
down_revision = "0029_open_calls"
branch_labels = None
depends_on = None

_CUSTOMERS = sa.table("shop_customers", sa.column("id"), sa.column("phone"), sa.column("phone_key"))
_AT_ONCE = 5000


def upgrade() -> None:
    """Add the table, and a key for every phone: its last ten digits."""
    op.create_table(
        "shop_identity_codes",
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("sent_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("attempts_left", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_shop_identity_codes")),
    )
    op.create_index("ix_shop_identity_codes_expires_at", "shop_identity_codes", ["expires_at"])
    with op.batch_alter_table("shop_customers") as customers:
        customers.add_column(
            sa.Column("phone_key", sa.String(16), nullable=False, server_default="")
        )
    connection = op.get_bind()
    found = connection.execute(sa.select(_CUSTOMERS.c.id, _CUSTOMERS.c.phone)).all()
    keyed = sa.update(_CUSTOMERS).where(_CUSTOMERS.c.id == sa.bindparam("of"))
    for start in range(0, len(found), _AT_ONCE):
        keys = [
            {"of": of, "phone_key": _key(phone)} for of, phone in found[start : start + _AT_ONCE]
        ]
        connection.execute(keyed, keys)
    with op.batch_alter_table("shop_customers") as customers:
        customers.alter_column("phone_key", server_default=None)
    op.create_index("ix_shop_customers_phone_key", "shop_customers", ["phone_key"])


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_shop_customers_phone_key", "shop_customers")
    op.drop_column("shop_customers", "phone_key")
    op.drop_table("shop_identity_codes")


def _key(phone: str) -> str:
    return "".join(letter for letter in phone if letter.isdecimal() and letter.isascii())[-10:]
