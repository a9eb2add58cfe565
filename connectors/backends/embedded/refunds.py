"""Returns and refunds of the embedded shop: prepared as drafts, committed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.orders import order_key, owned_order
from connectors.backends.orders.model import Order, Tender
from connectors.backends.refunds.model import (
    GIVEN_UP,
    FreightPayer,
    Refund,
    RefundStatus,
    ReturnableLine,
    ReturnAuthorisation,
    ReturnDraft,
    ReturnLine,
    ReturnReason,
    ReturnRequestLine,
    ReturnStatus,
    TenderAmount,
)
from connectors.backends.refunds.policy import (
    Refusal,
    Settlement,
    deadline_after,
    returnable_lines,
    settle,
)
from connectors.backends.rules import ShopRules
from connectors.backends.text import Bilingual
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
        self, customer_id: str, order_number: str
    ) -> tuple[ReturnableLine, ...]:
        """(see Refunds)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            return await self._lines(connection, order)

    async def prepare_return(
        self,
        customer_id: str,
        order_number: str,
        lines: Sequence[ReturnRequestLine],
        reason: ReturnReason,
    ) -> ReturnDraft:
        """(see Refunds)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            settlement = await self._settle(connection, order, lines, reason)
            send_by = self._send_by(now)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.RETURN,
                customer_id,
                order.number,
                request={"lines": lines, "reason": reason},
                terms=_terms(settlement),
                now=now,
                expires_at=expires_at,
            )
            return ReturnDraft(
                id=draft_id,
                customer_id=customer_id,
                order_number=order.number,
                reason=reason,
                lines=settlement.lines,
                shipping_refund=settlement.shipping_refund,
                total=settlement.total,
                tenders=settlement.tenders,
                freight=_freight(reason),
                needs_approval=await self._needs_approval(connection, order, settlement.total),
                send_by=send_by,
                expires_at=expires_at,
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
        found = await self.find_return(customer_id, number)
        if found is None:
            raise NotFound("return")
        return found

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[str]:
        reason = ReturnReason(draft.request["reason"])
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        wanted = msgspec.convert(draft.request["lines"], list[ReturnRequestLine])
        before = await returned_units(connection, order.number)
        settlement = await self._settle(connection, order, wanted, reason)
        made = await self._authorise(connection, order, settlement, reason, self.clock.now())
        needs_person = made.status is ReturnStatus.AWAITING_APPROVAL
        return Done(
            result=made.number,
            terms=_terms(settlement),
            subject=made.number,
            rule="approval.return_limit_minor" if needs_person else f"returns.{reason.value}",
            before={"order": order.number, "returned": before},
            after={
                "order": order.number,
                "status": made.status,
                "reason": reason,
                "lines": {line.line_id: line.quantity for line in made.lines},
                "total": made.total,
                "tenders": {part.payment_id: part.amount for part in made.tenders},
            },
        )

    async def returns_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[ReturnAuthorisation, ...]:
        """(see Refunds)"""
        condition = tables.returns.c.customer_id == customer_id
        if order_number is not None:
            condition &= tables.returns.c.order_number == order_key(order_number)
        async with read(self.engine) as connection:
            return await _returns(connection, condition, self.rules)

    async def find_return(self, customer_id: str, number: str) -> ReturnAuthorisation | None:
        """(see Refunds)"""
        condition = (tables.returns.c.number == order_key(number)) & (
            tables.returns.c.customer_id == customer_id
        )
        async with read(self.engine) as connection:
            found = await _returns(connection, condition, self.rules)
        return found[0] if found else None

    async def refunds_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[Refund, ...]:
        """(see Refunds)"""
        refunds = tables.refunds
        condition = refunds.c.customer_id == customer_id
        if order_number is not None:
            condition &= refunds.c.order_number == order_key(order_number)
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(refunds)
                .where(condition)
                .order_by(refunds.c.requested_at.desc(), refunds.c.number.desc())
            )
            return tuple(_refund(row) for row in rows.mappings())

    async def _lines(self, connection: AsyncConnection, order: Order) -> tuple[ReturnableLine, ...]:
        returned = await returned_units(connection, order.number)
        return returnable_lines(
            order, returned, self.clock.now(), self.rules.returns, self.rules.timezone
        )

    async def _settle(
        self,
        connection: AsyncConnection,
        order: Order,
        wanted: Sequence[ReturnRequestLine],
        reason: ReturnReason,
    ) -> Settlement:
        lines = await self._lines(connection, order)
        settled = settle(order, lines, wanted, reason, self.clock.now(), self.rules.refunds)
        if isinstance(settled, Refusal):
            raise Refused(settled.code, settled.line_id)
        return settled

    async def _authorise(
        self,
        connection: AsyncConnection,
        order: Order,
        settlement: Settlement,
        reason: ReturnReason,
        now: datetime,
    ) -> ReturnAuthorisation:
        """Write the return with its lines and tenders."""
        needs_approval = await self._needs_approval(connection, order, settlement.total)
        authorisation = ReturnAuthorisation(
            number=await next_number(connection, "return", now),
            order_number=order.number,
            customer_id=order.customer_id,
            status=ReturnStatus.AWAITING_APPROVAL if needs_approval else ReturnStatus.AUTHORISED,
            reason=reason,
            lines=settlement.lines,
            shipping_refund=settlement.shipping_refund,
            total=settlement.total,
            tenders=settlement.tenders,
            freight=_freight(reason),
            send_by=self._send_by(now),
            return_address=self.rules.returns.return_address,
            created_at=now,
        )
        await _insert_return(connection, authorisation)
        return authorisation

    async def _needs_approval(
        self, connection: AsyncConnection, order: Order, amount: Money
    ) -> bool:
        """Whether this return and the earlier ones of its order are together above the limit.

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
        return self.rules.approval.needs_person(amount.minor + int(earlier or 0), amount.currency)

    def _send_by(self, now: datetime) -> datetime:
        return deadline_after(now, self.rules.returns.send_back_days, self.rules.timezone)


def _freight(reason: ReturnReason) -> FreightPayer:
    return FreightPayer.SHOP if reason.is_our_fault else FreightPayer.SHOPPER


def _terms(settlement: Settlement) -> dict[str, Any]:
    """What must not change between the preview and the commit."""
    return {
        "total": settlement.total,
        "lines": {line.line_id: [line.quantity, line.refund] for line in settlement.lines},
        "tenders": {part.payment_id: part.amount for part in settlement.tenders},
    }


async def returned_units(connection: AsyncConnection, order_number: str) -> dict[str, int]:
    """Units by line that a return binds which was not given up."""
    lines, returns = tables.return_lines, tables.returns
    rows = await connection.execute(
        select(lines.c.line_id, func.sum(lines.c.quantity))
        .join(returns, returns.c.number == lines.c.return_number)
        .where(returns.c.order_number == order_number, returns.c.status.not_in(GIVEN_UP))
        .group_by(lines.c.line_id)
    )
    return {line_id: int(units) for line_id, units in rows}


async def _insert_return(connection: AsyncConnection, made: ReturnAuthorisation) -> None:
    await connection.execute(
        insert(tables.returns).values(
            number=made.number,
            order_number=made.order_number,
            customer_id=made.customer_id,
            status=made.status.value,
            reason=made.reason.value,
            shipping_refund_minor=made.shipping_refund.minor,
            total_minor=made.total.minor,
            currency=made.total.currency,
            freight=made.freight.value,
            send_by=made.send_by,
            return_address=made.return_address,
            created_at=made.created_at,
        )
    )
    await connection.execute(
        insert(tables.return_lines),
        [
            {
                "return_number": made.number,
                "line_id": line.line_id,
                "position": position,
                "quantity": line.quantity,
                "refund_minor": line.refund.minor,
                "currency": line.refund.currency,
            }
            for position, line in enumerate(made.lines)
        ],
    )
    if made.tenders:
        await connection.execute(
            insert(tables.return_tenders),
            [
                {
                    "return_number": made.number,
                    "payment_id": tender.payment_id,
                    "position": position,
                    "amount_minor": tender.amount.minor,
                    "currency": tender.amount.currency,
                }
                for position, tender in enumerate(made.tenders)
            ],
        )


async def _returns(
    connection: AsyncConnection, condition: ColumnElement[bool], rules: ShopRules
) -> tuple[ReturnAuthorisation, ...]:
    """The returns that meet ``condition``, newest first, whole."""
    returns = tables.returns
    heads = await connection.execute(
        select(returns)
        .where(condition)
        .order_by(returns.c.created_at.desc(), returns.c.number.desc())
    )
    rows = heads.mappings().all()
    numbers = [row["number"] for row in rows]
    lines = await _lines_of(connection, numbers)
    tenders = await _tenders_of(connection, numbers, rules)
    return tuple(
        _authorisation(row, lines.get(row["number"], ()), tenders.get(row["number"], ()))
        for row in rows
    )


async def _lines_of(
    connection: AsyncConnection, numbers: Sequence[str]
) -> dict[str, tuple[ReturnLine, ...]]:
    parts, bought = tables.return_lines, tables.order_lines
    rows = await connection.execute(
        select(parts, bought.c.name_zh, bought.c.name_en, bought.c.options)
        .join(bought, bought.c.id == parts.c.line_id)
        .where(parts.c.return_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[ReturnLine, ...]] = {}
    for row in rows.mappings():
        values = [option["value"] for option in row["options"]]
        line = ReturnLine(
            line_id=row["line_id"],
            product_name=Bilingual(row["name_zh"], row["name_en"]),
            options=Bilingual(
                " / ".join(value["zh"] for value in values),
                " / ".join(value["en"] for value in values),
            ),
            quantity=row["quantity"],
            refund=Money(row["refund_minor"], row["currency"]),
        )
        found[row["return_number"]] = (*found.get(row["return_number"], ()), line)
    return found


async def _tenders_of(
    connection: AsyncConnection, numbers: Sequence[str], rules: ShopRules
) -> dict[str, tuple[TenderAmount, ...]]:
    parts, payments = tables.return_tenders, tables.payments
    rows = await connection.execute(
        select(parts, payments.c.tender)
        .join(payments, payments.c.id == parts.c.payment_id)
        .where(parts.c.return_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[TenderAmount, ...]] = {}
    for row in rows.mappings():
        tender = Tender(row["tender"])
        amount = TenderAmount(
            row["payment_id"],
            tender,
            Money(row["amount_minor"], row["currency"]),
            rules.refunds.days(tender),
        )
        found[row["return_number"]] = (*found.get(row["return_number"], ()), amount)
    return found


def _authorisation(
    row: RowMapping, lines: tuple[ReturnLine, ...], tenders: tuple[TenderAmount, ...]
) -> ReturnAuthorisation:
    return ReturnAuthorisation(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        status=ReturnStatus(row["status"]),
        reason=ReturnReason(row["reason"]),
        lines=lines,
        shipping_refund=Money(row["shipping_refund_minor"], row["currency"]),
        total=Money(row["total_minor"], row["currency"]),
        tenders=tenders,
        freight=FreightPayer(row["freight"]),
        send_by=row["send_by"],
        return_address=row["return_address"],
        created_at=row["created_at"],
    )


def _refund(row: RowMapping) -> Refund:
    return Refund(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        return_number=row["return_number"],
        payment_id=row["payment_id"],
        tender=Tender(row["tender"]),
        amount=Money(row["amount_minor"], row["currency"]),
        status=RefundStatus(row["status"]),
        requested_at=row["requested_at"],
        expected_by=row["expected_by"],
        completed_at=row["completed_at"],
    )
