"""What every adapter of the port Urging promises: a note, not too often, escalated when late."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.orders.model import NoteKind
from connectors.backends.orders.urging import UrgeRefusal
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendUnavailable, NotFound, Refused

LI, SOPHIA = "C0011", "C0012"
PAID, MOVING, UNPAID, LATE = (f"KF260101810{n}" for n in (1, 5, 6, 7))


async def _refusal(shop: Shop, number: str) -> str:
    with pytest.raises(Refused) as refused:
        await shop.urging.prepare_urge(LI, number)
    return str(refused.value.code)


async def test_an_order_in_time_gets_a_note_with_a_date_once(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    draft = await shop.urging.prepare_urge(LI, PAID)
    assert (draft.terms.kind, draft.due_at) == (
        NoteKind.EXPEDITE,
        clock.now() + timedelta(hours=24),
    )
    assert await shop.urging.notes_of(LI, PAID) == ()
    done = await asyncio.gather(*(shop.urging.commit_urge(LI, draft.id) for _ in range(3)))
    assert done == [done[0]] * 3
    notes = await shop.urging.notes_of(LI, PAID)
    assert [(one.kind, one.actor, one.due_at) for one in notes] == [
        (NoteKind.EXPEDITE, "shopper", draft.due_at)
    ]
    async with engine.connect() as connection:
        lines = (await connection.execute(select(tables.audit))).mappings().all()
    assert [(one["action"], one["subject"], one["rule"]) for one in lines] == [
        ("urge", PAID, "urging.notes_per_order")
    ]


async def test_a_second_note_waits_a_day_and_a_third_is_for_a_person(
    shop: Shop, clock: SetClock
) -> None:
    for _ in range(2):
        draft = await shop.urging.prepare_urge(LI, PAID)
        await shop.urging.commit_urge(LI, draft.id)
        assert await _refusal(shop, PAID) == UrgeRefusal.ASKED_ALREADY
        clock.advance(timedelta(hours=24))
    assert await _refusal(shop, PAID) == UrgeRefusal.LIMIT_REACHED


async def test_what_is_late_is_escalated_and_answered_sooner(shop: Shop, clock: SetClock) -> None:
    draft = await shop.urging.prepare_urge(LI, LATE)
    done = await shop.urging.commit_urge(LI, draft.id)
    assert (done.note.kind, done.note.due_at) == (
        NoteKind.ESCALATION,
        clock.now() + timedelta(hours=4),
    )
    assert await _refusal(shop, LATE) == UrgeRefusal.ASKED_ALREADY


async def test_what_is_sent_or_not_paid_is_not_hurried_and_a_strangers_order_is_none(
    shop: Shop, clock: SetClock
) -> None:
    assert await _refusal(shop, MOVING) == UrgeRefusal.SHIPPED
    assert await _refusal(shop, UNPAID) == UrgeRefusal.NOT_PAID
    for number in (PAID, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.urging.prepare_urge(SOPHIA, number)
    draft = await shop.urging.prepare_urge(LI, PAID)
    with pytest.raises(NotFound):
        await shop.urging.commit_urge(SOPHIA, draft.id)
    clock.advance(timedelta(minutes=31))
    with pytest.raises(Refused, match=UrgeRefusal.DRAFT_EXPIRED):
        await shop.urging.commit_urge(LI, draft.id)


async def test_an_order_that_becomes_late_meanwhile_is_shown_anew(
    shop: Shop, clock: SetClock
) -> None:
    order = await shop.orders.get(PAID)
    assert order.promised_by is not None
    clock.advance(order.promised_by - clock.now() - timedelta(minutes=5))
    draft = await shop.urging.prepare_urge(LI, PAID)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(Refused, match=UrgeRefusal.TERMS_CHANGED):
        await shop.urging.commit_urge(LI, draft.id)


async def test_without_a_database_nothing_is_noted(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.urging.prepare_urge(LI, PAID)
