"""Exchanges of the embedded shop: prepared as drafts, committed once, stock kept at the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.catalogue import change_stock, variants_of
from connectors.backends.embedded.charging import take
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.customers import load_tenders
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.money_back import balance_changes, give_back, is_instant
from connectors.backends.embedded.orders import options_of, order_key, owned_order
from connectors.backends.embedded.return_rows import bound_units, record_of
from connectors.backends.orders.model import Order
from connectors.backends.refunds.differences import Charge, MoneyBack
from connectors.backends.refunds.exchanges import (
    Exchange,
    ExchangeDraft,
    ExchangeLine,
    ExchangeRefusal,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeTerms,
    ExchangeWish,
    Refusal,
    exchange_money,
    exchange_terms,
)
from connectors.backends.refunds.model import FreightPayer, Handover, ReturnReason
from connectors.backends.refunds.policy import (
    approval_rule,
    deadline_after,
    freight_of,
    returnable_lines,
    wish_refusal,
)
from connectors.backends.rules import ShopRules
from connectors.backends.text import Bilingual
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
                    order,
                    [
                        part
                        for part in back.parts
                        if is_instant(order, part, self.rules.refunds, back.account)
                    ],
                    await load_tenders(connection, customer_id),
                    account=back.account,
                    charge=charge,
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
            found = await _load(connection, tables.exchanges.c.number == number)
        if not found:
            raise NotFound("exchange")
        return found[0]

    async def of(self, customer_id: str, order_number: str | None) -> tuple[Exchange, ...]:
        """(see Refunds.exchanges_of)"""
        condition = tables.exchanges.c.customer_id == customer_id
        if order_number is not None:
            condition &= tables.exchanges.c.order_number == order_key(order_number)
        async with read(self.engine) as connection:
            return await _load(connection, condition)

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[str]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        wish = msgspec.convert(draft.request["wish"], ExchangeWish)
        wanted = msgspec.convert(draft.request["lines"], list[ExchangeRequestLine])
        before = await bound_units(connection, order.number)
        terms = await self._terms(connection, order, wanted, wish)
        rule = await self._approval_rule(connection, order, terms, wish)
        charge, back = await self._money(connection, order, terms, wish, rule, lock=True)
        taken: dict[str, int] = {}
        for line in terms.lines:
            taken[line.variant_id] = taken.get(line.variant_id, 0) - line.quantity
        await change_stock(connection, taken)
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
        await _insert(connection, made)
        refunds = await give_back(
            connection, order, back.parts, now, self.rules.refunds, to_account=back.account
        )
        paid = await take(connection, order, charge, now) if charge is not None else None
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
                "refunds": refunds,
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
        """What is charged or goes back; nothing while a person has to approve first."""
        if rule is not None:
            return None, MoneyBack(())
        stored = await load_tenders(connection, order.customer_id, lock=lock)
        today = self.clock.now().astimezone(ZoneInfo(self.rules.timezone)).date()
        money = exchange_money(order, terms.difference, wish, stored, today, self.rules.refunds)
        if isinstance(money, ExchangeRefusal):
            raise Refused(money)
        return money

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


async def _insert(connection: AsyncConnection, made: Exchange) -> None:
    await connection.execute(
        insert(tables.exchanges).values(
            number=made.number,
            order_number=made.order_number,
            customer_id=made.customer_id,
            status=made.status.value,
            reason=made.wish.reason.value,
            handover=made.wish.handover.value,
            photos=list(made.wish.photos),
            currency=made.difference.currency,
            freight=made.freight.value,
            send_by=made.send_by,
            return_address_zh=made.return_address.zh,
            return_address_en=made.return_address.en,
            created_at=made.created_at,
            decided_by=made.decided_by,
        )
    )
    await connection.execute(
        insert(tables.exchange_lines),
        [
            {
                "exchange_number": made.number,
                "position": position,
                "line_id": line.line_id,
                "quantity": line.quantity,
                "variant_id": line.variant_id,
                "difference_minor": line.difference.minor,
                "currency": line.difference.currency,
            }
            for position, line in enumerate(made.lines)
        ],
    )


async def _load(
    connection: AsyncConnection, condition: ColumnElement[bool]
) -> tuple[Exchange, ...]:
    """The exchanges that meet ``condition``, newest first, whole."""
    made = tables.exchanges
    heads = await connection.execute(
        select(made).where(condition).order_by(made.c.created_at.desc(), made.c.number.desc())
    )
    rows = heads.mappings().all()
    lines = await _lines_of(connection, [row["number"] for row in rows])
    return tuple(_exchange(row, lines.get(row["number"], ())) for row in rows)


async def _lines_of(
    connection: AsyncConnection, numbers: Sequence[str]
) -> dict[str, tuple[ExchangeLine, ...]]:
    parts, bought, variants = tables.exchange_lines, tables.order_lines, tables.variants
    rows = await connection.execute(
        select(
            parts,
            bought.c.name_zh,
            bought.c.name_en,
            bought.c.options,
            variants.c.options.label("new_options"),
        )
        .join(bought, bought.c.id == parts.c.line_id)
        .outerjoin(variants, variants.c.id == parts.c.variant_id)
        .where(parts.c.exchange_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[ExchangeLine, ...]] = {}
    for row in rows.mappings():
        line = ExchangeLine(
            line_id=row["line_id"],
            product_name=Bilingual(row["name_zh"], row["name_en"]),
            options=_phrase(row["options"]),
            quantity=row["quantity"],
            variant_id=row["variant_id"],
            new_options=_phrase(row["new_options"] or ()),
            difference=Money(row["difference_minor"], row["currency"]),
        )
        number = row["exchange_number"]
        found[number] = (*found.get(number, ()), line)
    return found


def _phrase(stored: Sequence[Mapping[str, Any]]) -> Bilingual:
    values = [option.value for option in options_of(stored)]
    return Bilingual(
        " / ".join(value.zh for value in values), " / ".join(value.en for value in values)
    )


def _exchange(row: RowMapping, lines: tuple[ExchangeLine, ...]) -> Exchange:
    return Exchange(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        status=ExchangeStatus(row["status"]),
        wish=ExchangeWish(
            ReturnReason(row["reason"]), Handover(row["handover"]), tuple(row["photos"])
        ),
        lines=lines,
        difference=total((line.difference for line in lines), row["currency"]),
        freight=FreightPayer(row["freight"]),
        send_by=row["send_by"],
        return_address=Bilingual(row["return_address_zh"], row["return_address_en"]),
        created_at=row["created_at"],
        decided_by=row["decided_by"],
    )
