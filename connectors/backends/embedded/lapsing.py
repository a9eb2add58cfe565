"""Finds the permissions to send goods back whose time is over, and has each of them lapse once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.embedded.database import read, write
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import Handover, ReturnStatus

RULE = "returns.send_back_days"
"""The rule by which they lapse, as an audit line names it."""
_AUTHORISED = frozenset({ReturnStatus.AUTHORISED.value, ExchangeStatus.AUTHORISED.value})

LetLapse = Callable[[AsyncConnection, str, str], Awaitable[bool]]
"""Ends the one of this customer and number, having locked it; False if it needs no ending now."""


async def lapse_due(
    engine: AsyncEngine, table: Table, moment: datetime, let_lapse: LetLapse
) -> int:
    """How many of ``table`` lapsed whose goods had to be on their way at ``moment`` and were not.

    ``table`` is that of the returns or of the exchanges. Goods that stay with the shopper have
    nothing to be late with. Every replica may do this at once.
    """
    due = select(table.c.customer_id, table.c.number).where(
        table.c.status.in_(_AUTHORISED),
        table.c.handover != Handover.KEEP.value,
        table.c.send_by <= moment,
    )
    async with read(engine) as connection:
        found = (await connection.execute(due)).all()
    lapsed = 0
    for customer_id, number in found:
        async with write(engine) as connection:
            lapsed += await let_lapse(connection, customer_id, number)
    return lapsed
