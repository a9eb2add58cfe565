"""What becomes of a price-protection claim that waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.claim_rows import load_claims, pay_claim, write_decision
from connectors.backends.embedded.database import write
from connectors.backends.embedded.drafts import plain
from connectors.backends.embedded.news import note_news
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.embedded.return_rows import bound_units
from connectors.backends.embedded.service_tables import price_claims
from connectors.backends.news.model import news_of_claim
from connectors.backends.offers.model import (
    CLAIM_LIFE_CYCLE,
    ClaimGround,
    ClaimStatus,
    PriceClaim,
    PriceRefusal,
)
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.refunds.policy import split_over_tenders
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import BackendRejected, NotFound, Refused
from kernel.money import Money


@dataclass(frozen=True)
class ClaimEndings:
    """Decides on claims that a person must look at.

    What counts is the price on the day of the claim; but goods that went back meanwhile, and money
    that went back with them, are not paid for a second time.
    """

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def decide(
        self,
        customer_id: str,
        number: str,
        *,
        grant: bool,
        by: Actor,
        ground: ClaimGround | None = None,
    ) -> PriceClaim:
        """(see Offers.decide_claim)"""
        if not by.is_person:
            raise BackendRejected("a claim is decided by a person of the shop")
        to = ClaimStatus.GRANTED if grant else ClaimStatus.REFUSED
        return await self.book(customer_id, number_key(number), to, by, ground)

    async def book(
        self,
        customer_id: str,
        number: str,
        to: ClaimStatus,
        by: Actor,
        ground: ClaimGround | None = None,
    ) -> PriceClaim:
        """What the shop's people say of a claim (see Offers.decide_claim, Warehouse.book)."""
        now = self.clock.now()
        async with write(self.engine) as connection:
            order, made = await self._locked(connection, customer_id, number)
            status = CLAIM_LIFE_CYCLE.move(made.status, to)
            moved = replace(made, status=status, decided_at=now, decided_by=by.name)
            refunded = order.refunded
            if status is ClaimStatus.GRANTED:
                await self._check(connection, order, made)
                moved = replace(moved, tenders=self._tenders(order, made))
                await pay_claim(connection, order, moved, now, self.rules.refunds)
                refunded += moved.total
            else:
                moved = replace(moved, ground=ground)
            await write_decision(connection, moved)
            await connection.execute(
                insert(tables.audit).values(
                    at=now,
                    customer_id=made.customer_id,
                    actor=by.name,
                    action=Verb.DECIDE_CLAIM.value,
                    subject=made.number,
                    draft_id=None,
                    rule="price_protection.limit_minor",
                    state_before=plain(_told(made, order.refunded)),
                    state_after=plain(_told(moved, refunded)),
                )
            )
            await note_news(connection, [news_of_claim(moved, now)], now)
        return moved

    async def _locked(
        self, connection: AsyncConnection, customer_id: str, number: str
    ) -> tuple[Order, PriceClaim]:
        """The claim and its order; nobody else changes either until we are done."""
        claims = price_claims.c
        condition = and_(claims.number == number, claims.customer_id == customer_id)
        order_number = await connection.scalar(select(claims.order_number).where(condition))
        if order_number is None:
            raise NotFound("claim")
        order = await owned_order(connection, customer_id, order_number, lock=True)
        (made,) = await load_claims(connection, condition, self.rules.refunds)
        return order, made

    def _tenders(self, order: Order, made: PriceClaim) -> tuple[TenderAmount, ...]:
        """As the shopper was told; anew where a tender has meanwhile given back what it paid."""
        left = {payment.id: payment.refundable for payment in order.payments}
        if all(part.amount <= left[part.payment_id] for part in made.tenders):
            return made.tenders
        return split_over_tenders(made.total, order.payments, self.rules.refunds)

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


def _told(made: PriceClaim, refunded: Money) -> Mapping[str, Any]:
    """A claim as an audit line tells it, with what its order has given back in all."""
    return {
        "order": made.order_number,
        "status": made.status,
        "ground": made.ground,
        "refunded": refunded,
        "tenders": {part.payment_id: part.amount for part in made.tenders},
    }
