"""What every adapter of the port Cancellations promises: before sending, checked again, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop
from connectors.backends.orders.cancelling import CancelReason, CancelRefusal, CancelWish
from connectors.backends.orders.model import OrderStatus, Tender
from connectors.backends.refunds.model import RefundStatus
from connectors.backends.rules import CancelRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendUnavailable, NotFound, Refused
from kernel.money import Money
from tests.contracts.conftest import MakeShop

LI, SOPHIA = "C0011", "C0012"
PAID, SEVERAL, PACKING, PARTLY, SENT, UNPAID = (f"KF260101810{n}" for n in range(1, 7))
HOODIE, SOCKS, MUGS = (f"{PAID}-{n}" for n in (1, 2, 3))
MISTAKE = CancelReason.ORDERED_BY_MISTAKE


async def _cancel(shop: Shop, number: str, *wishes: CancelWish) -> Any:
    draft = await shop.cancellations.prepare_cancellation(LI, number, wishes, MISTAKE)
    return await shop.cancellations.commit_cancellation(LI, draft.id)


async def _stock(shop: Shop, number: str) -> dict[str, int]:
    order = await shop.orders.get(number)
    found = {}
    for line in order.lines:
        product = await shop.catalogue.product(line.product_id)
        found[line.id] = next(v.stock for v in product.variants if v.id == line.variant_id)
    return found


async def test_preparing_says_exactly_what_would_happen_and_does_nothing(
    shop: Shop, engine: AsyncEngine
) -> None:
    before = await export_shop(engine)
    draft = await shop.cancellations.prepare_cancellation(
        LI, PAID, [CancelWish(SOCKS, 2), CancelWish(MUGS, 1)], MISTAKE
    )
    assert not draft.terms.whole
    assert [(line.line_id, line.quantity, line.amount.minor) for line in draft.terms.lines] == [
        (SOCKS, 2, 11_800),
        (MUGS, 1, 6_900),
    ]
    assert draft.terms.refund == Money(18_700, "CNY")
    assert sum(part.amount.minor for part in draft.terms.tenders) == 18_700
    assert await export_shop(engine) == before


async def test_a_whole_order_is_cancelled_its_goods_on_sale_again_its_money_on_its_way(
    shop: Shop,
) -> None:
    stock, order = await _stock(shop, PAID), await shop.orders.get(PAID)
    done = await _cancel(shop, PAID)
    assert done.terms.whole
    assert done.terms.refund == order.paid
    after = await shop.orders.get(PAID)
    assert after.status is OrderStatus.CANCELLED
    assert after.cancelled_at is not None
    assert after.refunded == after.paid
    grown = await _stock(shop, PAID)
    assert {key: grown[key] - stock[key] for key in stock} == {HOODIE: 1, SOCKS: 3, MUGS: 2}
    refunds = await shop.refunds.refunds_of(LI, PAID)
    assert [one.number for one in refunds] == list(done.refunds)
    assert refunds[0].status is RefundStatus.REQUESTED


async def test_lines_taken_one_by_one_leave_the_rest_and_add_up(shop: Shop) -> None:
    await _cancel(shop, PAID, CancelWish(SOCKS, 1))
    await _cancel(shop, PAID, CancelWish(SOCKS, 1), CancelWish(HOODIE, 1))
    order = await shop.orders.get(PAID)
    assert order.status is OrderStatus.PAID
    assert [line.kept for line in order.lines] == [0, 1, 2]
    assert order.total == order.paid - order.refunded
    last = await _cancel(shop, PAID)
    assert last.terms.whole
    order = await shop.orders.get(PAID)
    assert (order.status, order.refunded) == (OrderStatus.CANCELLED, order.paid)


async def test_each_tender_gets_back_its_share_and_the_gift_card_at_once(shop: Shop) -> None:
    draft = await shop.cancellations.prepare_cancellation(LI, SEVERAL, [], MISTAKE)
    order = await shop.orders.get(SEVERAL)
    assert [(part.tender, part.amount) for part in draft.terms.tenders] == [
        (payment.tender, payment.amount) for payment in order.payments
    ]
    gift = draft.balances[0]
    assert (gift.tender, gift.before) == (Tender.GIFT_CARD, Money(30_000, "CNY"))
    assert gift.after == gift.before + order.payments[0].amount
    await shop.cancellations.commit_cancellation(LI, draft.id)
    stored = {one.id: one.balance for one in await shop.customers.tenders_of(LI)}
    assert [stored[change.stored_id] for change in draft.balances] == [
        change.after for change in draft.balances
    ]
    refunds = {one.tender: one.status for one in await shop.refunds.refunds_of(LI, SEVERAL)}
    assert refunds == {
        Tender.GIFT_CARD: RefundStatus.COMPLETED,
        Tender.BALANCE: RefundStatus.COMPLETED,
        Tender.BANK_CARD: RefundStatus.REQUESTED,
    }


async def test_the_rest_of_a_partly_shipped_order_can_be_cancelled(shop: Shop) -> None:
    found = await shop.cancellations.cancellable(LI, PARTLY)
    assert dict(found.units) == {f"{PARTLY}-2": 1}
    done = await _cancel(shop, PARTLY)
    assert not done.terms.whole
    order = await shop.orders.get(PARTLY)
    assert (order.status, order.unsent()) == (OrderStatus.SHIPPED, ())


async def test_an_unpaid_order_is_cancelled_without_any_money(shop: Shop) -> None:
    done = await _cancel(shop, UNPAID)
    assert (done.terms.whole, done.terms.refund.minor, done.refunds) == (True, 0, ())
    assert (await shop.orders.get(UNPAID)).status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("customer", "number", "wishes", "code"),
    [
        (LI, SENT, (), CancelRefusal.SHIPPED),
        ("C0001", "KF2601018002", (), CancelRefusal.DELIVERED),
        ("C0001", "KF2601018005", (), CancelRefusal.DELIVERED),
        ("C0007", "KF2601018066", (), CancelRefusal.ORDER_CANCELLED),
        ("C0005", "KF2601018043", (), CancelRefusal.PAYMENT_UNDER_WAY),
        ("C0005", "KF2601018049", (), CancelRefusal.PAYMENT_UNDER_WAY),
        (LI, PACKING, (CancelWish(f"{PACKING}-1", 1),), CancelRefusal.CUSTOM_MADE_STARTED),
        (LI, PARTLY, (CancelWish(f"{PARTLY}-1", 1),), CancelRefusal.LINE_SHIPPED),
        (LI, PAID, (CancelWish(MUGS, 3),), CancelRefusal.QUANTITY_TOO_HIGH),
        (LI, PAID, (CancelWish(MUGS, 0),), CancelRefusal.NOTHING_CHOSEN),
        (LI, PAID, (CancelWish("KF1-1", 1),), CancelRefusal.NOTHING_CHOSEN),
    ],
)
async def test_a_rule_that_forbids_it_is_named(
    shop: Shop, customer: str, number: str, wishes: tuple[CancelWish, ...], code: CancelRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        await shop.cancellations.prepare_cancellation(customer, number, wishes, MISTAKE)
    assert caught.value.code == code
    assert caught.value.detail == (wishes[0].line_id if wishes else "")


@pytest.mark.parametrize(
    ("rules", "number", "code"),
    [
        (CancelRules(limit_minor={"CNY": 1_000}), PAID, CancelRefusal.ABOVE_LIMIT),
        (CancelRules(while_packing=False), PACKING, CancelRefusal.BEING_PACKED),
        (CancelRules(window_days=0), PAID, CancelRefusal.WINDOW_CLOSED),
    ],
)
async def test_the_shops_own_limits_are_kept(
    make_shop: MakeShop,
    rules: CancelRules,
    number: str,
    code: CancelRefusal,
) -> None:
    shop = await make_shop(ShopRules(cancelling=rules))
    with pytest.raises(Refused) as caught:
        await shop.cancellations.prepare_cancellation(LI, number, [], MISTAKE)
    assert caught.value.code == code


async def test_a_unit_that_is_cancelled_cannot_be_cancelled_again(shop: Shop) -> None:
    await _cancel(shop, PAID, CancelWish(HOODIE, 1))
    with pytest.raises(Refused) as caught:
        await _cancel(shop, PAID, CancelWish(HOODIE, 1))
    assert caught.value.code == CancelRefusal.LINE_CANCELLED


async def test_commits_at_the_same_moment_cancel_once(shop: Shop, engine: AsyncEngine) -> None:
    draft = await shop.cancellations.prepare_cancellation(LI, PAID, [], MISTAKE)
    made = await asyncio.gather(
        *(shop.cancellations.commit_cancellation(LI, draft.id) for _ in range(5))
    )
    assert all(one == made[0] for one in made)
    assert len(await shop.refunds.refunds_of(LI, PAID)) == 1
    async with engine.connect() as connection:
        rows = (await connection.execute(select(tables.audit))).mappings().all()
    assert [(row["action"], row["subject"], row["draft_id"]) for row in rows] == [
        ("cancel", PAID, draft.id)
    ]
    assert rows[0]["state_before"]["status"] == "paid"
    assert rows[0]["state_after"]["status"] == "cancelled"


async def test_an_order_sent_between_preview_and_yes_is_not_cancelled(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.cancellations.prepare_cancellation(LI, PAID, [], MISTAKE)
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.orders).where(tables.orders.c.number == PAID).values(status="shipped")
        )
    before = await export_shop(engine)
    with pytest.raises(Refused) as caught:
        await shop.cancellations.commit_cancellation(LI, draft.id)
    assert caught.value.code == CancelRefusal.SHIPPED
    assert await export_shop(engine) == before


async def test_what_changed_since_the_preview_is_shown_again(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.cancellations.prepare_cancellation(LI, PAID, [], MISTAKE)
    await _cancel(shop, PAID, CancelWish(MUGS, 1))
    before = await export_shop(engine)
    with pytest.raises(Refused) as caught:
        await shop.cancellations.commit_cancellation(LI, draft.id)
    assert caught.value.code == CancelRefusal.TERMS_CHANGED
    assert await export_shop(engine) == before


async def test_an_old_draft_a_strangers_and_one_of_another_verb_do_nothing(
    shop: Shop, clock: SetClock, engine: AsyncEngine
) -> None:
    before = await export_shop(engine)
    draft = await shop.cancellations.prepare_cancellation(LI, PAID, [], MISTAKE)
    with pytest.raises(NotFound):
        await shop.cancellations.commit_cancellation(SOPHIA, draft.id)
    with pytest.raises(NotFound):
        await shop.refunds.commit_return(LI, draft.id)
    clock.advance(timedelta(minutes=30))
    with pytest.raises(Refused) as caught:
        await shop.cancellations.commit_cancellation(LI, draft.id)
    assert caught.value.code == CancelRefusal.DRAFT_EXPIRED
    for number in (PAID, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.cancellations.prepare_cancellation(SOPHIA, number, [], MISTAKE)
    assert await export_shop(engine) == before


async def test_without_a_database_cancellations_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.cancellations.cancellable(LI, PAID)
