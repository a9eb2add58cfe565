"""What all prepared writes have in common: who does them, and why a draft may lapse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Verb(StrEnum):
    """What can be done to the shop; the first word of an audit line."""

    RETURN = "return"
    CANCEL = "cancel"
    MODIFY = "modify"
    URGE = "urge"
    INTERCEPT = "intercept"
    CHANGE_ADDRESS = "change_address"
    INVOICE = "invoice"
    PRICE_CLAIM = "price_claim"
    DECIDE_CLAIM = "decide_claim"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"
    ACCOUNT = "account"
    DECIDE_RETURN = "decide_return"
    EXCHANGE = "exchange"
    DECIDE_EXCHANGE = "decide_exchange"
    PACK = "pack"


class DraftRefusal(StrEnum):
    """Why a draft that was fine when it was shown is not carried out: prepare again.

    Every closed vocabulary of refusals of a verb repeats these two members.
    """

    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"
    """It would come to something else now than what the shopper said yes to."""


Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True)
class Refusal(Generic[Code]):
    """A rule's refusal of one line (or, with ``line_id`` empty, of the whole request)."""

    code: Code
    line_id: str = ""


@dataclass(frozen=True)
class Actor:
    """Who does something: the shopper, the shop, or an agent (``agent:<id>``) for the shopper."""

    name: str

    @property
    def is_person(self) -> bool:
        """Whether it is somebody of the shop's people."""
        return self.name.startswith(AGENT_PREFIX)


SHOPPER = Actor("shopper")
SHOP = Actor("shop")
"""The shop of itself, because a day has come."""
AGENT_PREFIX = "agent:"
