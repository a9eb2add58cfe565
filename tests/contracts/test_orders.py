"""What every adapter of the port Orders promises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.orders.model import OrderStatus, Tender
from connectors.backends.orders.port import access_order
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable, NotFound
from kernel.money import Money

READS_ONLY = True

LIN, EMMA = "C0001", "C0002"
LINS_DELIVERED = "KF2601018002"
EMMAS_DELIVERED = "KF2601018012"


async def test_an_order_comes_with_lines_payments_and_parcels(shop: Shop) -> None:
    order = await shop.orders.get(LINS_DELIVERED)
    assert order.status is OrderStatus.DELIVERED
    assert [(line.product_name.zh, line.quantity) for line in order.lines] == [
        ("双面呢大衣", 1),
        ("手作陶瓷马克杯", 2),
    ]
    assert order.lines[0].product_name.en == "Double-faced wool coat"
    assert order.lines[0].options_text("en") == "Caramel / S"
    assert order.total == order.paid == Money(103_700, "CNY")
    assert [parcel.delivered_at is None for parcel in order.parcels] == [False]
    assert order.unsent() == ()


async def test_an_unknown_number_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.orders.get("KF9999999999")


async def test_spelling_of_a_number_does_not_matter(shop: Shop) -> None:
    order = await access_order(shop.orders, LIN, f" {LINS_DELIVERED.lower()} ")
    assert order.number == LINS_DELIVERED


async def test_a_strangers_order_looks_like_no_order(shop: Shop) -> None:
    errors = []
    for number in (EMMAS_DELIVERED, "KF9999999999"):
        with pytest.raises(NotFound) as caught:
            await access_order(shop.orders, LIN, number)
        errors.append((type(caught.value), caught.value.args))
    assert errors[0] == errors[1]


async def test_a_strangers_order_asks_as_much_of_the_database_as_no_order(
    shop: Shop, engine: AsyncEngine
) -> None:
    asked = []
    for number in (EMMAS_DELIVERED, "KF9999999999"):
        with _statements(engine) as statements, pytest.raises(NotFound):
            await access_order(shop.orders, LIN, number)
        asked.append(statements)
    assert asked[0] == asked[1]
    assert len([statement for statement in asked[0] if statement.startswith("SELECT")]) == 1


@contextmanager
def _statements(engine: AsyncEngine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_many_orders_cost_as_many_questions_as_one(shop: Shop, engine: AsyncEngine) -> None:
    with _statements(engine) as one:
        await shop.orders.latest_of("C0005", 1)
    with _statements(engine) as many:
        found = await shop.orders.latest_of("C0005", 9)
    assert len(found) == 9
    assert len(many) == len(one)


async def test_latest_orders_come_newest_first_and_are_all_the_customers_own(shop: Shop) -> None:
    orders = await shop.orders.latest_of(LIN, 3)
    times = [order.placed_at for order in orders]
    assert len(orders) == 3
    assert times == sorted(times, reverse=True)
    assert {order.customer_id for order in orders} == {LIN}


async def test_somebody_without_orders_has_none(shop: Shop) -> None:
    assert await shop.orders.latest_of("nobody") == ()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("大衣", [LINS_DELIVERED]),
        ("我上次买的那件大衣", [LINS_DELIVERED]),
        ("mug", [LINS_DELIVERED]),
        ("the wool coat I ordered", [LINS_DELIVERED]),
        ("杯子", [LINS_DELIVERED, "KF2601018004"]),
        ("自行车", []),
        ("bicycle", []),
        ("", []),
    ],
)
async def test_an_order_is_found_by_its_goods(shop: Shop, words: str, expected: list[str]) -> None:
    found = await shop.orders.of_product(LIN, words)
    assert sorted(order.number for order in found) == expected


async def test_only_the_customers_own_goods_are_searched(shop: Shop) -> None:
    assert await shop.orders.of_product(LIN, "刻字项链") == ()


async def test_an_order_is_found_by_its_parcel_for_its_customer_alone(shop: Shop) -> None:
    parcel = (await shop.orders.get(LINS_DELIVERED)).parcels[0]
    found = await shop.orders.find_by_parcel(LIN, parcel.tracking_number.lower())
    assert found is not None
    assert found.number == LINS_DELIVERED
    assert await shop.orders.find_by_parcel(EMMA, parcel.tracking_number) is None


async def test_payments_stand_by_tender(shop: Shop) -> None:
    order = await shop.orders.get("KF2601018062")
    tenders = [payment.tender for payment in order.payments]
    assert tenders[:2] == [Tender.GIFT_CARD, Tender.BALANCE]
    assert len(tenders) == 3
    assert order.paid == order.total


async def test_what_went_back_and_what_a_return_promises_is_no_longer_refundable(
    shop: Shop,
) -> None:
    refunded = (await shop.orders.get("KF2601018063")).payments[0]
    promised = (await shop.orders.get("KF2601018067")).payments[0]
    assert refunded.refunded == Money(89_900, "CNY")
    assert promised.refunded == Money(28_900, "CNY")


async def test_a_split_order_has_two_parcels(shop: Shop, engine: AsyncEngine) -> None:
    split = await shop.orders.get("KF2601018061")
    assert [parcel.delivered_at is None for parcel in split.parcels] == [False, True]
    assert split.unsent() == ()


async def test_without_a_database_the_shop_is_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.orders.get(LINS_DELIVERED)
    with pytest.raises(BackendUnavailable):
        await access_order(broken_shop.orders, LIN, LINS_DELIVERED)
