"""How the rest of Kefu files what shoppers complain of and keeps what they think."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.tickets.model import Complaint, Feedback, Ticket, TicketDraft


class Tickets(Protocol):
    """Complaints and feedback. Every method may raise BackendUnavailable."""

    async def prepare(self, customer_id: str, complaint: Complaint) -> TicketDraft:
        """What would be filed; nothing has happened yet.

        Raises NotFound for a stranger's order, or Refused whose ``code`` is a ``TicketRefusal``.
        """

    async def commit(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Ticket:
        """File the prepared complaint, after checking everything again.

        The draft's id is the idempotency key: a repeat gives the first ticket. Raises NotFound for
        somebody else's draft, Refused as ``prepare`` does, and with a ``DraftRefusal``.
        """

    async def tickets_of(self, customer_id: str) -> tuple[Ticket, ...]:
        """This customer's complaints, newest first."""

    async def keep_feedback(
        self,
        key: str,
        customer_id: str | None,
        score: int,
        text: str,
        order_number: str | None = None,
    ) -> Feedback:
        """Keep what a shopper thinks of us; ``customer_id`` is None if they did not say who.

        ``key`` is the idempotency key: a repeat gives what was kept first. Raises NotFound for a
        stranger's order, Refused with ``bad_score`` unless 1 to 5.
        """
