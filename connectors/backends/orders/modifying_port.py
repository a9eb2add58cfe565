"""How the rest of Kefu has an order changed that is not sent: prepared, then committed."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.orders.modifying import (
    Modifiable,
    Modification,
    ModifyDraft,
    ModifyTerms,
    ModifyWish,
)


class Modifications(Protocol):
    """Changing orders before the goods are sent. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound.
    """

    async def modifiable(self, customer_id: str, order_number: str) -> Modifiable:
        """What of the order may be changed now; raises NotFound."""

    async def quote_modification(
        self, customer_id: str, order_number: str, wish: ModifyWish
    ) -> ModifyTerms:
        """What the change would come to, before it is known which tender pays a difference.

        Nothing is kept. Raises as ``prepare_modification`` does, except ``tender_missing``.
        """

    async def prepare_modification(
        self, customer_id: str, order_number: str, wish: ModifyWish
    ) -> ModifyDraft:
        """What would happen exactly; nothing has happened yet, and no stock is kept.

        Raises NotFound, or Refused whose ``code`` is a ``ModifyRefusal`` and whose ``detail`` is
        the id of the line that is refused (empty if the whole request is).
        """

    async def commit_modification(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> Modification:
        """Make it happen, after checking everything again; a repeat gives the first result.

        Stock, prices and balances are those of this moment. Raises NotFound for a draft that is
        not this customer's, and Refused as ``prepare_modification`` does.
        """
