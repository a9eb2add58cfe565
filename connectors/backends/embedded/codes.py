"""One-time codes of the embedded shop: drawn, digested, sent beside the reply, given back once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.customers.codes import OneTimeCodes, OutgoingCode
from connectors.backends.customers.model import CodeSent, Proof, Verification
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import upsert, write
from connectors.backends.embedded.keys import email_key, phone_key
from connectors.backends.embedded.proving import Attempt, Attempts, digest, is_deleted, same
from connectors.backends.rules import IdentityRules
from kernel.clock import Clock

_DIGITS = 6


@dataclass(frozen=True)
class EmbeddedCodes:
    """Sends codes and compares them; see Customers for what is promised of both.

    Every statement is the same whether or not the contact is a customer's. ``codes`` is None where
    nobody sends any.
    """

    engine: AsyncEngine
    clock: Clock
    rules: IdentityRules
    codes: OneTimeCodes | None

    async def send(self, conversation_id: str, contact: str, channel: str) -> CodeSent:
        """(see Customers.send_code)"""
        if self.codes is None:
            return CodeSent()
        if self.codes.sender.is_down:
            self.codes.sender.check()
            return CodeSent()
        key = contact_key(contact)
        attempt = Attempt(conversation_id, channel, f"contact:{key}", Proof.ONE_TIME_CODE)
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
        async with write(self.engine) as connection:
            now = self.clock.now()
            if again_at := await self._next_at(connection, attempt, now):
                return CodeSent(again_at=again_at)
            allowed = await self._attempts.begin_sending(connection, attempt)
            if allowed.locked_until is not None:
                return CodeSent(locked_until=allowed.locked_until)
            row = await _customer_at(connection, contact)
            may = await self._attempts.may_be_proven(connection, attempt, row)
            gone = await is_deleted(connection, row["id"] if row else "")
            expires_at = now + timedelta(minutes=self.rules.code_minutes)
            await self._keep(connection, attempt, code, now, expires_at)
        if row is not None and may and not gone:
            to = row["email"] if "@" in contact else row["phone"]
            self.codes.sender.send(OutgoingCode(to, code, row["language"], expires_at))
        else:
            self.codes.sender.check()
        return CodeSent(expires_at=expires_at)

    async def verify(
        self, conversation_id: str, contact: str, code: str, channel: str
    ) -> Verification:
        """(see Customers.by_code)"""
        key = contact_key(contact)
        attempt = Attempt(conversation_id, channel, f"contact:{key}", Proof.ONE_TIME_CODE)
        async with write(self.engine) as connection:
            allowed = await self._attempts.begin(connection, attempt)
            if allowed.locked_until is not None:
                return allowed
            row = await _customer_at(connection, contact)
            sent = await self._tried(connection, attempt)
            matches = same(sent["code"] if sent else "", self._digest(attempt, code))
            outcome = await self._attempts.outcome(
                connection,
                attempt,
                allowed,
                row,
                matches=matches,
                codes_sent=sent["sent"] if sent else 0,
            )
            if outcome.customer is not None:
                codes = tables.identity_codes
                await connection.execute(delete(codes).where(codes.c.place == _place(attempt)))
                return outcome
            left = sent["attempts_left"] if sent else 0
            return Verification(attempts_left=allowed.attempts_left, needs_new_code=left <= 0)

    @property
    def _attempts(self) -> Attempts:
        return Attempts(self.clock, self.rules)

    async def _next_at(
        self, connection: AsyncConnection, attempt: Attempt, now: datetime
    ) -> datetime | None:
        """When the next code may be sent to this contact; None: now, and it is counted."""
        codes = tables.identity_codes
        sent_at = await connection.scalar(
            select(codes.c.sent_at).where(codes.c.place == _place(attempt))
        )
        soonest = sent_at + timedelta(seconds=self.rules.code_wait_seconds) if sent_at else now
        if now < soonest:
            return soonest
        # By whomever: nobody's phone is to ring all day.
        sent, until = await self._attempts.count(connection, digest(f"to:{attempt.subject}"), now)
        return until if sent > self.rules.codes_per_contact else None

    async def _keep(
        self,
        connection: AsyncConnection,
        attempt: Attempt,
        code: str,
        now: datetime,
        expires_at: datetime,
    ) -> None:
        """Let ``code`` count from now on, and no earlier one; forget those of long ago."""
        codes = tables.identity_codes
        over = now - timedelta(minutes=self.rules.window_minutes)
        await connection.execute(delete(codes).where(codes.c.expires_at < over))
        values = {
            "code": self._digest(attempt, code),
            "sent_at": now,
            "expires_at": expires_at,
            "attempts_left": self.rules.attempts_per_code,
        }
        await connection.execute(
            upsert(connection, codes)
            .values(place=_place(attempt), sent=1, **values)
            .on_conflict_do_update(
                index_elements=[codes.c.place], set_={**values, "sent": codes.c.sent + 1}
            )
        )

    async def _tried(self, connection: AsyncConnection, attempt: Attempt) -> RowMapping | None:
        """The code that counts at present, one attempt on it taken; None if there is none.

        One statement, so that of attempts at the same moment none is free.
        """
        codes = tables.identity_codes
        taken = (
            update(codes)
            .where(
                codes.c.place == _place(attempt),
                codes.c.attempts_left > 0,
                codes.c.expires_at > self.clock.now(),
            )
            .values(attempts_left=codes.c.attempts_left - 1)
            .returning(codes.c.code, codes.c.sent, codes.c.attempts_left)
        )
        return (await connection.execute(taken)).mappings().first()

    def _digest(self, attempt: Attempt, code: str) -> str:
        """What is kept of a code. With a key: a million codes are soon tried."""
        key = self.codes.key if self.codes else ""
        text = f"{_place(attempt)}:{code}"
        return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def contact_key(contact: str) -> str:
    """A phone number or an e-mail address as it is compared."""
    return email_key(contact) if "@" in contact else phone_key(contact)


def _place(attempt: Attempt) -> str:
    """Under what the code is kept that a conversation had sent to a contact."""
    return digest(f"{attempt.conversation_id}:{attempt.subject}")


async def _customer_at(connection: AsyncConnection, contact: str) -> RowMapping | None:
    """Whose phone number or e-mail this is; None where it is nobody's, or two customers'."""
    customers = tables.customers
    kept = customers.c.email_key if "@" in contact else customers.c.phone_key
    key = contact_key(contact)
    found = await connection.execute(select(customers).where(kept == key, kept != "").limit(2))
    rows = found.mappings().all()
    return rows[0] if len(rows) == 1 else None
