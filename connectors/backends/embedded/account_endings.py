"""Deletes accounts of the embedded shop whose days to think are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.accounts.model import ACCOUNT_LIFE_CYCLE, AccountStatus
from connectors.backends.accounts.policy import unsettled
from connectors.backends.drafts.model import SHOP, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.accounts import Matters, load_matters
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.keys import email_key, name_key, phone_key, postcode_key
from connectors.backends.embedded.news_tables import wishes
from connectors.backends.embedded.service_tables import accounts, coupons, feedback
from connectors.backends.offers.model import CouponStatus
from kernel.clock import Clock

_NOTHING = "-"


@dataclass(frozen=True)
class AccountEndings:
    """What customers asked to have deleted. Orders and what belongs to them stay.

    The law has trade records kept: orders with their addresses, payments, returns, refunds,
    invoices, complaints, used coupons. All else goes: name, phone, e-mail, address book, tenders,
    logins, unused coupons, drafts, wishes for news; feedback stays without its author.
    """

    engine: AsyncEngine
    clock: Clock

    async def forget_idle_since(self, moment: datetime) -> int:
        """Delete every account whose day had come at ``moment``; how many it were.

        One with open orders, returns, exchanges or refunds, or with money on it, is kept until they
        are settled. Every replica may do this at once: each account is deleted once.
        """
        due = select(accounts.c.customer_id).where(
            accounts.c.status == AccountStatus.ENDING.value, accounts.c.ends_at <= moment
        )
        async with read(self.engine) as connection:
            customer_ids = (await connection.scalars(due)).all()
        ended = 0
        for customer_id in customer_ids:
            async with write(self.engine) as connection:
                ended += await self._end(connection, customer_id, moment)
        return ended

    async def _end(self, connection: AsyncConnection, customer_id: str, moment: datetime) -> bool:
        rows = await connection.execute(
            select(accounts).where(accounts.c.customer_id == customer_id).with_for_update()
        )
        row = rows.mappings().one()
        # Thought better of, or deleted by another replica, since the accounts were read.
        if row["status"] != AccountStatus.ENDING.value or row["ends_at"] > moment:
            return False
        matters = await load_matters(connection, customer_id)
        if _open(matters):
            return False
        await _forget(connection, customer_id)
        await self._note(connection, row)
        return True

    async def _note(self, connection: AsyncConnection, account: RowMapping) -> None:
        customer_id = account["customer_id"]
        status = ACCOUNT_LIFE_CYCLE.move(AccountStatus(account["status"]), AccountStatus.DELETED)
        await connection.execute(
            update(accounts)
            .where(accounts.c.customer_id == customer_id)
            .values(status=status.value, logins=[], ends_at=None)
        )
        await connection.execute(
            insert(tables.audit).values(
                at=self.clock.now(),
                customer_id=customer_id,
                actor=SHOP.name,
                action=Verb.ACCOUNT.value,
                subject=customer_id,
                rule="accounts.cooling_days",
                state_before={"status": account["status"], "logins": account["logins"]},
                state_after={"status": status.value, "logins": []},
            )
        )


def _open(matters: Matters) -> bool:
    """Whether anything still keeps the account."""
    found = unsettled(
        matters.orders, matters.returns, matters.exchanges, matters.refunds, matters.balances
    )
    return found is not None


async def _forget(connection: AsyncConnection, customer_id: str) -> None:
    """Leave nothing of the customer but their id and their trade records."""
    orders, stored = tables.orders, tables.stored_tenders
    theirs = select(orders.c.number).where(orders.c.customer_id == customer_id)
    await connection.execute(
        update(tables.payments)
        .where(tables.payments.c.order_number.in_(theirs))
        .values(stored_id=None)
    )
    unused = coupons.c.status != CouponStatus.USED.value
    await connection.execute(delete(coupons).where(coupons.c.customer_id == customer_id, unused))
    for table in (stored, tables.addresses, tables.drafts, wishes):
        await connection.execute(delete(table).where(table.c.customer_id == customer_id))
    await connection.execute(
        update(feedback).where(feedback.c.customer_id == customer_id).values(customer_id=None)
    )
    # Reserved by RFC 2606: nobody ever has such an address.
    email = f"{customer_id}@deleted.invalid"
    await connection.execute(
        update(tables.customers)
        .where(tables.customers.c.id == customer_id)
        .values(
            name=_NOTHING,
            name_key=name_key(_NOTHING),
            email=email,
            email_key=email_key(email),
            phone=_NOTHING,
            phone_key=phone_key(_NOTHING),
            postcode=_NOTHING,
            postcode_key=postcode_key(_NOTHING),
            level="",
        )
    )
