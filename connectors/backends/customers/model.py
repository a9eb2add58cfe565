"""What the shop knows of a customer, and the outcome of an attempt to prove to be one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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


class Proof(StrEnum):
    """How somebody may prove in a conversation to be a customer; the shop says which it accepts.

    The strongest first. Stronger than any of them is whoever comes proven from outside: by a token
    of the shop's page, or an account that is bound to the customer. A one-time code shows that the
    phone or the mailbox is theirs now; all else may be read off a parcel or an old message.
    """

    ONE_TIME_CODE = "one_time_code"
    ORDER_AND_PHONE = "order_and_phone"
    EMAIL_AND_NAME = "email_and_name"
    NAME_AND_POSTCODE = "name_and_postcode"


def strongest(accepted: Collection[Proof]) -> Proof:
    """The strongest of the proofs that a shop accepts."""
    return next(proof for proof in Proof if proof in accepted)


def is_as_strong(proof: str, as_: Proof) -> bool:
    """Whether ``proof``, as a customer has it, is worth as much as ``as_``.

    What no conversation gives is: it comes proven from outside. No proof at all is worth nothing.
    """
    order = [one.value for one in Proof]
    return bool(proof) and (proof not in order or order.index(proof) <= order.index(as_.value))


@dataclass(frozen=True)
class CodeSent:
    """What came of asking for a one-time code; exactly one of four things.

    * ``expires_at`` is set: if the contact is a customer's, a code is on its way to it, and counts
      until then;
    * ``again_at`` is set: none is sent to this contact before; one that is there still counts;
    * ``locked_until`` is set: too many attempts (offer a person);
    * none: no codes can be sent at present, to anybody (offer another proof).

    All are alike whether or not the contact is a customer's.
    """

    expires_at: datetime | None = None
    again_at: datetime | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True)
class Verification:
    """What came of a proof of identity; exactly one of three things.

    * ``customer`` is set: proven;
    * ``locked_until`` is set: too many attempts, this one was not looked at (offer a person);
    * neither: it does not match; ``attempts_left`` may still be made in this conversation. The
      number falls alike whether or not the claimed order, e-mail or name exists.

    ``needs_new_code``: the code that was sent counts no longer, or none was.
    """

    customer: Customer | None = None
    attempts_left: int = 0
    locked_until: datetime | None = None
    needs_new_code: bool = False
