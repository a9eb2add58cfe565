"""What the shop knows of a customer, and the outcome of an attempt to prove to be one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from connectors.backends.orders.model import Address, Tender
from kernel.money import Money


@dataclass(frozen=True)
class Customer:
    """Somebody with an account. ``language``: "zh" or "en", what they read."""

    id: str
    name: str
    email: str
    phone: str
    language: str
    postcode: str
    since: datetime
    level: str


@dataclass(frozen=True)
class StoredAddress:
    """An address of a customer's address book; ``label`` is the customer's own word for it."""

    id: str
    label: str
    address: Address
    is_default: bool


@dataclass(frozen=True)
class StoredTender:
    """A means of payment that a customer has on file.

    ``hint`` is what may be shown of the account (last four digits). ``balance`` is what is left
    on a gift card or the account; None for cards and wallets, whose balance we do not know.
    ``expires_on`` is the last day on which it can be charged.
    """

    id: str
    tender: Tender
    hint: str
    balance: Money | None = None
    expires_on: date | None = None

    def covers(self, amount: Money, today: date) -> bool:
        """Whether as much as we know says that it can be charged ``amount``."""
        if self.expires_on is not None and today > self.expires_on:
            return False
        return self.balance is None or (
            self.balance.currency == amount.currency and amount <= self.balance
        )


@dataclass(frozen=True)
class BalanceChange:
    """What a change does to a gift card or an account of the customer."""

    stored_id: str
    tender: Tender
    hint: str
    before: Money
    after: Money


@dataclass(frozen=True)
class Verification:
    """What came of a proof of identity; exactly one of three things.

    * ``customer`` is set: proven;
    * ``locked_until`` is set: too many attempts, this one was not looked at (offer a person);
    * neither: it does not match; ``attempts_left`` may still be made in this conversation. The
      number falls alike whether or not the claimed order, e-mail or name exists.
    """

    customer: Customer | None = None
    attempts_left: int = 0
    locked_until: datetime | None = None
