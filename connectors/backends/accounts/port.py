"""How the rest of Kefu asks how a customer signs in, and ends an account."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.accounts.model import Account, AccountDraft, AccountStep, Login
from connectors.backends.drafts.model import SHOPPER, Actor


class Accounts(Protocol):
    """The accounts of the shop's customers. Every method may raise BackendUnavailable."""

    async def get(self, customer_id: str) -> Account:
        """The account of a customer whose identity is proven; raises NotFound."""

    async def prepare(
        self, customer_id: str, step: AccountStep, login: Login | None = None
    ) -> AccountDraft:
        """What ``step`` would mean exactly; nothing has happened yet.

        ``login`` is the one to unbind. Raises NotFound, or Refused whose ``code`` is an
        ``AccountRefusal``.
        """

    async def commit(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Account:
        """Make the prepared step happen, after checking everything again.

        The draft's id is the idempotency key: a repeat gives the first outcome. Raises NotFound
        for a draft that is not this customer's, Refused as ``prepare`` does, and with the code
        ``draft_expired`` or ``terms_changed``.
        """
