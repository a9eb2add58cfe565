"""What every adapter of the port Packing promises: within limits, noted once, the last counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.orders.model import NoteKind
from connectors.backends.orders.packing import PackRefusal, PackWish
from connectors.backends.rules import PackRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendUnavailable, NotFound, Refused
from tests.contracts.conftest import MakeShop

LI, SOPHIA = "C0011", "C0012"
PAID, OTHER, PACKING, PARTLY, MOVING, UNPAID = (f"KF260101810{n}" for n in range(1, 7))
CANCELLED, OF_CANCELLED = "KF2601018066", "C0007"
TOGETHER, APART = PackWish((OTHER,)), PackWish(parcels=2)


async def _refusal(
    shop: Shop, number: str, wish: PackWish, customer: str = LI
) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        await shop.packing.prepare_packing(customer, number, wish)
    return str(refused.value.code), refused.value.detail


async def _notes(shop: Shop, number: str) -> list[tuple[NoteKind, str]]:
    return [(one.kind, one.text) for one in await shop.urging.notes_of(LI, number)]


async def test_two_orders_leave_together_once_and_each_says_so(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.packing.prepare_packing(LI, PAID, TOGETHER)
    assert draft.terms.orders == (PAID, OTHER)
    assert await _notes(shop, PAID) == []
    done = await asyncio.gather(*(shop.packing.commit_packing(LI, draft.id) for _ in range(3)))
    assert done == [done[0]] * 3
    [(kind, text)] = await _notes(shop, PAID)
    assert kind is NoteKind.PACK_TOGETHER
    assert PAID in text
    assert OTHER in text
    assert await _notes(shop, OTHER) == [(kind, text)]
    assert (await _refusal(shop, OTHER, PackWish((PAID,))))[0] == PackRefusal.ASKED_ALREADY
    async with engine.connect() as connection:
        lines = (await connection.execute(select(tables.audit))).mappings().all()
    assert [(one["action"], one["subject"], one["rule"]) for one in lines] == [
        ("pack", PAID, "packing.orders_together")
    ]


async def test_what_was_said_last_counts(shop: Shop) -> None:
    for wish in (APART, TOGETHER, APART):
        draft = await shop.packing.prepare_packing(LI, PAID, wish)
        await shop.packing.commit_packing(LI, draft.id)
    kinds = {kind for kind, _ in await _notes(shop, PAID)}
    assert kinds == {NoteKind.PACK_APART, NoteKind.PACK_TOGETHER}
    assert (await _refusal(shop, PAID, APART))[0] == PackRefusal.ASKED_ALREADY


async def test_each_rule_refuses_what_it_forbids(shop: Shop, make_shop: MakeShop) -> None:
    assert await _refusal(shop, PAID, PackWish()) == (PackRefusal.NO_OTHER_ORDER, PAID)
    for number, why in (
        (PACKING, PackRefusal.BEING_PACKED),
        (MOVING, PackRefusal.SHIPPED),
        (UNPAID, PackRefusal.NOT_PAID),
    ):
        assert await _refusal(shop, PAID, PackWish((number,))) == (why, number)
        assert await _refusal(shop, number, APART) == (why, number)
    assert (await _refusal(shop, CANCELLED, APART, OF_CANCELLED))[0] == PackRefusal.ORDER_CANCELLED
    # Placed exactly two days before.
    assert await shop.packing.prepare_packing(LI, PAID, PackWish((PARTLY,)))
    hasty = await make_shop(ShopRules(packing=PackRules(hours_apart=47)))
    assert await _refusal(hasty, PAID, PackWish((PARTLY,))) == (PackRefusal.TOO_FAR_APART, PARTLY)
    three = PackWish(parcels=3)
    assert await _refusal(shop, PAID, three) == (PackRefusal.TOO_MANY_PARCELS, PAID)
    # One of its parcels is on its way already.
    assert await _refusal(shop, PARTLY, APART) == (PackRefusal.TOO_MANY_PARCELS, PARTLY)
    wide = await make_shop(ShopRules(packing=PackRules(parcels_per_order=9)))
    assert await _refusal(wide, PARTLY, APART) == (PackRefusal.TOO_FEW_GOODS, PARTLY)
    narrow = await make_shop(ShopRules(packing=PackRules(orders_together=1)))
    assert await _refusal(narrow, PAID, TOGETHER) == (PackRefusal.TOO_MANY_ORDERS, PAID)


async def test_orders_to_two_addresses_stay_apart_also_if_one_is_sent_elsewhere_meanwhile(
    shop: Shop,
) -> None:
    draft = await shop.packing.prepare_packing(LI, PAID, TOGETHER)
    order = await shop.orders.get(OTHER)
    moved = await shop.address_changes.prepare_address(
        LI, OTHER, replace(order.address, street="新街 8 号")
    )
    await shop.address_changes.commit_address(LI, moved.id)
    with pytest.raises(Refused) as refused:
        await shop.packing.commit_packing(LI, draft.id)
    assert (refused.value.code, refused.value.detail) == (PackRefusal.OTHER_ADDRESS, OTHER)
    assert await _notes(shop, PAID) == []


async def test_strangers_orders_are_none_and_drafts_lapse(shop: Shop, clock: SetClock) -> None:
    for number, wish in ((PAID, APART), ("KF2601018111", PackWish((PAID,)))):
        with pytest.raises(NotFound):
            await shop.packing.prepare_packing(SOPHIA, number, wish)
    draft = await shop.packing.prepare_packing(LI, PAID, APART)
    with pytest.raises(NotFound):
        await shop.packing.commit_packing(SOPHIA, draft.id)
    clock.advance(timedelta(minutes=31))
    with pytest.raises(Refused, match=PackRefusal.DRAFT_EXPIRED):
        await shop.packing.commit_packing(LI, draft.id)


async def test_without_a_database_nothing_is_arranged(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.packing.prepare_packing(LI, PAID, APART)
