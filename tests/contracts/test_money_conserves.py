"""Whatever is done to an order in whatever order: money and stock conserve, and go back once.

The sequences are drawn from seeds, so that a failure names the one that shows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop, parse_shop
from connectors.backends.embedded.exchange_endings import ExchangeEndings
from connectors.backends.embedded.warehouse import (
    EXCHANGE_STEPS,
    RETURN_STEPS,
    Warehouse,
)
from connectors.backends.life_cycle import LifeCycle
from connectors.backends.offers.model import CLAIM_LIFE_CYCLE, ClaimStatus, PriceClaim
from connectors.backends.orders.cancelling import CancelReason, CancelWish
from connectors.backends.orders.model import HAS_BALANCE, Order, Tender
from connectors.backends.orders.modifying import LineWish, ModifyWish
from connectors.backends.refunds import model as returns
from connectors.backends.refunds.exchanges import (
    EXCHANGE_LIFE_CYCLE,
    GIVEN_UP,
    Exchange,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeWish,
)
from connectors.backends.refunds.model import (
    RETURN_LIFE_CYCLE,
    Handover,
    RefundStatus,
    RefundTo,
    ReturnAuthorisation,
    ReturnReason,
    ReturnRequestLine,
    ReturnStatus,
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
    surplus = _surplus(order)
    cases = Cases(shop, LI, number)
    before, drawn = await _balances(shop, LI), await _drawn(shop, order)
    tenders = [one.id for one in await shop.customers.tenders_of(LI)]
    done = 0
    for _ in range(STEPS):
        wish = await _any_change(draw, shop, order, tenders)
        with contextlib.suppress(Refused):
            match draw.choice(["modify"] * 6 + ["cancel", "claim", "decide"]):
                case "modify":
                    draft = await shop.modifications.prepare_modification(LI, number, wish)
                    commit = shop.modifications.commit_modification
                    await _twice(commit, LI, draft.id)
                    done += 1
                case "cancel":
                    await _cancel_a_unit(draw, shop, order)
                case "claim":
                    await _claim(draw, shop, engine, order)
                case "decide":
                    await _decide_claim(draw, shop, order)
        order = await shop.orders.get(number)
        assert _surplus(order) == surplus
        await cases.assert_moved_along_their_tables()
        assert _same(await _stock(shop, order) + _kept(order), goods)
        moved = await _drawn(shop, order)
        balances = await _balances(shop, LI)
        assert all(before[one] + drawn[one] == balances[one] + moved[one] for one in HAS_BALANCE)
        assert all(amount >= 0 for amount in balances.values())
        _assert_nothing_over(order)
    assert done >= 3
    parse_shop(json.dumps(await export_shop(engine)), "export")


def _surplus(order: Order) -> int:
    """What the shop has of this order above what it costs, price protection aside."""
    credit = 0
    for line in order.lines:
        if line.credited is not None and line.credited_units:
            taken = max(line.cancelled - (line.quantity - line.credited_units), 0)
            credit += line.credited.minor - line.credited.minor * taken // line.credited_units
    return order.paid.minor - order.refunded.minor - order.total.minor + credit


async def _cancel_a_unit(draw: random.Random, shop: Shop, order: Order) -> None:
    line = draw.choice([line for line in order.lines if line.kept])
    # What is cancelled as a whole has no more changes to draw.
    if sum(one.kept for one in order.lines) > 1:
        wishes = [CancelWish(line.id, 1)]
        draft = await shop.cancellations.prepare_cancellation(
            order.customer_id, order.number, wishes, CancelReason.OTHER
        )
        commit = shop.cancellations.commit_cancellation
        await _twice(commit, order.customer_id, draft.id)


async def _twice(
    commit: Callable[[str, str], Awaitable[object]], customer_id: str, draft_id: str
) -> None:
    """Confirm a draft in two windows at once."""
    await asyncio.gather(*(commit(customer_id, draft_id) for _ in range(2)))


async def _claim(draw: random.Random, shop: Shop, engine: AsyncEngine, order: Order) -> None:
    """Claim for a line whose price falls, sometimes by more than nobody need look at."""
    line = draw.choice(order.lines)
    fallen = draw.choice([500, 3_000, line.unit_price.minor - 100])
    await _set(engine, line.variant_id, price_minor=max(line.unit_price.minor - fallen, 1))
    draft = await shop.offers.prepare_claim(order.customer_id, order.number, [line.id])
    await _twice(shop.offers.commit_claim, order.customer_id, draft.id)


async def _decide_claim(draw: random.Random, shop: Shop, order: Order) -> None:
    for made in await shop.offers.claims_of(order.customer_id, order.number):
        grant, customer = draw.random() < 0.7, order.customer_id
        decide = shop.offers.decide_claim
        outcomes = await asyncio.gather(
            *(decide(customer, made.number, grant=grant, by=PERSON) for _ in range(2)),
            return_exceptions=True,
        )
        kinds = (PriceClaim, Refused, InvalidTransition)
        assert all(isinstance(one, kinds) for one in outcomes), outcomes
        assert sum(isinstance(one, PriceClaim) for one in outcomes) <= 1


class Cases:
    """The returns, exchanges and claims of an order, and how they stood when last looked at."""

    def __init__(self, shop: Shop, customer: str, order_number: str) -> None:
        self._shop = shop
        self._of = (customer, order_number)
        self._seen: dict[str, StrEnum] = {}
        self.reached: set[str] = set()

    async def assert_moved_along_their_tables(self) -> None:
        """Since the last look each has made one step of its life cycle, or none."""
        refunds, offers = self._shop.refunds, self._shop.offers
        tables_of: list[tuple[LifeCycle[Any], Sequence[Any]]] = [
            (RETURN_LIFE_CYCLE, await refunds.returns_of(*self._of)),
            (EXCHANGE_LIFE_CYCLE, await refunds.exchanges_of(*self._of)),
            (CLAIM_LIFE_CYCLE, await offers.claims_of(*self._of)),
        ]
        for cycle, cases in tables_of:
            for case in cases:
                before = self._seen.get(case.number, case.status)
                assert case.status == before or case.status in cycle.steps[before], case
                self._seen[case.number] = case.status
                self.reached.add(case.status.value)


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


@pytest.mark.parametrize(
    ("seed", "reached"),
    [(2, {"completed", "expired", "refunded"}), (9, {"granted", "refunded", "rejected"})],
)
async def test_whatever_comes_back_of_an_order_moves_its_money_once(
    shop: Shop,
    make_shop: MakeShop,
    engine: AsyncEngine,
    clock: SetClock,
    seed: int,
    reached: set[str],
) -> None:
    draw = random.Random(seed)
    careful = await make_shop(ShopRules(approval=ApprovalRules(risk_limit=0)))
    order = await shop.orders.get(CLOTHES)
    start = order.paid.minor - order.refunded.minor
    goods = await _stock(shop, order)
    before, drawn = await _balances(shop, WU), await _drawn(shop, order)
    tenders = [one.id for one in await shop.customers.tenders_of(WU)]
    cases = Cases(shop, WU, CLOTHES)
    for step in range(STEPS):
        line = draw.choice(order.lines)
        variant = draw.choice((await shop.catalogue.product(line.product_id)).variants)
        made = await shop.refunds.exchanges_of(WU, CLOTHES)
        # A return takes its part of every payment, those of exchanges among them.
        deeds = ["exchange"] * 4 + ["decide"] * 3 + ["lapse"] + ["book"] * 3 + ["claim", "ruling"]
        match draw.choice(deeds if step < STEPS // 3 else deeds + ["return", "inspect"] * 2):
            case "claim":
                with contextlib.suppress(Refused):
                    await _claim(draw, shop, engine, order)
            case "ruling":
                await _decide_claim(draw, shop, order)
            case "return":
                with contextlib.suppress(Refused):
                    await _return(draw, draw.choice([shop, careful]), order)
            case "inspect":
                await _carry_returns_on(draw, shop, Warehouse(engine, clock, ShopRules()))
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
                twice = await asyncio.gather(
                    *(warehouse.book(number, booked) for _ in range(2)), return_exceptions=True
                )
                assert all(one is None or isinstance(one, InvalidTransition) for one in twice)
                assert twice.count(None) <= 1
            case "lapse":
                endings = ExchangeEndings(engine, clock, ShopRules())
                after = clock.now() + timedelta(days=9)
                await asyncio.gather(*(endings.forget_idle_since(after) for _ in range(2)))
        order = await shop.orders.get(CLOTHES)
        made = await shop.refunds.exchanges_of(WU, CLOTHES)
        moved = sum(_moved(one) for one in made)
        back = [one for one in await shop.refunds.returns_of(WU, CLOTHES) if _binds(one)]
        claims = [one for one in await shop.offers.claims_of(WU, CLOTHES) if _is_granted(one)]
        moved -= sum(one.total.minor for one in back) + sum(one.total.minor for one in claims)
        assert order.paid.minor - order.refunded.minor == start + moved
        _assert_no_line_gives_back_more_than_it_cost(order, back, claims, made)
        await cases.assert_moved_along_their_tables()
        bound: Counter[str] = Counter()
        for one in made:
            for part in one.lines if one.status not in GIVEN_UP else ():
                bound[part.variant_id] += part.quantity
        assert _same(await _stock(shop, order) + bound, goods)
        balances, now = await _balances(shop, WU), await _drawn(shop, order)
        assert all(before[one] + drawn[one] == balances[one] + now[one] for one in HAS_BALANCE)
        _assert_nothing_over(order)
    assert cases.reached >= reached
    parse_shop(json.dumps(await export_shop(engine)), "export")


async def _return(draw: random.Random, shop: Shop, order: Order) -> None:
    line = draw.choice(order.lines)
    keep = ReturnWish(ReturnReason.FAULTY, handover=Handover.KEEP)
    gift = ReturnWish(ReturnReason.NO_LONGER_WANTED, RefundTo.GIFT_CARD)
    wish = draw.choice([keep, gift, ReturnWish(ReturnReason.NO_LONGER_WANTED)])
    wanted = [ReturnRequestLine(line.id, 1)]
    draft = await shop.refunds.prepare_return(order.customer_id, order.number, wanted, wish)
    await _twice(shop.refunds.commit_return, order.customer_id, draft.id)


async def _carry_returns_on(draw: random.Random, shop: Shop, warehouse: Warehouse) -> None:
    """A person decides on every return that waits, and the warehouse books the others."""
    for made in await shop.refunds.returns_of(WU, CLOTHES):
        deeds: list[Coroutine[Any, Any, object]]
        if made.status is ReturnStatus.AWAITING_APPROVAL:
            grant, decide = draw.random() < 0.6, shop.refunds.decide_return
            deeds = [decide(WU, made.number, grant=grant, by=PERSON) for _ in range(2)]
        elif can := sorted(RETURN_LIFE_CYCLE.steps[made.status].intersection(RETURN_STEPS)):
            step = draw.choice(can)
            deeds = [warehouse.book(made.number, step) for _ in range(2)]
        else:
            continue
        outcomes = await asyncio.gather(*deeds, return_exceptions=True)
        assert sum(not isinstance(one, InvalidTransition) for one in outcomes) == 1, outcomes


def _binds(made: ReturnAuthorisation) -> bool:
    return made.status not in returns.GIVEN_UP


def _is_granted(made: PriceClaim) -> bool:
    return made.status is ClaimStatus.GRANTED


def _assert_no_line_gives_back_more_than_it_cost(
    order: Order,
    back: Sequence[ReturnAuthorisation],
    claims: Sequence[PriceClaim],
    made: Sequence[Exchange],
) -> None:
    given: Counter[str] = Counter()
    for one in back:
        for part in one.lines:
            given[part.line_id] += part.refund.minor
    for claim in claims:
        for line_id, _, amount in claim.lines:
            given[line_id] += amount.minor
    for exchange in made:
        for swapped in exchange.lines if exchange.given_back else ():
            given[swapped.line_id] += max(-swapped.difference.minor, 0)
    assert all(given[line.id] <= line.amount.minor for line in order.lines), given


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
