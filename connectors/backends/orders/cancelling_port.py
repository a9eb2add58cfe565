"""How the rest of Kefu has an order, or a part of one, cancelled: prepared, then committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.orders.cancelling import (
    Cancellable,
    Cancellation,
    CancellationDraft,
    CancelReason,
    CancelWish,
)


class Cancellations(Protocol):
    """Cancelling before the goods are sent. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound.
    """

    async def cancellable(self, customer_id: str, order_number: str) -> Cancellable:
        """What of the order may be cancelled now; raises NotFound."""

    async def prepare_cancellation(
        self,
        customer_id: str,
        order_number: str,
        wishes: Sequence[CancelWish],
        reason: CancelReason,
    ) -> CancellationDraft:
        """What would happen exactly; without ``wishes``, to everything that was not sent.

        Raises NotFound, or Refused whose ``code`` is a ``CancelRefusal`` and whose ``detail`` is
        the id of the line that is refused (empty if the whole order is).
        """

    async def commit_cancellation(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> Cancellation:
        """Make it happen, after checking everything again; a repeat gives the first result.

        Units go back on sale, money goes back to where it came from. Raises NotFound for a draft
        that is not this customer's, and Refused as ``prepare_cancellation`` does.
        """
