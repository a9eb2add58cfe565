"""Returns and refunds of the embedded shop: prepared as drafts, committed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Refusal, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.exchange_endings import ExchangeEndings
from connectors.backends.embedded.exchanges import EmbeddedExchanges
from connectors.backends.embedded.money_back import balances_credited, give_back
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.embedded.return_endings import ReturnEndings, granted, return_told
from connectors.backends.embedded.return_rows import (
    bound_units,
    insert_return,
    load_returns,
    record_of,
    refund_of,
)
from connectors.backends.orders.model import Address, Order
from connectors.backends.refunds.exchanges import (
    Exchange,
    ExchangeDraft,
    ExchangeRequestLine,
    ExchangeWish,
)
from connectors.backends.refunds.model import (
    GIVEN_UP,
    Handover,
    Refund,
    ReturnableLine,
    ReturnAuthorisation,
    ReturnDraft,
    ReturnRequestLine,
    ReturnStatus,
    ReturnWish,
)
from connectors.backends.refunds.policy import (
    Settlement,
    approval_rule,
    deadline_after,
    freight_of,
    returnable_lines,
    settle,
)
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import NotFound, Refused
from kernel.money import Money


@dataclass(frozen=True)
class EmbeddedRefunds:
    """(see Refunds)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def returnable_lines(
        self, customer_id: str, order_number: str, *, for_exchange: bool = False
    ) -> tuple[ReturnableLine, ...]:
        """(see Refunds)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return await self._lines(connection, order, for_exchange=for_exchange)

    async def prepare_return(
        self,
        customer_id: str,
        order_number: str,
        lines: Sequence[ReturnRequestLine],
        wish: ReturnWish,
    ) -> ReturnDraft:
        """(see Refunds)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            settlement = await self._settle(connection, order, lines, wish)
            rule = await self._approval_rule(connection, order, settlement.total, wish)
            send_by = self._send_by(now)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.RETURN,
                customer_id,
                order.number,
                request={"lines": lines, "wish": wish},
                terms=_terms(settlement, wish, rule),
                now=now,
                expires_at=expires_at,
            )
            at_once = rule is None and wish.handover is Handover.KEEP
            balances = (
                await balances_credited(connection, order, settlement.tenders, self.rules.refunds)
                if at_once
                else ()
            )
            return ReturnDraft(
                id=draft_id,
                customer_id=customer_id,
                order_number=order.number,
                wish=wish,
                lines=settlement.lines,
                shipping_refund=settlement.shipping_refund,
                total=settlement.total,
                tenders=settlement.tenders,
                freight=freight_of(wish.reason, wish.handover),
                needs_approval=rule is not None,
                pick_up_at=_pick_up_at(order, wish),
                send_by=send_by,
                expires_at=expires_at,
                balances=balances,
            )

    async def commit_return(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> ReturnAuthorisation:
        """(see Refunds)"""
        number = await commit_draft(
            self.engine,
            Verb.RETURN,
            customer_id,
            draft_id,
            str,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )
        return await self._get(customer_id, number)

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[str]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        wish = msgspec.convert(draft.request["wish"], ReturnWish)
        wanted = msgspec.convert(draft.request["lines"], list[ReturnRequestLine])
        before = await bound_units(connection, order.number)
        settlement = await self._settle(connection, order, wanted, wish)
        rule = await self._approval_rule(connection, order, settlement.total, wish)
        made = ReturnAuthorisation(
            number=await next_number(connection, "return", now),
            order_number=order.number,
            customer_id=order.customer_id,
            status=_first_status(wish, rule),
            wish=wish,
            lines=settlement.lines,
            shipping_refund=settlement.shipping_refund,
            total=settlement.total,
            tenders=settlement.tenders,
            freight=freight_of(wish.reason, wish.handover),
            send_by=self._send_by(now),
            return_address=self.rules.returns.return_address,
            created_at=now,
        )
        await insert_return(connection, made)
        if made.status is ReturnStatus.REFUNDED:
            await give_back(connection, order, made.tenders, now, self.rules.refunds, made.number)
        return Done(
            result=made.number,
            terms=_terms(settlement, wish, rule),
            subject=made.number,
            rule=rule or f"returns.{wish.reason.value}",
            before={"order": order.number, "returned": before},
            after=return_told(made),
        )

    async def decide_return(
        self, customer_id: str, number: str, *, grant: bool, by: Actor
    ) -> ReturnAuthorisation:
        """(see Refunds)"""
        endings = ReturnEndings(self.engine, self.clock, self.rules)
        await endings.decide(customer_id, number, grant=grant, by=by)
        return await self._get(customer_id, number)

    async def returns_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[ReturnAuthorisation, ...]:
        """(see Refunds)"""
        condition = tables.returns.c.customer_id == customer_id
        if order_number is not None:
            condition &= tables.returns.c.order_number == number_key(order_number)
        async with read(self.engine) as connection:
            return await load_returns(connection, condition, self.rules)

    async def find_return(self, customer_id: str, number: str) -> ReturnAuthorisation | None:
        """(see Refunds)"""
        condition = (tables.returns.c.number == number_key(number)) & (
            tables.returns.c.customer_id == customer_id
        )
        async with read(self.engine) as connection:
            found = await load_returns(connection, condition, self.rules)
        return found[0] if found else None

    async def refunds_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[Refund, ...]:
        """(see Refunds)"""
        refunds = tables.refunds
        condition = refunds.c.customer_id == customer_id
        if order_number is not None:
            condition &= refunds.c.order_number == number_key(order_number)
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(refunds)
                .where(condition)
                .order_by(refunds.c.requested_at.desc(), refunds.c.number.desc())
            )
            return tuple(refund_of(row) for row in rows.mappings())

    async def prepare_exchange(
        self,
        customer_id: str,
        order_number: str,
        lines: Sequence[ExchangeRequestLine],
        wish: ExchangeWish,
    ) -> ExchangeDraft:
        """(see Refunds)"""
        return await self._exchanges.prepare(customer_id, order_number, lines, wish)

    async def commit_exchange(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> Exchange:
        """(see Refunds)"""
        return await self._exchanges.commit(customer_id, draft_id, by)

    async def decide_exchange(
        self, customer_id: str, number: str, *, grant: bool, by: Actor
    ) -> Exchange:
        """(see Refunds)"""
        endings = ExchangeEndings(self.engine, self.clock, self.rules)
        return await endings.decide(customer_id, number, grant=grant, by=by)

    async def exchanges_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[Exchange, ...]:
        """(see Refunds)"""
        return await self._exchanges.of(customer_id, order_number)

    @property
    def _exchanges(self) -> EmbeddedExchanges:
        return EmbeddedExchanges(self.engine, self.clock, self.rules)

    async def _get(self, customer_id: str, number: str) -> ReturnAuthorisation:
        found = await self.find_return(customer_id, number)
        if found is None:
            raise NotFound("return")
        return found

    async def _lines(
        self, connection: AsyncConnection, order: Order, *, for_exchange: bool = False
    ) -> tuple[ReturnableLine, ...]:
        return returnable_lines(
            order,
            await bound_units(connection, order.number),
            self.clock.now(),
            self.rules.returns,
            self.rules.timezone,
            for_exchange=for_exchange,
        )

    async def _settle(
        self,
        connection: AsyncConnection,
        order: Order,
        wanted: Sequence[ReturnRequestLine],
        wish: ReturnWish,
    ) -> Settlement:
        lines = await self._lines(connection, order)
        settled = settle(
            order, lines, wanted, wish, self.clock.now(), self.rules.refunds, self.rules.returns
        )
        if isinstance(settled, Refusal):
            raise Refused(settled.code, settled.line_id)
        return settled

    async def _approval_rule(
        self, connection: AsyncConnection, order: Order, amount: Money, wish: ReturnWish
    ) -> str | None:
        """The rule by which this return and the earlier ones of its order together need a person.

        Each for itself would let an order of any price come back in small parts.
        """
        returns = tables.returns
        earlier = await connection.scalar(
            select(func.sum(returns.c.total_minor)).where(
                returns.c.order_number == order.number,
                returns.c.currency == amount.currency,
                returns.c.status.not_in(GIVEN_UP),
            )
        )
        together = Money(amount.minor + int(earlier or 0), amount.currency)
        rules = self.rules.approval
        record = await record_of(connection, order.customer_id, self.clock.now(), rules)
        return approval_rule(together, wish.handover, record, rules)

    def _send_by(self, now: datetime) -> datetime:
        return deadline_after(now, self.rules.returns.send_back_days, self.rules.timezone)


def _first_status(wish: ReturnWish, rule: str | None) -> ReturnStatus:
    return granted(wish) if rule is None else ReturnStatus.AWAITING_APPROVAL


def _pick_up_at(order: Order, wish: ReturnWish) -> Address | None:
    return order.address if wish.handover is Handover.PICK_UP else None


def _terms(settlement: Settlement, wish: ReturnWish, rule: str | None) -> dict[str, Any]:
    """What must not change between the preview and the commit.

    That a person looks at it after all changes nothing for goods that have to come back first.
    """
    return {
        "total": settlement.total,
        "lines": {line.line_id: [line.quantity, line.refund] for line in settlement.lines},
        "tenders": {part.payment_id: part.amount for part in settlement.tenders},
        "at_once": rule is None and wish.handover is Handover.KEEP,
    }
