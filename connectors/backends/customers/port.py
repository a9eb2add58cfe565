"""How the rest of Kefu finds out who somebody is."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.customers.model import (
    CodeSent,
    Customer,
    StoredAddress,
    StoredTender,
    Verification,
)


class Customers(Protocol):
    """The shop's customers. Every method may raise BackendUnavailable.

    The ``by_…`` methods are proofs. Each call counts as an attempt of ``conversation_id`` and on
    the thing claimed; a failed one also on the customer it is about, on the ``channel`` it comes
    from and for the whole installation. It takes as long, and says the
    same, for a thing that does not exist, for a wrong answer, for a customer about whom too many
    have failed, and for a proof that the shop does not accept.
    """

    async def get(self, customer_id: str) -> Customer:
        """The customer of this id; raises NotFound. For an identity that is already proven."""

    async def addresses_of(self, customer_id: str) -> tuple[StoredAddress, ...]:
        """This customer's address book, the default address first."""

    async def tenders_of(self, customer_id: str) -> tuple[StoredTender, ...]:
        """What this customer has on file to pay with, in the customer's order."""

    async def by_order_and_phone(
        self, conversation_id: str, order_number: str, last4: str, channel: str = ""
    ) -> Verification:
        """Proof by an order's number and the last four digits of its customer's phone.

        Only the phone of the account counts: the order may be addressed to somebody else.
        """

    async def by_email_and_name(
        self, conversation_id: str, email: str, name: str, channel: str = ""
    ) -> Verification:
        """Proof by e-mail address and full name; case and spaces do not matter."""

    async def by_name_and_postcode(
        self, conversation_id: str, name: str, postcode: str, channel: str = ""
    ) -> Verification:
        """Proof by full name and postcode; two customers who share both are not told apart,
        so neither is proven."""

    async def send_code(self, conversation_id: str, contact: str, channel: str = "") -> CodeSent:
        """Send a one-time code to the customer whose phone number or e-mail ``contact`` is.

        Says the same, in the same time, where it is nobody's; then nothing is sent. Counts as an
        attempt of the conversation, on the customer, the channel and the whole installation, until
        the code is given; on the contact it is limited for itself.
        """

    async def by_code(
        self, conversation_id: str, contact: str, code: str, channel: str = ""
    ) -> Verification:
        """Proof by the code that was sent last to ``contact`` from this conversation.

        A code counts once, for some minutes and some attempts. Two customers who share a phone
        number are not told apart, so neither is proven.
        """
