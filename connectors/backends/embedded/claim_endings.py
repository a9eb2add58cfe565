"""What becomes of a price-protection claim that waits for a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.claim_rows import load_claims, pay_claim
from connectors.backends.embedded.database import write
from connectors.backends.embedded.drafts import plain
from connectors.backends.embedded.news import note_news
from connectors.backends.embedded.orders import order_key, owned_order
from connectors.backends.embedded.return_rows import bound_units
from connectors.backends.embedded.service_tables import price_claims
from connectors.backends.news.model import news_of_claim
from connectors.backends.offers.model import (
    CLAIM_LIFE_CYCLE,
    ClaimStatus,
    PriceClaim,
    PriceRefusal,
)
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import NotFound, Refused


@dataclass(frozen=True)
class ClaimEndings:
    """Decides on claims that a person must look at.

    What counts is the price on the day of the claim; but goods that went back meanwhile, and money
    that went back with them, are not paid for a second time.
    """

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def decide(self, number: str, to: ClaimStatus, by: Actor) -> None:
        """Grant or refuse a claim; it is news to the customer, and leaves an audit line.

        Raises NotFound, InvalidTransition, and Refused with a ``PriceRefusal`` where what is to be
        granted is no longer due.
        """
        now = self.clock.now()
        async with write(self.engine) as connection:
            order, made = await self._locked(connection, order_key(number))
            moved = replace(made, status=CLAIM_LIFE_CYCLE.move(made.status, to), decided_at=now)
            refunded = order.refunded
            if to is ClaimStatus.GRANTED:
                await self._check(connection, order, made)
                await pay_claim(connection, order, made, now, self.rules.refunds)
                refunded += made.total
            await connection.execute(
                update(price_claims)
                .where(price_claims.c.number == made.number)
                .values(status=to.value, decided_at=now)
            )
            await connection.execute(
                insert(tables.audit).values(
                    at=now,
                    customer_id=made.customer_id,
                    actor=by.name,
                    action=Verb.DECIDE_CLAIM.value,
                    subject=made.number,
                    draft_id=None,
                    rule="price_protection.limit_minor",
                    state_before=plain({"status": made.status, "refunded": order.refunded}),
                    state_after=plain({"status": to, "refunded": refunded}),
                )
            )
            await note_news(connection, [news_of_claim(moved, now)], now)

    async def _locked(self, connection: AsyncConnection, number: str) -> tuple[Order, PriceClaim]:
        """The claim and its order; nobody else changes either until we are done."""
        claims = price_claims.c
        found = await connection.execute(
            select(claims.customer_id, claims.order_number).where(claims.number == number)
        )
        row = found.first()
        if row is None:
            raise NotFound("claim")
        order = await owned_order(connection, row.customer_id, row.order_number, lock=True)
        (made,) = await load_claims(connection, claims.number == number, self.rules.refunds)
        return order, made

    async def _check(self, connection: AsyncConnection, order: Order, made: PriceClaim) -> None:
        if order.status is OrderStatus.CANCELLED:
            raise Refused(PriceRefusal.ORDER_CANCELLED)
        bound = await bound_units(connection, order.number)
        for line_id, units, _ in made.lines:
            line = order.line(line_id)
            if line is None or line.kept - bound.get(line_id, 0) < units:
                raise Refused(PriceRefusal.RETURNED, line_id)
        if made.total > order.paid - order.refunded:
            raise Refused(PriceRefusal.RETURNED)
