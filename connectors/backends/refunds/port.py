"""How the rest of Kefu asks for returns and refunds; a return is prepared, then committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.refunds.exchanges import (
    Exchange,
    ExchangeDraft,
    ExchangeRequestLine,
    ExchangeWish,
)
from connectors.backends.refunds.model import (
    Refund,
    ReturnableLine,
    ReturnAuthorisation,
    ReturnDraft,
    ReturnRequestLine,
    ReturnWish,
)


class Refunds(Protocol):
    """Returns and refunds of the shop. Every method may raise BackendUnavailable.

    A stranger's order, return or refund looks like none: NotFound, or an empty tuple.
    """

    async def returnable_lines(
        self, customer_id: str, order_number: str, *, for_exchange: bool = False
    ) -> tuple[ReturnableLine, ...]:
        """Every line of the order, returnable or refused; raises NotFound.

        ``for_exchange``: with the deadlines and refusals of an exchange.
        """

    async def prepare_return(
        self,
        customer_id: str,
        order_number: str,
        lines: Sequence[ReturnRequestLine],
        wish: ReturnWish,
    ) -> ReturnDraft:
        """What would happen exactly; nothing has happened yet.

        Raises NotFound, or Refused whose ``code`` is a ``ReturnRefusal`` and whose ``detail`` is
        the id of the line that is refused (empty if the whole order is).
        """

    async def commit_return(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> ReturnAuthorisation:
        """Make the prepared return happen, after checking everything again.

        The draft's id is the idempotency key: a repeat gives the first authorisation. Raises
        NotFound for a draft that is not this customer's, and Refused as ``prepare_return`` does
        (also ``draft_expired`` and ``terms_changed``).
        """

    async def decide_return(
        self, customer_id: str, number: str, *, grant: bool, by: Actor
    ) -> ReturnAuthorisation:
        """Approve or reject a return that waits for a person; leaves an audit line.

        Raises NotFound, InvalidTransition if it does not wait (any more), and BackendRejected if
        ``by`` is no person of the shop: nothing is refused without one.
        """

    async def prepare_exchange(
        self,
        customer_id: str,
        order_number: str,
        lines: Sequence[ExchangeRequestLine],
        wish: ExchangeWish,
    ) -> ExchangeDraft:
        """What would happen exactly; nothing has happened yet, and no stock is kept.

        Raises NotFound, or Refused whose ``code`` is an ``ExchangeRefusal`` and whose ``detail``
        is the id of the line that is refused (empty if the whole order is).
        """

    async def commit_exchange(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> Exchange:
        """Make the prepared exchange happen; the new goods leave the stock at this moment.

        What they cost more is charged now. What they cost less goes back when they leave the
        house, so that an exchange whose goods never come gives nothing.

        Repeats and errors as with ``commit_return``; ``out_of_stock`` if somebody was faster.
        """

    async def decide_exchange(
        self, customer_id: str, number: str, *, grant: bool, by: Actor
    ) -> Exchange:
        """Approve or reject an exchange that waits for a person; leaves an audit line.

        Approved, what it costs more is charged now. Rejected, also once the goods were looked at,
        what was charged goes back, once, and what was set aside is on sale again.

        Raises NotFound, InvalidTransition if it cannot become that (any more), Refused with an
        ``ExchangeRefusal`` if the difference cannot be charged, and BackendRejected if ``by`` is
        no person of the shop.
        """

    async def exchanges_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[Exchange, ...]:
        """This customer's exchanges, newest first; of one order if a number is given."""

    async def returns_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[ReturnAuthorisation, ...]:
        """This customer's returns, newest first; of one order if a number is given."""

    async def find_return(self, customer_id: str, number: str) -> ReturnAuthorisation | None:
        """This customer's return of this authorisation number, or None."""

    async def refunds_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[Refund, ...]:
        """This customer's refunds, newest first; of one order if a number is given."""
