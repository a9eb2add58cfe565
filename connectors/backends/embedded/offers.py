"""Coupons and price protection of the embedded shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.claim_endings import ClaimEndings
from connectors.backends.embedded.claim_rows import (
    claimed_lines,
    claimed_minor,
    load_claims,
    pay_claim,
    write_claim,
)
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.money_back import balances_credited
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.embedded.return_rows import bound_units
from connectors.backends.embedded.service_tables import coupons, price_claims
from connectors.backends.offers.model import (
    ClaimGround,
    ClaimStatus,
    Coupon,
    CouponStatus,
    PriceClaim,
    PriceDraft,
    PriceLine,
    PriceRefusal,
)
from connectors.backends.offers.policy import price_lines
from connectors.backends.orders.model import Order
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.refunds.policy import split_over_tenders
from connectors.backends.rules import ShopRules
from connectors.backends.text import Bilingual
from kernel.clock import Clock
from kernel.errors import NotFound, Refused
from kernel.money import Money, total


@dataclass(frozen=True)
class _Settled:
    """What a claim that nothing forbids comes to."""

    lines: tuple[PriceLine, ...]
    total: Money
    tenders: tuple[TenderAmount, ...]
    needs_approval: bool


@dataclass(frozen=True)
class EmbeddedOffers:
    """(see Offers)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def coupons_of(self, customer_id: str) -> tuple[Coupon, ...]:
        """(see Offers)"""
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(coupons)
                .where(coupons.c.customer_id == customer_id)
                .order_by(coupons.c.valid_until, coupons.c.code)
            )
            return tuple(coupon_of(row) for row in rows.mappings())

    async def find_coupon(self, customer_id: str, code: str) -> Coupon | None:
        """(see Offers)"""
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(coupons).where(
                    coupons.c.code == number_key(code), coupons.c.customer_id == customer_id
                )
            )
            row = rows.mappings().first()
        return coupon_of(row) if row else None

    async def price_lines(self, customer_id: str, order_number: str) -> tuple[PriceLine, ...]:
        """(see Offers)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return await self._lines(connection, order)

    async def prepare_claim(
        self, customer_id: str, order_number: str, line_ids: Sequence[str]
    ) -> PriceDraft:
        """(see Offers)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            settled = await self._settle(connection, order, line_ids)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.PRICE_CLAIM,
                customer_id,
                order.number,
                request={"lines": list(line_ids)},
                terms=_terms(settled),
                now=now,
                expires_at=expires_at,
            )
            balances = (
                ()
                if settled.needs_approval
                else await balances_credited(connection, order, settled.tenders, self.rules.refunds)
            )
        return PriceDraft(
            draft_id,
            customer_id,
            order.number,
            settled.lines,
            settled.total,
            settled.tenders,
            expires_at,
            settled.needs_approval,
            balances,
        )

    async def commit_claim(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> PriceClaim:
        """(see Offers)"""
        return await commit_draft(
            self.engine,
            Verb.PRICE_CLAIM,
            customer_id,
            draft_id,
            PriceClaim,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def decide_claim(
        self,
        customer_id: str,
        number: str,
        *,
        grant: bool,
        by: Actor,
        ground: ClaimGround | None = None,
    ) -> PriceClaim:
        """(see Offers)"""
        endings = ClaimEndings(self.engine, self.clock, self.rules)
        return await endings.decide(customer_id, number, grant=grant, by=by, ground=ground)

    async def claims_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[PriceClaim, ...]:
        """(see Offers)"""
        condition = price_claims.c.customer_id == customer_id
        if order_number is not None:
            condition &= price_claims.c.order_number == number_key(order_number)
        async with read(self.engine) as connection:
            return await load_claims(connection, condition, self.rules.refunds)

    async def _lines(self, connection: AsyncConnection, order: Order) -> tuple[PriceLine, ...]:
        variants = tables.variants
        rows = await connection.execute(
            select(variants.c.id, variants.c.price_minor, variants.c.currency).where(
                variants.c.id.in_([line.variant_id for line in order.lines])
            )
        )
        return price_lines(
            order,
            {key: Money(minor, currency) for key, minor, currency in rows},
            await bound_units(connection, order.number),
            await claimed_lines(connection, order.number),
            self.clock.now(),
            self.rules.price_protection,
            self.rules.timezone,
        )

    async def _settle(
        self, connection: AsyncConnection, order: Order, line_ids: Sequence[str]
    ) -> _Settled:
        by_id = {line.line_id: line for line in await self._lines(connection, order)}
        chosen = []
        for line_id in dict.fromkeys(line_ids):
            line = by_id.get(line_id)
            if line is None:
                raise NotFound("order line")
            if line.refusal is not None:
                raise Refused(line.refusal, line_id)
            chosen.append(line)
        backs = [line.back for line in chosen if line.back is not None]
        if not backs:
            raise Refused(PriceRefusal.NOT_LOWER)
        # Goodwill or returns before may have left less than the difference.
        amount = min(total(backs, order.currency), order.paid - order.refunded)
        if amount.minor <= 0:
            raise Refused(PriceRefusal.RETURNED)
        tenders = split_over_tenders(amount, order.payments, self.rules.refunds)
        # Each for itself would let the lines of an order be claimed one by one.
        together = amount.minor + await claimed_minor(connection, order.number)
        needs_approval = self.rules.price_protection.needs_person(together, order.currency)
        return _Settled(tuple(chosen), amount, tenders, needs_approval)

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[PriceClaim]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        settled = await self._settle(connection, order, draft.request["lines"])
        waits = settled.needs_approval
        made = PriceClaim(
            number=await next_number(connection, "price_claim", now),
            order_number=order.number,
            customer_id=order.customer_id,
            lines=tuple(
                (line.line_id, line.quantity, line.back)
                for line in settled.lines
                if line.back is not None
            ),
            total=settled.total,
            tenders=settled.tenders,
            claimed_at=now,
            status=ClaimStatus.REQUESTED if waits else ClaimStatus.GRANTED,
            decided_at=None if waits else now,
        )
        await write_claim(connection, made)
        refunded = order.refunded
        if not waits:
            await pay_claim(connection, order, made, now, self.rules.refunds)
            refunded += made.total
        return Done(
            result=made,
            terms=_terms(settled),
            subject=made.number,
            rule="price_protection.limit_minor" if waits else "price_protection.days",
            before={"order": order.number, "refunded": order.refunded},
            after={
                "order": order.number,
                "status": made.status,
                "refunded": refunded,
                "lines": [line for line, _, _ in made.lines],
            },
        )


def _terms(settled: _Settled) -> dict[str, Any]:
    """What must not change between the preview and the commit."""
    return {
        "total": settled.total,
        "lines": {line.line_id: line.back for line in settled.lines},
        "tenders": {part.payment_id: part.amount for part in settled.tenders},
        "needs_approval": settled.needs_approval,
    }


def coupon_of(row: RowMapping) -> Coupon:
    """A row of the table of coupons as a value."""
    currency = row["currency"]
    amount = row["amount_minor"]
    return Coupon(
        code=row["code"],
        customer_id=row["customer_id"],
        name=Bilingual(row["name_zh"], row["name_en"]),
        status=CouponStatus(row["status"]),
        minimum=Money(row["minimum_minor"], currency),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        amount_off=None if amount is None else Money(amount, currency),
        percent_off=row["percent"],
        categories=frozenset(row["categories"]),
        order_number=row["order_number"],
    )
