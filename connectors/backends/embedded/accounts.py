"""Accounts of the embedded shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.accounts.model import (
    ACCOUNT_LIFE_CYCLE,
    Account,
    AccountDraft,
    AccountStatus,
    AccountStep,
    Login,
)
from connectors.backends.accounts.policy import ends_at, refusal
from connectors.backends.drafts.model import SHOPPER, Actor, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read, write
from connectors.backends.embedded.drafts import Done, Prepared, commit_draft, keep_draft
from connectors.backends.embedded.service_tables import accounts, coupons
from connectors.backends.offers.model import CouponStatus
from connectors.backends.orders.model import OrderStatus
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import RefundStatus, ReturnStatus
from connectors.backends.rules import ShopRules
from kernel.clock import Clock
from kernel.errors import NotFound, Refused
from kernel.money import Money, total

_USUAL_LOGINS = frozenset({Login.PHONE, Login.EMAIL})
"""What every customer of the shop signed up with, unless something else was said."""


@dataclass(frozen=True)
class _Costs:
    """What is lost with an account."""

    coupons: int
    value: Money | None


@dataclass(frozen=True)
class EmbeddedAccounts:
    """(see Accounts)"""

    engine: AsyncEngine
    clock: Clock
    rules: ShopRules

    async def get(self, customer_id: str) -> Account:
        """(see Accounts)"""
        async with read(self.engine) as connection:
            return await self._load(connection, customer_id)

    async def prepare(
        self, customer_id: str, step: AccountStep, login: Login | None = None
    ) -> AccountDraft:
        """(see Accounts)"""
        now = self.clock.now()
        async with write(self.engine) as connection:
            account = await self._allowed(connection, customer_id, step, login)
            costs = await self._costs(connection, customer_id, step)
            expires_at = now + timedelta(minutes=self.rules.returns.draft_minutes)
            draft_id = await keep_draft(
                connection,
                Verb.ACCOUNT,
                customer_id,
                customer_id,
                request={"step": step, "login": login},
                terms=_terms(account, costs),
                now=now,
                expires_at=expires_at,
            )
        return AccountDraft(
            id=draft_id,
            customer_id=customer_id,
            step=step,
            ends_at=ends_at(now, self.rules.accounts) if step is AccountStep.DELETE else None,
            coupons=costs.coupons,
            coupon_value=costs.value,
            login=login,
            expires_at=expires_at,
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor = SHOPPER) -> Account:
        """(see Accounts)"""
        return await commit_draft(
            self.engine,
            Verb.ACCOUNT,
            customer_id,
            draft_id,
            Account,
            self._carry_out,
            now=self.clock.now(),
            by=by,
        )

    async def _carry_out(self, connection: AsyncConnection, draft: Prepared) -> Done[Account]:
        step = AccountStep(draft.request["step"])
        login = Login(draft.request["login"]) if draft.request["login"] else None
        account = await self._allowed(connection, draft.customer_id, step, login)
        costs = await self._costs(connection, draft.customer_id, step)
        if step is AccountStep.DELETE:
            status = ACCOUNT_LIFE_CYCLE.move(account.status, AccountStatus.ENDING)
            changed = replace(
                account, status=status, ends_at=ends_at(self.clock.now(), self.rules.accounts)
            )
        elif step is AccountStep.KEEP:
            changed = replace(
                account,
                status=ACCOUNT_LIFE_CYCLE.move(account.status, AccountStatus.ACTIVE),
                ends_at=None,
            )
        else:
            changed = replace(account, logins=account.logins - {login})
        await self._store(connection, changed)
        return Done(
            result=changed,
            terms=_terms(account, costs),
            subject=draft.customer_id,
            rule="accounts.cooling_days" if step is AccountStep.DELETE else f"accounts.{step}",
            before=_plain(account),
            after=_plain(changed),
        )

    async def _load(self, connection: AsyncConnection, customer_id: str) -> Account:
        rows = await connection.execute(
            select(tables.customers.c.id, accounts)
            .join_from(tables.customers, accounts, isouter=True)
            .where(tables.customers.c.id == customer_id)
        )
        row = rows.mappings().first()
        if row is None:
            raise NotFound("customer")
        if row[accounts.c.status] is None:
            return Account(customer_id, AccountStatus.ACTIVE, _USUAL_LOGINS)
        return Account(
            customer_id,
            AccountStatus(row[accounts.c.status]),
            frozenset(Login(name) for name in row[accounts.c.logins]),
            row[accounts.c.ends_at],
        )

    async def _allowed(
        self,
        connection: AsyncConnection,
        customer_id: str,
        step: AccountStep,
        login: Login | None,
    ) -> Account:
        """The account, if ``step`` may be done to it; raises NotFound, Refused."""
        account = await self._load(connection, customer_id)
        matters = await load_matters(connection, customer_id)
        refused = refusal(
            step,
            account,
            matters.orders,
            matters.returns,
            matters.exchanges,
            matters.refunds,
            matters.balances,
            login,
        )
        if refused is not None:
            raise Refused(refused)
        return account

    async def _costs(
        self, connection: AsyncConnection, customer_id: str, step: AccountStep
    ) -> _Costs:
        if step is not AccountStep.DELETE:
            return _Costs(0, None)
        rows = (
            await connection.execute(
                select(coupons.c.amount_minor, coupons.c.currency).where(
                    coupons.c.customer_id == customer_id,
                    coupons.c.status == CouponStatus.AVAILABLE.value,
                    coupons.c.valid_until > self.clock.now(),
                )
            )
        ).all()
        amounts = [Money(minor, currency) for minor, currency in rows if minor is not None]
        same = [one for one in amounts if one.currency == amounts[0].currency]
        value = total(same, same[0].currency) if same else None
        return _Costs(len(rows), value)

    async def _store(self, connection: AsyncConnection, account: Account) -> None:
        values = {
            "status": account.status.value,
            "logins": sorted(login.value for login in account.logins),
            "ends_at": account.ends_at,
        }
        done = await connection.execute(
            update(accounts).where(accounts.c.customer_id == account.customer_id).values(values)
        )
        if not done.rowcount:
            await connection.execute(
                insert(accounts).values(customer_id=account.customer_id, **values)
            )


@dataclass(frozen=True)
class Matters:
    """Where everything of a customer stands, and what is left on gift cards and the account."""

    orders: Sequence[OrderStatus]
    returns: Sequence[ReturnStatus]
    exchanges: Sequence[ExchangeStatus]
    refunds: Sequence[RefundStatus]
    balances: Sequence[int]


async def load_matters(connection: AsyncConnection, customer_id: str) -> Matters:
    """All that may keep this customer's account from ending."""
    statuses: dict[str, list[str]] = {}
    for table in (tables.orders, tables.returns, tables.exchanges, tables.refunds):
        found = await connection.scalars(
            select(table.c.status).where(table.c.customer_id == customer_id)
        )
        statuses[table.name] = list(found)
    stored = tables.stored_tenders
    balances = await connection.scalars(
        select(stored.c.balance_minor).where(
            stored.c.customer_id == customer_id, stored.c.balance_minor.is_not(None)
        )
    )
    return Matters(
        [OrderStatus(status) for status in statuses[tables.orders.name]],
        [ReturnStatus(status) for status in statuses[tables.returns.name]],
        [ExchangeStatus(status) for status in statuses[tables.exchanges.name]],
        [RefundStatus(status) for status in statuses[tables.refunds.name]],
        balances.all(),
    )


def _terms(account: Account, costs: _Costs) -> dict[str, object]:
    """What must not change between the preview and the commit."""
    return {"account": _plain(account), "coupons": costs.coupons, "value": costs.value}


def _plain(account: Account) -> dict[str, object]:
    """The account in an order that does not depend on the set's."""
    return {
        "status": account.status,
        "logins": sorted(login.value for login in account.logins),
        "ends_at": account.ends_at,
    }
