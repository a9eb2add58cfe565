"""Hurrying orders in the embedded shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.notes import add_note, notes_of
from connectors.backends.embedded.orders import owned_order
from connectors.backends.orders.model import NoteKind, Order, OrderNote
from connectors.backends.orders.urging import (
    Urged,
    UrgeDraft,
    UrgeRefused,
    UrgeTerms,
    due_at,
    urge_terms,
)
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused

_TEXTS = {
    NoteKind.EXPEDITE: "顾客催发货，请尽快安排 / the shopper asks to hurry",
    NoteKind.ESCALATION: "已超过承诺时间，顾客在催 / past the promised time, the shopper asks",
}


@dataclass(frozen=True)
class EmbeddedUrging:
    """(see Urging)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def notes_of(self, customer_id: str, order_number: str) -> tuple[OrderNote, ...]:
        """(see Urging)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return await notes_of(connection, order.number)

    async def prepare_urge(self, customer_id: str, order_number: str) -> UrgeDraft:
        """(see Urging)"""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=self.rules.urging.draft_minutes)
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            terms = await self._terms(connection, order)
            draft_id = await keep_draft(
                connection,
                Verb.URGE,
                customer_id,
                order.number,
                request={},
                terms=terms,
                now=now,
                expires_at=expires_at,
            )
        due = due_at(terms, now, self.rules.urging)
        return UrgeDraft(draft_id, customer_id, order.number, terms, due, expires_at)

    async def commit_urge(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Urged:
        """(see Urging)"""

        async def carry_out(connection: AsyncConnection, draft: Prepared) -> Done[Urged]:
            return await self._carry_out(connection, draft, by)

        return await commit_draft(
            self.engine,
            Verb.URGE,
            customer_id,
            draft_id,
            Urged,
            carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(
        self, connection: AsyncConnection, draft: Prepared, by: Actor
    ) -> Done[Urged]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        before = await notes_of(connection, order.number)
        terms = await self._terms(connection, order)
        note = await add_note(
            connection,
            order.number,
            terms.kind,
            _TEXTS[terms.kind],
            now=now,
            by=by,
            due_at=due_at(terms, now, self.rules.urging),
        )
        escalated = terms.kind is NoteKind.ESCALATION
        return Done(
            result=Urged(order.number, note),
            terms=terms,
            subject=order.number,
            rule="urging.escalation_hours" if escalated else "urging.notes_per_order",
            before={"notes": len(before)},
            after={"kind": note.kind, "due_at": note.due_at},
        )

    async def _terms(self, connection: AsyncConnection, order: Order) -> UrgeTerms:
        notes = await notes_of(connection, order.number)
        terms = urge_terms(order, notes, self.clock.now(), self.rules.urging)
        if isinstance(terms, UrgeRefused):
            raise Refused(terms.code)
        return terms
