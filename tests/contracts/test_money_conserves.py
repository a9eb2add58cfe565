"""Whatever is changed and exchanged in whatever order: money and stock conserve, and go back once.

The sequences are drawn from seeds, so that a failure names the one that shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop, parse_shop
from connectors.backends.embedded.exchange_endings import ExchangeEndings
from connectors.backends.embedded.warehouse import EXCHANGE_STEPS, Warehouse
from connectors.backends.orders.model import HAS_BALANCE, Order, Tender
from connectors.backends.orders.modifying import LineWish, ModifyWish
from connectors.backends.refunds.exchanges import (
    EXCHANGE_LIFE_CYCLE,
    GIVEN_UP,
    Exchange,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeWish,
)
from connectors.backends.refunds.model import (
    RefundStatus,
    ReturnReason,
    ReturnRequestLine,
    ReturnWish,
)
from connectors.backends.rules import ApprovalRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendRejected, InvalidTransition, Refused
from tests.contracts.conftest import MakeShop

LI, WU = "C0011", "C0021"
PAID, SEVERAL = "KF2601018101", "KF2601018102"
CLOTHES = "KF2601018201"
PERSON = Actor("agent:7")
STEPS = 40
_LEFT = (ExchangeStatus.REPLACED, ExchangeStatus.COMPLETED)


async def _set(engine: AsyncEngine, variant_id: str, **values: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            update(tables.variants).where(tables.variants.c.id == variant_id).values(values)
        )


async def _stock(shop: Shop, order: Order) -> Counter[str]:
    products = sorted({line.product_id for line in order.lines})
    found: Counter[str] = Counter()
    for product_id in products:
        for variant in (await shop.catalogue.product(product_id)).variants:
            found[variant.id] = variant.stock
    return found


async def _balances(shop: Shop, customer: str) -> Counter[Tender]:
    found: Counter[Tender] = Counter()
    for one in await shop.customers.tenders_of(customer):
        if one.balance is not None:
            found[one.tender] += one.balance.minor
    return found


async def _drawn(shop: Shop, order: Order) -> Counter[Tender]:
    """What ``order`` has taken from gift cards and the account, and not credited again."""
    drawn: Counter[Tender] = Counter()
    for payment in order.payments:
        if payment.tender in HAS_BALANCE:
            drawn[payment.tender] += payment.amount.minor
    for refund in await shop.refunds.refunds_of(order.customer_id, order.number):
        if refund.tender in HAS_BALANCE and refund.status is RefundStatus.COMPLETED:
            drawn[refund.tender] -= refund.amount.minor
    return drawn


def _kept(order: Order) -> Counter[str]:
    kept: Counter[str] = Counter()
    for line in order.lines:
        kept[line.variant_id] += line.kept
    return kept


def _same(one: Counter[str], other: Counter[str]) -> bool:
    return {key: value for key, value in one.items() if value} == {
        key: value for key, value in other.items() if value
    }


def _assert_nothing_over(order: Order) -> None:
    """No tender and no line gives back more than it got."""
    assert all(payment.refundable.minor >= 0 for payment in order.payments)
    assert all(line.kept >= 0 and line.kept_amount.minor >= 0 for line in order.lines)


@pytest.mark.parametrize("seed", [1, 2])
async def test_money_and_stock_conserve_over_any_changes_of_an_order(
    shop: Shop, engine: AsyncEngine, seed: int
) -> None:
    draw = random.Random(seed)
    number = draw.choice([PAID, SEVERAL])
    order = await shop.orders.get(number)
    goods = await _stock(shop, order) + _kept(order)
    surplus = order.paid.minor - order.refunded.minor - order.total.minor
    before, drawn = await _balances(shop, LI), await _drawn(shop, order)
    tenders = [one.id for one in await shop.customers.tenders_of(LI)]
    done = 0
    for _ in range(STEPS):
        wish = await _any_change(draw, shop, order, tenders)
        with contextlib.suppress(Refused):
            draft = await shop.modifications.prepare_modification(LI, number, wish)
            commits = [shop.modifications.commit_modification(LI, draft.id) for _ in range(2)]
            await asyncio.gather(*commits)
            done += 1
        order = await shop.orders.get(number)
        assert order.paid.minor - order.refunded.minor - order.total.minor == surplus
        assert _same(await _stock(shop, order) + _kept(order), goods)
        moved = await _drawn(shop, order)
        balances = await _balances(shop, LI)
        assert all(before[one] + drawn[one] == balances[one] + moved[one] for one in HAS_BALANCE)
        assert all(amount >= 0 for amount in balances.values())
        _assert_nothing_over(order)
    assert done >= 3
    parse_shop(json.dumps(await export_shop(engine)), "export")


async def _any_change(
    draw: random.Random, shop: Shop, order: Order, tenders: list[str]
) -> ModifyWish:
    tender = draw.choice([None, *tenders])
    if draw.random() < 0.15:
        return ModifyWish(pay_with=tender or tenders[0])
    wishes = []
    for line in draw.sample(order.lines, k=min(len(order.lines), draw.choice([1, 1, 2]))):
        variants = (await shop.catalogue.product(line.product_id)).variants
        taken = draw.randint(0, line.kept)
        given = draw.choice([taken, taken, draw.randint(0, 3)])
        wishes.append(LineWish(line.id, draw.choice(variants).id, taken, given))
    return ModifyWish(tuple(wishes), tender_id=tender)


@pytest.mark.parametrize("seed", [1, 7])
async def test_an_exchange_moves_its_difference_once_and_one_given_up_moves_nothing(
    shop: Shop, make_shop: MakeShop, engine: AsyncEngine, clock: SetClock, seed: int
) -> None:
    draw = random.Random(seed)
    careful = await make_shop(ShopRules(approval=ApprovalRules(risk_limit=0)))
    order = await shop.orders.get(CLOTHES)
    start = order.paid.minor - order.refunded.minor
    goods = await _stock(shop, order)
    before, drawn = await _balances(shop, WU), await _drawn(shop, order)
    tenders = [one.id for one in await shop.customers.tenders_of(WU)]
    seen: set[ExchangeStatus] = set()
    returned = 0
    for step in range(STEPS):
        line = draw.choice(order.lines)
        variant = draw.choice((await shop.catalogue.product(line.product_id)).variants)
        made = await shop.refunds.exchanges_of(WU, CLOTHES)
        match draw.choice(["exchange"] * 4 + ["decide"] * 3 + ["lapse"] + ["book"] * 3):
            case "exchange":
                price = line.unit_price.minor + draw.choice([-3_000, 0, 2_000, 8_000])
                await _set(engine, variant.id, price_minor=price)
                wish = ExchangeWish(
                    ReturnReason.WRONG_SIZE, tender_id=draw.choice([None, *tenders])
                )
                desk = draw.choice([shop, careful])
                with contextlib.suppress(Refused):
                    wanted = [ExchangeRequestLine(line.id, 1, variant.id)]
                    draft = await desk.refunds.prepare_exchange(WU, CLOTHES, wanted, wish)
                    await desk.refunds.commit_exchange(WU, draft.id)
            case "decide" if made:
                waiting = [one for one in made if one.status is ExchangeStatus.AWAITING_APPROVAL]
                number, grant = draw.choice(waiting or made).number, draw.random() < 0.6
                outcomes = await asyncio.gather(
                    *(
                        shop.refunds.decide_exchange(WU, number, grant=grant, by=PERSON)
                        for _ in range(2)
                    ),
                    return_exceptions=True,
                )
                kinds = (Exchange, Refused, InvalidTransition)
                assert all(isinstance(one, kinds) for one in outcomes), outcomes
                assert sum(isinstance(one, Exchange) for one in outcomes) <= 1
            case "book" if made:
                one = draw.choice(made)
                can = EXCHANGE_LIFE_CYCLE.steps[one.status].intersection(EXCHANGE_STEPS)
                number, booked = one.number, draw.choice(sorted(can) or EXCHANGE_STEPS)
                warehouse = Warehouse(engine, clock, ShopRules())
                outcomes = await asyncio.gather(
                    *(warehouse.book(number, booked) for _ in range(2)), return_exceptions=True
                )
                assert all(one is None or isinstance(one, InvalidTransition) for one in outcomes)
                assert outcomes.count(None) <= 1
            case "lapse":
                endings = ExchangeEndings(engine, clock, ShopRules())
                after = clock.now() + timedelta(days=9)
                await asyncio.gather(*(endings.forget_idle_since(after) for _ in range(2)))
        if step == STEPS // 2:
            # A return takes its part of every payment, those of exchanges among them.
            with contextlib.suppress(Refused):
                draft_of_return = await shop.refunds.prepare_return(
                    WU,
                    CLOTHES,
                    [ReturnRequestLine(f"{CLOTHES}-3", 1)],
                    ReturnWish(ReturnReason.NO_LONGER_WANTED),
                )
                await shop.refunds.commit_return(WU, draft_of_return.id)
                returned = draft_of_return.total.minor
        order = await shop.orders.get(CLOTHES)
        made = await shop.refunds.exchanges_of(WU, CLOTHES)
        seen |= {one.status for one in made}
        moved = sum(_moved(one) for one in made)
        assert order.paid.minor - order.refunded.minor == start + moved - returned
        bound: Counter[str] = Counter()
        for one in made:
            for part in one.lines if one.status not in GIVEN_UP else ():
                bound[part.variant_id] += part.quantity
        assert _same(await _stock(shop, order) + bound, goods)
        balances, now = await _balances(shop, WU), await _drawn(shop, order)
        assert all(before[one] + drawn[one] == balances[one] + now[one] for one in HAS_BALANCE)
        _assert_nothing_over(order)
    assert seen >= {ExchangeStatus.EXPIRED, ExchangeStatus.COMPLETED}
    parse_shop(json.dumps(await export_shop(engine)), "export")


def _moved(made: Exchange) -> int:
    """What the order is dearer by because of this exchange."""
    if made.payment_id is not None:
        return 0 if made.status in GIVEN_UP else made.difference.minor
    return made.difference.minor if made.status in _LEFT else 0


async def test_only_a_person_decides_on_an_exchange_and_money_moves_then(
    make_shop: MakeShop, engine: AsyncEngine
) -> None:
    shop = await make_shop(ShopRules(approval=ApprovalRules(risk_limit=0)))
    await _set(engine, "linen-shirt-3", price_minor=33_900)
    paid = (await shop.orders.get(CLOTHES)).paid
    gift = f"PT-{WU}-5"
    wish = ExchangeWish(ReturnReason.WRONG_SIZE, tender_id=gift)
    wanted = [ExchangeRequestLine(f"{CLOTHES}-1", 1, "linen-shirt-3")]
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, wanted, wish)
    assert (draft.needs_approval, draft.charge) == (True, None)
    made = await shop.refunds.commit_exchange(WU, draft.id)
    assert made.status is ExchangeStatus.AWAITING_APPROVAL
    assert (await shop.orders.get(CLOTHES)).paid == paid
    with pytest.raises(BackendRejected):
        await shop.refunds.decide_exchange(WU, made.number, grant=True, by=Actor("shopper"))
    await shop.refunds.decide_exchange(WU, made.number, grant=True, by=PERSON)
    with pytest.raises(InvalidTransition):
        await shop.refunds.decide_exchange(WU, made.number, grant=True, by=PERSON)
    granted = (await shop.refunds.exchanges_of(WU, CLOTHES))[0]
    order = await shop.orders.get(CLOTHES)
    assert (granted.status, granted.decided_by) == (ExchangeStatus.AUTHORISED, "agent:7")
    assert order.paid == paid + made.difference
    assert order.payments[-1].id == granted.payment_id
    assert order.payments[-1].stored_id == gift
