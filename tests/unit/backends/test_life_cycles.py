"""Every pair of states is either a step of the table or refused."""

from __future__ import annotations

from itertools import product

import pytest

from connectors.backends.carriers import model as carriers
from connectors.backends.carriers.model import InterceptStatus
from connectors.backends.orders import model as orders
from connectors.backends.orders.model import OrderStatus
from connectors.backends.refunds import model as returns
from connectors.backends.refunds.model import ReturnStatus
from kernel.errors import InvalidTransition


@pytest.mark.parametrize(("start", "end"), list(product(OrderStatus, OrderStatus)))
def test_an_order_moves_along_its_table_only(start: OrderStatus, end: OrderStatus) -> None:
    if end in orders.TRANSITIONS[start]:
        assert orders.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            orders.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(ReturnStatus, ReturnStatus)))
def test_a_return_moves_along_its_table_only(start: ReturnStatus, end: ReturnStatus) -> None:
    if end in returns.TRANSITIONS[start]:
        assert returns.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            returns.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(InterceptStatus, InterceptStatus)))
def test_an_intercept_moves_along_its_table_only(
    start: InterceptStatus, end: InterceptStatus
) -> None:
    if end in carriers.INTERCEPT_TRANSITIONS[start]:
        assert carriers.move_intercept(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            carriers.move_intercept(start, end)


def test_every_order_can_end_and_nothing_sent_is_unsent() -> None:
    ends = {status for status, steps in orders.TRANSITIONS.items() if not steps}
    assert ends == {OrderStatus.COMPLETED, OrderStatus.CANCELLED}
    assert OrderStatus.CANCELLED not in orders.TRANSITIONS[OrderStatus.DELIVERED]


def test_every_return_reaches_an_end() -> None:
    def reachable(status: ReturnStatus) -> set[ReturnStatus]:
        steps = returns.TRANSITIONS[status]
        return {status}.union(*(reachable(step) for step in steps))

    ends = {status for status, steps in returns.TRANSITIONS.items() if not steps}
    assert all(reachable(status) & ends for status in ReturnStatus)
    assert ends > returns.GIVEN_UP
