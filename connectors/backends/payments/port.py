"""How the rest of Kefu asks what became of payments."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.payments.model import PaymentAttempt


class Payments(Protocol):
    """The shop's payment providers behind one door."""

    async def attempts_of(self, order_number: str) -> tuple[PaymentAttempt, ...]:
        """All attempts to pay this order, newest first; empty if there were none.

        Whose order it is, is asked before, by ``access_order``. Raises BackendUnavailable.
        """
