"""How the rest of Kefu asks for invoices; every step is prepared, then committed."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.invoices.model import (
    Invoice,
    InvoiceDetails,
    InvoiceDraft,
    InvoiceOutcome,
    InvoiceRefusal,
    InvoiceStep,
)


class Invoices(Protocol):
    """The shop's invoices. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound, or an empty tuple.
    """

    async def invoices_of(self, customer_id: str, order_number: str) -> tuple[Invoice, ...]:
        """All invoices of this customer's order, blue and red, newest first."""

    async def refusal_of(
        self, customer_id: str, order_number: str, step: InvoiceStep
    ) -> InvoiceRefusal | None:
        """Why ``step`` is impossible whatever stands on the invoice; raises NotFound."""

    async def prepare(
        self, customer_id: str, order_number: str, step: InvoiceStep, details: InvoiceDetails
    ) -> InvoiceDraft:
        """What would happen exactly; nothing has happened yet.

        To send an invoice again, only ``details.email`` counts. Raises NotFound, or Refused whose
        ``code`` is an ``InvoiceRefusal``.
        """

    async def commit(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> InvoiceOutcome:
        """Make the prepared step happen, after checking everything again.

        The draft's id is the idempotency key: a repeat gives the first outcome. Raises NotFound
        for a draft that is not this customer's, Refused as ``prepare`` does, and with the code
        ``draft_expired`` or ``terms_changed``.
        """
