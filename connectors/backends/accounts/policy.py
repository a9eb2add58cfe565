"""What stands in the way of a step on an account: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.backends.accounts.model import (
    Account,
    AccountRefusal,
    AccountStatus,
    AccountStep,
    Login,
)
from connectors.backends.orders.model import OrderStatus
from connectors.backends.refunds.exchanges import GIVEN_UP as EXCHANGES_GIVEN_UP
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import GIVEN_UP, RefundStatus, ReturnStatus
from connectors.backends.rules import AccountRules

_SETTLED_ORDERS = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED, OrderStatus.CANCELLED})
_SETTLED_RETURNS = GIVEN_UP | {ReturnStatus.REFUNDED}
_SETTLED_EXCHANGES = EXCHANGES_GIVEN_UP | {ExchangeStatus.COMPLETED}


def refusal(
    step: AccountStep,
    account: Account,
    orders: Sequence[OrderStatus],
    returns: Sequence[ReturnStatus],
    exchanges: Sequence[ExchangeStatus],
    refunds: Sequence[RefundStatus],
    balances: Sequence[int],
    login: Login | None,
) -> AccountRefusal | None:
    """Why ``step`` is impossible, or None; the statuses are those of everything of the customer.

    ``balances``: what is left on each gift card and on the account, in minor units.
    """
    if step is AccountStep.KEEP:
        return None if account.status is AccountStatus.ENDING else AccountRefusal.NOT_ENDING
    if step is AccountStep.UNBIND:
        if login not in account.logins:
            return AccountRefusal.NOT_BOUND
        return AccountRefusal.LAST_LOGIN if len(account.logins) == 1 else None
    if account.status is not AccountStatus.ACTIVE:
        return AccountRefusal.ALREADY_ENDING
    return unsettled(orders, returns, exchanges, refunds, balances)


def unsettled(
    orders: Sequence[OrderStatus],
    returns: Sequence[ReturnStatus],
    exchanges: Sequence[ExchangeStatus],
    refunds: Sequence[RefundStatus],
    balances: Sequence[int],
) -> AccountRefusal | None:
    """What of a customer's matters still keeps the account, or None; as for ``refusal``."""
    if any(status not in _SETTLED_ORDERS for status in orders):
        return AccountRefusal.OPEN_ORDERS
    if any(status not in _SETTLED_RETURNS for status in returns):
        return AccountRefusal.OPEN_RETURNS
    if any(status not in _SETTLED_EXCHANGES for status in exchanges):
        return AccountRefusal.OPEN_RETURNS
    if any(status is not RefundStatus.COMPLETED for status in refunds):
        return AccountRefusal.OPEN_REFUNDS
    if any(balance > 0 for balance in balances):
        return AccountRefusal.BALANCE_LEFT
    return None


def ends_at(now: datetime, rules: AccountRules) -> datetime:
    """When an account whose deletion is asked for now is deleted."""
    return now + timedelta(days=rules.cooling_days)
