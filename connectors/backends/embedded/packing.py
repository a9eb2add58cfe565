"""Packing wishes in the embedded shop: notes that the warehouse reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded.database import write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.notes import add_note, notes_of
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.orders.model import Order
from connectors.backends.orders.packing import (
    PACKING_NOTES,
    PackDraft,
    Packed,
    PackRefused,
    PackTerms,
    PackWish,
    note_text,
    pack_terms,
)
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused


@dataclass(frozen=True)
class EmbeddedPacking:
    """(see Packing)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def prepare_packing(
        self, customer_id: str, order_number: str, wish: PackWish
    ) -> PackDraft:
        """(see Packing)"""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=self.rules.packing.draft_minutes)
        async with write(self.engine) as connection:
            orders = await _orders(connection, customer_id, order_number, wish)
            terms = await self._terms(connection, orders, wish)
            draft_id = await keep_draft(
                connection,
                Verb.PACK,
                customer_id,
                orders[0].number,
                request={"wish": wish},
                terms=terms,
                now=now,
                expires_at=expires_at,
            )
        return PackDraft(draft_id, customer_id, terms, expires_at)

    async def commit_packing(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Packed:
        """(see Packing)"""

        async def carry_out(connection: AsyncConnection, draft: Prepared) -> Done[Packed]:
            return await self._carry_out(connection, draft, by)

        return await commit_draft(
            self.engine,
            Verb.PACK,
            customer_id,
            draft_id,
            Packed,
            carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(
        self, connection: AsyncConnection, draft: Prepared, by: Actor
    ) -> Done[Packed]:
        now = self.clock.now()
        wish = msgspec.convert(draft.request["wish"], PackWish)
        orders = await _orders(connection, draft.customer_id, draft.subject, wish, lock=True)
        before = {
            order.number: [
                one.text
                for one in await notes_of(connection, order.number)
                if one.kind in PACKING_NOTES
            ]
            for order in orders
        }
        terms = await self._terms(connection, orders, wish)
        for order in orders:
            await add_note(
                connection, order.number, terms.kind, note_text(terms), now=now, by=by, due_at=None
            )
        together = len(terms.orders) > 1
        return Done(
            result=Packed(terms, now),
            terms=terms,
            subject=draft.subject,
            rule="packing.orders_together" if together else "packing.parcels_per_order",
            before=before,
            after={"orders": terms.orders, "parcels": terms.parcels, "first": terms.first},
        )

    async def _terms(
        self, connection: AsyncConnection, orders: list[Order], wish: PackWish
    ) -> PackTerms:
        notes = await notes_of(connection, orders[0].number)
        noted = next((one for one in notes if one.kind in PACKING_NOTES), None)
        terms = pack_terms(orders, wish, noted, self.rules.packing)
        if isinstance(terms, PackRefused):
            raise Refused(terms.code, terms.order_number)
        return terms


async def _orders(
    connection: AsyncConnection,
    customer_id: str,
    order_number: str,
    wish: PackWish,
    *,
    lock: bool = False,
) -> list[Order]:
    """The orders of the wish, each once, the one asked about first.

    They are locked in one sequence, whichever was asked about: two wishes never wait in a circle.
    """
    first = number_key(order_number)
    others = dict.fromkeys(number_key(one) for one in wish.together_with)
    numbers = [first, *(one for one in others if one != first)]
    found = {
        number: await owned_order(connection, customer_id, number, lock=lock)
        for number in sorted(numbers)
    }
    return [found[number] for number in numbers]
