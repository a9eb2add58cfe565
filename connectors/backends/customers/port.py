"""How the rest of Kefu finds out who somebody is."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.customers.model import (
    Customer,
    StoredAddress,
    StoredTender,
    Verification,
)


class Customers(Protocol):
    """The shop's customers. Every method may raise BackendUnavailable.

    The ``by_…`` methods are proofs: each call counts as an attempt of ``conversation_id`` and on
    the thing claimed, a failed one also for the whole installation, and takes as long for a thing
    that does not exist as for a wrong answer.
    """

    async def get(self, customer_id: str) -> Customer:
        """The customer of this id; raises NotFound. For an identity that is already proven."""

    async def addresses_of(self, customer_id: str) -> tuple[StoredAddress, ...]:
        """This customer's address book, the default address first."""

    async def tenders_of(self, customer_id: str) -> tuple[StoredTender, ...]:
        """What this customer has on file to pay with, in the customer's order."""

    async def by_order_and_phone(
        self, conversation_id: str, order_number: str, last4: str
    ) -> Verification:
        """Proof by an order's number and the last four digits of its customer's phone.

        Only the phone of the account counts: the order may be addressed to somebody else.
        """

    async def by_email_and_name(self, conversation_id: str, email: str, name: str) -> Verification:
        """Proof by e-mail address and full name; case and spaces do not matter."""

    async def by_name_and_postcode(
        self, conversation_id: str, name: str, postcode: str
    ) -> Verification:
        """Proof by full name and postcode; two customers who share both are not told apart,
        so neither is proven."""
