"""Invoices of the embedded shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.embedded.service_tables import invoice_sendings, invoices
from connectors.backends.invoices.model import (
    INVOICE_LIFE_CYCLE,
    Invoice,
    InvoiceDetails,
    InvoiceDraft,
    InvoiceKind,
    InvoiceOutcome,
    InvoiceRefusal,
    InvoiceStatus,
    InvoiceStep,
)
from connectors.backends.invoices.policy import InvoicePlan, in_force, plan, step_refusal
from connectors.backends.invoices.tax_number import tax_number_key
from connectors.backends.orders.model import Order
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused
from kernel.money import Money


@dataclass(frozen=True)
class EmbeddedInvoices:
    """(see Invoices)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def invoices_of(self, customer_id: str, order_number: str) -> tuple[Invoice, ...]:
        """(see Invoices)"""
        async with read(self.engine) as connection:
            return await _of_order(connection, customer_id, number_key(order_number))

    async def refusal_of(
        self, customer_id: str, order_number: str, step: InvoiceStep
    ) -> InvoiceRefusal | None:
        """(see Invoices)"""
        now = self.clock.now()
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            found = await _of_order(connection, customer_id, order.number)
            sent = await self._sent_today(connection, found, now)
        return step_refusal(step, order, found, sent, now, self.rules.invoices)

    async def prepare(
        self, customer_id: str, order_number: str, step: InvoiceStep, details: InvoiceDetails
    ) -> InvoiceDraft:
        """(see Invoices)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            details, planned = await self._plan(connection, order, step, details)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.INVOICE,
                customer_id,
                order.number,
                request={"step": step, "details": details},
                terms=_terms(planned),
                now=now,
                expires_at=expires_at,
            )
        return InvoiceDraft(
            id=draft_id,
            customer_id=customer_id,
            order_number=order.number,
            step=step,
            details=details,
            amount=planned.amount,
            replaces=planned.replaces,
            reversal=planned.reversal,
            due_at=self._due_at(now),
            expires_at=expires_at,
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> InvoiceOutcome:
        """(see Invoices)"""
        return await commit_draft(
            self.engine,
            Verb.INVOICE,
            customer_id,
            draft_id,
            InvoiceOutcome,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(
        self, connection: AsyncConnection, draft: Prepared
    ) -> Done[InvoiceOutcome]:
        step = InvoiceStep(draft.request["step"])
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        asked = msgspec.convert(draft.request["details"], InvoiceDetails)
        details, planned = await self._plan(connection, order, step, asked)
        before = planned.replaces
        if step is InvoiceStep.RESEND and before is not None:
            await self._send(connection, before, details.email)
            outcome = InvoiceOutcome(step, before)
        else:
            red = await self._take_back(connection, planned)
            outcome = InvoiceOutcome(
                step, await self._request(connection, order, details, planned.amount), red
            )
        return Done(
            result=outcome,
            terms=_terms(planned),
            subject=outcome.invoice.number,
            rule=f"invoices.{step.value}",
            before=before,
            after={"invoice": outcome.invoice, "red": outcome.red, "email": details.email},
        )

    async def _plan(
        self,
        connection: AsyncConnection,
        order: Order,
        step: InvoiceStep,
        details: InvoiceDetails,
    ) -> tuple[InvoiceDetails, InvoicePlan]:
        """What the step comes to with cleaned details; raises Refused."""
        now = self.clock.now()
        found = await _of_order(connection, order.customer_id, order.number)
        present = in_force(found)
        cleaned = _clean(details)
        if step is InvoiceStep.RESEND and present is not None:
            cleaned = replace(present.details, email=cleaned.email or present.details.email)
        sent = await self._sent_today(connection, found, now)
        planned = plan(step, order, found, cleaned, sent, now, self.rules.invoices)
        if isinstance(planned, InvoiceRefusal):
            raise Refused(planned)
        return cleaned, planned

    async def _sent_today(
        self, connection: AsyncConnection, found: tuple[Invoice, ...], now: datetime
    ) -> int:
        present = in_force(found)
        if present is None:
            return 0
        midnight = now.astimezone(ZoneInfo(self.rules.timezone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        counted = await connection.scalar(
            select(func.count())
            .select_from(invoice_sendings)
            .where(
                invoice_sendings.c.invoice_number == present.number,
                invoice_sendings.c.at >= midnight,
            )
        )
        return int(counted or 0)

    async def _send(self, connection: AsyncConnection, invoice: Invoice, email: str) -> None:
        sendings = invoice_sendings
        last = await connection.scalar(
            select(func.max(sendings.c.position)).where(sendings.c.invoice_number == invoice.number)
        )
        await connection.execute(
            insert(sendings).values(
                invoice_number=invoice.number,
                position=0 if last is None else last + 1,
                email=email,
                at=self.clock.now(),
            )
        )

    async def _take_back(self, connection: AsyncConnection, planned: InvoicePlan) -> Invoice | None:
        """End the invoice that is replaced; an issued one by a red-letter invoice."""
        old = planned.replaces
        if old is None:
            return None
        to = InvoiceStatus.REVERSED if planned.reversal else InvoiceStatus.WITHDRAWN
        await connection.execute(
            update(invoices)
            .where(invoices.c.number == old.number)
            .values(status=INVOICE_LIFE_CYCLE.move(old.status, to).value)
        )
        if not planned.reversal:
            return None
        now = self.clock.now()
        red = replace(
            old,
            number=await next_number(connection, "invoice", now),
            status=InvoiceStatus.ISSUED,
            requested_at=now,
            due_at=now,
            issued_at=now,
            reverses=old.number,
        )
        await connection.execute(insert(invoices).values(_row(red)))
        return red

    async def _request(
        self,
        connection: AsyncConnection,
        order: Order,
        details: InvoiceDetails,
        amount: Money,
    ) -> Invoice:
        now = self.clock.now()
        made = Invoice(
            number=await next_number(connection, "invoice", now),
            order_number=order.number,
            customer_id=order.customer_id,
            details=details,
            amount=amount,
            status=InvoiceStatus.REQUESTED,
            requested_at=now,
            due_at=self._due_at(now),
            issued_at=None,
        )
        await connection.execute(insert(invoices).values(_row(made)))
        return made

    def _due_at(self, now: datetime) -> datetime:
        return now + timedelta(hours=self.rules.invoices.issue_hours)


def _clean(details: InvoiceDetails) -> InvoiceDetails:
    company = details.kind is InvoiceKind.COMPANY
    return InvoiceDetails(
        details.kind,
        " ".join(details.title.split()),
        tax_number_key(details.tax_number) if company else "",
        details.email.strip().lower(),
    )


def _terms(planned: InvoicePlan) -> Mapping[str, Any]:
    """What must not change between the preview and the commit."""
    return {
        "amount": planned.amount,
        "replaces": planned.replaces.number if planned.replaces else None,
        "reversal": planned.reversal,
    }


async def _of_order(
    connection: AsyncConnection, customer_id: str, order_number: str
) -> tuple[Invoice, ...]:
    rows = await connection.execute(
        select(invoices)
        .where(invoices.c.order_number == order_number, invoices.c.customer_id == customer_id)
        .order_by(invoices.c.requested_at.desc(), invoices.c.number.desc())
    )
    return tuple(_invoice(row) for row in rows.mappings())


def _invoice(row: RowMapping) -> Invoice:
    return Invoice(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        details=InvoiceDetails(
            InvoiceKind(row["kind"]), row["title"], row["tax_number"], row["email"]
        ),
        amount=Money(row["amount_minor"], row["currency"]),
        status=InvoiceStatus(row["status"]),
        requested_at=row["requested_at"],
        due_at=row["due_at"],
        issued_at=row["issued_at"],
        reverses=row["reverses"],
    )


def _row(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "order_number": invoice.order_number,
        "customer_id": invoice.customer_id,
        "kind": invoice.details.kind.value,
        "title": invoice.details.title,
        "tax_number": invoice.details.tax_number,
        "email": invoice.details.email,
        "amount_minor": invoice.amount.minor,
        "currency": invoice.amount.currency,
        "status": invoice.status.value,
        "requested_at": invoice.requested_at,
        "due_at": invoice.due_at,
        "issued_at": invoice.issued_at,
        "reverses": invoice.reverses,
    }
