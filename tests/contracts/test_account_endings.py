"""Accounts whose customers want them deleted end when the days to think are over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.accounts.model import AccountStatus, AccountStep
from connectors.backends.embedded import tables
from connectors.backends.embedded.account_endings import AccountEndings
from connectors.backends.embedded.exchange import export_shop, import_shop
from connectors.backends.embedded.service_tables import coupons
from connectors.backends.shop import Shop
from kefu.retention import forget_daily
from kernel.clock import SetClock

HE = "C0015"
DAYS = timedelta(days=15)


@asynccontextmanager
async def _kept(engine: AsyncEngine, clock: SetClock, replicas: int = 1) -> AsyncIterator[None]:
    """The keeper of accounts at work, again and again, in so many replicas."""
    endings = AccountEndings(engine, clock)
    works = [
        asyncio.create_task(forget_daily(endings, clock, timedelta(0), 0.01))
        for _ in range(replicas)
    ]
    try:
        yield
    finally:
        for work in works:
            work.cancel()
        await asyncio.wait(works)


async def _ask_for_deletion(shop: Shop) -> None:
    draft = await shop.accounts.prepare(HE, AccountStep.DELETE)
    await shop.accounts.commit(HE, draft.id)


async def _until_deleted(shop: Shop) -> None:
    async with asyncio.timeout(30):
        while (await shop.accounts.get(HE)).status is not AccountStatus.DELETED:
            await asyncio.sleep(0.01)


async def _rounds(shop: Shop) -> AccountStatus:
    """Where the account stands after the keeper has had time for some rounds."""
    await asyncio.sleep(0.2)
    return (await shop.accounts.get(HE)).status


def _of_customer(exported: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in exported["customers"] if one["id"] == HE)
    return found


async def test_an_account_ends_on_its_day_with_all_that_no_law_has_kept(
    shop: Shop, engine: AsyncEngine, clock: SetClock, tmp_path: Path
) -> None:
    customer = await shop.customers.get(HE)
    orders = await shop.orders.latest_of(HE, 9)
    await _ask_for_deletion(shop)
    clock.advance(DAYS - timedelta(seconds=1))
    async with _kept(engine, clock, replicas=3):
        assert await _rounds(shop) is AccountStatus.ENDING
        clock.advance(timedelta(seconds=1))
        await _until_deleted(shop)
        await _rounds(shop)
    ended = await export_shop(engine)
    assert _of_customer(ended) == {
        "id": HE,
        "name": "-",
        "email": f"{HE}@deleted.invalid",
        "phone": "-",
        "language": customer.language,
        "postcode": "-",
        "since": customer.since.isoformat().replace("+00:00", "Z"),
        "level": "",
        "account": {"logins": [], "status": "deleted"},
    }
    assert customer.email not in json.dumps(ended)
    assert [order.number for order in await shop.orders.latest_of(HE, 9)] == [
        order.number for order in orders
    ]
    async with engine.connect() as connection:
        audit = tables.audit
        lines = (await connection.execute(select(audit.c.actor, audit.c.rule))).all()
        drafts = select(func.count()).where(tables.drafts.c.customer_id == HE)
        assert await connection.scalar(drafts) == 0
        kept = select(func.count()).where(coupons.c.customer_id == HE, coupons.c.status != "used")
        assert await connection.scalar(kept) == 0
    assert [tuple(line) for line in lines] == [
        ("shopper", "accounts.cooling_days"),
        ("shop", "accounts.cooling_days"),
    ]
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(ended), encoding="utf-8")
    await import_shop(engine, file)
    assert await export_shop(engine) == ended


async def test_nobody_is_proven_to_be_a_deleted_customer(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    await _ask_for_deletion(shop)
    clock.advance(DAYS)
    async with _kept(engine, clock):
        await _until_deleted(shop)
    proofs = [
        await shop.customers.by_email_and_name("a", f"{HE}@deleted.invalid", "-"),
        await shop.customers.by_name_and_postcode("b", "-", "-"),
    ]
    assert [proof.customer for proof in proofs] == [None, None]


async def test_a_kept_account_stays(shop: Shop, engine: AsyncEngine, clock: SetClock) -> None:
    before = await shop.customers.get(HE)
    await _ask_for_deletion(shop)
    keep = await shop.accounts.prepare(HE, AccountStep.KEEP)
    await shop.accounts.commit(HE, keep.id)
    clock.advance(2 * DAYS)
    async with _kept(engine, clock):
        assert await _rounds(shop) is AccountStatus.ACTIVE
    assert await shop.customers.get(HE) == before


async def test_an_account_waits_for_what_is_open_on_its_day(
    shop: Shop, engine: AsyncEngine, clock: SetClock
) -> None:
    await _ask_for_deletion(shop)
    order = (await shop.orders.latest_of(HE, 1))[0]
    status = tables.orders.c.status
    number = tables.orders.c.number == order.number
    async with engine.begin() as connection:
        await connection.execute(update(tables.orders).where(number).values({status: "shipped"}))
    clock.advance(DAYS)
    async with _kept(engine, clock):
        assert await _rounds(shop) is AccountStatus.ENDING
        async with engine.begin() as connection:
            settled = {status: order.status.value}
            await connection.execute(update(tables.orders).where(number).values(settled))
        await _until_deleted(shop)
