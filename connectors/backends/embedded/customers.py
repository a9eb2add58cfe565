"""Customers of the embedded shop, and proofs of identity that cannot be tried without end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.customers.codes import OneTimeCodes
from connectors.backends.customers.model import (
    CodeSent,
    Customer,
    Proof,
    StoredAddress,
    StoredTender,
    Verification,
)
from connectors.backends.embedded import tables
from connectors.backends.embedded.codes import EmbeddedCodes
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.keys import digits_of, email_key, name_key, postcode_key
from connectors.backends.embedded.orders import number_key
from connectors.backends.embedded.proving import Attempt, Attempts, customer_of, same
from connectors.backends.orders.model import Address, Tender
from connectors.backends.rules import IdentityRules
from kernel.clock import Clock
from kernel.errors import NotFound
from kernel.money import Money


@dataclass(frozen=True)
class EmbeddedCustomers:
    """(see Customers)"""

    engine: AsyncEngine
    clock: Clock
    rules: IdentityRules
    codes: OneTimeCodes | None = None

    async def get(self, customer_id: str) -> Customer:
        """(see Customers)"""
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(tables.customers).where(tables.customers.c.id == customer_id)
            )
            row = rows.mappings().first()
        if row is None:
            raise NotFound("customer")
        return customer_of(row)

    async def addresses_of(self, customer_id: str) -> tuple[StoredAddress, ...]:
        """(see Customers)"""
        async with read(self.engine) as connection:
            return await load_addresses(connection, customer_id)

    async def tenders_of(self, customer_id: str) -> tuple[StoredTender, ...]:
        """(see Customers)"""
        async with read(self.engine) as connection:
            return await load_tenders(connection, customer_id)

    async def by_order_and_phone(
        self, conversation_id: str, order_number: str, last4: str, channel: str = ""
    ) -> Verification:
        """(see Customers)"""
        number = number_key(order_number)
        question = (
            select(tables.customers)
            .join(tables.orders, tables.orders.c.customer_id == tables.customers.c.id)
            .where(tables.orders.c.number == number)
        )
        attempt = Attempt(conversation_id, channel, f"order:{number}", Proof.ORDER_AND_PHONE)
        async with write(self.engine) as connection:
            allowed = await self._attempts.begin(connection, attempt)
            if allowed.locked_until is not None:
                return allowed
            row = (await connection.execute(question)).mappings().first()
            # Not the address' phone: whoever is sent a gift would see all of the buyer's orders.
            matches = same(_last4(row["phone"] if row else ""), _last4(last4))
            return await self._attempts.outcome(connection, attempt, allowed, row, matches=matches)

    async def by_email_and_name(
        self, conversation_id: str, email: str, name: str, channel: str = ""
    ) -> Verification:
        """(see Customers)"""
        key = email_key(email)
        question = select(tables.customers).where(tables.customers.c.email_key == key)
        attempt = Attempt(conversation_id, channel, f"email:{key}", Proof.EMAIL_AND_NAME)
        async with write(self.engine) as connection:
            allowed = await self._attempts.begin(connection, attempt)
            if allowed.locked_until is not None:
                return allowed
            row = (await connection.execute(question)).mappings().first()
            matches = same(row["name_key"] if row else "", name_key(name))
            return await self._attempts.outcome(connection, attempt, allowed, row, matches=matches)

    async def by_name_and_postcode(
        self, conversation_id: str, name: str, postcode: str, channel: str = ""
    ) -> Verification:
        """(see Customers)"""
        key = name_key(name)
        question: Select[Any] = (
            select(tables.customers)
            .where(
                tables.customers.c.name_key == key,
                tables.customers.c.postcode_key == postcode_key(postcode),
            )
            .limit(2)
        )
        attempt = Attempt(conversation_id, channel, f"name:{key}", Proof.NAME_AND_POSTCODE)
        async with write(self.engine) as connection:
            allowed = await self._attempts.begin(connection, attempt)
            if allowed.locked_until is not None:
                return allowed
            rows = (await connection.execute(question)).mappings().all()
            row = rows[0] if len(rows) == 1 else None
            return await self._attempts.outcome(
                connection, attempt, allowed, row, matches=row is not None
            )

    async def send_code(self, conversation_id: str, contact: str, channel: str = "") -> CodeSent:
        """(see Customers)"""
        return await self._codes.send(conversation_id, contact, channel)

    async def by_code(
        self, conversation_id: str, contact: str, code: str, channel: str = ""
    ) -> Verification:
        """(see Customers)"""
        return await self._codes.verify(conversation_id, contact, code, channel)

    @property
    def _attempts(self) -> Attempts:
        return Attempts(self.clock, self.rules)

    @property
    def _codes(self) -> EmbeddedCodes:
        return EmbeddedCodes(self.engine, self.clock, self.rules, self.codes)


def _last4(phone: str) -> str:
    digits = digits_of(phone)
    return digits[-4:] if len(digits) >= 4 else ""


async def load_addresses(
    connection: AsyncConnection, customer_id: str
) -> tuple[StoredAddress, ...]:
    """The customer's address book, the default address first."""
    book = tables.addresses
    rows = await connection.execute(
        select(book)
        .where(book.c.customer_id == customer_id)
        .order_by(book.c.is_default.desc(), book.c.position)
    )
    return tuple(
        StoredAddress(row["id"], row["label"], Address(**row["address"]), row["is_default"])
        for row in rows.mappings()
    )


async def load_tenders(
    connection: AsyncConnection, customer_id: str, lock: bool = False
) -> tuple[StoredTender, ...]:
    """What the customer has on file; with ``lock``, nobody else changes a balance meanwhile."""
    stored = tables.stored_tenders
    question = select(stored).where(stored.c.customer_id == customer_id).order_by(stored.c.position)
    rows = await connection.execute(question.with_for_update() if lock else question)
    return tuple(_tender(row) for row in rows.mappings())


def _tender(row: RowMapping) -> StoredTender:
    balance = None
    if row["balance_minor"] is not None:
        balance = Money(row["balance_minor"], row["currency"])
    return StoredTender(row["id"], Tender(row["tender"]), row["hint"], balance, row["expires_on"])
