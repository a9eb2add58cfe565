"""What every adapter of the port Refunds promises: prepared, checked again, done once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.orders.model import Tender
from connectors.backends.refunds.model import (
    GIVEN_UP,
    FreightPayer,
    RefundStatus,
    RefundTo,
    ReturnAuthorisation,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnStatus,
    ReturnWish,
)
from connectors.backends.rules import ApprovalRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendUnavailable, NotFound, Refused
from kernel.money import Money, total
from tests.contracts.conftest import NOW, MakeShop

LIN, EMMA = "C0001", "C0002"
DELIVERED = "KF2601018002"
COAT, MUG = f"{DELIVERED}-1", f"{DELIVERED}-2"
NOT_WANTED = ReturnWish(ReturnReason.NO_LONGER_WANTED)
DAMAGED = ReturnWish(ReturnReason.DAMAGED, photos=("picture",))


async def _authorise(shop: Shop, *lines: ReturnRequestLine) -> ReturnAuthorisation:
    draft = await shop.refunds.prepare_return(LIN, DELIVERED, lines, NOT_WANTED)
    return await shop.refunds.commit_return(LIN, draft.id)


async def test_preparing_says_exactly_what_would_happen_and_does_nothing(shop: Shop) -> None:
    draft = await shop.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(MUG, 1), ReturnRequestLine(COAT, 1)], NOT_WANTED
    )
    assert [(line.line_id, line.quantity, line.refund.minor) for line in draft.lines] == [
        (MUG, 1, 6_900),
        (COAT, 1, 89_900),
    ]
    assert draft.total == Money(96_800, "CNY")
    assert total((part.amount for part in draft.tenders), "CNY") == draft.total
    assert draft.freight is FreightPayer.SHOPPER
    assert not draft.needs_approval
    assert draft.expires_at == NOW + timedelta(minutes=30)
    assert await shop.refunds.returns_of(LIN) == ()


async def test_committing_gives_a_number_and_binds_the_goods(shop: Shop) -> None:
    made = await _authorise(shop, ReturnRequestLine(MUG, 1))
    assert made.number == "RMA2611220001"
    assert made.status is ReturnStatus.AUTHORISED
    assert made.return_address
    assert await shop.refunds.returns_of(LIN, DELIVERED) == (made,)
    assert await shop.refunds.find_return(LIN, made.number.lower()) == made
    lines = {line.line.id: line for line in await shop.refunds.returnable_lines(LIN, DELIVERED)}
    assert (lines[MUG].quantity, lines[MUG].returned, lines[MUG].refusal) == (1, 1, None)
    assert (await shop.orders.get(DELIVERED)).refunded == Money(6_900, "CNY")


async def test_a_repeated_commit_gives_the_first_authorisation(shop: Shop, clock: SetClock) -> None:
    draft = await shop.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED
    )
    first = await shop.refunds.commit_return(LIN, draft.id)
    clock.advance(timedelta(days=40))
    assert await shop.refunds.commit_return(LIN, draft.id) == first
    assert len(await shop.refunds.returns_of(LIN)) == 1


async def test_commits_at_the_same_moment_authorise_once(shop: Shop) -> None:
    draft = await shop.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(COAT, 1)], NOT_WANTED
    )
    made = await asyncio.gather(*(shop.refunds.commit_return(LIN, draft.id) for _ in range(6)))
    assert len({one.number for one in made}) == 1
    assert len(await shop.refunds.returns_of(LIN)) == 1


async def test_two_drafts_for_the_same_goods_are_not_both_granted(shop: Shop) -> None:
    drafts = [
        await shop.refunds.prepare_return(LIN, DELIVERED, [ReturnRequestLine(COAT, 1)], NOT_WANTED)
        for _ in range(4)
    ]
    outcomes = await asyncio.gather(
        *(shop.refunds.commit_return(LIN, draft.id) for draft in drafts), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [error.code for error in refused] == [ReturnRefusal.ALREADY_RETURNED] * 3
    assert len(await shop.refunds.returns_of(LIN)) == 1


async def test_every_commit_leaves_one_audit_line(shop: Shop, engine: AsyncEngine) -> None:
    draft = await shop.refunds.prepare_return(LIN, DELIVERED, [ReturnRequestLine(MUG, 2)], DAMAGED)
    made = await shop.refunds.commit_return(LIN, draft.id)
    await shop.refunds.commit_return(LIN, draft.id)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(tables.audit))).mappings().all()
    assert [(row["action"], row["subject"], row["customer_id"]) for row in rows] == [
        ("return", made.number, LIN)
    ]
    assert (rows[0]["actor"], rows[0]["draft_id"]) == ("shopper", draft.id)
    assert rows[0]["rule"] == "returns.damaged"
    assert rows[0]["state_before"] == {"order": DELIVERED, "returned": {}}
    assert rows[0]["state_after"]["lines"] == {MUG: 2}
    assert rows[0]["at"] == NOW


async def test_an_agent_who_commits_for_the_shopper_is_named_in_the_audit(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED
    )
    await shop.refunds.commit_return(LIN, draft.id, by=Actor("agent:7"))
    async with engine.connect() as connection:
        assert await connection.scalar(select(tables.audit.c.actor)) == "agent:7"


async def test_drafts_that_lapsed_long_ago_are_forgotten(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    for _ in range(2):
        await shop.refunds.prepare_return(LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED)
        clock.advance(timedelta(days=2))
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(tables.drafts)) == 1


async def test_an_old_draft_is_refused(shop: Shop, clock: SetClock) -> None:
    draft = await shop.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED
    )
    clock.advance(timedelta(minutes=30))
    with pytest.raises(Refused) as caught:
        await shop.refunds.commit_return(LIN, draft.id)
    assert caught.value.code == ReturnRefusal.DRAFT_EXPIRED
    assert await shop.refunds.returns_of(LIN) == ()


async def test_a_strangers_draft_order_and_return_look_like_none(shop: Shop) -> None:
    draft = await shop.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED
    )
    for draft_id in (draft.id, "draft-nonsense"):
        with pytest.raises(NotFound):
            await shop.refunds.commit_return(EMMA, draft_id)
    for number in (DELIVERED, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.refunds.prepare_return(EMMA, number, [ReturnRequestLine(MUG, 1)], NOT_WANTED)
        with pytest.raises(NotFound):
            await shop.refunds.returnable_lines(EMMA, number)
        assert await shop.refunds.refunds_of(EMMA, number) == ()
    made = await shop.refunds.commit_return(LIN, draft.id)
    assert await shop.refunds.find_return(EMMA, made.number) is None


@pytest.mark.parametrize(
    ("number", "line", "wish", "unsealed", "refusal"),
    [
        ("KF2601018081", 1, NOT_WANTED, False, ReturnRefusal.WINDOW_CLOSED),
        ("KF2601018082", 1, NOT_WANTED, False, ReturnRefusal.CUSTOM_MADE),
        ("KF2601018083", 1, NOT_WANTED, False, ReturnRefusal.PERISHABLE),
        ("KF2601018084", 1, NOT_WANTED, False, ReturnRefusal.EXCLUSION_CONFIRMED),
        ("KF2601018085", 1, NOT_WANTED, True, ReturnRefusal.DIGITAL_UNSEALED),
        ("KF2601018088", 1, NOT_WANTED, False, ReturnRefusal.NOT_DELIVERED),
        ("KF2601018082", 3, NOT_WANTED, False, ReturnRefusal.NOTHING_CHOSEN),
    ],
)
async def test_a_refusal_names_its_reason_and_its_line(
    shop: Shop,
    number: str,
    line: int,
    wish: ReturnWish,
    unsealed: bool,
    refusal: ReturnRefusal,
) -> None:
    wanted = ReturnRequestLine(f"{number}-{line}", 1, unsealed)
    with pytest.raises(Refused) as caught:
        await shop.refunds.prepare_return("C0009", number, [wanted], wish)
    assert caught.value.code == refusal
    assert caught.value.detail in ("", wanted.line_id)


async def test_goods_at_fault_come_back_although_they_are_excluded(shop: Shop) -> None:
    draft = await shop.refunds.prepare_return(
        "C0009",
        "KF2601018083",
        [ReturnRequestLine("KF2601018083-1", 1)],
        DAMAGED,
    )
    assert draft.freight is FreightPayer.SHOP


async def test_a_costly_return_waits_for_a_person(shop: Shop) -> None:
    draft = await shop.refunds.prepare_return(
        "C0009", "KF2601018086", [ReturnRequestLine("KF2601018086-1", 1)], NOT_WANTED
    )
    assert draft.needs_approval
    made = await shop.refunds.commit_return("C0009", draft.id)
    assert made.status is ReturnStatus.AWAITING_APPROVAL


@pytest.fixture
async def up_to_one_mug(make_shop: MakeShop) -> Shop:
    """A shop whose assistant may grant one mug (69.00) alone, not two."""
    rules = ShopRules(approval=ApprovalRules(return_limit_minor={"CNY": 10_000}))
    return await make_shop(rules)


async def test_small_returns_of_one_order_do_not_pass_the_limit_together(
    up_to_one_mug: Shop,
) -> None:
    first = await _authorise(up_to_one_mug, ReturnRequestLine(MUG, 1))
    assert first.status is ReturnStatus.AUTHORISED
    second = await up_to_one_mug.refunds.prepare_return(
        LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED
    )
    assert second.needs_approval
    made = await up_to_one_mug.refunds.commit_return(LIN, second.id)
    assert made.status is ReturnStatus.AWAITING_APPROVAL


async def test_small_returns_prepared_side_by_side_do_not_pass_the_limit_either(
    up_to_one_mug: Shop,
) -> None:
    refunds = up_to_one_mug.refunds
    drafts = [
        await refunds.prepare_return(LIN, DELIVERED, [ReturnRequestLine(MUG, 1)], NOT_WANTED)
        for _ in range(2)
    ]
    made = await asyncio.gather(*(refunds.commit_return(LIN, draft.id) for draft in drafts))
    assert sorted(one.status for one in made) == [
        ReturnStatus.AUTHORISED,
        ReturnStatus.AWAITING_APPROVAL,
    ]


@pytest.mark.parametrize("given_up", sorted(GIVEN_UP))
async def test_a_return_that_was_given_up_leaves_its_part_of_the_limit(
    up_to_one_mug: Shop, engine: AsyncEngine, given_up: ReturnStatus
) -> None:
    first = await _authorise(up_to_one_mug, ReturnRequestLine(MUG, 1))
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.returns)
            .where(tables.returns.c.number == first.number)
            .values(status=given_up.value)
        )
    second = await _authorise(up_to_one_mug, ReturnRequestLine(MUG, 1))
    assert second.status is ReturnStatus.AUTHORISED


async def test_money_goes_back_to_the_tenders_it_came_from(shop: Shop) -> None:
    order = await shop.orders.get("KF2601018062")
    draft = await shop.refunds.prepare_return(
        "C0007",
        order.number,
        [ReturnRequestLine(line.id, line.quantity) for line in order.lines],
        NOT_WANTED,
    )
    assert [(part.payment_id, part.amount) for part in draft.tenders] == [
        (payment.id, payment.amount) for payment in order.payments
    ]
    assert draft.tenders[0].tender is Tender.GIFT_CARD


async def test_money_may_go_as_a_whole_to_the_account(shop: Shop) -> None:
    order = await shop.orders.get("KF2601018062")
    line = order.lines[0]
    draft = await shop.refunds.prepare_return(
        "C0007",
        order.number,
        [ReturnRequestLine(line.id, line.quantity)],
        replace(NOT_WANTED, refund_to=RefundTo.BALANCE),
    )
    assert {part.tender for part in draft.tenders} == {Tender.BALANCE}
    assert sum(part.amount.minor for part in draft.tenders) == draft.total.minor


async def test_refunds_say_where_the_money_is_and_whether_it_is_late(shop: Shop) -> None:
    late = (await shop.refunds.refunds_of("C0007", "KF2601018064"))[0]
    pending = (await shop.refunds.refunds_of("C0007", "KF2601018065"))[0]
    done = (await shop.refunds.refunds_of("C0007", "KF2601018063"))[0]
    assert [one.is_late(NOW) for one in (late, pending, done)] == [True, False, False]
    assert late.status is RefundStatus.PROCESSING
    assert done.status is RefundStatus.COMPLETED
    assert late.return_number is not None
    every = await shop.refunds.refunds_of("C0007")
    assert {late.number, pending.number, done.number} < {one.number for one in every}
    assert [one.requested_at for one in every] == sorted(
        (one.requested_at for one in every), reverse=True
    )


async def test_without_a_database_refunds_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.refunds.returns_of(LIN)
