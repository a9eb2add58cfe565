"""What people of the embedded shop say of goods that come back, and of claims; what follows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.embedded.claim_endings import ClaimEndings
from connectors.backends.embedded.database import read
from connectors.backends.embedded.exchange_endings import ExchangeEndings
from connectors.backends.embedded.orders import number_key
from connectors.backends.embedded.return_endings import ReturnEndings
from connectors.backends.embedded.service_tables import price_claims
from connectors.backends.offers.model import ClaimGround, ClaimStatus
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import ReturnStatus
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import InvalidTransition, NotFound

BY = Actor("warehouse")
RETURN_STEPS = (ReturnStatus.SENT_BACK, ReturnStatus.RECEIVED, ReturnStatus.REFUNDED)
EXCHANGE_STEPS = (
    ExchangeStatus.SENT_BACK,
    ExchangeStatus.RECEIVED,
    ExchangeStatus.REPLACED,
    ExchangeStatus.COMPLETED,
)
CLAIM_STEPS = (ClaimStatus.GRANTED, ClaimStatus.REFUSED)
STEPS = tuple(dict.fromkeys(step.value for step in (*RETURN_STEPS, *EXCHANGE_STEPS, *CLAIM_STEPS)))


@dataclass(frozen=True)
class Warehouse:
    """Books where the goods of a return or an exchange are, and what a person says of a claim.

    Another shop's own systems do this; the embedded shop has this door instead.
    """

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def book(self, number: str, step: str, ground: ClaimGround | None = None) -> None:
        """The return, exchange or claim of this ``number`` has come to ``step``, one of STEPS.

        With ``refunded`` a return's money goes on its way, with ``replaced`` what an exchange's new
        goods cost less, with ``granted`` that of a price-protection claim; its shopper is told the
        ``ground`` on which it is ``refused``. Raises NotFound, and
        InvalidTransition where its life cycle has no such step; no goods are booked that a person
        has yet to approve. Leaves an audit line.
        """
        key = number_key(number)
        returns, exchanges = tables.returns, tables.exchanges
        async with read(self.engine) as connection:
            customer_id = await connection.scalar(
                select(returns.c.customer_id).where(returns.c.number == key)
            )
            exchanging = await connection.scalar(
                select(exchanges.c.customer_id).where(exchanges.c.number == key)
            )
            claiming = await connection.scalar(
                select(price_claims.c.customer_id).where(price_claims.c.number == key)
            )
        if customer_id is not None and step in RETURN_STEPS:
            returning = ReturnEndings(self.engine, self.clock, self.rules)
            await returning.book(customer_id, key, ReturnStatus(step), BY)
        elif exchanging is not None and step in EXCHANGE_STEPS:
            ending = ExchangeEndings(self.engine, self.clock, self.rules)
            await ending.book(exchanging, key, ExchangeStatus(step), BY)
        elif claiming is not None and step in CLAIM_STEPS:
            deciding = ClaimEndings(self.engine, self.clock, self.rules)
            await deciding.book(claiming, key, ClaimStatus(step), BY, ground)
        elif customer_id is None and exchanging is None and claiming is None:
            raise NotFound("return, exchange or claim")
        else:
            raise InvalidTransition(step)
