"""What becomes of a return: a person decides, its goods come, or its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOP, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import write
from connectors.backends.embedded.drafts import plain
from connectors.backends.embedded.lapsing import RULE, lapse_due
from connectors.backends.embedded.money_back import give_back
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.embedded.return_rows import load_returns
from connectors.backends.refunds.model import (
    RETURN_LIFE_CYCLE,
    Handover,
    ReturnAuthorisation,
    ReturnStatus,
    ReturnWish,
)
from connectors.backends.refunds.policy import deadline_after
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import BackendRejected, InvalidTransition, NotFound


@dataclass(frozen=True)
class ReturnEndings:
    """Decides on returns that wait for a person, and carries the others to their end.

    A return that is given up binds nothing any more: its units may be returned or exchanged while
    their windows are open, and what it came to no longer counts towards what the order may give
    back without a person.
    """

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def decide(self, customer_id: str, number: str, *, grant: bool, by: Actor) -> None:
        """(see Refunds.decide_return)"""
        if not by.is_person:
            raise BackendRejected("a return is decided by a person of the shop")
        async with write(self.engine) as connection:
            made = await self._locked(connection, customer_id, number_key(number))
            to = granted(made.wish) if grant else ReturnStatus.REJECTED
            days = self.rules.returns.send_back_days
            moved = replace(
                made,
                status=RETURN_LIFE_CYCLE.move(made.status, to),
                decided_by=by.name,
                send_by=deadline_after(self.clock.now(), days, self.rules.timezone),
            )
            await self._move(connection, made, moved, by, Verb.DECIDE_RETURN, "approval")

    async def book(self, customer_id: str, number: str, to: ReturnStatus, by: Actor) -> None:
        """What the warehouse says of the goods (see Warehouse.book)."""
        async with write(self.engine) as connection:
            made = await self._locked(connection, customer_id, number)
            if made.status is ReturnStatus.AWAITING_APPROVAL:
                raise InvalidTransition("a person decides first")
            moved = replace(made, status=RETURN_LIFE_CYCLE.move(made.status, to))
            rule = "refunds.inspection_days"
            await self._move(connection, made, moved, by, Verb.RETURN, rule)

    async def forget_idle_since(self, moment: datetime) -> int:
        """Let every permission lapse whose goods had to be on their way at ``moment``; how many."""

        async def let_lapse(connection: AsyncConnection, customer_id: str, number: str) -> bool:
            made = await self._locked(connection, customer_id, number)
            # Another replica, or the goods, may have been faster.
            if made.status is not ReturnStatus.AUTHORISED or made.send_by > moment:
                return False
            status = RETURN_LIFE_CYCLE.move(made.status, ReturnStatus.EXPIRED)
            moved = replace(made, status=status)
            await self._move(connection, made, moved, SHOP, Verb.RETURN, RULE)
            return True

        return await lapse_due(self.engine, tables.returns, moment, let_lapse)

    async def _locked(
        self, connection: AsyncConnection, customer_id: str, number: str
    ) -> ReturnAuthorisation:
        """The return; of two who change it at the same moment, one sees what the other did."""
        returns = tables.returns
        condition = (returns.c.number == number) & (returns.c.customer_id == customer_id)
        await connection.execute(select(returns.c.number).where(condition).with_for_update())
        found = await load_returns(connection, condition, self.rules)
        if not found:
            raise NotFound("return")
        return found[0]

    async def _move(
        self,
        connection: AsyncConnection,
        made: ReturnAuthorisation,
        moved: ReturnAuthorisation,
        by: Actor,
        verb: Verb,
        rule: str,
    ) -> None:
        """Write that ``made`` is ``moved`` now, send its money if that has come, note it."""
        now = self.clock.now()
        await connection.execute(
            update(tables.returns)
            .where(tables.returns.c.number == made.number)
            .values(status=moved.status.value, decided_by=moved.decided_by, send_by=moved.send_by)
        )
        if moved.status is ReturnStatus.REFUNDED:
            order = await owned_order(connection, made.customer_id, made.order_number)
            rules = self.rules.refunds
            await give_back(connection, order, made.tenders, now, rules, made.number)
        await connection.execute(
            insert(tables.audit).values(
                at=now,
                customer_id=made.customer_id,
                actor=by.name,
                action=verb.value,
                subject=made.number,
                draft_id=None,
                rule=rule,
                state_before=plain(return_told(made)),
                state_after=plain(return_told(moved)),
            )
        )


def granted(wish: ReturnWish) -> ReturnStatus:
    """What a return becomes that nobody need look at (any more)."""
    kept = wish.handover is Handover.KEEP
    return ReturnStatus.REFUNDED if kept else ReturnStatus.AUTHORISED


def return_told(made: ReturnAuthorisation) -> Mapping[str, Any]:
    """A return as an audit line tells it."""
    return {
        "order": made.order_number,
        "status": made.status,
        "reason": made.wish.reason,
        "handover": made.wish.handover,
        "refund_to": made.wish.refund_to,
        "photos": len(made.wish.photos),
        "lines": {line.line_id: line.quantity for line in made.lines},
        "total": made.total,
        "tenders": {part.payment_id: part.amount for part in made.tenders},
    }
