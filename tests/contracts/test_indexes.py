"""No look-up of a shopper's matters reads a whole table, however big the shop grows."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.refunds.exchanges import ExchangeRequestLine, ExchangeWish
from connectors.backends.refunds.model import ReturnReason, ReturnRequestLine, ReturnWish
from connectors.backends.shop import Shop

LIN, DELIVERED = "C0001", "KF2601018002"


# PostgreSQL rightly scans tables as small as a test's.
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_every_question_of_a_conversation_uses_an_index(
    shop: Shop, engine: AsyncEngine
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await _converse(shop)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert len(asked) > 40
    async with engine.connect() as connection:
        for statement, parameters in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row[3] for row in plan]
            assert not [step for step in steps if step.startswith("SCAN")], statement


async def _converse(shop: Shop) -> None:
    """Everything that actions ask in the journeys of a shopper."""
    await shop.customers.by_order_and_phone("talk", DELIVERED, "1024")
    await shop.customers.by_email_and_name("talk", "emma.clark@example.com", "Emma Clark")
    await shop.customers.by_name_and_postcode("talk", "Emma Clark", "SW1A 9ZZ")
    await shop.customers.by_code("talk", "13800001024", "000000")
    await shop.customers.by_code("talk", "emma.clark@example.com", "000000")
    await shop.customers.get(LIN)
    await shop.customers.addresses_of(LIN)
    await shop.customers.tenders_of(LIN)
    order = await shop.orders.find_of(LIN, DELIVERED)
    assert order is not None
    await shop.orders.latest_of(LIN)
    await shop.orders.of_product(LIN, "大衣")
    parcel = order.parcels[0].tracking_number
    await shop.orders.find_by_parcel(LIN, parcel)
    await shop.carriers.track(parcel)
    await shop.payments.attempts_of(DELIVERED)
    draft = await shop.refunds.prepare_return(
        LIN,
        DELIVERED,
        [ReturnRequestLine(f"{DELIVERED}-2", 1)],
        ReturnWish(ReturnReason.WRONG_SIZE),
    )
    made = await shop.refunds.commit_return(LIN, draft.id)
    await shop.refunds.find_return(LIN, made.number)
    await shop.refunds.returns_of(LIN)
    await shop.refunds.refunds_of(LIN)
    wanted = ExchangeRequestLine(f"{DELIVERED}-1", 1, "wool-coat-3")
    swap = await shop.refunds.prepare_exchange(
        LIN, DELIVERED, [wanted], ExchangeWish(ReturnReason.WRONG_SIZE)
    )
    await shop.refunds.commit_exchange(LIN, swap.id)
    await shop.refunds.exchanges_of(LIN)
    await shop.refunds.exchanges_of(LIN, DELIVERED)
    await shop.catalogue.product("thermos")
    await shop.catalogue.search("保温杯 flask")
