"""The doors of pushes: what is refused, what is kept, and how the shop's parcels change by it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from connectors.backends.carriers.model import ShipmentStatus, Signature
from connectors.backends.orders.model import OrderStatus
from connectors.channels.inbox import Callback, Inbox
from connectors.pushes.door import LONGEST_BODY
from kernel.database import make_engine
from tests.pushes.conftest import MOVING, NOW, PREPARING, World
from tests.pushes.formats import FORMATS, Format, Request, Scan, WebhookFormat, trip

S = ShipmentStatus
SOON = NOW - timedelta(minutes=30)
every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


@every_format
async def test_a_push_changes_the_shops_parcel_once_however_often_it_comes(
    world: World, form: Format
) -> None:
    before = await world.parcel()
    request = form.push(before.tracking_number, trip(SOON, S.OUT_FOR_DELIVERY), world.clock.now())
    answers = [await world.push(form.name, request) for _ in range(10)]
    assert answers == [(200, form.vendor().answer(accepted=True))] * 10
    await world.worked_off()
    after = await world.parcel()
    assert after.status is S.OUT_FOR_DELIVERY
    assert len(after.events) == len(before.events) + 1
    assert after.events[0].at == SOON


@every_format
async def test_events_that_come_late_are_put_where_they_belong(world: World, form: Format) -> None:
    number = (await world.parcel()).tracking_number
    delivered, under_way = trip(SOON, S.OUT_FOR_DELIVERY, S.DELIVERED)
    world.clock.advance(timedelta(hours=2))
    now = world.clock.now()
    await world.push(form.name, form.push(number, [delivered], now))
    await world.worked_off()
    await world.push(form.name, form.push(number, [under_way], now))
    await world.worked_off()
    parcel = await world.parcel()
    assert parcel.status is S.DELIVERED
    assert parcel.signature is Signature.RECIPIENT
    assert [one.status for one in parcel.events[:2]] == [S.DELIVERED, S.OUT_FOR_DELIVERY]
    assert [one.at for one in parcel.events] == sorted(
        (one.at for one in parcel.events), reverse=True
    )
    order = await world.shop.orders.get(MOVING)
    assert order.status is OrderStatus.DELIVERED
    assert order.parcels[0].delivered_at == delivered.at


@every_format
async def test_a_bad_push_is_refused_and_leaves_no_trace(world: World, form: Format) -> None:
    before = await world.parcel()
    now = world.clock.now()
    scans = trip(SOON, S.DELIVERED)
    forged = form.push(before.tracking_number, scans, now, key="guessed")
    broken = form.raw("{", now)
    huge = Request({}, b"param=" + b"x" * LONGEST_BODY)
    with capture_logs() as lines:
        statuses = [
            (await world.push(form.name, one))[0]
            for one in (forged, broken, huge, Request({}, b""))
        ]
        answer = await world.push(form.name, forged)
    assert statuses == [403, 400, 413, 403]
    assert answer[1] == form.vendor().answer(accepted=False)
    assert before.tracking_number not in str(lines)
    await world.worked_off()
    assert await world.parcel() == before


@every_format
async def test_a_parcel_the_shop_does_not_know_is_acknowledged_and_noted(
    world: World, form: Format
) -> None:
    request = form.push("SF0000000000000", trip(SOON, S.DELIVERED), world.clock.now())
    with capture_logs() as lines:
        assert (await world.push(form.name, request))[0] == 200
        await world.worked_off()
    assert [line["event"] for line in lines] == ["push.no_effect"]


@every_format
async def test_an_unknown_status_is_unknown_in_the_shop(world: World, form: Format) -> None:
    number = (await world.parcel()).tracking_number
    scan = Scan(SOON, S.UNKNOWN, "？？", word="8888")
    await world.push(form.name, form.push(number, [scan], world.clock.now()))
    await world.worked_off()
    parcel = await world.parcel()
    assert parcel.status is S.UNKNOWN
    assert parcel.events[0].description == "？？"


async def test_a_push_kept_by_a_process_that_died_is_done_by_another(world: World) -> None:
    form = WebhookFormat()
    number = (await world.parcel()).tracking_number
    request = form.push(number, trip(SOON, S.OUT_FOR_DELIVERY), world.clock.now())
    push = form.vendor().admit(request.headers, request.body, world.clock.now())
    # It kept the push and acknowledged it, and never came to work on it.
    engine = make_engine(world.database_url)
    inbox = Inbox(engine, world.clock, "push:webhook", "the one that died")
    await inbox.put(Callback(push.id, push.subject, push.sent_at, push.payload))
    await engine.dispose()
    assert (await world.push("webhook", request))[0] == 200
    await world.worked_off()
    assert (await world.parcel()).status is not S.OUT_FOR_DELIVERY
    world.clock.advance(timedelta(seconds=30))
    await world.start()
    async with asyncio.timeout(30):
        while (await world.parcel()).status is not S.OUT_FOR_DELIVERY:
            await asyncio.sleep(0.05)


async def test_the_warehouse_says_that_an_order_has_left(world: World) -> None:
    form = WebhookFormat()
    fields = {"order_number": PREPARING, "carrier": "sf", "tracking_number": "SF9000000000001"}
    request = form.event("order.shipped", world.clock.now(), id="e1", at=SOON.isoformat(), **fields)
    again = form.event("order.shipped", world.clock.now(), id="e2", at=SOON.isoformat(), **fields)
    assert (await world.push("webhook", request))[0] == 200
    assert (await world.push("webhook", again))[0] == 200
    await world.worked_off()
    order = await world.shop.orders.get(PREPARING)
    assert order.status is OrderStatus.SHIPPED
    assert [one.tracking_number for one in order.parcels] == ["SF9000000000001"]
    assert order.unsent() == ()
    await world.push(
        "webhook", form.push("SF9000000000001", trip(SOON, S.PICKED_UP), world.clock.now())
    )
    await world.worked_off()
    assert (await world.parcel(PREPARING)).status is S.PICKED_UP
