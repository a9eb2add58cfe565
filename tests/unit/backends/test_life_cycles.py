"""Every pair of states is either a step of the table or refused."""

from __future__ import annotations

from itertools import product

import pytest

from connectors.backends.accounts import model as accounts
from connectors.backends.accounts.model import AccountStatus
from connectors.backends.carriers import model as carriers
from connectors.backends.carriers.model import InterceptStatus
from connectors.backends.invoices import model as invoices
from connectors.backends.invoices.model import InvoiceStatus
from connectors.backends.offers import model as offers
from connectors.backends.offers.model import CouponStatus
from connectors.backends.orders import model as orders
from connectors.backends.orders.model import OrderStatus
from connectors.backends.refunds import exchanges
from connectors.backends.refunds import model as returns
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import RefundStatus, ReturnStatus
from connectors.backends.tickets import model as tickets
from connectors.backends.tickets.model import TicketStatus
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


@pytest.mark.parametrize(("start", "end"), list(product(InvoiceStatus, InvoiceStatus)))
def test_an_invoice_moves_along_its_table_only(start: InvoiceStatus, end: InvoiceStatus) -> None:
    if end in invoices.TRANSITIONS[start]:
        assert invoices.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            invoices.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(CouponStatus, CouponStatus)))
def test_a_coupon_moves_along_its_table_only(start: CouponStatus, end: CouponStatus) -> None:
    if end in offers.TRANSITIONS[start]:
        assert offers.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            offers.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(TicketStatus, TicketStatus)))
def test_a_complaint_moves_along_its_table_only(start: TicketStatus, end: TicketStatus) -> None:
    if end in tickets.TRANSITIONS[start]:
        assert tickets.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            tickets.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(AccountStatus, AccountStatus)))
def test_an_account_moves_along_its_table_only(start: AccountStatus, end: AccountStatus) -> None:
    if end in accounts.TRANSITIONS[start]:
        assert accounts.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            accounts.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(ExchangeStatus, ExchangeStatus)))
def test_an_exchange_moves_along_its_table_only(start: ExchangeStatus, end: ExchangeStatus) -> None:
    if end in exchanges.TRANSITIONS[start]:
        assert exchanges.move(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            exchanges.move(start, end)


@pytest.mark.parametrize(("start", "end"), list(product(RefundStatus, RefundStatus)))
def test_a_refund_moves_along_its_table_only(start: RefundStatus, end: RefundStatus) -> None:
    if end in returns.REFUND_TRANSITIONS[start]:
        assert returns.move_refund(start, end) is end
    else:
        with pytest.raises(InvalidTransition, match=f"{start.value} to {end.value}"):
            returns.move_refund(start, end)


def test_an_exchange_ends_with_the_goods_or_without_and_money_that_arrived_stays() -> None:
    ends = {status for status, steps in exchanges.TRANSITIONS.items() if not steps}
    assert ends == {ExchangeStatus.COMPLETED, *exchanges.GIVEN_UP}
    assert not returns.REFUND_TRANSITIONS[RefundStatus.COMPLETED]
    assert RefundStatus.REQUESTED in returns.REFUND_TRANSITIONS[RefundStatus.FAILED]
