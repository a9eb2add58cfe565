"""Every kind of news by every way in which it comes: told in its order, and known to the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.carriers.reports import Dispatch
from connectors.backends.news.model import NewsKind
from connectors.watching.kuaidi100 import CarrierThere
from connectors.watching.port import Way
from tests.pushes.conftest import HALF_AN_HOUR, PREPARING, Office, World
from tests.pushes.formats import CODES, FORMATS, Scan, WebhookFormat

S = ShipmentStatus
NUMBER = "JD0000000000001"
CODE = "6-2-1234"
# What the carrier says next, None for nothing in three days, and what the shopper reads of it.
ARRIVES: list[tuple[ShipmentStatus | None, str]] = [
    (S.CUSTOMS, "正在清关"),
    (S.OUT_FOR_DELIVERY, "正在派送"),
    (S.AWAITING_PICKUP, f"取件码 {CODE}"),
    (S.DELIVERED, "已签收"),
]
COMES_BACK: list[tuple[ShipmentStatus | None, str]] = [
    (S.IN_TRANSIT, ""),
    (None, "没有新的轨迹"),
    (S.RETURNING, "正在退回我们仓库"),
    (S.RETURNED, "已退回我们仓库"),
]
Says = Callable[[ShipmentStatus], Awaitable[None]]


async def _source(name: str, world: World, office: Office) -> Says:
    """Lets the carrier say something of the parcel that has just left, by the way ``name``."""
    if name == "polling":
        office.carriers = {"jd": CarrierThere("jd", Way.POLL)}
        watcher = office.watcher()
        await office.sent(NUMBER)

        async def is_asked(status: ShipmentStatus) -> None:
            code = f"，取件码{CODE}" if status is S.AWAITING_PICKUP else ""
            office.server.scan(NUMBER, world.clock.now(), CODES[status], f"快件{code}")
            await office.round(watcher)

        return is_asked
    form = next(one for one in FORMATS if one.name == name)
    left = Dispatch(PREPARING, "jd", NUMBER, world.clock.now())
    await world.replicas[0].newsroom.take(left)

    async def pushes(status: ShipmentStatus) -> None:
        now = world.clock.now()
        code = CODE if status is S.AWAITING_PICKUP else ""
        request = form.push(NUMBER, [Scan(now, status, "快件")], now, code=code)
        assert (await world.push(name, request))[0] == 200

    return pushes


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("journey", [ARRIVES, COMES_BACK], ids=["arrives", "comes back"])
@pytest.mark.parametrize("source", ["kuaidi100", "webhook", "polling"])
async def test_news_of_a_parcel_is_told_and_known_however_it_comes(
    world: World, office: Office, source: str, journey: list[tuple[ShipmentStatus | None, str]]
) -> None:
    lin = await world.shopper()
    await world.wants(lin, order=PREPARING)
    says = await _source(source, world, office)
    await world.tell()
    expected = ["已发货"]
    for status, words in journey:
        world.clock.advance(HALF_AN_HOUR if status else timedelta(hours=80))
        if status is not None:
            await says(status)
        await world.tell()
        expected += [words] if words else []
        told = await world.news_in(lin)
        assert len(told) == len(expected), [one.content.text for one in told]
        assert expected[-1] in told[-1].content.text
        known = (await world.desk.conversation(lin.id)).told
        assert known is not None
        assert (known.seq, known.facts) == (told[-1].seq, {"order_number": PREPARING})
    assert all(words in one.content.text for words, one in zip(expected, told, strict=True))
    assert office.server.too_soon == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (NewsKind.REFUND_ARRIVED, "completed", "has gone back to your"),
        (NewsKind.REFUND_ARRIVED, "failed", "could not reach your"),
        (NewsKind.PRICE_PROTECTION, "completed", "The price difference of"),
        (NewsKind.PRICE_PROTECTION, "failed", "The price difference of"),
    ],
)
async def test_money_that_arrives_or_does_not_is_told_and_known(
    world: World, kind: NewsKind, status: str, words: str
) -> None:
    customer, order = "C0014", "KF2601018131"
    if kind is NewsKind.REFUND_ARRIVED:
        customer, order = "C0007", "KF2601018065"
    shopper = await world.shopper("grace", customer, "en")
    await world.wants(shopper, kind, customer=customer)
    if kind is NewsKind.PRICE_PROTECTION:
        draft = await world.shop.offers.prepare_claim(customer, order, [f"{order}-2"])
        await world.shop.offers.commit_claim(customer, draft.id)
    (refund,) = await world.shop.refunds.refunds_of(customer, order)
    now = world.clock.now()
    fields = {"refund_number": refund.number, "status": status, "at": now.isoformat()}
    await world.push("webhook", WebhookFormat().event("refund.update", now, id="e1", **fields))
    await world.tell()
    (told,) = await world.news_in(shopper)
    assert words in told.content.text
    assert ("could not reach" in told.content.text) == (status == "failed")
    known = (await world.desk.conversation(shopper.id)).told
    assert known is not None
    assert (known.seq, known.facts) == (told.seq, {"order_number": order})
