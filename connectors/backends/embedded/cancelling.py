"""Cancellations of the embedded shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Refusal, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.customers import load_tenders
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.money_back import balance_changes, give_back, is_instant
from connectors.backends.embedded.orders import owned_order
from connectors.backends.embedded.payments import close_open_attempts, payment_under_way
from connectors.backends.orders.cancelling import (
    Cancellable,
    Cancellation,
    CancellationDraft,
    CancellationTerms,
    CancelReason,
    CancelWish,
    cancellable,
    settle,
)
from connectors.backends.orders.model import ORDER_LIFE_CYCLE, Order, OrderStatus
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused


@dataclass(frozen=True)
class EmbeddedCancellations:
    """(see Cancellations)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def cancellable(self, customer_id: str, order_number: str) -> Cancellable:
        """(see Cancellations)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return await self._cancellable(connection, order)

    async def prepare_cancellation(
        self,
        customer_id: str,
        order_number: str,
        wishes: Sequence[CancelWish],
        reason: CancelReason,
    ) -> CancellationDraft:
        """(see Cancellations)"""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=self.rules.cancelling.draft_minutes)
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            terms = await self._terms(connection, order, wishes)
            draft_id = await keep_draft(
                connection,
                Verb.CANCEL,
                customer_id,
                order.number,
                request={"wishes": wishes, "reason": reason},
                terms=terms,
                now=now,
                expires_at=expires_at,
            )
            stored = await load_tenders(connection, customer_id)
        at_once = [part for part in terms.tenders if is_instant(order, part, self.rules.refunds)]
        return CancellationDraft(
            id=draft_id,
            customer_id=customer_id,
            order_number=order.number,
            reason=reason,
            terms=terms,
            balances=balance_changes(order, at_once, stored),
            expires_at=expires_at,
        )

    async def commit_cancellation(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> Cancellation:
        """(see Cancellations)"""
        return await commit_draft(
            self.engine,
            Verb.CANCEL,
            customer_id,
            draft_id,
            Cancellation,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[Cancellation]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        wishes = msgspec.convert(draft.request["wishes"], list[CancelWish])
        terms = await self._terms(connection, order, wishes)
        status = await _take_out(connection, order, terms)
        values: dict[str, object] = {"status": status.value}
        if status is OrderStatus.CANCELLED:
            values["cancelled_at"] = now
        await connection.execute(
            update(tables.orders).where(tables.orders.c.number == order.number).values(values)
        )
        refunds = await give_back(connection, order, terms.tenders, now, self.rules.refunds)
        reason = CancelReason(draft.request["reason"])
        return Done(
            result=Cancellation(order.number, reason, terms, refunds, now),
            terms=terms,
            subject=order.number,
            rule="cancelling.unpaid"
            if order.status is OrderStatus.UNPAID
            else "cancelling.window_days",
            before={"status": order.status, "cancelled": _cancelled(order)},
            after={
                "status": status,
                "reason": reason,
                "lines": {line.line_id: line.quantity for line in terms.lines},
                "refund": terms.refund,
                "refunds": refunds,
            },
        )

    async def _cancellable(self, connection: AsyncConnection, order: Order) -> Cancellable:
        under_way = await payment_under_way(connection, order)
        return cancellable(order, self.clock.now(), self.rules, payment_under_way=under_way)

    async def _terms(
        self, connection: AsyncConnection, order: Order, wishes: Sequence[CancelWish]
    ) -> CancellationTerms:
        terms = settle(await self._cancellable(connection, order), wishes, self.rules)
        if isinstance(terms, Refusal):
            raise Refused(terms.code, terms.line_id)
        return terms


def _cancelled(order: Order) -> dict[str, int]:
    return {line.id: line.cancelled for line in order.lines if line.cancelled}


async def _take_out(
    connection: AsyncConnection, order: Order, terms: CancellationTerms
) -> OrderStatus:
    """Put the units back on sale, note them as cancelled; the state of the order from now on."""
    lines, variants = tables.order_lines, tables.variants
    for taken in terms.lines:
        line = order.line(taken.line_id)
        if line is None:
            raise LookupError(taken.line_id)
        await connection.execute(
            update(variants)
            .where(variants.c.id == line.variant_id)
            .values(stock=variants.c.stock + taken.quantity)
        )
        if not terms.whole:
            await connection.execute(
                update(lines)
                .where(lines.c.id == line.id)
                .values(cancelled=lines.c.cancelled + taken.quantity)
            )
    if terms.whole:
        await close_open_attempts(connection, order)
        return ORDER_LIFE_CYCLE.move(order.status, OrderStatus.CANCELLED)
    taken_out = {line.line_id: line.quantity for line in terms.lines}
    left = replace(
        order,
        lines=tuple(
            replace(line, cancelled=line.cancelled + taken_out.get(line.id, 0))
            for line in order.lines
        ),
    )
    if order.status is OrderStatus.PARTLY_SHIPPED and not left.unsent():
        status = ORDER_LIFE_CYCLE.move(order.status, OrderStatus.SHIPPED)
        arrived = all(sent.delivered_at is not None for sent in order.fulfilments)
        return ORDER_LIFE_CYCLE.move(status, OrderStatus.DELIVERED) if arrived else status
    return order.status
