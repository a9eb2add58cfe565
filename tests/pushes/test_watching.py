"""Parcels are subscribed, or asked about by ourselves, at a vendor's server in a box."""

from __future__ import annotations

from datetime import timedelta

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from connectors.backends.carriers.model import ShipmentStatus
from connectors.backends.news.model import NewsKind
from connectors.watching import tables
from connectors.watching.kuaidi100 import CarrierThere
from connectors.watching.port import Way
from connectors.watching.watches import Watches, WatchState
from kernel.database import make_engine
from tests.pushes.conftest import HALF_AN_HOUR, MINUTE, PACE, PREPARING, Office

S = ShipmentStatus


async def test_migrations_build_the_table_that_the_code_expects(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        def ours(name: str | None, kind: str, _parents: object) -> bool:
            return kind != "table" or str(name).startswith("watch_")

        options = {"include_name": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.metadata))

    engine = make_engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_carrier_that_does_not_push_is_asked_and_the_shopper_is_told(
    office: Office,
) -> None:
    world, server = office.world, office.server
    office.carriers = {"jd": CarrierThere("jd", Way.POLL)}
    lin = await world.shopper()
    await world.wants(lin, NewsKind.OUT_FOR_DELIVERY)
    number = await office.sent("JD0000000000001")
    watcher = office.watcher()
    await office.round(watcher)
    assert (await office.state(number), server.asked[number]) == (WatchState.ASKED, 1)
    server.scan(number, world.clock.now(), "501", "已到驿站，取件码6-2-1234")
    world.clock.advance(HALF_AN_HOUR - MINUTE)
    await office.round(watcher)
    assert server.asked[number] == 1
    world.clock.advance(MINUTE)
    await office.round(watcher)
    await world.tell()
    (told,) = await world.news_in(lin)
    assert "取件码 6-2-1234" in told.content.text
    assert server.too_soon == []


async def test_however_often_it_starts_anew_a_number_is_never_asked_about_too_soon(
    office: Office,
) -> None:
    office.carriers = {"jd": CarrierThere("jd", Way.POLL, every_minutes=45)}
    number = await office.sent("JD0000000000001")
    await office.world.start()
    for _ in range(10):
        # Two replicas that have just started, every nine minutes.
        for replica in (0, 1):
            await office.round(office.watcher(replica))
        office.world.clock.advance(MINUTE * 9)
    assert office.server.asked[number] == 2
    assert office.server.too_soon == []


async def test_a_carrier_that_is_down_keeps_nobody_waiting_and_is_asked_ever_less(
    office: Office,
) -> None:
    world, server = office.world, office.server
    office.carriers = {
        "jd": CarrierThere("jd", Way.POLL),
        "sf": CarrierThere("shunfeng", Way.POLL, phone=True),
    }
    server.down = {"shunfeng"}
    number = await office.sent("JD0000000000001")
    watcher = office.watcher()
    await watcher.look()
    due = await Watches(world.replicas[0].engine, world.clock).due()
    assert set(due) == {"jd", "sf"}
    await office.round(watcher)
    # Of the silent carrier one batch was asked about, of the other one everything.
    assert (server.asked[number], server.asked_of["shunfeng"]) == (1, PACE.at_once)
    for _ in range(8):
        world.clock.advance(HALF_AN_HOUR)
        await office.round(watcher)
    assert server.asked[number] == 9
    assert server.too_soon == []
    server.down = set()
    world.clock.advance(timedelta(hours=6))
    await office.round(watcher)
    assert all(len(phone) == 4 for phone in server.phones.values())
    assert len(server.phones) > PACE.at_once


async def test_a_parcel_that_is_sent_is_subscribed_once_and_its_pushes_are_believed(
    office: Office,
) -> None:
    world, server = office.world, office.server
    office.carriers = {"sf": CarrierThere("shunfeng", phone=True)}
    lin = await world.shopper()
    await world.wants(lin, NewsKind.DELIVERED)
    number = await office.sent("SF9000000000001", "sf")
    server.says[number] = ["500", "500"]
    watcher = office.watcher()
    for _ in range(4):
        await office.round(watcher)
        world.clock.advance(timedelta(minutes=3))
    assert await office.state(number) is WatchState.SUBSCRIBED
    assert server.subscribed[number] == 3
    phone = (await world.shop.orders.get(PREPARING)).address.phone
    assert server.phones[number] == phone[-4:]
    server.scan(number, world.clock.now(), "301", "已签收")
    assert await server.push(number) == 200
    await world.tell()
    (told,) = await world.news_in(lin)
    assert number in told.content.text
    world.clock.advance(timedelta(days=1))
    await office.round(watcher)
    assert await office.state(number) is None
    assert server.subscribed[number] == 3


async def test_a_subscription_that_the_vendor_ends_is_made_anew_but_not_for_ever(
    office: Office,
) -> None:
    world, server = office.world, office.server
    office.carriers = {"jd": CarrierThere("jd")}
    number = await office.sent("JD0000000000001")
    watcher = office.watcher()
    await office.round(watcher)
    for time in range(PACE.subscriptions + 2):
        assert await server.push(number, "abort", f"3天查询无记录（{time}）") == 200
        await world.worked_off()
        world.clock.advance(MINUTE)
        await office.round(watcher)
        world.clock.advance(HALF_AN_HOUR)
        await office.round(watcher)
    assert await office.state(number) is WatchState.GIVEN_UP
    # The vendor still knew the parcel: a repeated subscription counts as one.
    assert server.subscribed[number] == PACE.subscriptions


async def test_what_cannot_be_subscribed_is_asked_about(office: Office) -> None:
    office.carriers = {"jd": CarrierThere("jd")}
    number = await office.sent("JD0000000000001")
    office.server.says[number] = ["701"]
    watcher = office.watcher()
    await office.round(watcher)
    assert await office.state(number) is WatchState.ASKED
    assert (office.server.subscribed[number], office.server.asked[number]) == (1, 1)


async def test_an_account_that_is_refused_and_a_code_nobody_knows_are_tried_again_later(
    office: Office,
) -> None:
    office.carriers = {"jd": CarrierThere("jd", Way.POLL)}
    number = await office.sent("JD0000000000001")
    office.server.says[number] = ["601", "31415"]
    office.server.scan(number, office.world.clock.now(), "1002", "运输中")
    watcher = office.watcher()
    for asked in (1, 2, 3):
        await office.round(watcher)
        await office.round(watcher)
        assert office.server.asked[number] == asked
        office.world.clock.advance(HALF_AN_HOUR * 2)
    parcel = await office.world.shop.carriers.track(number)
    assert parcel.status is S.IN_TRANSIT
