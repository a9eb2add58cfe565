"""What every adapter of the port AddressChanges promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.model import Address
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable, NotFound, Refused

LI, SOPHIA = "C0011", "C0012"
PAID, PARTLY, SENT = "KF2601018101", "KF2601018104", "KF2601018105"


async def _office(shop: Shop, customer: str = LI) -> Address:
    return (await shop.customers.addresses_of(customer))[1].address


async def test_an_order_that_was_not_sent_goes_elsewhere_once(
    shop: Shop, engine: AsyncEngine
) -> None:
    before, office = (await shop.orders.get(PAID)).address, await _office(shop)
    draft = await shop.address_changes.prepare_address(LI, PAID, office)
    assert (draft.before, draft.after) == (before, office)
    assert (await shop.orders.get(PAID)).address == before
    first = await shop.address_changes.commit_address(LI, draft.id)
    assert await shop.address_changes.commit_address(LI, draft.id) == first
    assert (await shop.orders.get(PAID)).address == office
    async with engine.connect() as connection:
        rows = (await connection.execute(select(tables.audit))).mappings().all()
    assert [(row["action"], row["subject"]) for row in rows] == [("change_address", PAID)]
    assert rows[0]["state_before"]["street"] == before.street


async def test_the_default_address_moves_within_the_book_and_orders_stay(shop: Shop) -> None:
    office, order = await _office(shop), await shop.orders.get(PAID)
    draft = await shop.address_changes.prepare_address(LI, None, office)
    await shop.address_changes.commit_address(LI, draft.id)
    book = await shop.customers.addresses_of(LI)
    assert [(one.label, one.is_default) for one in book] == [("公司", True), ("家", False)]
    assert await shop.orders.get(PAID) == order


async def test_a_new_default_address_is_put_into_the_book(shop: Shop) -> None:
    new = replace(await _office(shop), street="新路 1 号")
    draft = await shop.address_changes.prepare_address(LI, None, new)
    await shop.address_changes.commit_address(LI, draft.id)
    book = await shop.customers.addresses_of(LI)
    assert [one.address for one in book if one.is_default] == [new]
    assert len(book) == 3


@pytest.mark.parametrize(
    ("customer", "number", "code"),
    [
        (LI, SENT, AddressRefusal.SHIPPED),
        (LI, PARTLY, AddressRefusal.PARTLY_SHIPPED),
        ("C0001", "KF2601018002", AddressRefusal.DELIVERED),
        ("C0007", "KF2601018066", AddressRefusal.ORDER_CANCELLED),
    ],
)
async def test_the_state_of_the_order_forbids_it(
    shop: Shop, customer: str, number: str, code: AddressRefusal
) -> None:
    assert await shop.address_changes.refusal(customer, number) == code
    with pytest.raises(Refused) as caught:
        await shop.address_changes.prepare_address(customer, number, await _office(shop))
    assert caught.value.code == code


async def test_the_new_address_may_be_refused_itself(shop: Shop) -> None:
    order = await shop.orders.get(PAID)
    for address, code in (
        (order.address, AddressRefusal.SAME_ADDRESS),
        (replace(order.address, street=" "), AddressRefusal.INCOMPLETE),
        (await _office(shop, SOPHIA), AddressRefusal.OTHER_COUNTRY),
    ):
        with pytest.raises(Refused) as caught:
            await shop.address_changes.prepare_address(LI, PAID, address)
        assert caught.value.code == code


async def test_an_order_sent_between_preview_and_yes_keeps_its_address(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.address_changes.prepare_address(LI, PAID, await _office(shop))
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.orders).where(tables.orders.c.number == PAID).values(status="shipped")
        )
    before = await export_shop(engine)
    with pytest.raises(Refused) as caught:
        await shop.address_changes.commit_address(LI, draft.id)
    assert caught.value.code == AddressRefusal.SHIPPED
    assert await export_shop(engine) == before


async def test_of_two_changes_the_second_is_shown_again(shop: Shop) -> None:
    office = await _office(shop)
    other = replace(office, street="别处 2 号")
    drafts = [
        await shop.address_changes.prepare_address(LI, PAID, address) for address in (office, other)
    ]
    await shop.address_changes.commit_address(LI, drafts[0].id)
    with pytest.raises(Refused) as caught:
        await shop.address_changes.commit_address(LI, drafts[1].id)
    assert caught.value.code == AddressRefusal.TERMS_CHANGED
    assert (await shop.orders.get(PAID)).address == office


async def test_a_strangers_order_looks_like_none(shop: Shop) -> None:
    office = await _office(shop)
    draft = await shop.address_changes.prepare_address(LI, PAID, office)
    with pytest.raises(NotFound):
        await shop.address_changes.commit_address(SOPHIA, draft.id)
    for number in (PAID, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.address_changes.prepare_address(SOPHIA, number, office)
        with pytest.raises(NotFound):
            await shop.address_changes.refusal(SOPHIA, number)


async def test_without_a_database_addresses_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.address_changes.refusal(LI, PAID)
