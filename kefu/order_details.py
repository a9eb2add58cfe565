"""The verbs of an order that need details: another address, an invoice."""

from __future__ import annotations

from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.invoices.model import InvoiceDetails, InvoiceKind, InvoiceStep
from connectors.backends.invoices.policy import in_force
from connectors.backends.orders.model import Order
from connectors.backends.shop import Shop
from kefu.order_forms import Filled, address_fields, address_from, field, offered, previewed

_STEPS = (InvoiceStep.ISSUE, InvoiceStep.CHANGE, InvoiceStep.RESEND)


class AddressDeed:
    """(see Deed)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        refusal = await self._shop.address_changes.refusal(customer_id, order.number)
        return offered("address", refusal, fields=address_fields(order.address))

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        draft = await self._shop.address_changes.prepare_address(
            customer_id, filled.order_number, address_from(filled.details)
        )
        before = draft.before.one_line() if draft.before else ""
        return previewed(draft, change={"before": before, "after": draft.after.one_line()})

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        changed = await self._shop.address_changes.commit_address(customer_id, draft_id, by)
        return changed.order_number or "", []


class InvoiceDeed:
    """(see Deed) Its reasons are the steps that are possible now."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        invoices = self._shop.invoices
        refusals = {
            step: await invoices.refusal_of(customer_id, order.number, step) for step in _STEPS
        }
        possible = [step.value for step, refusal in refusals.items() if refusal is None]
        there = in_force(await invoices.invoices_of(customer_id, order.number))
        known = there.details if there else None
        # Of an order with an invoice it matters why that cannot change, else why there is none.
        why = refusals[InvoiceStep.CHANGE if there else InvoiceStep.ISSUE]
        return offered(
            "invoice",
            None if possible else why,
            reasons=possible,
            fields=[
                field(
                    "kind",
                    known.kind.value if known else InvoiceKind.PERSONAL.value,
                    [{"id": kind.value} for kind in InvoiceKind],
                ),
                field("title", known.title if known else ""),
                field("tax_number", known.tax_number if known else "", optional=True),
                field("email", known.email if known else ""),
            ],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        wanted = InvoiceDetails(
            InvoiceKind(filled.details.get("kind", "")),
            filled.details.get("title", "").strip(),
            filled.details.get("tax_number", "").strip(),
            filled.details.get("email", "").strip(),
        )
        draft = await self._shop.invoices.prepare(
            customer_id, filled.order_number, InvoiceStep(filled.reason), wanted
        )
        found = draft.details
        told = [found.title, found.tax_number, found.email]
        return previewed(
            draft,
            rows=[{"name": {"zh": one, "en": one}} for one in told if one],
            total=str(draft.amount),
            replaces=draft.replaces.number if draft.replaces else None,
            reversal=draft.reversal,
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.invoices.commit(customer_id, draft_id, by)
        red = [done.red.number] if done.red else []
        return done.invoice.order_number, [done.invoice.number, *red]
