"""Prepared writes of the embedded shop: kept with their terms, carried out once, audited."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.drafts.model import Actor, DraftRefusal, Verb
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import write
from kernel.errors import NotFound, Refused

Result = TypeVar("Result")
_KEPT_AFTER_EXPIRY = timedelta(days=1)


@dataclass(frozen=True)
class Prepared:
    """A draft as it was kept.

    ``subject`` is what it is about (an order's number). ``request`` is what was asked for, enough
    to work everything out again; ``terms`` is what the shopper was shown and said yes to.
    """

    id: str
    customer_id: str
    subject: str
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Done(Generic[Result]):
    """What carrying out a draft came to.

    ``terms`` must equal those that were kept with the draft, else nothing happens at all.
    ``subject`` is the thing that was made or changed, ``rule`` the rule of the shop that allowed
    it, ``before`` and ``after`` what the audit line says of the change. ``result`` is kept, and
    given again to whoever repeats the commit.
    """

    result: Result
    terms: Any
    subject: str
    rule: str
    before: Any
    after: Any


async def keep_draft(
    connection: AsyncConnection,
    verb: Verb,
    customer_id: str,
    subject: str,
    *,
    request: Mapping[str, Any],
    terms: Any,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Keep a draft and return its id; ``request`` and ``terms`` are anything that msgspec knows.

    This customer's drafts that lapsed unconfirmed a day ago are forgotten.
    """
    drafts = tables.drafts
    await connection.execute(
        delete(drafts).where(
            drafts.c.customer_id == customer_id,
            drafts.c.committed_at.is_(None),
            drafts.c.expires_at < now - _KEPT_AFTER_EXPIRY,
        )
    )
    draft_id = f"draft-{secrets.token_urlsafe(16)}"
    await connection.execute(
        insert(drafts).values(
            id=draft_id,
            verb=verb.value,
            customer_id=customer_id,
            subject=subject,
            request=plain(request),
            terms=plain(terms),
            prepared_at=now,
            expires_at=expires_at,
        )
    )
    return draft_id


async def commit_draft(
    engine: AsyncEngine,
    verb: Verb,
    customer_id: str,
    draft_id: str,
    kind: type[Result],
    perform: Callable[[AsyncConnection, Prepared], Awaitable[Done[Result]]],
    *,
    now: datetime,
    by: Actor,
) -> Result:
    """Carry out a draft, once: a repeat gives the first result (of type ``kind``) again.

    ``perform`` checks everything anew and makes the change, in the transaction it is given; what
    it raises undoes it. One audit line is left.

    Raises NotFound for a draft that is not this customer's or of another verb, and Refused with a
    ``DraftRefusal`` or with what ``perform`` refuses.
    """
    async with write(engine) as connection:
        row = await _locked(connection, verb, customer_id, draft_id)
        if row["committed_at"] is not None:
            return msgspec.convert(row["result"], kind)
        if now >= row["expires_at"]:
            raise Refused(DraftRefusal.DRAFT_EXPIRED)
        prepared = Prepared(row["id"], row["customer_id"], row["subject"], row["request"])
        done = await perform(connection, prepared)
        if plain(done.terms) != row["terms"]:
            raise Refused(DraftRefusal.TERMS_CHANGED)
        await connection.execute(
            update(tables.drafts)
            .where(tables.drafts.c.id == draft_id)
            .values(committed_at=now, result=plain(done.result))
        )
        await connection.execute(
            insert(tables.audit).values(
                at=now,
                customer_id=customer_id,
                actor=by.name,
                action=verb.value,
                subject=done.subject,
                draft_id=draft_id,
                rule=done.rule,
                state_before=plain(done.before),
                state_after=plain(done.after),
            )
        )
    # As a repeat would give it: whoever is first gets nothing else.
    return msgspec.convert(plain(done.result), kind)


def plain(value: Any) -> Any:
    """``value`` as JSON has it after it was stored and read: no tuples, no dates, no classes."""
    return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))


async def _locked(
    connection: AsyncConnection, verb: Verb, customer_id: str, draft_id: str
) -> RowMapping:
    drafts = tables.drafts
    rows = await connection.execute(
        select(drafts)
        .where(
            drafts.c.id == draft_id,
            drafts.c.customer_id == customer_id,
            drafts.c.verb == verb.value,
        )
        .with_for_update()
    )
    row = rows.mappings().first()
    if row is None:
        raise NotFound("draft")
    return row
