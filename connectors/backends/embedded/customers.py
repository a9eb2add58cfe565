"""Customers of the embedded shop, and proofs of identity that cannot be tried without end."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.accounts.model import AccountStatus
from connectors.backends.customers.model import (
    Customer,
    StoredAddress,
    StoredTender,
    Verification,
)
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read, upsert, write
from connectors.backends.embedded.orders import order_key
from connectors.backends.embedded.service_tables import accounts
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

    async def get(self, customer_id: str) -> Customer:
        """(see Customers)"""
        async with read(self.engine) as connection:
            rows = await connection.execute(
                select(tables.customers).where(tables.customers.c.id == customer_id)
            )
            row = rows.mappings().first()
        if row is None:
            raise NotFound("customer")
        return _customer(row)

    async def addresses_of(self, customer_id: str) -> tuple[StoredAddress, ...]:
        """(see Customers)"""
        async with read(self.engine) as connection:
            return await load_addresses(connection, customer_id)

    async def tenders_of(self, customer_id: str) -> tuple[StoredTender, ...]:
        """(see Customers)"""
        async with read(self.engine) as connection:
            return await load_tenders(connection, customer_id)

    async def by_order_and_phone(
        self, conversation_id: str, order_number: str, last4: str
    ) -> Verification:
        """(see Customers)"""
        number = order_key(order_number)
        question = (
            select(tables.customers)
            .join(tables.orders, tables.orders.c.customer_id == tables.customers.c.id)
            .where(tables.orders.c.number == number)
        )
        async with write(self.engine) as connection:
            allowed = await self._attempt(connection, conversation_id, f"order:{number}")
            if allowed.locked_until is not None:
                return allowed
            row = (await connection.execute(question)).mappings().first()
            # Not the address' phone: whoever is sent a gift would see all of the buyer's orders.
            matches = _same(_last4(row["phone"] if row else ""), _last4(last4))
            return await self._outcome(
                connection, conversation_id, allowed, row if matches else None
            )

    async def by_email_and_name(self, conversation_id: str, email: str, name: str) -> Verification:
        """(see Customers)"""
        key = email_key(email)
        question = select(tables.customers).where(tables.customers.c.email_key == key)
        async with write(self.engine) as connection:
            allowed = await self._attempt(connection, conversation_id, f"email:{key}")
            if allowed.locked_until is not None:
                return allowed
            row = (await connection.execute(question)).mappings().first()
            matches = _same(row["name_key"] if row else "", name_key(name))
            return await self._outcome(
                connection, conversation_id, allowed, row if matches else None
            )

    async def by_name_and_postcode(
        self, conversation_id: str, name: str, postcode: str
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
        async with write(self.engine) as connection:
            allowed = await self._attempt(connection, conversation_id, f"name:{key}")
            if allowed.locked_until is not None:
                return allowed
            rows = (await connection.execute(question)).mappings().all()
            return await self._outcome(
                connection, conversation_id, allowed, rows[0] if len(rows) == 1 else None
            )

    async def _attempt(
        self, connection: AsyncConnection, conversation_id: str, subject: str
    ) -> Verification:
        """Count this attempt; says how many are left in the conversation, or until when none."""
        now = self.clock.now()
        limits = (
            (_conversation(conversation_id), self.rules.attempts_per_conversation),
            (_digest(subject), self.rules.attempts_per_subject),
            (_OVERALL, self.rules.attempts_overall),
        )
        # One order for all writers, so that two of them never wait for each other in a circle.
        counted = {key: await self._count(connection, key, now) for key, _ in sorted(limits)}
        locks = [counted[key][1] for key, most in limits if counted[key][0] > most]
        if locks:
            await self._take_back_overall(connection)
            return Verification(locked_until=max(locks))
        return Verification(attempts_left=limits[0][1] - counted[limits[0][0]][0])

    async def _count(
        self, connection: AsyncConnection, key: str, now: datetime
    ) -> tuple[int, datetime]:
        """Add one to the attempts on ``key``; a window that is over starts anew.

        One statement, so that attempts at the same moment are all counted.
        """
        limits = tables.identity_limits
        over = limits.c.until <= now
        until = now + timedelta(minutes=self.rules.window_minutes)
        statement = (
            upsert(connection, limits)
            .values(key=key, attempts=1, until=until)
            .on_conflict_do_update(
                index_elements=[limits.c.key],
                set_={
                    "attempts": case((over, 1), else_=limits.c.attempts + 1),
                    "until": case((over, until), else_=limits.c.until),
                },
            )
            .returning(limits.c.attempts, limits.c.until)
        )
        attempts, ends = (await connection.execute(statement)).one()
        return attempts, ends

    async def _take_back_overall(self, connection: AsyncConnection) -> None:
        """Let this attempt not count for the installation: it was no wrong answer.

        It was counted first all the same, so that of many at one moment none slips through.
        """
        limits = tables.identity_limits
        await connection.execute(
            update(limits).where(limits.c.key == _OVERALL).values(attempts=limits.c.attempts - 1)
        )

    async def _outcome(
        self,
        connection: AsyncConnection,
        conversation_id: str,
        allowed: Verification,
        row: RowMapping | None,
    ) -> Verification:
        if row is None or await _is_deleted(connection, row["id"]):
            return allowed
        # The subject's count stays: else a thief could ask the owner to clear it.
        await connection.execute(
            tables.identity_limits.delete().where(
                tables.identity_limits.c.key == _conversation(conversation_id)
            )
        )
        await self._take_back_overall(connection)
        return Verification(customer=_customer(row))


async def _is_deleted(connection: AsyncConnection, customer_id: str) -> bool:
    """Whether nobody is behind this customer any more, only orders."""
    status = await connection.scalar(
        select(accounts.c.status).where(accounts.c.customer_id == customer_id)
    )
    return status == AccountStatus.DELETED.value


def _conversation(conversation_id: str) -> str:
    return _digest(f"conversation:{conversation_id}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_OVERALL = _digest("overall")
"""What the failed proofs of the whole installation are counted under."""


def _same(stored: str, claimed: str) -> bool:
    """Whether both are equal and not empty, in a time that does not tell where they differ."""
    equal = hmac.compare_digest(_digest(stored), _digest(claimed))
    return equal and bool(stored)


def _last4(phone: str) -> str:
    digits = "".join(letter for letter in phone if letter.isdecimal() and letter.isascii())
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


def name_key(name: str) -> str:
    """A name as it is compared: neither case nor spaces matter."""
    return "".join(name.split()).casefold()


def email_key(email: str) -> str:
    """An e-mail address as it is compared."""
    return email.strip().casefold()


def postcode_key(postcode: str) -> str:
    """A postcode as it is compared."""
    return "".join(postcode.split()).upper()


def _customer(row: RowMapping) -> Customer:
    return Customer(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        language=row["language"],
        postcode=row["postcode"],
        since=row["since"],
        level=row["level"],
    )
