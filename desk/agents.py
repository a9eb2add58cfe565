"""The people at the desk: who they are, how they prove it, how long we believe it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import RowMapping, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from desk import tables
from desk.errors import (
    BadCredentials,
    BadIncoming,
    LoginTaken,
    NoSession,
    NoSuchAgent,
    TooManyAttempts,
)
from desk.identifiers import check_identifier, is_storable
from desk.model import Agent, Role
from desk.office.audit import note_deed
from desk.office.leaving import has_left
from desk.office.model import Deed
from desk.rows import agent_from
from desk.work import Transaction, Work

SESSION_LIFETIME = timedelta(hours=12)
# So many wrong passwords are free; then each costs a wait that doubles up to the longest one.
FREE_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# After so long without an attempt the failures are forgotten.
MEMORY = timedelta(hours=1)
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024

_AGENT = tables.agent.c
_SESSION = tables.agent_session.c
_ATTEMPT = tables.login_attempt.c

# Asked with every request of every page: put together once.
_OF_SESSION = (
    select(tables.agent)
    .join(tables.agent_session, _SESSION.agent_id == _AGENT.id)
    .where(_SESSION.token_hash == bindparam("digest"), _SESSION.expires_at > bindparam("now"))
)


class Agents:
    """Keeps agents, checks passwords outside of any transaction: that takes its time on purpose."""

    def __init__(self, transaction: Transaction, hasher: PasswordHasher) -> None:
        self._transaction = transaction
        self._hasher = hasher
        self._nobodys_hash: str | None = None

    async def add(self, login: str, name: str, password: str, role: Role) -> Agent:
        """(see Desk.add_agent)"""
        check_identifier(login)
        check_identifier(name)
        password_hash = await asyncio.to_thread(self._hasher.hash, _bytes(password))
        async with self._transaction() as work:
            agent = Agent(uuid4().hex, _normal(login), name, role, work.now)
            values = {
                "id": agent.id,
                "login": agent.login,
                "name": agent.name,
                "password_hash": password_hash,
                "role": agent.role.value,
                "created_at": agent.created_at,
            }
            if not await work.insert_unless_there(tables.agent, values):
                raise LoginTaken(agent.login)
        return agent

    async def authenticate(self, login: str, password: str) -> Agent:
        """(see Desk.authenticate)"""
        async with self._transaction() as work:
            await _count_attempt(work, login)
            row = await _find_login(work, login)
        # An unknown login takes as long as a wrong password, so nobody learns who works here.
        password_hash = row["password_hash"] if row else await self._hash_of_nobody()
        right = await asyncio.to_thread(self._verify, password_hash, password)
        if row is None or not right:
            raise BadCredentials
        async with self._transaction() as work:
            if await has_left(work, row["id"]):
                raise BadCredentials
            await work.connection.execute(
                delete(tables.login_attempt).where(_ATTEMPT.login_hash == _digest(_normal(login)))
            )
        return agent_from(row)

    async def change_password(self, agent_id: str, present: str, wanted: str) -> None:
        """(see Desk.change_password)"""
        if not SHORTEST_PASSWORD <= len(wanted) <= LONGEST_PASSWORD:
            raise BadIncoming("a password is too short or too long")
        async with self._transaction() as work:
            agent = await find_agent(work.connection, agent_id)
        await self.authenticate(agent.login, present)
        password_hash = await asyncio.to_thread(self._hasher.hash, _bytes(wanted))
        async with self._transaction() as work:
            await work.connection.execute(
                update(tables.agent)
                .where(_AGENT.id == agent_id)
                .values(password_hash=password_hash)
            )
            await work.connection.execute(
                delete(tables.agent_session).where(_SESSION.agent_id == agent_id)
            )
            await note_deed(work, agent_id, Deed.PASSWORD_CHANGED, agent.login)

    async def _hash_of_nobody(self) -> str:
        if self._nobodys_hash is None:
            nobody = secrets.token_urlsafe()
            self._nobodys_hash = await asyncio.to_thread(self._hasher.hash, nobody)
        return self._nobodys_hash

    def _verify(self, password_hash: str, password: str) -> bool:
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            return self._hasher.verify(password_hash, _bytes(password))
        except VerifyMismatchError:
            return False


async def find_agent(connection: AsyncConnection, agent_id: str) -> Agent:
    """(see Desk.agent)"""
    found = await connection.execute(select(tables.agent).where(_AGENT.id == agent_id))
    row = found.mappings().first()
    if row is None:
        raise NoSuchAgent(agent_id)
    return agent_from(row)


async def all_agents(connection: AsyncConnection) -> list[Agent]:
    """(see Desk.agents)"""
    found = await connection.execute(select(tables.agent).order_by(_AGENT.name, _AGENT.id))
    return [agent_from(row) for row in found.mappings()]


async def open_session(work: Work, agent_id: str) -> str:
    """(see Desk.open_session)"""
    await find_agent(work.connection, agent_id)
    await work.connection.execute(
        delete(tables.agent_session).where(_SESSION.expires_at <= work.now)
    )
    token = secrets.token_urlsafe(32)
    await work.connection.execute(
        insert(tables.agent_session).values(
            token_hash=_digest(token),
            agent_id=agent_id,
            created_at=work.now,
            expires_at=work.now + SESSION_LIFETIME,
        )
    )
    return token


async def agent_of_session(work: Work, token: str) -> Agent:
    """(see Desk.session)"""
    which = {"digest": _digest(token), "now": work.now}
    found = await work.connection.execute(_OF_SESSION, which)
    row = found.mappings().first()
    if row is None:
        raise NoSession
    return agent_from(row)


async def living_sessions(work: Work, tokens: Collection[str]) -> set[str]:
    """(see Desk.sessions)"""
    by_digest = {_digest(token): token for token in tokens}
    found = await work.connection.execute(
        select(_SESSION.token_hash).where(
            _SESSION.token_hash.in_(by_digest), _SESSION.expires_at > work.now
        )
    )
    return {by_digest[digest] for digest in found.scalars()}


async def end_session(work: Work, token: str) -> None:
    """(see Desk.end_session)"""
    await work.connection.execute(
        delete(tables.agent_session).where(_SESSION.token_hash == _digest(token))
    )


async def _find_login(work: Work, login: str) -> RowMapping | None:
    if not is_storable(login):
        return None
    found = await work.connection.execute(
        select(tables.agent).where(_AGENT.login == _normal(login))
    )
    return found.mappings().first()


async def _count_attempt(work: Work, login: str) -> None:
    """Count this attempt as failed until it succeeds, so that many at once count too."""
    key = _digest(_normal(login))
    await work.connection.execute(
        delete(tables.login_attempt).where(_ATTEMPT.last_at <= work.now - MEMORY)
    )
    await work.insert_unless_there(
        tables.login_attempt, {"login_hash": key, "failures": 0, "last_at": work.now}
    )
    found = await work.connection.execute(
        select(_ATTEMPT.failures, _ATTEMPT.last_at)
        .where(_ATTEMPT.login_hash == key)
        .with_for_update()
    )
    failures, last_at = found.one()
    if failures >= FREE_ATTEMPTS:
        wait = min(FIRST_WAIT * 2 ** min(failures - FREE_ATTEMPTS, 10), LONGEST_WAIT)
        if work.now < last_at + wait:
            raise TooManyAttempts(last_at + wait - work.now)
    await work.connection.execute(
        update(tables.login_attempt)
        .where(_ATTEMPT.login_hash == key)
        .values(failures=failures + 1, last_at=work.now)
    )


def _normal(login: str) -> str:
    return login.strip().casefold()


def _digest(secret: str) -> str:
    return hashlib.sha256(_bytes(secret)).hexdigest()


def _bytes(text: str) -> bytes:
    """``text`` as it was typed, even if it is no text that could be stored."""
    return text.encode("utf-8", "surrogatepass")
