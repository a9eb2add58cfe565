"""How a customer signs in, and what ending an account would cost them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.life_cycle import LifeCycle
from kernel.money import Money


class Login(StrEnum):
    """A way to sign in."""

    PHONE = "phone"
    EMAIL = "email"
    WECHAT = "wechat"
    ALIPAY = "alipay"


class AccountStatus(StrEnum):
    """Where an account stands; what it may become is in ``ACCOUNT_LIFE_CYCLE``."""

    ACTIVE = "active"
    ENDING = "ending"
    """Its customer wants it deleted; until the day comes they may think better of it."""
    DELETED = "deleted"


ACCOUNT_LIFE_CYCLE = LifeCycle(
    {
        AccountStatus.ACTIVE: frozenset({AccountStatus.ENDING}),
        AccountStatus.ENDING: frozenset({AccountStatus.ACTIVE, AccountStatus.DELETED}),
        AccountStatus.DELETED: frozenset(),
    }
)


class AccountStep(StrEnum):
    """What may be done about an account in a conversation."""

    DELETE = "delete"
    KEEP = "keep"
    """Take a wish for deletion back."""
    UNBIND = "unbind"


class AccountRefusal(StrEnum):
    """Why a step is not possible. Each member has a response of its name."""

    OPEN_ORDERS = "open_orders"
    OPEN_RETURNS = "open_returns"
    """Or exchanges."""
    OPEN_REFUNDS = "open_refunds"
    BALANCE_LEFT = "balance_left"
    """Money is left on a gift card or the account."""
    ALREADY_ENDING = "already_ending"
    NOT_ENDING = "not_ending"
    NOT_BOUND = "not_bound"
    LAST_LOGIN = "last_login"
    """Without it nobody could sign in any more."""
    DRAFT_EXPIRED = DraftRefusal.DRAFT_EXPIRED.value
    TERMS_CHANGED = DraftRefusal.TERMS_CHANGED.value


@dataclass(frozen=True)
class Account:
    """How a customer signs in. ``ends_at``: when an ENDING account is deleted, else None."""

    customer_id: str
    status: AccountStatus
    logins: frozenset[Login]
    ends_at: datetime | None = None


@dataclass(frozen=True)
class AccountDraft:
    """A step that is ready to be confirmed, with what it costs.

    ``coupons`` is how many usable coupons are lost, ``coupon_value`` what their fixed amounts come
    to; ``login`` is the one that goes.
    """

    id: str
    customer_id: str
    step: AccountStep
    ends_at: datetime | None
    coupons: int
    coupon_value: Money | None
    login: Login | None
    expires_at: datetime
