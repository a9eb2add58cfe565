"""Access tokens of a platform: one request for a new one, however many replicas want it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from kernel.clock import Clock
from kernel.database import insert_into
from kernel.errors import BackendRejected, BackendUnavailable

_TOKEN = tables.access_token.c
# A token that ends so soon is not begun with.
_MARGIN = timedelta(minutes=3)
_REFRESH_LEASE = timedelta(seconds=6)
_LOOK_AGAIN_SECONDS = 0.2
# WeChat's pages: force_refresh works 20 times a day, half a minute apart.
_PRESSED_AFTER, _PRESSED_A_DAY = timedelta(seconds=30), 20
_DAY = timedelta(days=1)
_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Issued:
    """What a platform gave out."""

    token: str
    lasts: timedelta


# Asked with True when the platform refuses the token that it gives out without being pressed.
Issue = Callable[[bool], Awaitable[Issued]]


class AccessTokens:
    """The token of one account, shared through the database."""

    def __init__(self, engine: AsyncEngine, clock: Clock, account: str, issue: Issue) -> None:
        """``issue`` asks the platform; raises BackendUnavailable or BackendRejected."""
        self._engine = engine
        self._clock = clock
        self._account = account
        self._issue = issue
        self._lock = asyncio.Lock()
        self._known: tuple[str, datetime] | None = None
        self._pressed: list[datetime] = []

    async def get(self, refused: str | None = None) -> str:
        """A token that should work; ``refused`` is one that the platform has just refused.

        Raises what ``issue`` raises, BackendUnavailable if another replica asks in vain, and
        BackendRejected where the platform would have to be pressed more often than it allows.
        """
        async with self._lock:
            if (token := self._usable(self._known, refused)) is not None:
                return token
            for _ in range(int(_REFRESH_LEASE.total_seconds() / _LOOK_AGAIN_SECONDS) + 1):
                self._known = await self._stored()
                if (token := self._usable(self._known, refused)) is not None:
                    return token
                if await self._may_refresh():
                    return await self._refresh(refused)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        raise BackendUnavailable(f"no access token of {self._account}")

    def _usable(self, known: tuple[str, datetime] | None, refused: str | None) -> str | None:
        if known is None or known[0] == refused or known[1] - _MARGIN <= self._clock.now():
            return None
        return known[0]

    async def _stored(self) -> tuple[str, datetime] | None:
        async with self._engine.connect() as connection:
            found = await connection.execute(
                select(_TOKEN.token, _TOKEN.expires_at).where(_TOKEN.account == self._account)
            )
            row = found.first()
        return (row.token, row.expires_at) if row and row.token else None

    async def _may_refresh(self) -> bool:
        """Take the right to ask the platform, unless another replica has it now."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            taken = await connection.execute(
                update(tables.access_token)
                .where(
                    _TOKEN.account == self._account,
                    or_(_TOKEN.refreshing_until.is_(None), _TOKEN.refreshing_until <= now),
                )
                .values(refreshing_until=now + _REFRESH_LEASE)
            )
            if taken.rowcount:
                return True
            found = await connection.execute(
                select(_TOKEN.account).where(_TOKEN.account == self._account)
            )
            if found.first() is not None:
                return False
            # The very first time: from now on there is a row to contend for.
            await connection.execute(
                insert_into(connection, tables.access_token)
                .values(account=self._account, token="", expires_at=_NEVER)
                .on_conflict_do_nothing()
            )
        return False

    async def _refresh(self, refused: str | None) -> str:
        try:
            issued = await self._issue(False)
            if issued.token == refused:
                self._count_pressing()
                issued = await self._issue(True)
        except BaseException:
            await self._store("", _NEVER)
            raise
        expires_at = self._clock.now() + issued.lasts
        self._known = (issued.token, expires_at)
        await self._store(issued.token, expires_at)
        return issued.token

    def _count_pressing(self) -> None:
        """Note that the platform is pressed for another token; BackendRejected if too often."""
        now = self._clock.now()
        self._pressed = [at for at in self._pressed if now - at < _DAY]
        is_soon = bool(self._pressed) and now - self._pressed[-1] < _PRESSED_AFTER
        if is_soon or len(self._pressed) >= _PRESSED_A_DAY:
            raise BackendRejected("the access token that the platform gives out is refused")
        self._pressed.append(now)

    async def _store(self, token: str, expires_at: datetime) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.access_token)
                .where(_TOKEN.account == self._account)
                .values(token=token, expires_at=expires_at, refreshing_until=None)
            )
