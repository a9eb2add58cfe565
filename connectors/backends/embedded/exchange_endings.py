"""What becomes of an exchange: a person decides, its goods come, or its time is over.

What the new goods cost more is charged when the exchange is granted, and goes back if it is given
up. What they cost less goes back when they leave: no ending then has to ask for money again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOP, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.charging import take
from connectors.backends.embedded.customers import load_tenders
from connectors.backends.embedded.database import write
from connectors.backends.embedded.drafts import plain
from connectors.backends.embedded.exchange_rows import load_exchanges, set_aside
from connectors.backends.embedded.lapsing import RULE, lapse_due
from connectors.backends.embedded.money_back import give_back
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.orders.model import Order
from connectors.backends.refunds.differences import Charge, MoneyBack
from connectors.backends.refunds.exchanges import (
    EXCHANGE_LIFE_CYCLE,
    GIVEN_UP,
    Exchange,
    ExchangeRefusal,
    ExchangeStatus,
    ExchangeWish,
    charge_back,
    exchange_money,
)
from connectors.backends.refunds.model import Handover
from connectors.backends.refunds.policy import deadline_after
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import BackendRejected, InvalidTransition, NotFound, Refused
from kernel.money import Money


@dataclass(frozen=True)
class ExchangeEndings:
    """Decides on exchanges that wait for a person, and carries the others to their end."""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def decide(self, customer_id: str, number: str, *, grant: bool, by: Actor) -> Exchange:
        """(see Refunds.decide_exchange)"""
        if not by.is_person:
            raise BackendRejected("an exchange is decided by a person of the shop")
        to = ExchangeStatus.AUTHORISED if grant else ExchangeStatus.REJECTED
        async with write(self.engine) as connection:
            order, made = await _locked(connection, customer_id, number_key(number))
            return await self._move(connection, order, made, to, by, "approval")

    async def book(self, customer_id: str, number: str, to: ExchangeStatus, by: Actor) -> None:
        """What the warehouse says of the goods (see Warehouse.book)."""
        async with write(self.engine) as connection:
            order, made = await _locked(connection, customer_id, number)
            waits = made.status is ExchangeStatus.AUTHORISED
            stays = made.wish.handover is Handover.KEEP
            if waits and stays != (to is ExchangeStatus.REPLACED):
                raise InvalidTransition("new goods for old ones that have not come back")
            await self._move(connection, order, made, to, by, "returns.replacement_days")

    async def forget_idle_since(self, moment: datetime) -> int:
        """Let every permission lapse whose goods had to be on their way at ``moment``; how many."""

        async def let_lapse(connection: AsyncConnection, customer_id: str, number: str) -> bool:
            order, exchange = await _locked(connection, customer_id, number)
            # Another replica, or the goods, may have been faster.
            if exchange.status is not ExchangeStatus.AUTHORISED or exchange.send_by > moment:
                return False
            await self._move(connection, order, exchange, ExchangeStatus.EXPIRED, SHOP, RULE)
            return True

        return await lapse_due(self.engine, tables.exchanges, moment, let_lapse)

    async def _move(
        self,
        connection: AsyncConnection,
        order: Order,
        made: Exchange,
        to: ExchangeStatus,
        by: Actor,
        rule: str,
    ) -> Exchange:
        now = self.clock.now()
        moved = replace(made, status=EXCHANGE_LIFE_CYCLE.move(made.status, to))
        if by.is_person:
            moved = replace(moved, decided_by=by.name)
        refunds: tuple[str, ...] = ()
        if to in GIVEN_UP:
            refunds = await self._undo(connection, order, made, now)
        elif made.status is ExchangeStatus.AWAITING_APPROVAL:
            charge, _ = await settle_difference(
                connection, order, made.difference, made.wish, now, self.rules, lock=True
            )
            paid = await take_difference(connection, order, made.number, charge, now)
            days = self.rules.returns.send_back_days
            send_by = deadline_after(now, days, self.rules.timezone)
            moved = replace(moved, payment_id=paid, send_by=send_by)
        elif to is ExchangeStatus.REPLACED:
            refunds = await self._give_difference(connection, order, made, now)
            moved = replace(moved, given_back=made.given_back or bool(refunds))
        await connection.execute(
            update(tables.exchanges)
            .where(tables.exchanges.c.number == made.number)
            .values(
                status=moved.status.value,
                decided_by=moved.decided_by,
                send_by=moved.send_by,
                given_back=moved.given_back,
            )
        )
        await connection.execute(
            insert(tables.audit).values(
                at=now,
                customer_id=order.customer_id,
                actor=by.name,
                action=(Verb.DECIDE_EXCHANGE if by.is_person else Verb.EXCHANGE).value,
                subject=made.number,
                draft_id=None,
                rule=rule,
                state_before=plain(_told(made)),
                state_after=plain({**_told(moved), "refunds": refunds}),
            )
        )
        return moved

    async def _undo(
        self, connection: AsyncConnection, order: Order, made: Exchange, now: datetime
    ) -> tuple[str, ...]:
        """Put back on sale what was set aside, and give back what was charged."""
        await set_aside(connection, made.lines, put_back=True)
        if made.payment_id is None:
            return ()
        parts = charge_back(order, made.payment_id, made.difference, self.rules.refunds)
        return await give_back(connection, order, parts, now, self.rules.refunds)

    async def _give_difference(
        self, connection: AsyncConnection, order: Order, made: Exchange, now: datetime
    ) -> tuple[str, ...]:
        """Give back what the new goods cost less, now that they take the old ones' place."""
        if made.given_back or made.difference.minor >= 0:
            return ()
        wish = made.wish
        try:
            _, back = await settle_difference(
                connection, order, made.difference, wish, now, self.rules, lock=True
            )
        except Refused:
            # The tender of choice is gone meanwhile, or cannot have it any more: what paid can.
            wish = replace(wish, tender_id=None)
            _, back = await settle_difference(
                connection, order, made.difference, wish, now, self.rules, lock=True
            )
        rules = self.rules.refunds
        return await give_back(connection, order, back.parts, now, rules, to_account=back.account)


async def settle_difference(
    connection: AsyncConnection,
    order: Order,
    difference: Money,
    wish: ExchangeWish,
    now: datetime,
    rules: ShopRules,
    *,
    lock: bool = False,
) -> tuple[Charge | None, MoneyBack]:
    """What is charged, or would go back, for ``difference`` now; raises Refused."""
    stored = await load_tenders(connection, order.customer_id, lock=lock)
    today = now.astimezone(ZoneInfo(rules.timezone)).date()
    money = exchange_money(order, difference, wish, stored, today, rules.refunds)
    if isinstance(money, ExchangeRefusal):
        raise Refused(money)
    return money


async def take_difference(
    connection: AsyncConnection, order: Order, number: str, charge: Charge | None, now: datetime
) -> str | None:
    """Charge what an exchange costs more; the payment's id, None where it costs nothing more."""
    if charge is None:
        return None
    paid = await take(connection, order, charge, now)
    made = tables.exchanges
    await connection.execute(update(made).where(made.c.number == number).values(payment_id=paid))
    return paid


async def _locked(
    connection: AsyncConnection, customer_id: str, number: str
) -> tuple[Order, Exchange]:
    """The exchange and its order, which nobody else changes until we are done.

    Whoever changes an exchange locks its order first, as whoever makes one does.
    """
    made = tables.exchanges
    condition = (made.c.number == number) & (made.c.customer_id == customer_id)
    order_number = await connection.scalar(select(made.c.order_number).where(condition))
    if order_number is None:
        raise NotFound("exchange")
    order = await owned_order(connection, customer_id, order_number, lock=True)
    return order, (await load_exchanges(connection, condition))[0]


def _told(made: Exchange) -> dict[str, Any]:
    """An exchange as an audit line tells it."""
    return {
        "order": made.order_number,
        "status": made.status,
        "lines": [[line.line_id, line.quantity, line.variant_id] for line in made.lines],
        "difference": made.difference,
        "payment": made.payment_id,
    }
