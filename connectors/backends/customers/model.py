"""What the shop knows of a customer, and the outcome of an attempt to prove to be one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
