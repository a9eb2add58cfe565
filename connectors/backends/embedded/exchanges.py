"""Exchanges of the embedded shop: prepared as drafts, committed once, stock kept at the commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import Actor, Refusal, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.catalogue import variants_of
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.customers import load_tenders
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.exchange_endings import settle_difference, take_difference
from connectors.backends.embedded.exchange_rows import insert_exchange, load_exchanges, set_aside
from connectors.backends.embedded.money_back import balance_changes
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.embedded.return_rows import bound_units, record_of
from connectors.backends.orders.model import Order
from connectors.backends.refunds.differences import Charge, MoneyBack
from connectors.backends.refunds.exchanges import (
    Exchange,
    ExchangeDraft,
    ExchangeRefusal,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeTerms,
    ExchangeWish,
    exchange_terms,
)
from connectors.backends.refunds.model import Handover
from connectors.backends.refunds.policy import (
    approval_rule,
    deadline_after,
    freight_of,
    returnable_lines,
    wish_refusal,
)
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import NotFound, Refused
from kernel.money import Money, total


@dataclass(frozen=True)
class EmbeddedExchanges:
    """The part of the port Refunds that exchanges."""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        lines: Sequence[ExchangeRequestLine],
        wish: ExchangeWish,
    ) -> ExchangeDraft:
        """(see Refunds.prepare_exchange)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            terms = await self._terms(connection, order, lines, wish)
            rule = await self._approval_rule(connection, order, terms, wish)
            charge, back = await self._money(connection, order, terms, wish, rule)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.EXCHANGE,
                customer_id,
                order.number,
                request={"lines": lines, "wish": wish},
                terms=_agreed(terms, charge, back),
                now=now,
                expires_at=expires_at,
            )
            return ExchangeDraft(
                id=draft_id,
                customer_id=customer_id,
                order_number=order.number,
                wish=wish,
                lines=terms.lines,
                difference=terms.difference,
                freight=freight_of(wish.reason, wish.handover),
                needs_approval=rule is not None,
                address=order.address,
                send_by=self._send_by(now),
                expires_at=expires_at,
                charge=charge,
                refunds=back.parts,
                refund_account=back.account,
                balances=balance_changes(
                    order, (), await load_tenders(connection, customer_id), charge=charge
                ),
            )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> Exchange:
        """(see Refunds.commit_exchange)"""
        number = await commit_draft(
            self.engine,
            Verb.EXCHANGE,
            customer_id,
            draft_id,
            str,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )
        async with read(self.engine) as connection:
            found = await load_exchanges(connection, tables.exchanges.c.number == number)
        if not found:
            raise NotFound("exchange")
        return found[0]

    async def of(self, customer_id: str, order_number: str | None) -> tuple[Exchange, ...]:
        """(see Refunds.exchanges_of)"""
        condition = tables.exchanges.c.customer_id == customer_id
        if order_number is not None:
            condition &= tables.exchanges.c.order_number == number_key(order_number)
        async with read(self.engine) as connection:
            return await load_exchanges(connection, condition)

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[str]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        wish = msgspec.convert(draft.request["wish"], ExchangeWish)
        wanted = msgspec.convert(draft.request["lines"], list[ExchangeRequestLine])
        before = await bound_units(connection, order.number)
        terms = await self._terms(connection, order, wanted, wish)
        rule = await self._approval_rule(connection, order, terms, wish)
        charge, back = await self._money(connection, order, terms, wish, rule, lock=True)
        await set_aside(connection, terms.lines)
        made = Exchange(
            number=await next_number(connection, "exchange", now),
            order_number=order.number,
            customer_id=order.customer_id,
            status=(
                ExchangeStatus.AUTHORISED if rule is None else ExchangeStatus.AWAITING_APPROVAL
            ),
            wish=wish,
            lines=terms.lines,
            difference=terms.difference,
            freight=freight_of(wish.reason, wish.handover),
            send_by=self._send_by(now),
            return_address=self.rules.returns.return_address,
            created_at=now,
        )
        await insert_exchange(connection, made)
        paid = await take_difference(connection, order, made.number, charge, now)
        return Done(
            result=made.number,
            terms=_agreed(terms, charge, back),
            subject=made.number,
            rule=rule or f"returns.exchange.{wish.reason.value}",
            before={"order": order.number, "returned": before},
            after={
                "order": order.number,
                "status": made.status,
                "reason": wish.reason,
                "handover": wish.handover,
                "lines": [[line.line_id, line.quantity, line.variant_id] for line in made.lines],
                "difference": made.difference,
                "tender": wish.tender_id,
                "payment": paid,
            },
        )

    async def _terms(
        self,
        connection: AsyncConnection,
        order: Order,
        wanted: Sequence[ExchangeRequestLine],
        wish: ExchangeWish,
    ) -> ExchangeTerms:
        now = self.clock.now()
        bound = await bound_units(connection, order.number)
        rules = self.rules.returns
        lines = returnable_lines(order, bound, now, rules, self.rules.timezone, for_exchange=True)
        ids = [request.variant_id for request in wanted]
        # Two who want the last piece must not both find it there.
        variants = await variants_of(connection, ids, lock=True)
        terms = exchange_terms(order, lines, wanted, variants, wish.reason, now)
        if isinstance(terms, Refusal):
            raise Refused(terms.code, terms.line_id)
        manner = wish_refusal(
            wish.reason, wish.handover, bool(wish.photos) or wish.inspected, order, rules
        )
        if manner is not None:
            raise Refused(ExchangeRefusal(manner))
        return terms

    async def _money(
        self,
        connection: AsyncConnection,
        order: Order,
        terms: ExchangeTerms,
        wish: ExchangeWish,
        rule: str | None,
        *,
        lock: bool = False,
    ) -> tuple[Charge | None, MoneyBack]:
        """What is charged, or will go back; open while a person has to approve first."""
        if rule is not None:
            return None, MoneyBack(())
        return await settle_difference(
            connection, order, terms.difference, wish, self.clock.now(), self.rules, lock=lock
        )

    async def _approval_rule(
        self,
        connection: AsyncConnection,
        order: Order,
        terms: ExchangeTerms,
        wish: ExchangeWish,
    ) -> str | None:
        """The rule by which a person must look: goods that stay count like money given back."""
        rules = self.rules.approval
        record = await record_of(connection, order.customer_id, self.clock.now(), rules)
        worth = Money(0, order.currency)
        if wish.handover is Handover.KEEP:
            prices = {line.id: line.unit_price for line in order.lines}
            worth = total(
                (prices[line.line_id] * line.quantity for line in terms.lines), order.currency
            )
        return approval_rule(worth, wish.handover, record, rules)

    def _send_by(self, now: datetime) -> datetime:
        return deadline_after(now, self.rules.returns.send_back_days, self.rules.timezone)


def _agreed(terms: ExchangeTerms, charge: Charge | None, back: MoneyBack) -> dict[str, Any]:
    """What must not change between the preview and the commit."""
    return {
        "lines": [
            [line.line_id, line.quantity, line.variant_id, line.difference] for line in terms.lines
        ],
        "difference": terms.difference,
        "charge": charge,
        "back": back,
    }
