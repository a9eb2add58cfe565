"""What other systems tell of the embedded shop's parcels and refunds, written down once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.carriers.model import Shipment, ShipmentStatus, TrackingEvent
from connectors.backends.carriers.reports import (
    CarrierReport,
    Dispatch,
    Recorded,
    merged,
    status_after,
)
from connectors.backends.embedded import tables
from connectors.backends.embedded.carriers import load_shipment
from connectors.backends.embedded.database import write
from connectors.backends.embedded.news import note_news
from connectors.backends.embedded.orders import load_orders, number_key
from connectors.backends.embedded.return_rows import refund_of
from connectors.backends.embedded.service_tables import price_claims
from connectors.backends.news.model import (
    NewsKind,
    news_of_dispatch,
    news_of_refund,
    news_of_shipment,
)
from connectors.backends.offers.model import ClaimStatus
from connectors.backends.orders.model import ORDER_LIFE_CYCLE, Order, OrderStatus
from connectors.backends.refunds.model import REFUND_LIFE_CYCLE, Refund, RefundStatus
from connectors.backends.refunds.reports import RefundReport
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import InvalidTransition, NotFound

# On the way to being sent, an order may skip what nobody told us of.
_TO_SHIPPED = {
    OrderStatus.PAID: (OrderStatus.PREPARING, OrderStatus.SHIPPED),
    OrderStatus.PREPARING: (OrderStatus.SHIPPED,),
    OrderStatus.PARTLY_SHIPPED: (OrderStatus.SHIPPED,),
}


@dataclass(frozen=True)
class EmbeddedReports:
    """(see CarrierReports, RefundReports)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def record(self, report: CarrierReport) -> Recorded:
        """(see CarrierReports) The news in it is noted in the same transaction."""
        key = number_key(report.tracking_number)
        async with write(self.engine) as connection:
            order = await _order_of_parcel(connection, key)
            before = await load_shipment(connection, key)
            events, fresh = merged(before.events, report.events)
            await self._append(connection, key, fresh)
            status = status_after(events, before.status)
            await connection.execute(
                update(tables.parcels)
                .where(tables.parcels.c.tracking_number == key)
                .values(**_told(report, before, status))
            )
            after = await load_shipment(connection, key)
            await self._follow_delivery(connection, order, after)
            recorded = Recorded(order.number, order.customer_id, before, after, fresh)
            zone = ZoneInfo(self.rules.timezone)
            await note_news(connection, news_of_shipment(recorded, zone), self.clock.now())
        return recorded

    async def dispatch(self, dispatch: Dispatch) -> bool:
        """(see CarrierReports)"""
        key, number = number_key(dispatch.tracking_number), number_key(dispatch.order_number)
        async with write(self.engine) as connection:
            order = await _locked(connection, number)
            known = select(tables.parcels.c.order_number).where(
                tables.parcels.c.tracking_number == key
            )
            if await connection.scalar(known) is not None:
                return False
            carriers = tables.carriers
            code = dispatch.carrier.strip().lower()
            if (
                await connection.scalar(select(carriers.c.code).where(carriers.c.code == code))
                is None
            ):
                raise NotFound("carrier")
            await self._send(connection, order, key, code, dispatch.at)
            shipment = await load_shipment(connection, key)
            news = news_of_dispatch(shipment, order.number, order.customer_id, dispatch.at)
            await note_news(connection, [news], self.clock.now())
        return True

    async def refund_moved(self, report: RefundReport) -> bool:
        """(see RefundReports)"""
        refunds = tables.refunds
        async with write(self.engine) as connection:
            question = select(refunds).where(refunds.c.number == number_key(report.number))
            row = (await connection.execute(question.with_for_update())).mappings().first()
            if row is None:
                raise NotFound("refund")
            refund = refund_of(row)
            if refund.status is report.status:
                return False
            status = refund.status
            if (status, report.status) == (RefundStatus.REQUESTED, RefundStatus.COMPLETED):
                # Nobody told us that it was being worked on, so it was.
                status = REFUND_LIFE_CYCLE.move(status, RefundStatus.PROCESSING)
            status = REFUND_LIFE_CYCLE.move(status, report.status)
            completed_at = report.at if status is RefundStatus.COMPLETED else None
            await connection.execute(
                update(refunds)
                .where(refunds.c.number == refund.number)
                .values(status=status.value, completed_at=completed_at)
            )
            kind = await _kind_of(connection, refund)
            news = news_of_refund(refund, status, kind, report.at)
            await note_news(connection, news, self.clock.now())
        return True

    async def _send(
        self, connection: AsyncConnection, order: Order, key: str, carrier: str, at: datetime
    ) -> None:
        unsent = order.unsent()
        if order.status not in _TO_SHIPPED or not unsent:
            raise InvalidTransition(f"{order.status.value} to shipped")
        status = order.status
        for step in _TO_SHIPPED[order.status]:
            status = ORDER_LIFE_CYCLE.move(status, step)
        fulfilment = f"{order.number}-f{len(order.fulfilments) + 1}"
        position = len(order.fulfilments) + 1
        await connection.execute(
            insert(tables.fulfilments).values(
                id=fulfilment, order_number=order.number, position=position
            )
        )
        rows = [
            {
                "fulfilment_id": fulfilment,
                "line_id": part.line_id,
                "position": place,
                "quantity": part.quantity,
            }
            for place, part in enumerate(unsent, start=1)
        ]
        await connection.execute(insert(tables.fulfilment_lines), rows)
        await connection.execute(
            insert(tables.parcels).values(
                tracking_number=key,
                fulfilment_id=fulfilment,
                order_number=order.number,
                position=position,
                carrier=carrier,
                shipped_at=at,
                status=ShipmentStatus.ANNOUNCED.value,
                announced_at=at,
            )
        )
        await _set_status(connection, order.number, status)

    async def _append(
        self, connection: AsyncConnection, key: str, fresh: Sequence[TrackingEvent]
    ) -> None:
        """Add events; of two at the same moment the lower position is the newer one."""
        if not fresh:
            return
        events = tables.tracking_events
        lowest = await connection.scalar(
            select(func.min(events.c.position)).where(events.c.tracking_number == key)
        )
        first = (1 if lowest is None else lowest) - len(fresh)
        rows = [
            {
                "tracking_number": key,
                "position": first + place,
                "at": event.at,
                "status": event.status.value,
                "place": event.where,
                "description": event.description,
            }
            for place, event in enumerate(fresh)
        ]
        await connection.execute(insert(events), rows)

    async def _follow_delivery(
        self, connection: AsyncConnection, order: Order, shipment: Shipment
    ) -> None:
        """The order is delivered when its last parcel is."""
        parcels = tables.parcels
        if shipment.delivered_at is None:
            return
        await connection.execute(
            update(parcels)
            .where(parcels.c.tracking_number == shipment.tracking_number)
            .values(delivered_at=shipment.delivered_at)
        )
        still_out = select(parcels.c.tracking_number).where(
            parcels.c.order_number == order.number, parcels.c.delivered_at.is_(None)
        )
        if order.status is OrderStatus.SHIPPED and await connection.scalar(still_out) is None:
            await _set_status(
                connection, order.number, ORDER_LIFE_CYCLE.move(order.status, OrderStatus.DELIVERED)
            )


def _told(report: CarrierReport, before: Shipment, status: ShipmentStatus) -> dict[str, object]:
    """What the report says of the parcel itself; what it is silent on stays."""
    values: dict[str, object] = {"status": status.value}
    if report.signature is not None:
        values["signature"] = report.signature.value
    if report.expected_by is not None:
        values["expected_by"] = report.expected_by
    pickup = report.pickup
    if pickup is not None and (before.pickup is None or before.pickup.code != pickup.code):
        values |= {
            "pickup_code": pickup.code,
            "pickup_place": pickup.place,
            "pickup_until": pickup.until,
        }
    return values


async def _kind_of(connection: AsyncConnection, refund: Refund) -> NewsKind:
    """What the money is for: that of a claim is asked back in the moment it is granted."""
    claims = await connection.execute(
        select(price_claims).where(
            price_claims.c.order_number == refund.order_number,
            price_claims.c.status == ClaimStatus.GRANTED.value,
            price_claims.c.decided_at == refund.requested_at,
        )
    )
    for claim in claims.mappings():
        if any(part["payment"] == refund.payment_id for part in claim["tenders"]):
            return NewsKind.PRICE_PROTECTION
    return NewsKind.REFUND_ARRIVED


async def _order_of_parcel(connection: AsyncConnection, key: str) -> Order:
    """The order of a parcel; nobody else changes either until we are done. Raises NotFound."""
    parcels = tables.parcels
    number = await connection.scalar(
        select(parcels.c.order_number).where(parcels.c.tracking_number == key)
    )
    if number is None:
        raise NotFound("shipment")
    return await _locked(connection, number)


async def _locked(connection: AsyncConnection, number: str) -> Order:
    orders = tables.orders
    question = select(orders.c.number).where(orders.c.number == number).with_for_update()
    if await connection.scalar(question) is None:
        raise NotFound("order")
    return (await load_orders(connection, [number]))[0]


async def _set_status(connection: AsyncConnection, number: str, status: OrderStatus) -> None:
    orders = tables.orders
    await connection.execute(
        update(orders).where(orders.c.number == number).values(status=status.value)
    )
