"""What every adapter of the port Intercepts promises: asked once, where it can still help."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from connectors.backends.carriers.intercepting import InterceptRefusal
from connectors.backends.carriers.model import InterceptKind, InterceptStatus
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable, NotFound, Refused

LI, SOPHIA, ZHAO = "C0011", "C0012", "C0007"
SENT, SPLIT = "KF2601018105", "KF2601018061"


async def test_a_parcel_on_its_way_is_asked_back_once(shop: Shop) -> None:
    draft = await shop.intercepts.prepare_intercept(LI, SENT, InterceptKind.BRING_BACK)
    assert await shop.intercepts.intercepts_of(LI, SENT) == ()
    made = await asyncio.gather(*(shop.intercepts.commit_intercept(LI, draft.id) for _ in range(4)))
    assert all(one == made[0] for one in made)
    assert made[0] == await shop.intercepts.intercepts_of(LI, SENT)
    assert made[0][0].status is InterceptStatus.REQUESTED
    assert made[0][0].answer_by == draft.answer_by
    with pytest.raises(Refused) as caught:
        await shop.intercepts.prepare_intercept(LI, SENT, InterceptKind.REDIRECT)
    assert caught.value.code == InterceptRefusal.ASKED_ALREADY


async def test_a_redirection_goes_with_its_address(shop: Shop) -> None:
    order = await shop.orders.get(SENT)
    address = replace(order.address, street="9 Elsewhere")
    draft = await shop.intercepts.prepare_intercept(LI, SENT, InterceptKind.REDIRECT, address)
    assert draft.address == address
    assert draft.parcels == tuple(parcel.tracking_number for parcel in order.parcels)
    await shop.intercepts.commit_intercept(LI, draft.id)
    assert (await shop.orders.get(SENT)).address == order.address


async def test_only_parcels_that_can_be_reached_are_asked_for(shop: Shop) -> None:
    draft = await shop.intercepts.prepare_intercept(ZHAO, SPLIT, InterceptKind.BRING_BACK)
    assert len(draft.parcels) == 1
    assert [why for _, why in draft.unreachable] == [InterceptRefusal.DELIVERED]


@pytest.mark.parametrize(
    ("customer", "number", "code"),
    [
        (LI, "KF2601018101", InterceptRefusal.NOT_SENT),
        (LI, "KF2601018108", InterceptRefusal.OUT_FOR_DELIVERY),
        ("C0001", "KF2601018002", InterceptRefusal.DELIVERED),
        ("C0003", "KF2601018026", InterceptRefusal.LOST),
    ],
)
async def test_a_rule_that_forbids_it_is_named(
    shop: Shop, customer: str, number: str, code: InterceptRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        await shop.intercepts.prepare_intercept(customer, number, InterceptKind.BRING_BACK)
    assert caught.value.code == code


async def test_a_strangers_order_looks_like_none(shop: Shop) -> None:
    draft = await shop.intercepts.prepare_intercept(LI, SENT, InterceptKind.BRING_BACK)
    with pytest.raises(NotFound):
        await shop.intercepts.commit_intercept(SOPHIA, draft.id)
    for number in (SENT, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.intercepts.prepare_intercept(SOPHIA, number, InterceptKind.BRING_BACK)
        assert await shop.intercepts.intercepts_of(SOPHIA, number) == ()


async def test_without_a_database_intercepts_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.intercepts.intercepts_of(LI, SENT)
