"""What every adapter of the port Refunds promises of exchanges, decisions and kept goods."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop, parse_shop
from connectors.backends.embedded.money_back import give_back
from connectors.backends.embedded.orders import owned_order
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.embedded.warehouse import Warehouse
from connectors.backends.orders.model import Tender
from connectors.backends.refunds.exchanges import (
    Exchange,
    ExchangeRefusal,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeWish,
)
from connectors.backends.refunds.model import (
    FreightPayer,
    Handover,
    RefundStatus,
    RefundTo,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnStatus,
    ReturnWish,
)
from connectors.backends.refunds.policy import split_over_tenders
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kefu import migrate
from kernel.clock import SetClock
from kernel.database import make_engine
from kernel.errors import BackendRejected, InvalidTransition, NotFound, Refused
from kernel.money import Money
from tests.contracts.conftest import NOW, priced

WU, GRACE = "C0021", "C0022"
CLOTHES, SMALL, PENDING = "KF2601018201", "KF2601018203", "KF2601018207"
SHIRT, SHOES, LAMP = (f"{CLOTHES}-{place}" for place in (1, 2, 3))
BOOK, CREAM = f"{SMALL}-1", f"{SMALL}-2"
SIZE = ExchangeWish(ReturnReason.WRONG_SIZE)
PERSON = Actor("agent:7")


def _two_lines() -> list[ExchangeRequestLine]:
    return [
        ExchangeRequestLine(SHIRT, 1, "linen-shirt-3"),
        ExchangeRequestLine(SHOES, 1, "running-shoes-4"),
    ]


async def _exchange(shop: Shop, *lines: ExchangeRequestLine) -> Exchange:
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, lines, SIZE)
    return await shop.refunds.commit_exchange(WU, draft.id)


async def _stock(shop: Shop, product_id: str) -> dict[str, int]:
    product = await shop.catalogue.product(product_id)
    return {variant.id: variant.stock for variant in product.variants}


async def test_preparing_an_exchange_says_what_would_happen_and_does_nothing(
    shop: Shop, engine: AsyncEngine
) -> None:
    before = await export_shop(engine)
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), SIZE)
    assert [(line.line_id, line.new_options.en) for line in draft.lines] == [
        (SHIRT, "Off-white / L"),
        (SHOES, "Black / 43"),
    ]
    assert (draft.difference, draft.freight) == (Money(0, "CNY"), FreightPayer.SHOPPER)
    assert not draft.needs_approval
    assert await export_shop(engine) == before


async def test_committing_takes_the_stock_and_binds_the_goods(shop: Shop) -> None:
    shirts, shoes = await _stock(shop, "linen-shirt"), await _stock(shop, "running-shoes")
    made = await _exchange(shop, *_two_lines())
    assert (made.number, made.status) == ("EX2611220001", ExchangeStatus.AUTHORISED)
    assert made.return_address.zh != made.return_address.en
    assert await _stock(shop, "linen-shirt") == {
        **shirts,
        "linen-shirt-3": shirts["linen-shirt-3"] - 1,
    }
    assert await _stock(shop, "running-shoes") == {
        **shoes,
        "running-shoes-4": shoes["running-shoes-4"] - 1,
    }
    assert await shop.refunds.exchanges_of(WU, CLOTHES) == (made,)
    with pytest.raises(Refused) as caught:
        await shop.refunds.prepare_return(
            WU,
            CLOTHES,
            [ReturnRequestLine(SHIRT, 1)],
            ReturnWish(ReturnReason.NO_LONGER_WANTED),
        )
    assert (caught.value.code, caught.value.detail) == (ReturnRefusal.ALREADY_RETURNED, SHIRT)


async def test_only_what_was_exchanged_has_changed_in_the_whole_shop(
    shop: Shop, engine: AsyncEngine
) -> None:
    before = await export_shop(engine)
    made = await _exchange(shop, *_two_lines())
    after = await export_shop(engine)
    (order,) = (one for one in after["orders"] if one["number"] == CLOTHES)
    assert [one["number"] for one in order.pop("exchanges")] == [made.number]
    for shop_file in (before, after):
        for product in shop_file["products"]:
            for variant in product["variants"]:
                if variant["id"] in ("linen-shirt-3", "running-shoes-4"):
                    variant["stock"] = 0
    assert after == before


async def test_repeated_and_simultaneous_commits_exchange_once(shop: Shop, clock: SetClock) -> None:
    before = await _stock(shop, "linen-shirt")
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), SIZE)
    made = await asyncio.gather(*(shop.refunds.commit_exchange(WU, draft.id) for _ in range(5)))
    clock.advance(timedelta(days=3))
    again = await shop.refunds.commit_exchange(WU, draft.id)
    assert {one.number for one in made} == {again.number}
    assert (await _stock(shop, "linen-shirt"))["linen-shirt-3"] == before["linen-shirt-3"] - 1
    assert len(await shop.refunds.exchanges_of(WU)) == 2


async def test_two_windows_cannot_exchange_the_same_goods_twice(shop: Shop) -> None:
    drafts = [
        await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines()[:1], SIZE) for _ in range(3)
    ]
    outcomes = await asyncio.gather(
        *(shop.refunds.commit_exchange(WU, draft.id) for draft in drafts), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [error.code for error in refused] == [ExchangeRefusal.ALREADY_RETURNED] * 2


async def test_who_comes_second_to_the_last_piece_is_told_so(
    shop: Shop, engine: AsyncEngine
) -> None:
    await _set_stock(engine, "linen-shirt-3", 1)
    mine = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines()[:1], SIZE)
    theirs = await shop.refunds.prepare_exchange(
        GRACE,
        "KF2601018211",
        [ExchangeRequestLine("KF2601018211-1", 1, "linen-shirt-3")],
        SIZE,
    )
    outcomes = await asyncio.gather(
        shop.refunds.commit_exchange(WU, mine.id),
        shop.refunds.commit_exchange(GRACE, theirs.id),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [error.code for error in refused] == [ExchangeRefusal.OUT_OF_STOCK]
    assert (await _stock(shop, "linen-shirt"))["linen-shirt-3"] == 0


async def _set_stock(engine: AsyncEngine, variant_id: str, stock: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.variants).where(tables.variants.c.id == variant_id).values(stock=stock)
        )


async def test_a_price_that_changed_meanwhile_needs_a_new_yes(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines()[:1], SIZE)
    await priced(engine, "linen-shirt-3", 99_900)
    with pytest.raises(Refused) as caught:
        await shop.refunds.commit_exchange(WU, draft.id)
    assert caught.value.code == ExchangeRefusal.TERMS_CHANGED
    assert await shop.refunds.exchanges_of(WU, CLOTHES) == ()


async def test_an_exchange_leaves_one_audit_line_and_a_stranger_finds_nothing(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), SIZE)
    with pytest.raises(NotFound):
        await shop.refunds.commit_exchange(GRACE, draft.id)
    with pytest.raises(NotFound):
        await shop.refunds.prepare_exchange(GRACE, CLOTHES, _two_lines(), SIZE)
    made = await shop.refunds.commit_exchange(WU, draft.id)
    assert await shop.refunds.exchanges_of(GRACE, CLOTHES) == ()
    (line,) = await _audit(engine)
    assert (line["action"], line["subject"], line["rule"]) == (
        "exchange",
        made.number,
        "returns.exchange.wrong_size",
    )
    assert line["state_after"]["lines"] == [
        [SHIRT, 1, "linen-shirt-3"],
        [SHOES, 1, "running-shoes-4"],
    ]


async def _audit(engine: AsyncEngine) -> list[Mapping[str, Any]]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(tables.audit).order_by(tables.audit.c.id))
        return [dict(row) for row in rows.mappings()]


async def test_small_faulty_goods_are_refunded_at_once_and_stay(shop: Shop) -> None:
    wish = ReturnWish(ReturnReason.FAULTY, handover=Handover.KEEP)
    draft = await shop.refunds.prepare_return(WU, SMALL, [ReturnRequestLine(BOOK, 1)], wish)
    made = await shop.refunds.commit_return(WU, draft.id)
    assert made.status is ReturnStatus.REFUNDED
    assert await shop.refunds.commit_return(WU, draft.id) == made
    (refund,) = await shop.refunds.refunds_of(WU, SMALL)
    assert (refund.return_number, refund.amount, refund.status) == (
        made.number,
        Money(4_500, "CNY"),
        RefundStatus.REQUESTED,
    )
    order = await shop.orders.get(SMALL)
    assert order.refunded == Money(4_500, "CNY")


async def test_more_money_for_goods_that_stay_waits_for_a_person(
    shop: Shop, engine: AsyncEngine
) -> None:
    wish = ReturnWish(ReturnReason.FAULTY, RefundTo.GIFT_CARD, Handover.KEEP)
    draft = await shop.refunds.prepare_return(WU, SMALL, [ReturnRequestLine(BOOK, 2)], wish)
    assert draft.needs_approval
    made = await shop.refunds.commit_return(WU, draft.id)
    assert made.status is ReturnStatus.AWAITING_APPROVAL
    assert await shop.refunds.refunds_of(WU, SMALL) == ()
    with pytest.raises(BackendRejected):
        await shop.refunds.decide_return(WU, made.number, grant=False, by=Actor("shopper"))
    decided = await shop.refunds.decide_return(WU, made.number, grant=True, by=PERSON)
    assert (decided.status, decided.decided_by) == (ReturnStatus.REFUNDED, "agent:7")
    (refund,) = await shop.refunds.refunds_of(WU, SMALL)
    assert refund.tender is Tender.GIFT_CARD
    with pytest.raises(InvalidTransition):
        await shop.refunds.decide_return(WU, made.number, grant=False, by=PERSON)
    assert [line["action"] for line in await _audit(engine)] == ["return", "decide_return"]


async def test_a_rejected_return_has_a_person_behind_it_and_frees_its_goods(shop: Shop) -> None:
    (waiting,) = await shop.refunds.returns_of(WU, PENDING)
    assert waiting.status is ReturnStatus.AWAITING_APPROVAL
    with pytest.raises(NotFound):
        await shop.refunds.decide_return(GRACE, waiting.number, grant=True, by=PERSON)
    decided = await shop.refunds.decide_return(WU, waiting.number, grant=False, by=PERSON)
    assert (decided.status, decided.decided_by) == (ReturnStatus.REJECTED, "agent:7")
    lines = {one.line.id: one for one in await shop.refunds.returnable_lines(WU, PENDING)}
    assert lines[f"{PENDING}-1"].quantity == 1


async def test_of_two_who_decide_at_the_same_moment_one_is_too_late(shop: Shop) -> None:
    (waiting,) = await shop.refunds.returns_of(WU, PENDING)
    outcomes = await asyncio.gather(
        *(
            shop.refunds.decide_return(WU, waiting.number, grant=grant, by=PERSON)
            for grant in (True, False)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, InvalidTransition) for one in outcomes) == 1


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (
            ReturnWish(ReturnReason.NO_LONGER_WANTED, handover=Handover.KEEP),
            ReturnRefusal.NOT_AT_FAULT,
        ),
        (ReturnWish(ReturnReason.DAMAGED), ReturnRefusal.PHOTO_MISSING),
    ],
)
async def test_a_wish_that_the_rules_forbid_is_refused_whole(
    shop: Shop, wish: ReturnWish, refusal: ReturnRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        await shop.refunds.prepare_return(WU, SMALL, [ReturnRequestLine(BOOK, 1)], wish)
    assert (caught.value.code, caught.value.detail) == (refusal, "")


async def test_no_courier_collects_abroad(shop: Shop) -> None:
    with pytest.raises(Refused) as caught:
        await shop.refunds.prepare_return(
            GRACE,
            "KF2601018213",
            [ReturnRequestLine("KF2601018213-1", 1)],
            ReturnWish(ReturnReason.WRONG_SIZE, handover=Handover.PICK_UP),
        )
    assert caught.value.code == ReturnRefusal.NO_PICK_UP


async def test_who_gives_back_too_much_is_looked_at_by_a_person(shop: Shop) -> None:
    """Three refunds of goods that stayed raise the risk score to the limit."""
    keep = ReturnWish(ReturnReason.FAULTY, handover=Handover.KEEP)
    # Each below the limit of its order: one notebook, then the cream of another shopper's order.
    for number, line in (("KF2601018201", LAMP), (SMALL, BOOK), (SMALL, CREAM)):
        draft = await shop.refunds.prepare_return(WU, number, [ReturnRequestLine(line, 1)], keep)
        await shop.refunds.commit_return(WU, draft.id)
    draft = await shop.refunds.prepare_return(
        WU,
        "KF2601018202",
        [ReturnRequestLine("KF2601018202-3", 1)],
        ReturnWish(ReturnReason.NO_LONGER_WANTED),
    )
    assert draft.needs_approval
    assert draft.expires_at == NOW + timedelta(minutes=30)


async def test_what_costs_more_is_charged_to_what_paid_or_to_the_tender_of_choice(
    shop: Shop, engine: AsyncEngine
) -> None:
    await priced(engine, "linen-shirt-3", 33_900)
    before = await shop.orders.get(CLOTHES)
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), SIZE)
    assert draft.difference == Money(10_000, "CNY")
    assert draft.charge is not None
    assert draft.charge.stored_id == before.payments[0].stored_id
    gift = ExchangeWish(ReturnReason.WRONG_SIZE, tender_id=f"PT-{WU}-5")
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), gift)
    assert [(one.before.minor, one.after.minor) for one in draft.balances] == [(30_000, 20_000)]
    await asyncio.gather(*(shop.refunds.commit_exchange(WU, draft.id) for _ in range(3)))
    after = await shop.orders.get(CLOTHES)
    assert [one.tender for one in after.payments[len(before.payments) :]] == [Tender.GIFT_CARD]
    assert after.paid == before.paid + draft.difference
    stored = {one.id: one.balance for one in await shop.customers.tenders_of(WU)}
    assert stored[f"PT-{WU}-5"] == Money(20_000, "CNY")


@pytest.mark.parametrize(
    ("tender", "code"),
    [
        (f"PT-{WU}-6", ExchangeRefusal.BALANCE_TOO_LOW),
        (f"PT-{WU}-4", ExchangeRefusal.TENDER_EXPIRED),
        (f"PT-{GRACE}-1", ExchangeRefusal.TENDER_UNKNOWN),
    ],
)
async def test_a_tender_that_cannot_pay_the_difference_is_refused(
    shop: Shop, engine: AsyncEngine, tender: str, code: ExchangeRefusal
) -> None:
    await priced(engine, "linen-shirt-3", 33_900)
    before = await export_shop(engine)
    wish = ExchangeWish(ReturnReason.WRONG_SIZE, tender_id=tender)
    with pytest.raises(Refused) as caught:
        await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), wish)
    assert caught.value.code == code
    assert await export_shop(engine) == before


async def test_what_costs_less_goes_back_when_the_new_goods_leave(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    await priced(engine, "linen-shirt-3", 20_900)
    await priced(engine, "running-shoes-4", 50_000)
    order = await shop.orders.get(CLOTHES)
    shirt, shoes = _two_lines()
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, [shirt], SIZE)
    assert draft.difference == Money(-3_000, "CNY")
    assert [(one.payment_id, one.amount.minor) for one in draft.refunds] == [
        (order.payments[0].id, 3_000)
    ]
    made = await shop.refunds.commit_exchange(WU, draft.id)
    warehouse = Warehouse(engine, clock, ShopRules())
    with pytest.raises(InvalidTransition):
        await warehouse.book(made.number, "replaced")
    for step in ("sent_back", "received"):
        await warehouse.book(made.number.lower(), step)
    assert await shop.refunds.refunds_of(WU, CLOTHES) == ()
    await warehouse.book(made.number, "replaced")
    with pytest.raises(InvalidTransition):
        await warehouse.book(made.number, "replaced")
    assert [one.amount.minor for one in await shop.refunds.refunds_of(WU, CLOTHES)] == [3_000]
    assert (await _audit(engine))[-1]["actor"] == "warehouse"
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, [shoes], SIZE)
    await shop.refunds.commit_exchange(WU, draft.id)
    parse_shop(json.dumps(await export_shop(engine)), "export")


async def _downgrade(url: str, revision: str) -> None:
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", migrate.let_references_be)
    async with engine.begin() as connection:
        await connection.run_sync(lambda one: command.downgrade(migrate.config_for(one), revision))
    await engine.dispose()


async def test_a_difference_that_went_back_under_the_old_rule_does_not_go_back_again(
    engine: AsyncEngine, clock: SetClock, rules: ShopRules, tmp_path: Path
) -> None:
    """Until it was given when the new goods leave, it was given when the exchange was granted."""
    shop = make_embedded_shop(engine, clock, rules, tmp_path)
    await priced(engine, "linen-shirt-3", 20_900)
    await priced(engine, "running-shoes-4", 30_900)
    old, new = [await _exchange(shop, one) for one in _two_lines()]
    assert max(old.difference.minor, new.difference.minor) < 0
    async with engine.begin() as connection:
        order = await owned_order(connection, WU, CLOTHES)
        parts = split_over_tenders(-old.difference, order.payments, rules.refunds)
        given = await give_back(connection, order, parts, clock.now(), rules.refunds)
        lines = tables.audit
        line = (lines.c.subject == old.number) & (lines.c.action == "exchange")
        told = await connection.scalar(select(lines.c.state_after).where(line))
        values = {"state_after": {**(told or {}), "refunds": given}}
        await connection.execute(update(lines).where(line).values(values))
    await engine.dispose()
    # As far back as tables were made anew that others point at.
    url = engine.url.render_as_string(hide_password=False)
    await _downgrade(url, "0019_consents")
    await migrate.upgrade(url)
    found = {one.number: one.given_back for one in await shop.refunds.exchanges_of(WU, CLOTHES)}
    assert (found[old.number], found[new.number]) == (True, False)
    warehouse = Warehouse(engine, clock, rules)
    for made in (old, new):
        for step in ("sent_back", "received", "replaced"):
            await warehouse.book(made.number, step)
    back = [one.amount for one in await shop.refunds.refunds_of(WU, CLOTHES)]
    assert sorted(back) == sorted([-old.difference, -new.difference])
    made_now = await shop.refunds.exchanges_of(WU, CLOTHES)
    assert all(one.given_back for one in made_now if one.number in (old.number, new.number))


async def test_a_difference_whose_card_is_gone_meanwhile_goes_to_what_paid(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    await priced(engine, "linen-shirt-3", 20_900)
    paid = (await shop.orders.get(CLOTHES)).payments[0]
    wish = ExchangeWish(ReturnReason.WRONG_SIZE, tender_id=f"PT-{WU}-5")
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines()[:1], wish)
    assert (draft.refund_account, draft.refunds[0].tender) == (f"PT-{WU}-5", Tender.GIFT_CARD)
    made = await shop.refunds.commit_exchange(WU, draft.id)
    async with engine.begin() as connection:
        stored = tables.stored_tenders
        await connection.execute(delete(stored).where(stored.c.id == f"PT-{WU}-5"))
    for step in ("sent_back", "received", "replaced"):
        await Warehouse(engine, clock, ShopRules()).book(made.number, step)
    (back,) = await shop.refunds.refunds_of(WU, CLOTHES)
    assert (back.amount.minor, back.payment_id, back.tender) == (3_000, paid.id, paid.tender)


async def test_a_return_is_refunded_when_the_warehouse_has_looked_at_it(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    wish = ReturnWish(ReturnReason.NO_LONGER_WANTED)
    draft = await shop.refunds.prepare_return(WU, CLOTHES, [ReturnRequestLine(SHIRT, 1)], wish)
    made = await shop.refunds.commit_return(WU, draft.id)
    warehouse = Warehouse(engine, clock, ShopRules())
    for step in ("sent_back", "received", "refunded"):
        assert await shop.refunds.refunds_of(WU, CLOTHES) == ()
        await warehouse.book(made.number, step)
    (back,) = await shop.refunds.refunds_of(WU, CLOTHES)
    assert (back.amount, back.return_number) == (made.total, made.number)
    waiting = (await shop.refunds.returns_of(WU, PENDING))[0]
    for number, step in ((made.number, "refunded"), (waiting.number, "refunded")):
        with pytest.raises(InvalidTransition):
            await warehouse.book(number, step)
    with pytest.raises(NotFound):
        await warehouse.book("RMA0", "received")


async def test_a_balance_that_is_gone_at_the_commit_moves_nothing(
    shop: Shop, engine: AsyncEngine
) -> None:
    await priced(engine, "linen-shirt-3", 33_900)
    wish = ExchangeWish(ReturnReason.WRONG_SIZE, tender_id=f"PT-{WU}-5")
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, _two_lines(), wish)
    stored = tables.stored_tenders
    async with engine.begin() as connection:
        await connection.execute(
            update(stored).where(stored.c.id == f"PT-{WU}-5").values(balance_minor=1)
        )
    between = await export_shop(engine)
    with pytest.raises(Refused) as caught:
        await shop.refunds.commit_exchange(WU, draft.id)
    assert caught.value.code == ExchangeRefusal.BALANCE_TOO_LOW
    assert await export_shop(engine) == between
