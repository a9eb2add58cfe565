"""Every pair of states is either a step of the table or refused."""

from __future__ import annotations

import importlib
import pkgutil
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

import connectors.backends
from connectors.backends.accounts.model import ACCOUNT_LIFE_CYCLE, AccountStatus
from connectors.backends.carriers.model import INTERCEPT_LIFE_CYCLE, InterceptStatus
from connectors.backends.invoices.model import INVOICE_LIFE_CYCLE, InvoiceStatus
from connectors.backends.life_cycle import LifeCycle
from connectors.backends.offers.model import (
    CLAIM_LIFE_CYCLE,
    COUPON_LIFE_CYCLE,
    ClaimStatus,
    CouponStatus,
)
from connectors.backends.orders.model import ORDER_LIFE_CYCLE, OrderStatus
from connectors.backends.refunds import exchanges
from connectors.backends.refunds import model as returns
from connectors.backends.refunds.exchanges import EXCHANGE_LIFE_CYCLE, ExchangeStatus
from connectors.backends.refunds.model import (
    REFUND_LIFE_CYCLE,
    RETURN_LIFE_CYCLE,
    RefundStatus,
    ReturnStatus,
)
from connectors.backends.tickets.model import TICKET_LIFE_CYCLE, TicketStatus
from kernel.errors import InvalidTransition

LIFE_CYCLES: dict[type[StrEnum], LifeCycle[Any]] = {
    AccountStatus: ACCOUNT_LIFE_CYCLE,
    ClaimStatus: CLAIM_LIFE_CYCLE,
    CouponStatus: COUPON_LIFE_CYCLE,
    ExchangeStatus: EXCHANGE_LIFE_CYCLE,
    InterceptStatus: INTERCEPT_LIFE_CYCLE,
    InvoiceStatus: INVOICE_LIFE_CYCLE,
    OrderStatus: ORDER_LIFE_CYCLE,
    RefundStatus: REFUND_LIFE_CYCLE,
    ReturnStatus: RETURN_LIFE_CYCLE,
    TicketStatus: TICKET_LIFE_CYCLE,
}


@pytest.mark.parametrize(
    ("start", "end"), [pair for states in LIFE_CYCLES for pair in product(states, states)]
)
def test_a_thing_moves_along_its_life_cycle_only(start: StrEnum, end: StrEnum) -> None:
    life_cycle = LIFE_CYCLES[type(start)]
    if end in life_cycle.steps[start]:
        assert life_cycle.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            life_cycle.move(start, end)


def test_no_life_cycle_of_the_shop_is_left_out_and_each_knows_all_of_its_states() -> None:
    found = [
        cycle
        for module in pkgutil.walk_packages(connectors.backends.__path__, "connectors.backends.")
        if not module.ispkg
        for cycle in vars(importlib.import_module(module.name)).values()
        if isinstance(cycle, LifeCycle)
    ]
    assert {id(cycle) for cycle in found} == {id(cycle) for cycle in LIFE_CYCLES.values()}
    assert all(set(cycle.steps) == set(states) for states, cycle in LIFE_CYCLES.items())


def test_every_order_can_end_and_nothing_sent_is_unsent() -> None:
    ends = {status for status, steps in ORDER_LIFE_CYCLE.steps.items() if not steps}
    assert ends == {OrderStatus.COMPLETED, OrderStatus.CANCELLED}
    assert OrderStatus.CANCELLED not in ORDER_LIFE_CYCLE.steps[OrderStatus.DELIVERED]


def test_every_return_reaches_an_end() -> None:
    def reachable(status: ReturnStatus) -> set[ReturnStatus]:
        steps = RETURN_LIFE_CYCLE.steps[status]
        return {status}.union(*(reachable(step) for step in steps))

    ends = {status for status, steps in RETURN_LIFE_CYCLE.steps.items() if not steps}
    assert all(reachable(status) & ends for status in ReturnStatus)
    assert ends > returns.GIVEN_UP


def test_an_exchange_ends_with_the_goods_or_without_and_money_that_arrived_stays() -> None:
    ends = {status for status, steps in EXCHANGE_LIFE_CYCLE.steps.items() if not steps}
    assert ends == {ExchangeStatus.COMPLETED, *exchanges.GIVEN_UP}
    assert not REFUND_LIFE_CYCLE.steps[RefundStatus.COMPLETED]
    assert RefundStatus.REQUESTED in REFUND_LIFE_CYCLE.steps[RefundStatus.FAILED]
