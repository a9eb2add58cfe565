"""What may come back, until when, and how much goes back to which tender."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.backends.drafts.model import Refusal
from connectors.backends.orders.model import Order, OrderLine, OrderStatus, Tender, Trait
from connectors.backends.refunds.model import (
    FreightPayer,
    Handover,
    RefundTo,
    ReturnableLine,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnWish,
)
from connectors.backends.refunds.policy import (
    Record,
    Settlement,
    approval_rule,
    deadline_after,
    freight_of,
    line_refund,
    refusal_for,
    returnable_lines,
    risk_score,
    settle,
    split_over_tenders,
    wish_refusal,
)
from connectors.backends.rules import ApprovalRules, RefundRules, ReturnRules
from kernel.money import Money, total
from tests.unit.backends.factories import NOW, make_line, make_order, make_payment, yuan

ZONE = "Asia/Shanghai"
NOT_WANTED, DAMAGED = ReturnReason.NO_LONGER_WANTED, ReturnReason.DAMAGED


def _wish(
    reason: ReturnReason,
    refund_to: RefundTo = RefundTo.ORIGINAL,
    handover: Handover = Handover.DROP_OFF,
    photos: tuple[str, ...] = ("picture",),
) -> ReturnWish:
    return ReturnWish(reason, refund_to, handover, photos)


def _returnable(order: Order, now: datetime = NOW, **back: int) -> tuple[ReturnableLine, ...]:
    return returnable_lines(order, back, now, ReturnRules(), ZONE)


def _refusal(
    line: OrderLine,
    reason: ReturnReason = NOT_WANTED,
    now: datetime = NOW,
    unsealed: bool = False,
) -> ReturnRefusal | None:
    (returnable,) = _returnable(make_order(lines=(line,)), now)
    return refusal_for(returnable, reason, now, unsealed=unsealed)


@pytest.mark.parametrize(
    ("signed", "ends"),
    [
        # 09:00 in Shanghai: the clock starts at that night's midnight, seven times 24 h later.
        (datetime(2026, 11, 1, 1, 0, tzinfo=UTC), datetime(2026, 11, 8, 16, 0, tzinfo=UTC)),
        # 00:30 of the next day in Shanghai, still the day before in UTC.
        (datetime(2026, 11, 1, 16, 30, tzinfo=UTC), datetime(2026, 11, 9, 16, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2027, 1, 7, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_window_starts_at_the_midnight_after_signing(signed: datetime, ends: datetime) -> None:
    assert deadline_after(signed, 7, ZONE) == ends


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.integers(1, 60))  # noqa: DTZ001
def test_a_window_is_never_shorter_than_its_days(signed: datetime, days: int) -> None:
    aware = signed.replace(tzinfo=UTC)
    length = deadline_after(aware, days, ZONE) - aware
    assert timedelta(days=days) < length <= timedelta(days=days + 1)


def test_the_window_closes_at_its_deadline() -> None:
    (line,) = _returnable(make_order())
    assert line.deadline is not None
    almost = line.deadline - timedelta(seconds=1)
    assert refusal_for(line, NOT_WANTED, almost) is None
    assert refusal_for(line, NOT_WANTED, line.deadline) is ReturnRefusal.WINDOW_CLOSED
    assert refusal_for(line, DAMAGED, line.deadline) is None
    assert line.fault_deadline is not None
    assert refusal_for(line, DAMAGED, line.fault_deadline) is ReturnRefusal.WINDOW_CLOSED


def test_a_category_may_have_a_longer_window() -> None:
    rules = ReturnRules(window_days_by_category={"shoes": 15})
    order = make_order(lines=(make_line("1", category="shoes"), make_line("2")))
    shoes, other = returnable_lines(order, {}, NOW, rules, ZONE)
    assert shoes.deadline is not None
    assert other.deadline is not None
    assert shoes.deadline - other.deadline == timedelta(days=8)


@pytest.mark.parametrize(
    ("traits", "confirmed", "unsealed", "expected"),
    [
        ({Trait.CUSTOM_MADE}, False, False, ReturnRefusal.CUSTOM_MADE),
        ({Trait.PERISHABLE}, False, False, ReturnRefusal.PERISHABLE),
        ({Trait.PRESS}, False, False, ReturnRefusal.PRESS),
        ({Trait.DIGITAL}, False, True, ReturnRefusal.DIGITAL_UNSEALED),
        ({Trait.DIGITAL}, False, False, None),
        ({Trait.HYGIENE}, True, False, ReturnRefusal.EXCLUSION_CONFIRMED),
        ({Trait.HYGIENE}, False, False, None),
        ({Trait.CLEARANCE}, True, False, ReturnRefusal.EXCLUSION_CONFIRMED),
        ({Trait.CLEARANCE}, False, False, None),
        (set(), True, True, None),
    ],
)
def test_exclusions_hold_without_a_reason_and_not_at_fault(
    traits: set[Trait], confirmed: bool, unsealed: bool, expected: ReturnRefusal | None
) -> None:
    line = make_line(traits=frozenset(traits), confirmed=confirmed)
    assert _refusal(line, NOT_WANTED, unsealed=unsealed) is expected
    assert _refusal(line, DAMAGED, unsealed=unsealed) is None


def test_goods_on_their_way_cannot_be_returned_yet() -> None:
    (line,) = _returnable(make_order(delivered_at=None, status=OrderStatus.SHIPPED))
    assert line.refusal is ReturnRefusal.NOT_DELIVERED
    assert refusal_for(line, DAMAGED, NOW) is ReturnRefusal.NOT_DELIVERED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (OrderStatus.UNPAID, ReturnRefusal.NOT_PAID),
        (OrderStatus.CANCELLED, ReturnRefusal.ORDER_CANCELLED),
    ],
)
def test_nothing_of_an_unpaid_or_cancelled_order_comes_back(
    status: OrderStatus, expected: ReturnRefusal
) -> None:
    order = make_order(status=status)
    (line,) = _returnable(order)
    assert line.refusal is expected
    wanted = [ReturnRequestLine("1", 1)]
    assert settle(
        order, (line,), wanted, _wish(DAMAGED), NOW, RefundRules(), ReturnRules()
    ) == Refusal(expected)


@pytest.mark.parametrize(
    ("back", "quantity", "expected"),
    [
        (0, 3, None),
        (0, 4, ReturnRefusal.QUANTITY_TOO_HIGH),
        (1, 3, ReturnRefusal.QUANTITY_TOO_HIGH),
        (3, 1, ReturnRefusal.ALREADY_RETURNED),
        (0, 0, ReturnRefusal.NOTHING_CHOSEN),
        (0, -1, ReturnRefusal.NOTHING_CHOSEN),
    ],
)
def test_no_more_comes_back_than_the_shopper_still_has(
    back: int, quantity: int, expected: ReturnRefusal | None
) -> None:
    (line,) = returnable_lines(
        make_order(lines=(make_line("1", 100, 3),)), {"1": back}, NOW, ReturnRules(), ZONE
    )
    assert refusal_for(line, NOT_WANTED, NOW, quantity=quantity) is expected


def test_a_line_named_twice_counts_together() -> None:
    order = make_order(lines=(make_line("1", 100, 2), make_line("2", 30, 1)))
    lines = _returnable(order)
    once = [ReturnRequestLine("1", 1), ReturnRequestLine("1", 1), ReturnRequestLine("2", 1)]
    settled = settle(order, lines, once, _wish(NOT_WANTED), NOW, RefundRules(), ReturnRules())
    assert isinstance(settled, Settlement)
    assert [(part.line_id, part.quantity) for part in settled.lines] == [("1", 2), ("2", 1)]
    assert settled.total == yuan(230)
    thrice = [*once, ReturnRequestLine("1", 1)]
    refused = settle(order, lines, thrice, _wish(NOT_WANTED), NOW, RefundRules(), ReturnRules())
    assert refused == Refusal(ReturnRefusal.QUANTITY_TOO_HIGH, "1")


@pytest.mark.parametrize(
    ("reason", "quantity", "shipping"),
    [(DAMAGED, 2, 10), (DAMAGED, 1, 0), (NOT_WANTED, 2, 0)],
)
def test_shipping_goes_back_when_everything_does_and_it_is_our_fault(
    reason: ReturnReason, quantity: int, shipping: int
) -> None:
    order = make_order(lines=(make_line("1", 20, 2), make_line("2", 30, 1)), shipping_fee=yuan(10))
    wanted = [ReturnRequestLine("1", quantity), ReturnRequestLine("2", 1)]
    settled = settle(
        order, _returnable(order), wanted, _wish(reason), NOW, RefundRules(), ReturnRules()
    )
    assert isinstance(settled, Settlement)
    assert settled.shipping_refund == yuan(shipping)
    assert settled.total == yuan(20 * quantity + 30 + shipping)


@pytest.mark.parametrize("wanted", [[], [ReturnRequestLine("nonsense", 1)]])
def test_a_request_for_nothing_is_refused(wanted: list[ReturnRequestLine]) -> None:
    order = make_order()
    settled = settle(
        order, _returnable(order), wanted, _wish(NOT_WANTED), NOW, RefundRules(), ReturnRules()
    )
    assert isinstance(settled, Refusal)
    assert settled.code is ReturnRefusal.NOTHING_CHOSEN


def test_no_more_goes_back_than_a_goodwill_refund_has_left() -> None:
    order = make_order(payments=(make_payment("P1", Tender.ALIPAY, yuan(100), yuan(40)),))
    wanted = [ReturnRequestLine("1", 1)]
    settled = settle(
        order, _returnable(order), wanted, _wish(NOT_WANTED), NOW, RefundRules(), ReturnRules()
    )
    assert isinstance(settled, Settlement)
    assert settled.total == yuan(60)


def test_more_than_was_paid_cannot_be_split() -> None:
    payments = [make_payment("P1", Tender.ALIPAY, yuan(10))]
    with pytest.raises(ValueError, match="more than was paid"):
        split_over_tenders(yuan(11), payments, RefundRules())


@given(
    paid=st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=5),
    share=st.floats(0, 1),
)
def test_a_split_adds_up_and_no_tender_gives_more_than_it_can(
    paid: list[tuple[int, int]], share: float
) -> None:
    payments = [
        make_payment(f"P{index}", Tender.ALIPAY, Money(max(pair), "CNY"), Money(min(pair), "CNY"))
        for index, pair in enumerate(paid)
    ]
    available = sum(payment.refundable.minor for payment in payments)
    amount = Money(int(available * share), "CNY")
    parts = split_over_tenders(amount, payments, RefundRules())
    can = {payment.id: payment.refundable for payment in payments}
    assert total((part.amount for part in parts), "CNY") == amount
    assert all(Money(0, "CNY") < part.amount <= can[part.payment_id] for part in parts)
    assert len({part.payment_id for part in parts}) == len(parts)


@given(
    price=st.integers(0, 10**6),
    quantity=st.integers(1, 12),
    discount=st.floats(0, 1),
    data=st.data(),
)
def test_units_returned_one_after_another_add_up_to_what_was_paid_for_the_line(
    price: int, quantity: int, discount: float, data: st.DataObject
) -> None:
    off = Money(int(price * quantity * discount), "CNY")
    line = replace(make_line("1", 1, quantity), unit_price=Money(price, "CNY"), discount=off)
    returned, refunded = 0, Money(0, "CNY")
    while returned < quantity:
        units = data.draw(st.integers(1, quantity - returned))
        refund = line_refund(line, units, returned)
        assert refund.minor >= 0
        refunded = refunded + refund
        returned += units
        assert refunded <= line.amount
    assert refunded == line.amount


@st.composite
def _orders(draw: st.DrawFn) -> Order:
    lines = tuple(
        replace(
            make_line(str(number), 1, draw(st.integers(1, 4))),
            unit_price=Money(draw(st.integers(1, 10**5)), "CNY"),
        )
        for number in range(draw(st.integers(1, 4)))
    )
    fee = Money(draw(st.sampled_from([0, 1000])), "CNY")
    amount = sum(line.amount.minor for line in lines) + fee.minor
    cuts = sorted(draw(st.lists(st.integers(0, amount), max_size=3)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, amount], strict=True)]
    payments = tuple(
        make_payment(f"P{index}", Tender.ALIPAY, Money(part, "CNY"))
        for index, part in enumerate(parts)
    )
    return make_order(lines=lines, payments=payments, shipping_fee=fee)


@given(order=_orders(), data=st.data())
def test_returns_one_after_another_never_refund_more_than_was_paid_per_tender_and_line(
    order: Order, data: st.DataObject
) -> None:
    back = {line.id: 0 for line in order.lines}
    by_line = {line.id: 0 for line in order.lines}
    for _ in range(4):
        wanted = [
            ReturnRequestLine(line.id, data.draw(st.integers(0, line.quantity + 1)))
            for line in order.lines
            if data.draw(st.booleans())
        ]
        reason = data.draw(st.sampled_from(list(ReturnReason)))
        wish = _wish(
            reason,
            data.draw(st.sampled_from(list(RefundTo))),
            data.draw(st.sampled_from(list(Handover))),
        )
        lines = returnable_lines(order, back, NOW, ReturnRules(), ZONE)
        settled = settle(order, lines, wanted, wish, NOW, RefundRules(), ReturnRules())
        if isinstance(settled, Refusal):
            continue
        assert total((part.amount for part in settled.tenders), "CNY") == settled.total
        for part in settled.lines:
            back[part.line_id] += part.quantity
            by_line[part.line_id] += part.refund.minor
        went = {part.payment_id: part.amount for part in settled.tenders}
        payments = tuple(
            replace(one, refunded=one.refunded + went.get(one.id, Money(0, "CNY")))
            for one in order.payments
        )
        order = replace(order, payments=payments)
        assert all(Money(0, "CNY") <= one.refundable for one in order.payments)
        for line in order.lines:
            assert back[line.id] <= line.quantity
            assert by_line[line.id] <= line.amount.minor


def test_money_on_a_gift_card_is_still_counted_against_what_each_tender_paid() -> None:
    order = make_order(
        payments=(
            make_payment("P1", Tender.ALIPAY, yuan(70)),
            make_payment("P2", Tender.CREDIT_CARD, yuan(30)),
        )
    )
    settled = settle(
        order,
        _returnable(order),
        [ReturnRequestLine("1", 1)],
        _wish(NOT_WANTED, RefundTo.GIFT_CARD),
        NOW,
        RefundRules(),
        ReturnRules(),
    )
    assert isinstance(settled, Settlement)
    assert [(part.payment_id, part.amount) for part in settled.tenders] == [
        ("P1", yuan(70)),
        ("P2", yuan(30)),
    ]
    assert {(part.tender, part.days) for part in settled.tenders} == {(Tender.GIFT_CARD, 1)}


@pytest.mark.parametrize(
    ("reason", "handover", "photos", "country", "expected"),
    [
        (NOT_WANTED, Handover.PICK_UP, (), "中国", None),
        (NOT_WANTED, Handover.PICK_UP, (), "Ireland", ReturnRefusal.NO_PICK_UP),
        (NOT_WANTED, Handover.DROP_OFF, (), "Ireland", None),
        (NOT_WANTED, Handover.KEEP, (), "中国", ReturnRefusal.NOT_AT_FAULT),
        (DAMAGED, Handover.KEEP, (), "中国", ReturnRefusal.PHOTO_MISSING),
        (DAMAGED, Handover.KEEP, ("p",), "中国", None),
        (ReturnReason.MISSING_PARTS, Handover.KEEP, (), "中国", None),
    ],
)
def test_how_goods_may_come_back(
    reason: ReturnReason,
    handover: Handover,
    photos: tuple[str, ...],
    country: str,
    expected: ReturnRefusal | None,
) -> None:
    order = make_order()
    order = replace(order, address=replace(order.address, country=country))
    assert wish_refusal(reason, handover, bool(photos), order, ReturnRules()) is expected


@pytest.mark.parametrize("reason", list(ReturnReason))
@pytest.mark.parametrize("handover", list(Handover))
def test_the_shopper_pays_freight_only_for_sending_back_what_nothing_is_wrong_with(
    reason: ReturnReason, handover: Handover
) -> None:
    by_shopper = not reason.is_our_fault and handover is not Handover.KEEP
    expected = FreightPayer.SHOPPER if by_shopper else FreightPayer.SHOP
    assert freight_of(reason, handover) is expected


@pytest.mark.parametrize(
    ("amount", "handover", "record", "rule"),
    [
        (yuan(2_000), Handover.DROP_OFF, Record(), None),
        (yuan(2_001), Handover.DROP_OFF, Record(), "approval.return_limit_minor"),
        (yuan(50), Handover.KEEP, Record(), None),
        (yuan(51), Handover.KEEP, Record(), "approval.keep_limit_minor"),
        (yuan(1), Handover.DROP_OFF, Record(kept=3), "approval.risk_limit"),
        (yuan(1), Handover.DROP_OFF, Record(returns=11), None),
        (yuan(1), Handover.DROP_OFF, Record(returns=12), "approval.risk_limit"),
        (yuan(1), Handover.DROP_OFF, Record(rejected=2), "approval.risk_limit"),
        (Money(1, "JPY"), Handover.DROP_OFF, Record(), "approval.return_limit_minor"),
    ],
)
def test_a_person_looks_above_an_amount_or_a_risk_score(
    amount: Money, handover: Handover, record: Record, rule: str | None
) -> None:
    assert approval_rule(amount, handover, record, ApprovalRules()) == rule


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_risk_score_stays_on_its_scale_and_never_falls_with_more_on_record(
    returns: int, kept: int, rejected: int
) -> None:
    rules = ApprovalRules()
    score = risk_score(Record(returns, kept, rejected), rules)
    assert 0 <= score <= 100
    assert score <= risk_score(Record(returns + 1, kept + 1, rejected + 1), rules)
