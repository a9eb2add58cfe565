"""Changes of orders in the embedded shop, before they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Refusal, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.catalogue import change_stock, variants_of
from connectors.backends.embedded.charging import take
from connectors.backends.embedded.claim_rows import claimed_lines
from connectors.backends.embedded.customers import load_tenders
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft, plain
from connectors.backends.embedded.money_back import balance_changes, give_back, is_instant
from connectors.backends.embedded.orders import owned_order
from connectors.backends.embedded.payments import close_open_attempts, payment_under_way
from connectors.backends.offers.model import ClaimStatus
from connectors.backends.orders.model import Order, OrderLine, OrderStatus
from connectors.backends.orders.modifying import (
    Modifiable,
    Modification,
    ModifyDraft,
    ModifyTerms,
    ModifyWish,
    Settled,
    modifiable,
    settle,
    slot_end,
)
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused


@dataclass(frozen=True)
class EmbeddedModifications:
    """(see Modifications)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def modifiable(self, customer_id: str, order_number: str) -> Modifiable:
        """(see Modifications)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return await self._modifiable(connection, order)

    async def quote_modification(
        self, customer_id: str, order_number: str, wish: ModifyWish
    ) -> ModifyTerms:
        """(see Modifications)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return (await self._settle(connection, order, wish, quote=True)).terms

    async def prepare_modification(
        self, customer_id: str, order_number: str, wish: ModifyWish
    ) -> ModifyDraft:
        """(see Modifications)"""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=self.rules.modifying.draft_minutes)
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            terms = (await self._settle(connection, order, wish)).terms
            draft_id = await keep_draft(
                connection,
                Verb.MODIFY,
                customer_id,
                order.number,
                request={"wish": wish},
                terms=terms,
                now=now,
                expires_at=expires_at,
            )
            stored = await load_tenders(connection, customer_id)
        account = terms.refund_account
        at_once = [
            part for part in terms.refunds if is_instant(order, part, self.rules.refunds, account)
        ]
        return ModifyDraft(
            id=draft_id,
            customer_id=customer_id,
            order_number=order.number,
            wish=wish,
            terms=terms,
            balances=balance_changes(order, at_once, stored, account=account, charge=terms.charge),
            expires_at=expires_at,
        )

    async def commit_modification(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> Modification:
        """(see Modifications)"""
        return await commit_draft(
            self.engine,
            Verb.MODIFY,
            customer_id,
            draft_id,
            Modification,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[Modification]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        wish = msgspec.convert(draft.request["wish"], ModifyWish)
        settled = await self._settle(connection, order, wish, lock=True)
        terms = settled.terms
        await _store_lines(connection, order, settled.lines)
        await change_stock(connection, _stock_changes(order, terms))
        if terms.slot is not None:
            await self._store_slot(connection, order, terms)
        if order.status is OrderStatus.UNPAID and terms.difference:
            await close_open_attempts(connection, order)
        # Money goes back first: a payment that is made now is not among those that give back.
        refunds = await give_back(
            connection,
            order,
            terms.refunds,
            now,
            self.rules.refunds,
            to_account=terms.refund_account,
        )
        paid = None
        if terms.charge is not None:
            paid = await take(connection, order, terms.charge, now)
        return Done(
            result=Modification(order.number, terms, refunds, now),
            terms=terms,
            subject=order.number,
            rule="modifying.unpaid" if order.status is OrderStatus.UNPAID else "modifying.paid",
            before={"lines": _told(order.lines), "total": order.total, "slot": order.slot},
            after={
                "lines": _told(settled.lines),
                "total": terms.total_after,
                "slot": terms.slot or order.slot,
                "payment": paid,
                "refunds": refunds,
            },
        )

    async def _store_slot(
        self, connection: AsyncConnection, order: Order, terms: ModifyTerms
    ) -> None:
        if terms.slot is None:
            return
        values: dict[str, Any] = {"slot": plain(terms.slot)}
        if order.promised_by is not None:
            values["promised_by"] = slot_end(terms.slot, self.rules.timezone)
        await connection.execute(
            update(tables.orders).where(tables.orders.c.number == order.number).values(values)
        )

    async def _modifiable(self, connection: AsyncConnection, order: Order) -> Modifiable:
        under_way = await payment_under_way(connection, order)
        return modifiable(order, self.rules.modifying, payment_under_way=under_way)

    async def _settle(
        self,
        connection: AsyncConnection,
        order: Order,
        wish: ModifyWish,
        *,
        quote: bool = False,
        lock: bool = False,
    ) -> Settled:
        found = await self._modifiable(connection, order)
        variants = await variants_of(
            connection, [line.variant_id for line in wish.lines], lock=lock
        )
        claimed = await claimed_lines(connection, order.number) if wish.lines else {}
        settled = settle(
            found,
            wish,
            variants,
            await load_tenders(connection, order.customer_id, lock=lock),
            self.clock.now(),
            self.rules,
            claimed={key for key, how in claimed.items() if how is ClaimStatus.REQUESTED},
            quote=quote,
        )
        if isinstance(settled, Refusal):
            raise Refused(settled.code, settled.line_id)
        return settled


def _told(lines: tuple[OrderLine, ...]) -> Mapping[str, list[Any]]:
    return {line.id: [line.variant_id, line.kept, line.kept_amount] for line in lines}


def _stock_changes(order: Order, terms: ModifyTerms) -> dict[str, int]:
    sold = {line.id: line.variant_id for line in order.lines}
    changes: dict[str, int] = {}
    for part in terms.lines:
        old = sold[part.line_id]
        changes[old] = changes.get(old, 0) + part.taken
        changes[part.variant_id] = changes.get(part.variant_id, 0) - part.given
    return changes


async def _store_lines(
    connection: AsyncConnection, order: Order, lines: tuple[OrderLine, ...]
) -> None:
    """Write what is different from ``order``: lines that changed, and new ones behind them."""
    table = tables.order_lines
    known = {line.id: line for line in order.lines}
    for position, line in enumerate(lines):
        values = {
            "variant_id": line.variant_id,
            "sku": line.sku,
            "options": plain(line.options),
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price.minor,
            "discount_minor": line.discount.minor,
            "cancelled": line.cancelled,
        }
        if line.id not in known:
            await connection.execute(
                insert(table).values(
                    id=line.id,
                    order_number=order.number,
                    position=position,
                    product_id=line.product_id,
                    name_zh=line.product_name.zh,
                    name_en=line.product_name.en,
                    category=line.category,
                    image=line.image,
                    currency=line.unit_price.currency,
                    traits=sorted(line.traits),
                    exclusion_confirmed=line.exclusion_confirmed,
                    credited_units=0,
                    credited_minor=0,
                    **values,
                )
            )
        elif line != known[line.id]:
            await connection.execute(update(table).where(table.c.id == line.id).values(values))
