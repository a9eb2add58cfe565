"""Complaints and feedback of the embedded shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft, plain
from connectors.backends.embedded.orders import owned_order
from connectors.backends.embedded.service_tables import coupons, feedback, tickets
from connectors.backends.offers.model import CouponStatus
from connectors.backends.rules import ShopRules
from connectors.backends.tickets.model import (
    UNSETTLED,
    Complaint,
    Feedback,
    FeedbackRefusal,
    Ticket,
    TicketDraft,
    TicketRefusal,
    TicketStatus,
    TicketTopic,
)
from connectors.backends.tickets.policy import (
    answer_by,
    compensation,
    resolve_by,
    says_something,
)
from kernel.clock import Clock
from kernel.errors import Refused
from kernel.money import Money

_LONGEST_TEXT = 2_000
_SCORES = range(1, 6)


@dataclass(frozen=True)
class EmbeddedTickets:
    """(see Tickets)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def prepare(self, customer_id: str, complaint: Complaint) -> TicketDraft:
        """(see Tickets)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            checked, owed = await self._check(connection, customer_id, complaint)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.COMPLAINT,
                customer_id,
                checked.order_number or "",
                request={"complaint": checked},
                terms={"compensation": owed},
                now=now,
                expires_at=expires_at,
            )
        return TicketDraft(
            draft_id, checked, self._answer_by(now), self._resolve_by(now), owed, expires_at
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Ticket:
        """(see Tickets)"""
        return await commit_draft(
            self.engine,
            Verb.COMPLAINT,
            customer_id,
            draft_id,
            Ticket,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def tickets_of(self, customer_id: str) -> tuple[Ticket, ...]:
        """(see Tickets)"""
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(tickets)
                .where(tickets.c.customer_id == customer_id)
                .order_by(tickets.c.created_at.desc(), tickets.c.number.desc())
            )
            return tuple(_ticket(row) for row in rows.mappings())

    async def keep_feedback(
        self,
        key: str,
        customer_id: str | None,
        score: int,
        text: str,
        order_number: str | None = None,
    ) -> Feedback:
        """(see Tickets)"""
        if score not in _SCORES:
            raise Refused(FeedbackRefusal.BAD_SCORE)
        now = self.clock.now()
        async with write(self.engine) as connection:
            rows = await connection.execute(select(feedback).where(feedback.c.key == key))
            before = rows.mappings().first()
            if before is not None:
                return _feedback(before)
            if order_number is not None and customer_id is not None:
                order = await owned_order(connection, customer_id, order_number)
                order_number = order.number
            made = Feedback(
                number=await next_number(connection, "feedback", now),
                customer_id=customer_id,
                order_number=order_number if customer_id is not None else None,
                score=score,
                text=text.strip()[:_LONGEST_TEXT],
                created_at=now,
            )
            await connection.execute(
                insert(feedback).values(
                    number=made.number,
                    key=key,
                    customer_id=made.customer_id,
                    order_number=made.order_number,
                    score=made.score,
                    text=made.text,
                    created_at=now,
                )
            )
            await connection.execute(
                insert(tables.audit).values(
                    at=now,
                    customer_id=customer_id or "",
                    actor=SHOPPER.name,
                    action=Verb.FEEDBACK.value,
                    subject=made.number,
                    draft_id=None,
                    rule="",
                    state_before=None,
                    state_after=plain(made),
                )
            )
        return made

    async def _check(
        self,
        connection: AsyncConnection,
        customer_id: str,
        complaint: Complaint,
        lock: bool = False,
    ) -> tuple[Complaint, Money | None]:
        """The complaint as it is kept, and what the shop owes for a late order; raises Refused."""
        text = complaint.text.strip()[:_LONGEST_TEXT]
        if not says_something(text):
            raise Refused(TicketRefusal.SAYS_NOTHING)
        number, owed = complaint.order_number, None
        if number is not None:
            order = await owned_order(connection, customer_id, number, lock=lock)
            number = order.number
            if complaint.topic is TicketTopic.LATE_DELIVERY:
                owed = compensation(order, self.clock.now(), self.rules.late_delivery)
                if owed and await _is_compensated(connection, number):
                    owed = None
        open_one = await connection.scalar(
            select(tickets.c.number).where(
                tickets.c.customer_id == customer_id,
                tickets.c.topic == complaint.topic.value,
                tickets.c.order_number.is_(None)
                if number is None
                else tickets.c.order_number == number,
                tickets.c.status.in_([status.value for status in UNSETTLED]),
            )
        )
        if open_one is not None:
            raise Refused(TicketRefusal.ALREADY_OPEN, open_one)
        return Complaint(complaint.topic, text, number), owed

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[Ticket]:
        now = self.clock.now()
        asked = msgspec.convert(draft.request["complaint"], Complaint)
        complaint, owed = await self._check(connection, draft.customer_id, asked, lock=True)
        code = None
        if owed is not None and complaint.order_number is not None:
            code = compensation_code(complaint.order_number)
            await self._give_coupon(connection, draft.customer_id, code, owed)
        made = Ticket(
            number=await next_number(connection, "ticket", now),
            customer_id=draft.customer_id,
            complaint=complaint,
            status=TicketStatus.OPEN,
            created_at=now,
            answer_by=self._answer_by(now),
            resolve_by=self._resolve_by(now),
            compensation=owed,
            compensation_code=code,
        )
        await connection.execute(insert(tickets).values(_row(made)))
        return Done(
            result=made,
            terms={"compensation": owed},
            subject=made.number,
            rule="late_delivery.compensation_minor" if owed else "complaints.answer_hours",
            before=None,
            after=made,
        )

    async def _give_coupon(
        self, connection: AsyncConnection, customer_id: str, code: str, amount: Money
    ) -> None:
        now = self.clock.now()
        await connection.execute(
            insert(coupons).values(
                code=code,
                customer_id=customer_id,
                name_zh="晚到补偿券",
                name_en="Sorry it was late",
                status=CouponStatus.AVAILABLE.value,
                amount_minor=amount.minor,
                percent=None,
                minimum_minor=0,
                currency=amount.currency,
                categories=[],
                valid_from=now,
                valid_until=now + timedelta(days=self.rules.late_delivery.coupon_days),
                order_number=None,
            )
        )

    def _answer_by(self, now: datetime) -> datetime:
        return answer_by(now, self.rules.complaints)

    def _resolve_by(self, now: datetime) -> datetime:
        return resolve_by(now, self.rules.complaints, self.rules.timezone)


def compensation_code(order_number: str) -> str:
    """The code of the coupon that a late order brings; one an order."""
    return f"LATE{order_number}"[:32]


async def _is_compensated(connection: AsyncConnection, order_number: str) -> bool:
    found = await connection.scalar(
        select(coupons.c.code).where(coupons.c.code == compensation_code(order_number))
    )
    return found is not None


def _ticket(row: RowMapping) -> Ticket:
    owed = row["compensation_minor"]
    return Ticket(
        number=row["number"],
        customer_id=row["customer_id"],
        complaint=Complaint(TicketTopic(row["topic"]), row["text"], row["order_number"]),
        status=TicketStatus(row["status"]),
        created_at=row["created_at"],
        answer_by=row["answer_by"],
        resolve_by=row["resolve_by"],
        compensation=None if owed is None else Money(owed, row["currency"]),
        compensation_code=row["compensation_code"],
    )


def _row(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "customer_id": ticket.customer_id,
        "topic": ticket.complaint.topic.value,
        "text": ticket.complaint.text,
        "order_number": ticket.complaint.order_number,
        "status": ticket.status.value,
        "created_at": ticket.created_at,
        "answer_by": ticket.answer_by,
        "resolve_by": ticket.resolve_by,
        "compensation_minor": ticket.compensation.minor if ticket.compensation else None,
        "currency": ticket.compensation.currency if ticket.compensation else None,
        "compensation_code": ticket.compensation_code,
    }


def _feedback(row: RowMapping) -> Feedback:
    return Feedback(
        number=row["number"],
        customer_id=row["customer_id"],
        order_number=row["order_number"],
        score=row["score"],
        text=row["text"],
        created_at=row["created_at"],
    )
