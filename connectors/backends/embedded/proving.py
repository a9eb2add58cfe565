"""Attempts to prove an identity: counted, limited, and with the same outcome for a wrong one."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.accounts.model import AccountStatus
from connectors.backends.customers.model import Customer, Proof, Verification
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import upsert
from connectors.backends.embedded.service_tables import accounts
from connectors.backends.rules import IdentityRules
from kernel.clock import Clock


@dataclass(frozen=True)
class Attempt:
    """Somebody's try to prove who they are; ``subject`` is the thing that is claimed."""

    conversation_id: str
    channel: str
    subject: str
    proof: Proof

    @property
    def of_conversation(self) -> str:
        """What attempts of this conversation are counted under."""
        return digest(f"conversation:{self.conversation_id}")

    @property
    def of_channel(self) -> str:
        """What failed attempts on this channel are counted under."""
        return digest(f"channel:{self.channel}")


@dataclass(frozen=True)
class Attempts:
    """Counts attempts within a transaction of the caller's."""

    clock: Clock
    rules: IdentityRules

    async def begin(self, connection: AsyncConnection, attempt: Attempt) -> Verification:
        """Count this attempt; says how many are left in the conversation, or until when none."""
        return await self._begin(
            connection,
            attempt,
            {
                attempt.of_conversation: self.rules.attempts_per_conversation,
                digest(attempt.subject): self.rules.attempts_per_subject,
            },
        )

    async def begin_sending(self, connection: AsyncConnection, attempt: Attempt) -> Verification:
        """Count that a code is asked for; locked as well if no attempt were left to give it."""
        most = {attempt.of_conversation: self.rules.attempts_per_conversation - 1}
        return await self._begin(connection, attempt, most)

    async def _begin(
        self, connection: AsyncConnection, attempt: Attempt, most: dict[str, int]
    ) -> Verification:
        now = self.clock.now()
        most = {
            **most,
            attempt.of_channel: self.rules.attempts_per_channel,
            _OVERALL: self.rules.attempts_overall,
        }
        # One order for all writers, so that two of them never wait for each other in a circle.
        counted = {key: await self.count(connection, key, now) for key in sorted(most)}
        locks = [until for key, (attempts, until) in counted.items() if attempts > most[key]]
        if locks:
            await _take_back(connection, attempt.of_channel, _OVERALL)
            return Verification(locked_until=max(locks))
        made, _ = counted[attempt.of_conversation]
        return Verification(attempts_left=self.rules.attempts_per_conversation - made)

    async def count(
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

    async def may_be_proven(
        self, connection: AsyncConnection, attempt: Attempt, row: RowMapping | None
    ) -> bool:
        """Count this against the customer that it is about; whether it may prove to be them."""
        failed, _ = await self.count(connection, _about(attempt, row), self.clock.now())
        # Said as a wrong answer: a lock here would tell which orders are one customer's.
        return failed <= self.rules.attempts_per_customer and attempt.proof in self.rules.proofs

    async def outcome(
        self,
        connection: AsyncConnection,
        attempt: Attempt,
        allowed: Verification,
        row: RowMapping | None,
        *,
        matches: bool,
        codes_sent: int = 0,
    ) -> Verification:
        """What came of it; ``row`` is the customer that the attempt is about, if there is one.

        ``codes_sent``: how many were counted on the way to this one.
        """
        matches &= await self.may_be_proven(connection, attempt, row)
        if row is None or not matches or await is_deleted(connection, row["id"]):
            return allowed
        # The subject's count stays: else a thief could ask the owner to clear it.
        await connection.execute(
            tables.identity_limits.delete().where(
                tables.identity_limits.c.key == attempt.of_conversation
            )
        )
        counted = (_about(attempt, row), attempt.of_channel, _OVERALL)
        await _take_back(connection, *counted, times=1 + codes_sent)
        return Verification(customer=customer_of(row))


async def _take_back(connection: AsyncConnection, *keys: str, times: int = 1) -> None:
    """Let an attempt not count under ``keys``: it was no wrong answer.

    It was counted first all the same, so that of many at one moment none slips through.
    """
    limits = tables.identity_limits
    for key in sorted(keys):
        left = case((limits.c.attempts > times, limits.c.attempts - times), else_=0)
        await connection.execute(update(limits).where(limits.c.key == key).values(attempts=left))


async def is_deleted(connection: AsyncConnection, customer_id: str) -> bool:
    """Whether nobody is behind this customer any more, only orders."""
    status = await connection.scalar(
        select(accounts.c.status).where(accounts.c.customer_id == customer_id)
    )
    return status == AccountStatus.DELETED.value


def customer_of(row: RowMapping) -> Customer:
    """The customer of a row of their table."""
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


def digest(text: str) -> str:
    """What stands for ``text`` where it is not to be kept."""
    return hashlib.sha256(text.encode()).hexdigest()


_OVERALL = digest("overall")
"""What the failed proofs of the whole installation are counted under."""


def same(stored: str, claimed: str) -> bool:
    """Whether both are equal and not empty, in a time that does not tell where they differ."""
    equal = hmac.compare_digest(digest(stored), digest(claimed))
    return equal and bool(stored)


def _about(attempt: Attempt, row: RowMapping | None) -> str:
    """What failed attempts about one customer are counted under."""
    return digest(f"customer:{row['id']}" if row else f"nobody:{attempt.subject}")
