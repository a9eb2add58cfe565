"""What every adapter of the port Modifications promises: shown, checked again, done once."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop, parse_shop
from connectors.backends.orders.model import DeliverySlot, Tender
from connectors.backends.orders.modifying import LineWish, ModifyRefusal, ModifyWish
from connectors.backends.payments.model import PaymentCause, explain
from connectors.backends.rules import ModifyRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendUnavailable, NotFound, Refused
from kernel.money import Money
from tests.contracts.conftest import MakeShop

LI, SOPHIA = "C0011", "C0012"
PAID, SEVERAL, PACKING, PARTLY, SENT, UNPAID, LATE = (f"KF260101810{n}" for n in range(1, 8))
HOODIE, SOCKS, MUGS = (f"{PAID}-{n}" for n in (1, 2, 3))
SHOES, FLASKS = f"{SEVERAL}-1", f"{SEVERAL}-2"
WECHAT, ALIPAY, CARD, OLD_CARD, GIFT, BALANCE = (f"PT-{LI}-{n}" for n in range(1, 7))
WIDE = DeliverySlot(date(2026, 12, 1), 15, 18)


def _socks(taken: int, given: int, tender: str | None = None) -> ModifyWish:
    return ModifyWish((LineWish(SOCKS, "socks-1", taken, given),), tender_id=tender)


def _everything() -> ModifyWish:
    units = ((HOODIE, "hoodie-1", 1), (SOCKS, "socks-1", 3), (MUGS, "mug-1", 2))
    return ModifyWish(tuple(LineWish(*one, 0) for one in units))


async def _variants(shop: Shop, product: str) -> list[Any]:
    return list((await shop.catalogue.product(product)).variants)


async def _change(shop: Shop, number: str, wish: ModifyWish, **by: Any) -> Any:
    draft = await shop.modifications.prepare_modification(LI, number, wish)
    return await shop.modifications.commit_modification(LI, draft.id, **by)


async def _refused(shop: Shop, number: str, wish: ModifyWish, customer: str = LI) -> str:
    with pytest.raises(Refused) as refused:
        await shop.modifications.prepare_modification(customer, number, wish)
    return str(refused.value.code)


async def _balances(shop: Shop) -> dict[str, Money | None]:
    return {one.id: one.balance for one in await shop.customers.tenders_of(LI)}


async def test_preparing_says_exactly_what_would_happen_and_does_nothing(
    shop: Shop, engine: AsyncEngine
) -> None:
    before = await export_shop(engine)
    pink = (await _variants(shop, "hoodie"))[-1]
    wish = ModifyWish((LineWish(HOODIE, pink.id, 1, 1), LineWish(SOCKS, "socks-1", 0, 1)))
    quote = await shop.modifications.quote_modification(LI, PAID, wish)
    assert quote.charge is None
    with pytest.raises(Refused, match=ModifyRefusal.TENDER_MISSING):
        await shop.modifications.prepare_modification(LI, PAID, wish)
    draft = await shop.modifications.prepare_modification(
        LI, PAID, ModifyWish(wish.lines, tender_id=CARD)
    )
    terms = draft.terms
    order = await shop.orders.get(PAID)
    assert [(part.line_id, part.taken, part.given) for part in terms.lines] == [
        (HOODIE, 1, 1),
        (SOCKS, 0, 1),
    ]
    assert terms.difference == quote.difference == terms.total_after - order.total
    assert terms.charge is not None
    assert (terms.charge.stored_id, terms.charge.amount) == (CARD, terms.difference)
    assert await export_shop(engine) == before


async def test_two_lines_become_other_variants_and_stock_follows(shop: Shop) -> None:
    hoodies, mugs = await _variants(shop, "hoodie"), await _variants(shop, "mug")
    other = next(one for one in hoodies if one.stock and one != hoodies[0])
    wish = ModifyWish(
        (LineWish(HOODIE, other.id, 1, 1), LineWish(MUGS, mugs[1].id, 1, 1)), tender_id=CARD
    )
    done = await _change(shop, PAID, wish)
    order = await shop.orders.get(PAID)
    assert order.line(HOODIE).variant_id == other.id  # type: ignore[union-attr]
    assert order.line(HOODIE).sku == other.sku  # type: ignore[union-attr]
    # One of two mugs: the line is split, the other mug stays as it was bought.
    assert [(one.variant_id, one.kept) for one in order.lines if one.product_id == "mug"] == [
        (mugs[0].id, 1),
        (mugs[1].id, 1),
    ]
    after = {
        one.id: one.stock for product in ("hoodie", "mug") for one in await _variants(shop, product)
    }
    before = {one.id: one.stock for one in [*hoodies, *mugs]}
    moved = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert moved == {hoodies[0].id: 1, other.id: -1, mugs[0].id: 1, mugs[1].id: -1}
    assert order.total == order.paid - order.refunded == done.terms.total_after


async def test_more_units_are_charged_to_the_chosen_tender_and_the_order_knows(
    shop: Shop, rules: ShopRules, clock: SetClock
) -> None:
    before = await shop.orders.get(PAID)
    done = await _change(shop, PAID, _socks(0, 2, GIFT))
    order = await shop.orders.get(PAID)
    assert order.line(SOCKS).quantity == 5  # type: ignore[union-attr]
    assert done.terms.difference == Money(11_800, "CNY")
    assert order.paid == before.paid + done.terms.difference == order.total
    assert order.payments[-1].tender is Tender.GIFT_CARD
    assert (await _balances(shop))[GIFT] == Money(30_000 - 11_800, "CNY")
    attempts = await shop.payments.attempts_of(PAID)
    found = explain(order, attempts, clock.now(), rules.payments, rules.refunds)
    assert (found.cause, found.amount) == (PaymentCause.PAID, order.total)


async def test_what_costs_less_goes_back_to_what_paid_or_to_a_gift_card(shop: Shop) -> None:
    done = await _change(shop, PAID, _socks(1, 0))
    assert [(part.tender, part.amount.minor) for part in done.terms.refunds] == [
        ((await shop.orders.get(PAID)).payments[0].tender, 5_900)
    ]
    draft = await shop.modifications.prepare_modification(
        LI, PAID, ModifyWish((LineWish(MUGS, "mug-1", 1, 0),), tender_id=GIFT)
    )
    assert [(one.stored_id, one.after - one.before) for one in draft.balances] == [
        (GIFT, Money(6_900, "CNY"))
    ]
    await shop.modifications.commit_modification(LI, draft.id)
    assert (await _balances(shop))[GIFT] == Money(36_900, "CNY")
    order = await shop.orders.get(PAID)
    assert order.total == order.paid - order.refunded
    assert [line.kept for line in order.lines] == [1, 2, 1]


async def test_another_tender_pays_the_whole_order_and_each_gets_its_money_back(
    shop: Shop, rules: ShopRules, clock: SetClock
) -> None:
    before = await shop.orders.get(SEVERAL)
    done = await _change(shop, SEVERAL, ModifyWish(pay_with=ALIPAY))
    order = await shop.orders.get(SEVERAL)
    assert [(part.payment_id, part.amount) for part in done.terms.refunds] == [
        (payment.id, payment.amount) for payment in before.payments
    ]
    assert order.paid - order.refunded == order.total == before.total
    assert (order.payments[-1].tender, order.payments[-1].refunded.minor) == (Tender.ALIPAY, 0)
    balances = await _balances(shop)
    assert balances[GIFT] == Money(30_000, "CNY") + before.payments[0].amount
    attempts = await shop.payments.attempts_of(SEVERAL)
    found = explain(order, attempts, clock.now(), rules.payments, rules.refunds)
    assert (found.cause, found.amount) == (PaymentCause.PAID, order.total)


async def test_another_delivery_time_is_the_promise_from_now_on(shop: Shop) -> None:
    done = await _change(shop, PAID, ModifyWish(slot=WIDE))
    order = await shop.orders.get(PAID)
    assert order.slot == done.terms.slot == WIDE
    assert order.promised_by is not None
    assert order.promised_by.isoformat() == "2026-12-01T10:00:00+00:00"


async def test_an_unpaid_order_simply_costs_something_else(shop: Shop) -> None:
    before = await shop.orders.get(UNPAID)
    variants = await _variants(shop, "linen-shirt")
    line = before.lines[0]
    done = await _change(shop, UNPAID, ModifyWish((LineWish(line.id, variants[-1].id, 2, 3),)))
    after = await shop.orders.get(UNPAID)
    assert (done.terms.charge, done.terms.refunds) == (None, ())
    assert after.total - before.total == done.terms.difference
    assert (after.lines[0].variant_id, after.lines[0].quantity) == (variants[-1].id, 3)
    assert await _refused(shop, UNPAID, ModifyWish(pay_with=CARD)) == ModifyRefusal.NOT_PAID


async def test_the_rest_of_a_partly_shipped_order_can_be_changed(shop: Shop) -> None:
    found = await shop.modifications.modifiable(LI, PARTLY)
    assert dict(found.units) == {f"{PARTLY}-2": 1}
    backpack = await _variants(shop, "backpack")
    wish = ModifyWish((LineWish(f"{PARTLY}-1", backpack[1].id, 1, 1),), tender_id=CARD)
    assert await _refused(shop, PARTLY, wish) == ModifyRefusal.LINE_SHIPPED


@pytest.mark.parametrize(
    ("number", "wish", "code"),
    [
        (SENT, ModifyWish(slot=WIDE), "shipped"),
        (
            PACKING,
            ModifyWish((LineWish(f"{PACKING}-1", "necklace-1", 1, 0),)),
            "custom_made_started",
        ),
        (PAID, ModifyWish(), "nothing_chosen"),
        (PAID, _socks(2, 2), "nothing_changes"),
        (PAID, _socks(4, 0), "quantity_too_high"),
        (PAID, _socks(0, 18, CARD), "too_many"),
        (PAID, ModifyWish((LineWish(SOCKS, "mug-1", 1, 1),)), "other_product"),
        (PAID, ModifyWish((LineWish("elsewhere", "mug-1", 1, 1),)), "nothing_chosen"),
        (PAID, _socks(0, 1, "PT-C0012-1"), "tender_unknown"),
        (PAID, _socks(0, 1, OLD_CARD), "tender_expired"),
        (PAID, _socks(0, 1, BALANCE), "balance_too_low"),
        (PAID, _socks(1, 0, BALANCE), "did_not_pay"),
        (PAID, ModifyWish(pay_with=GIFT), "balance_too_low"),
        (PAID, ModifyWish(slot=DeliverySlot(date(2026, 11, 22), 9, 12)), "slot_too_early"),
        (PAID, ModifyWish(slot=DeliverySlot(date(2027, 1, 22), 9, 12)), "slot_too_late"),
        (PAID, ModifyWish(slot=DeliverySlot(date(2026, 12, 1), 2, 5)), "slot_unknown"),
        (PAID, _everything(), "nothing_left"),
    ],
)
async def test_each_rule_says_no_and_nothing_is_kept(
    shop: Shop, engine: AsyncEngine, number: str, wish: ModifyWish, code: str
) -> None:
    before = await export_shop(engine)
    assert await _refused(shop, number, wish) == code
    assert await export_shop(engine) == before


async def test_above_the_limit_and_while_packing_a_person_decides(make_shop: MakeShop) -> None:
    rules = ShopRules(modifying=ModifyRules(while_packing=False, limit_minor={"CNY": 100}))
    shop = await make_shop(rules)
    fewer = _socks(1, 0)
    assert await _refused(shop, PAID, fewer) == ModifyRefusal.ABOVE_LIMIT
    assert await _refused(shop, PACKING, ModifyWish(slot=WIDE)) == ModifyRefusal.BEING_PACKED


async def test_a_repeated_yes_changes_once_and_says_the_same(
    shop: Shop, engine: AsyncEngine
) -> None:
    wish = _socks(0, 1, GIFT)
    draft = await shop.modifications.prepare_modification(LI, PAID, wish)
    agent = Actor("agent:7")
    answers = await asyncio.gather(
        *(shop.modifications.commit_modification(LI, draft.id, agent) for _ in range(5))
    )
    assert answers == [answers[0]] * 5
    order = await shop.orders.get(PAID)
    assert order.line(SOCKS).quantity == 4  # type: ignore[union-attr]
    assert len(order.payments) == 2
    assert (await _balances(shop))[GIFT] == Money(24_100, "CNY")
    async with engine.connect() as connection:
        lines = (await connection.execute(select(tables.audit))).mappings().all()
    assert [(one["action"], one["actor"], one["subject"], one["rule"]) for one in lines] == [
        ("modify", "agent:7", PAID, "modifying.paid")
    ]
    assert lines[0]["state_after"]["payment"] == order.payments[-1].id


@pytest.mark.parametrize(
    ("table", "key", "values", "code"),
    [
        (tables.variants, "socks-1", {"stock": 0}, "out_of_stock"),
        (tables.stored_tenders, GIFT, {"balance_minor": 100}, "balance_too_low"),
        (tables.orders, PAID, {"status": "shipped"}, "shipped"),
        (tables.variants, "socks-1", {"price_minor": 6_000}, "terms_changed"),
    ],
)
async def test_stock_balance_state_and_price_are_looked_at_again_at_the_commit(
    shop: Shop, engine: AsyncEngine, table: Table, key: str, values: dict[str, Any], code: str
) -> None:
    wish = _socks(0, 1, GIFT)
    draft = await shop.modifications.prepare_modification(LI, PAID, wish)
    async with engine.begin() as connection:
        primary = next(iter(table.primary_key))
        await connection.execute(update(table).where(primary == key).values(values))
    between = await export_shop(engine)
    with pytest.raises(Refused) as refused:
        await shop.modifications.commit_modification(LI, draft.id)
    assert refused.value.code == code
    assert await export_shop(engine) == between


async def test_of_two_who_want_the_last_one_gets_it_and_the_other_nothing(
    shop: Shop, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.variants).where(tables.variants.c.id == "socks-1").values(stock=1)
        )
    wish = _socks(0, 1, CARD)
    drafts = [await shop.modifications.prepare_modification(LI, PAID, wish) for _ in range(2)]
    results = await asyncio.gather(
        *(shop.modifications.commit_modification(LI, draft.id) for draft in drafts),
        return_exceptions=True,
    )
    refused = [one for one in results if isinstance(one, Refused)]
    assert [one.code for one in refused] == [ModifyRefusal.OUT_OF_STOCK]
    assert (await shop.orders.get(PAID)).line(SOCKS).quantity == 4  # type: ignore[union-attr]


async def test_a_draft_lapses_and_is_its_customers_alone(shop: Shop, clock: SetClock) -> None:
    wish = _socks(1, 0)
    draft = await shop.modifications.prepare_modification(LI, PAID, wish)
    with pytest.raises(NotFound):
        await shop.modifications.commit_modification(SOPHIA, draft.id)
    for number in (PAID, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.modifications.prepare_modification(SOPHIA, number, wish)
    clock.advance(timedelta(minutes=31))
    with pytest.raises(Refused, match=ModifyRefusal.DRAFT_EXPIRED):
        await shop.modifications.commit_modification(LI, draft.id)


async def test_the_changed_shop_is_a_shop_that_can_be_read_in_again(
    shop: Shop, engine: AsyncEngine
) -> None:
    mugs = await _variants(shop, "mug")
    await _change(shop, PAID, ModifyWish((LineWish(MUGS, mugs[1].id, 1, 1),), tender_id=CARD))
    await _change(shop, PAID, _socks(0, 1, CARD))
    await _change(shop, PAID, ModifyWish(pay_with=ALIPAY, slot=WIDE))
    parse_shop(json.dumps(await export_shop(engine)), "export")


async def test_without_a_database_modifications_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.modifications.modifiable(LI, PAID)
