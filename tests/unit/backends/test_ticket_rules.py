"""By when complaints are answered, and what is owed for a late order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.backends.accounts.model import Account, AccountStatus, AccountStep, Login
from connectors.backends.accounts.policy import refusal
from connectors.backends.orders.model import OrderStatus
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import RefundStatus, ReturnStatus
from connectors.backends.rules import ComplaintRules, LateDeliveryRules
from connectors.backends.tickets.policy import answer_by, compensation, resolve_by, says_something
from kernel.money import Money
from tests.unit.backends.factories import NOW, make_order, yuan

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("filed", "ends"),
    [
        # Thursday noon in Shanghai: Friday, Monday, Tuesday.
        ("2026-11-19T04:00", "2026-11-25"),
        # Friday 23:59 in Shanghai is still Friday: Monday, Tuesday, Wednesday.
        ("2026-11-20T15:59", "2026-11-26"),
        ("2026-11-21T04:00", "2026-11-26"),
        ("2026-11-23T04:00", "2026-11-27"),
    ],
)
def test_a_result_is_promised_in_working_days_of_the_shop(filed: str, ends: str) -> None:
    at = datetime.fromisoformat(filed).replace(tzinfo=UTC)
    due = resolve_by(at, ComplaintRules(), ZONE)
    assert due == datetime.fromisoformat(f"{ends}T00:00+08:00")
    assert due.utcoffset() == timedelta(0)


def test_holidays_delay_a_result_but_never_beyond_the_longest() -> None:
    at = datetime(2026, 9, 30, 4, tzinfo=UTC)
    week = frozenset(date(2026, 10, day) for day in range(1, 8))
    late = resolve_by(at, ComplaintRules(holidays=week, longest_days=30), ZONE)
    assert late == datetime.fromisoformat("2026-10-13T00:00+08:00")
    extra = frozenset({date(2026, 10, 10)})
    rules = ComplaintRules(holidays=week, extra_working_days=extra, longest_days=30)
    assert resolve_by(at, rules, ZONE) == datetime.fromisoformat("2026-10-11T00:00+08:00")
    assert resolve_by(at, ComplaintRules(holidays=week), ZONE) == datetime.fromisoformat(
        "2026-10-08T00:00+08:00"
    )


def test_an_answer_is_promised_by_the_hour() -> None:
    assert answer_by(NOW, ComplaintRules()) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("text", "enough"),
    [("", False), ("！！！", False), ("慢", False), ("太慢", True), ("bad", True)],
)
def test_a_complaint_must_say_something(text: str, enough: bool) -> None:
    assert says_something(text) is enough


def test_an_order_that_comes_late_is_compensated_whether_it_has_arrived_or_not() -> None:
    rules = LateDeliveryRules()
    order = make_order(delivered_at=NOW - timedelta(days=2))
    promised = {"promised_by": NOW - timedelta(days=3)}
    assert compensation(replace(order, **promised), NOW, rules) == yuan(5)  # type: ignore[arg-type]
    assert compensation(order, NOW, rules) is None
    travelling = make_order(delivered_at=None, status=OrderStatus.SHIPPED)
    assert compensation(travelling, NOW + timedelta(hours=1), rules) == yuan(5)
    assert compensation(travelling, NOW, rules) is None
    patient = replace(rules, grace_hours=24)
    assert compensation(travelling, NOW + timedelta(hours=1), patient) is None


def test_nothing_is_owed_for_what_is_not_bought_or_in_a_currency_without_a_rule() -> None:
    late = NOW + timedelta(days=9)
    rules = LateDeliveryRules()
    for status in (OrderStatus.UNPAID, OrderStatus.CANCELLED):
        assert compensation(make_order(status=status, delivered_at=None), late, rules) is None
    order = make_order(delivered_at=None)
    assert compensation(order, late, replace(rules, compensation_minor={})) is None
    assert compensation(order, late, replace(rules, compensation_minor={"CNY": 7})) == Money(
        7, "CNY"
    )


ACTIVE = Account("C1", AccountStatus.ACTIVE, frozenset({Login.PHONE, Login.WECHAT}))


@pytest.mark.parametrize(
    ("orders", "returns", "exchanges", "refunds", "balances", "expected"),
    [
        ((OrderStatus.SHIPPED,), (), (), (), (), "open_orders"),
        ((OrderStatus.UNPAID,), (), (), (), (), "open_orders"),
        ((), (ReturnStatus.AUTHORISED,), (), (), (), "open_returns"),
        ((), (), (ExchangeStatus.AUTHORISED,), (), (), "open_returns"),
        ((), (), (ExchangeStatus.RECEIVED,), (), (), "open_returns"),
        ((), (), (), (RefundStatus.PROCESSING,), (), "open_refunds"),
        ((), (), (), (RefundStatus.FAILED,), (), "open_refunds"),
        ((), (), (), (), (0, 1), "balance_left"),
        (
            (OrderStatus.COMPLETED, OrderStatus.CANCELLED),
            (ReturnStatus.REFUNDED, ReturnStatus.EXPIRED),
            (ExchangeStatus.COMPLETED, ExchangeStatus.REJECTED),
            (RefundStatus.COMPLETED,),
            (0,),
            None,
        ),
    ],
)
def test_an_account_ends_only_when_nothing_is_open(
    orders: tuple[OrderStatus, ...],
    returns: tuple[ReturnStatus, ...],
    exchanges: tuple[ExchangeStatus, ...],
    refunds: tuple[RefundStatus, ...],
    balances: tuple[int, ...],
    expected: str | None,
) -> None:
    found = refusal(AccountStep.DELETE, ACTIVE, orders, returns, exchanges, refunds, balances, None)
    assert found == expected


def test_steps_on_an_account_need_its_state() -> None:
    ending = replace(ACTIVE, status=AccountStatus.ENDING)
    one = replace(ACTIVE, logins=frozenset({Login.PHONE}))

    def refused(step: AccountStep, account: Account, login: Login | None = None) -> str | None:
        return refusal(step, account, (), (), (), (), (), login)

    assert refused(AccountStep.DELETE, ending) == "already_ending"
    assert refused(AccountStep.KEEP, ACTIVE) == "not_ending"
    assert refused(AccountStep.KEEP, ending) is None
    assert refused(AccountStep.UNBIND, ACTIVE, Login.ALIPAY) == "not_bound"
    assert refused(AccountStep.UNBIND, one, Login.PHONE) == "last_login"
    assert refused(AccountStep.UNBIND, ACTIVE, Login.WECHAT) is None
