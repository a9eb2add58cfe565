"""Coupons and price protection of the embedded shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.money_back import give_back
from connectors.backends.embedded.orders import order_key, owned_order
from connectors.backends.embedded.return_rows import bound_units
from connectors.backends.embedded.service_tables import coupons, price_claims
from connectors.backends.offers.model import (
    Coupon,
    CouponStatus,
    PriceClaim,
    PriceDraft,
    PriceLine,
    PriceRefusal,
)
from connectors.backends.offers.policy import price_lines
from connectors.backends.orders.model import Order, Tender
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
                    coupons.c.code == order_key(code), coupons.c.customer_id == customer_id
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
        return PriceDraft(
            draft_id,
            customer_id,
            order.number,
            settled.lines,
            settled.total,
            settled.tenders,
            expires_at,
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

    async def claims_of(self, customer_id: str, order_number: str) -> tuple[PriceClaim, ...]:
        """(see Offers)"""
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(price_claims)
                .where(
                    price_claims.c.customer_id == customer_id,
                    price_claims.c.order_number == order_key(order_number),
                )
                .order_by(price_claims.c.claimed_at.desc(), price_claims.c.number.desc())
            )
            found = rows.mappings().all()
            tenders = await _tenders_of(connection, order_key(order_number))
        return tuple(self._claim(row, tenders) for row in found)

    def _claim(self, row: RowMapping, tenders: Mapping[str, Tender]) -> PriceClaim:
        currency = row["currency"]
        return PriceClaim(
            number=row["number"],
            order_number=row["order_number"],
            customer_id=row["customer_id"],
            lines=tuple(
                (part["line"], part["units"], Money(part["amount"], currency))
                for part in row["lines"]
            ),
            total=Money(row["total_minor"], currency),
            tenders=tuple(
                TenderAmount(
                    part["payment"],
                    tenders[part["payment"]],
                    Money(part["amount"], currency),
                    self.rules.refunds.days(tenders[part["payment"]]),
                )
                for part in row["tenders"]
            ),
            claimed_at=row["claimed_at"],
        )

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
            frozenset(line.id for line in order.lines if line.credited_units),
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
        return _Settled(tuple(chosen), amount, tenders)

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[PriceClaim]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        settled = await self._settle(connection, order, draft.request["lines"])
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
        )
        await self._write(connection, order, made)
        return Done(
            result=made,
            terms=_terms(settled),
            subject=made.number,
            rule="price_protection.days",
            before={"order": order.number, "refunded": order.refunded},
            after={
                "order": order.number,
                "refunded": order.refunded + made.total,
                "lines": [line for line, _, _ in made.lines],
            },
        )

    async def _write(self, connection: AsyncConnection, order: Order, made: PriceClaim) -> None:
        await connection.execute(
            insert(price_claims).values(
                number=made.number,
                order_number=made.order_number,
                customer_id=made.customer_id,
                lines=[
                    {"line": line, "units": units, "amount": amount.minor}
                    for line, units, amount in made.lines
                ],
                tenders=[
                    {"payment": part.payment_id, "amount": part.amount.minor}
                    for part in made.tenders
                ],
                total_minor=made.total.minor,
                currency=made.total.currency,
                claimed_at=made.claimed_at,
            )
        )
        lines = tables.order_lines
        for line_id, units, amount in made.lines:
            await connection.execute(
                update(lines)
                .where(lines.c.id == line_id)
                .values(credited_units=units, credited_minor=amount.minor)
            )
        await give_back(connection, order, made.tenders, made.claimed_at, self.rules.refunds)


def _terms(settled: _Settled) -> dict[str, Any]:
    """What must not change between the preview and the commit."""
    return {
        "total": settled.total,
        "lines": {line.line_id: line.back for line in settled.lines},
        "tenders": {part.payment_id: part.amount for part in settled.tenders},
    }


async def _tenders_of(connection: AsyncConnection, order_number: str) -> dict[str, Tender]:
    rows = await connection.execute(
        select(tables.payments.c.id, tables.payments.c.tender).where(
            tables.payments.c.order_number == order_number
        )
    )
    return {payment: Tender(tender) for payment, tender in rows}


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
