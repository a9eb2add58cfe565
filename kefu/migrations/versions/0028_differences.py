"""An exchange knows whether what its new goods cost less has gone back.

Until it went back when the new goods leave, it went back when the exchange was granted. Audit lines
name those refunds: an exchange on its way that has one must not give its difference again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_differences"
down_revision = "0027_calls"
branch_labels = None
depends_on = None

_EXCHANGES = sa.table(
    "shop_exchanges",
    sa.column("number"),
    sa.column("status"),
    sa.column("given_back", sa.Boolean),
)
_AUDIT = sa.table(
    "shop_audit", sa.column("subject"), sa.column("action"), sa.column("state_after", sa.JSON)
)
_GRANTED = ("authorised", "sent_back", "received", "replaced", "completed")


def upgrade() -> None:
    """Add the column, true where money has gone back."""
    with op.batch_alter_table("shop_exchanges") as exchanges:
        exchanges.add_column(
            sa.Column("given_back", sa.Boolean, nullable=False, server_default=sa.false())
        )
    connection = op.get_bind()
    told = connection.execute(
        sa.select(_AUDIT.c.subject, _AUDIT.c.state_after)
        .join(_EXCHANGES, _EXCHANGES.c.number == _AUDIT.c.subject)
        .where(
            _AUDIT.c.action.in_(("exchange", "decide_exchange")),
            _EXCHANGES.c.status.in_(_GRANTED),
        )
    )
    given = sorted({number for number, after in told if after and after.get("refunds")})
    for number in given:
        one = sa.update(_EXCHANGES).where(_EXCHANGES.c.number == number)
        connection.execute(one.values(given_back=True))
    with op.batch_alter_table("shop_exchanges") as exchanges:
        exchanges.alter_column("given_back", server_default=None)


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("shop_exchanges", "given_back")
