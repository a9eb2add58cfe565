"""Requests to carriers of the embedded shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.carriers.intercepting import (
    InterceptDraft,
    InterceptRefusal,
    order_refusal,
    refusal_for,
)
from connectors.backends.carriers.model import Intercept, InterceptKind, InterceptStatus
from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.carriers import load_shipment
from connectors.backends.embedded.counters import next_number
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.orders import number_key, owned_order
from connectors.backends.orders.model import Address, Order
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused


@dataclass(frozen=True)
class EmbeddedIntercepts:
    """(see Intercepts)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def prepare_intercept(
        self,
        customer_id: str,
        order_number: str,
        kind: InterceptKind,
        address: Address | None = None,
    ) -> InterceptDraft:
        """(see Intercepts)"""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=self.rules.intercepting.draft_minutes)
        async with write(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
            parcels, unreachable = await self._reachable(connection, order)
            draft_id = await keep_draft(
                connection,
                Verb.INTERCEPT,
                customer_id,
                order.number,
                request={"kind": kind, "address": address},
                terms=_terms(kind, parcels, address),
                now=now,
                expires_at=expires_at,
            )
        return InterceptDraft(
            id=draft_id,
            customer_id=customer_id,
            order_number=order.number,
            kind=kind,
            parcels=parcels,
            unreachable=unreachable,
            address=address,
            answer_by=self._answer_by(now),
            expires_at=expires_at,
        )

    async def commit_intercept(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> tuple[Intercept, ...]:
        """(see Intercepts)"""
        made = await commit_draft(
            self.engine,
            Verb.INTERCEPT,
            customer_id,
            draft_id,
            list[Intercept],
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )
        return tuple(made)

    async def intercepts_of(self, customer_id: str, order_number: str) -> tuple[Intercept, ...]:
        """(see Intercepts)"""
        asked, orders = tables.intercepts, tables.orders
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(asked)
                .join(orders, orders.c.number == asked.c.order_number)
                .where(
                    asked.c.order_number == number_key(order_number),
                    orders.c.customer_id == customer_id,
                )
                .order_by(asked.c.requested_at.desc(), asked.c.number.desc())
            )
            return tuple(_intercept(row) for row in rows.mappings())

    async def _carry_out(
        self, connection: AsyncConnection, draft: Prepared
    ) -> Done[list[Intercept]]:
        now = self.clock.now()
        order = await owned_order(connection, draft.customer_id, draft.subject, lock=True)
        kind = InterceptKind(draft.request["kind"])
        address = msgspec.convert(draft.request["address"], Address | None)
        parcels, _ = await self._reachable(connection, order)
        made = [
            Intercept(
                number=await next_number(connection, "intercept", now),
                order_number=order.number,
                tracking_number=parcel,
                kind=kind,
                status=InterceptStatus.REQUESTED,
                requested_at=now,
                answer_by=self._answer_by(now),
            )
            for parcel in parcels
        ]
        for one in made:
            await _insert(connection, one, address)
        return Done(
            result=made,
            terms=_terms(kind, parcels, address),
            subject=order.number,
            rule="intercepting",
            before={"status": order.status},
            after={"kind": kind, "parcels": {one.tracking_number: one.number for one in made}},
        )

    async def _reachable(
        self, connection: AsyncConnection, order: Order
    ) -> tuple[tuple[str, ...], tuple[tuple[str, InterceptRefusal], ...]]:
        """Parcels that can be asked for, and the others with the reason; raises Refused if none."""
        whole = order_refusal(order)
        if whole is not None:
            raise Refused(whole)
        rows = await connection.execute(
            select(tables.intercepts).where(tables.intercepts.c.order_number == order.number)
        )
        asked = [_intercept(row) for row in rows.mappings()]
        good, bad = [], []
        for parcel in order.parcels:
            shipment = await load_shipment(connection, parcel.tracking_number)
            refusal = refusal_for(shipment, asked, self.rules.intercepting)
            if refusal is None:
                good.append(parcel.tracking_number)
            else:
                bad.append((parcel.tracking_number, refusal))
        if not good:
            raise Refused(bad[0][1], bad[0][0])
        return tuple(good), tuple(bad)

    def _answer_by(self, now: datetime) -> datetime:
        return now + timedelta(hours=self.rules.intercepting.answer_hours)


def _terms(
    kind: InterceptKind, parcels: tuple[str, ...], address: Address | None
) -> dict[str, Any]:
    return {"kind": kind, "parcels": parcels, "address": address}


async def _insert(connection: AsyncConnection, made: Intercept, address: Address | None) -> None:
    await connection.execute(
        insert(tables.intercepts).values(
            number=made.number,
            order_number=made.order_number,
            tracking_number=made.tracking_number,
            kind=made.kind.value,
            status=made.status.value,
            address=None if address is None else msgspec.to_builtins(address),
            requested_at=made.requested_at,
            answer_by=made.answer_by,
        )
    )


def _intercept(row: RowMapping) -> Intercept:
    return Intercept(
        number=row["number"],
        order_number=row["order_number"],
        tracking_number=row["tracking_number"],
        kind=InterceptKind(row["kind"]),
        status=InterceptStatus(row["status"]),
        requested_at=row["requested_at"],
        answer_by=row["answer_by"],
    )
