"""What was to be sent back and was not: the permission lapses, once, and binds nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded import tables
from connectors.backends.embedded.exchange import export_shop
from connectors.backends.embedded.exchange_endings import ExchangeEndings
from connectors.backends.embedded.return_endings import ReturnEndings
from connectors.backends.refunds.exchanges import (
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeWish,
)
from connectors.backends.refunds.model import (
    Handover,
    ReturnAuthorisation,
    ReturnReason,
    ReturnRequestLine,
    ReturnStatus,
    ReturnWish,
)
from connectors.backends.rules import ApprovalRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from tests.contracts.conftest import MakeShop

LIN, WU = "C0001", "C0021"
DELIVERED, CLOTHES = "KF2601018002", "KF2601018201"
COAT, MUG = f"{DELIVERED}-1", f"{DELIVERED}-2"
SHIRT = f"{CLOTHES}-1"
SOON = timedelta(seconds=1)


async def _return(shop: Shop, line: str, reason: ReturnReason, how: Handover) -> str:
    wish = ReturnWish(reason, handover=how, inspected=True)
    draft = await shop.refunds.prepare_return(LIN, DELIVERED, [ReturnRequestLine(line, 1)], wish)
    return (await shop.refunds.commit_return(LIN, draft.id)).number


async def _got(shop: Shop, number: str) -> ReturnAuthorisation:
    found = await shop.refunds.find_return(LIN, number)
    assert found is not None
    return found


async def _lapse(engine: AsyncEngine, clock: SetClock, replicas: int = 1) -> int:
    endings = ReturnEndings(engine, clock, ShopRules())
    rounds = [endings.forget_idle_since(clock.now()) for _ in range(replicas)]
    return sum(await asyncio.gather(*rounds))


async def _till_the_last_second(
    shop: Shop, engine: AsyncEngine, clock: SetClock, number: str
) -> None:
    """Whatever lapses before this return does has lapsed, then its time is almost over."""
    clock.advance((await _got(shop, number)).send_by - clock.now() - SOON)
    await _lapse(engine, clock)
    assert (await _got(shop, number)).status is ReturnStatus.AUTHORISED


async def _audit(engine: AsyncEngine, number: str) -> Sequence[RowMapping]:
    lines = tables.audit
    async with engine.connect() as connection:
        found = await connection.execute(select(lines).where(lines.c.subject == number))
        return found.mappings().all()


async def test_a_return_that_was_not_sent_lapses_once_and_leaves_an_audit_line(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    number = await _return(shop, COAT, ReturnReason.NO_LONGER_WANTED, Handover.DROP_OFF)
    (committed,) = await _audit(engine, number)
    await _till_the_last_second(shop, engine, clock, number)
    clock.advance(SOON)

    assert await _lapse(engine, clock, replicas=3) == 1
    assert await _lapse(engine, clock) == 0

    assert (await _got(shop, number)).status is ReturnStatus.EXPIRED
    (line,) = [one for one in await _audit(engine, number) if one["id"] != committed["id"]]
    assert (line["actor"], line["action"], line["rule"]) == (
        "shop",
        "return",
        "returns.send_back_days",
    )
    told = [line["state_before"]["status"], line["state_after"]["status"], line["at"]]
    assert told == ["authorised", "expired", clock.now()]
    assert await shop.refunds.refunds_of(LIN, DELIVERED) == ()


async def test_what_lapsed_binds_no_goods_and_no_part_of_the_limit(
    make_shop: MakeShop, engine: AsyncEngine, clock: SetClock
) -> None:
    shop = await make_shop(ShopRules(approval=ApprovalRules(return_limit_minor={"CNY": 10_000})))
    first = await _return(shop, MUG, ReturnReason.FAULTY, Handover.PICK_UP)
    lines = {one.line.id: one for one in await shop.refunds.returnable_lines(LIN, DELIVERED)}
    assert lines[MUG].returned == 1
    await _till_the_last_second(shop, engine, clock, first)
    clock.advance(SOON)

    assert await _lapse(engine, clock) == 1

    lines = {one.line.id: one for one in await shop.refunds.returnable_lines(LIN, DELIVERED)}
    assert lines[MUG].returned == 0
    second = await _return(shop, MUG, ReturnReason.FAULTY, Handover.PICK_UP)
    assert (await _got(shop, second)).status is ReturnStatus.AUTHORISED


async def test_what_is_on_its_way_does_not_lapse(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    number = await _return(shop, COAT, ReturnReason.NO_LONGER_WANTED, Handover.DROP_OFF)
    async with engine.begin() as connection:
        returns = tables.returns
        await connection.execute(
            update(returns).where(returns.c.number == number).values(status="sent_back")
        )
    clock.advance(timedelta(days=60))
    await _lapse(engine, clock)
    assert (await _got(shop, number)).status is ReturnStatus.SENT_BACK


async def test_a_lapse_changes_nothing_else_in_the_shop(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    number = await _return(shop, COAT, ReturnReason.NO_LONGER_WANTED, Handover.DROP_OFF)
    await _till_the_last_second(shop, engine, clock, number)
    before = await export_shop(engine)
    clock.advance(SOON)
    await _lapse(engine, clock)
    after = await export_shop(engine)
    for export in (before, after):
        for order in export["orders"]:
            for one in order.get("returns", ()):
                lapsed = one.pop("status") if one["number"] == number else None
                assert lapsed in (None, "authorised", "expired")
    assert after == before


async def test_an_exchange_that_was_not_sent_lapses_and_frees_what_was_set_aside(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    endings = ExchangeEndings(engine, clock, ShopRules())
    await endings.forget_idle_since(clock.now() + timedelta(days=60))
    before = await export_shop(engine)
    wanted = [ExchangeRequestLine(SHIRT, 1, "linen-shirt-3")]
    wish = ExchangeWish(ReturnReason.WRONG_SIZE)
    draft = await shop.refunds.prepare_exchange(WU, CLOTHES, wanted, wish)
    made = await shop.refunds.commit_exchange(WU, draft.id)
    clock.advance(made.send_by - clock.now())

    assert sum(await asyncio.gather(*(endings.forget_idle_since(clock.now()) for _ in "ab"))) == 1

    (lapsed,) = await shop.refunds.exchanges_of(WU, CLOTHES)
    assert lapsed.status is ExchangeStatus.EXPIRED
    after = await export_shop(engine)
    for order in after["orders"]:
        if order["number"] == CLOTHES:
            del order["exchanges"]
    assert after == before
