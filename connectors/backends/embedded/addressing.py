"""Changes of address in the embedded shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.customers import load_addresses
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.orders import owned_order
from connectors.backends.orders.addressing import (
    AddressChange,
    AddressDraft,
    AddressRefusal,
    order_refusal,
    refusal_for,
)
from connectors.backends.orders.model import Address
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import Refused

_DEFAULT = "default"


@dataclass(frozen=True)
class EmbeddedAddressChanges:
    """(see AddressChanges)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def refusal(self, customer_id: str, order_number: str) -> AddressRefusal | None:
        """(see AddressChanges)"""
        async with read(self.engine) as connection:
            order = await owned_order(connection, customer_id, order_number)
        return order_refusal(order, self.rules.addressing)

    async def prepare_address(
        self, customer_id: str, order_number: str | None, address: Address
    ) -> AddressDraft:
        """(see AddressChanges)"""
        now = self.clock.now()
        expires_at = now + timedelta(minutes=self.rules.addressing.draft_minutes)
        async with write(self.engine) as connection:
            number, before = await self._before(connection, customer_id, order_number)
            self._check(before, address, of_order=number is not None)
            draft_id = await keep_draft(
                connection,
                Verb.CHANGE_ADDRESS,
                customer_id,
                number or _DEFAULT,
                request={"address": address},
                terms={"before": before, "after": address},
                now=now,
                expires_at=expires_at,
            )
        return AddressDraft(draft_id, customer_id, number, before, address, expires_at)

    async def commit_address(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> AddressChange:
        """(see AddressChanges)"""
        return await commit_draft(
            self.engine,
            Verb.CHANGE_ADDRESS,
            customer_id,
            draft_id,
            AddressChange,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[AddressChange]:
        address = msgspec.convert(draft.request["address"], Address)
        wanted = None if draft.subject == _DEFAULT else draft.subject
        number, before = await self._before(connection, draft.customer_id, wanted, lock=True)
        self._check(before, address, of_order=number is not None)
        if number is None:
            await _make_default(connection, draft, address)
        else:
            await connection.execute(
                update(tables.orders)
                .where(tables.orders.c.number == number)
                .values(address=msgspec.to_builtins(address))
            )
        return Done(
            result=AddressChange(number, before, address, self.clock.now()),
            terms={"before": before, "after": address},
            subject=number or draft.customer_id,
            rule="addressing.while_packing" if number else "addressing.default",
            before=before,
            after=address,
        )

    async def _before(
        self,
        connection: AsyncConnection,
        customer_id: str,
        order_number: str | None,
        lock: bool = False,
    ) -> tuple[str | None, Address | None]:
        """The number as it is stored and the address that stands now; raises Refused."""
        if order_number is None:
            book = await load_addresses(connection, customer_id)
            default = next((one.address for one in book if one.is_default), None)
            return None, default
        order = await owned_order(connection, customer_id, order_number, lock=lock)
        refused = order_refusal(order, self.rules.addressing)
        if refused is not None:
            raise Refused(refused)
        return order.number, order.address

    def _check(self, before: Address | None, after: Address, *, of_order: bool) -> None:
        refused = refusal_for(before, after, self.rules.addressing, of_order=of_order)
        if refused is not None:
            raise Refused(refused)


async def _make_default(connection: AsyncConnection, draft: Prepared, address: Address) -> None:
    book = tables.addresses
    known = next(
        (
            one.id
            for one in await load_addresses(connection, draft.customer_id)
            if one.address == address
        ),
        None,
    )
    mine = book.c.customer_id == draft.customer_id
    await connection.execute(update(book).where(mine).values(is_default=False))
    if known is not None:
        await connection.execute(update(book).where(book.c.id == known).values(is_default=True))
        return
    last = await connection.scalar(select(func.max(book.c.position)).where(mine))
    await connection.execute(
        insert(book).values(
            id=f"AD-{draft.id[6:]}",
            customer_id=draft.customer_id,
            position=0 if last is None else last + 1,
            label=address.district or address.city,
            address=msgspec.to_builtins(address),
            is_default=True,
        )
    )
