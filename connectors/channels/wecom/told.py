"""Which change of owner WeCom has been told of, so that none is forgotten with a process."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from desk import tables as desk_tables
from desk.model import Conversation, Owner
from kernel.clock import Clock
from kernel.database import insert_into, reading

_SESSION = tables.session.c
_CONVERSATION = desk_tables.conversation.c
_CHANGE = desk_tables.owner_change.c


class Told:
    """The conversations of one channel; one process at a time tells of each."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        channel: str,
        lease: timedelta = timedelta(seconds=30),
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._channel = channel
        self._lease = lease

    async def behind(self, since: datetime, limit: int = 200) -> list[str]:
        """Conversations whose owner has changed since then without WeCom's knowing it."""
        now = self._clock.now()
        statement = (
            select(_CONVERSATION.id)
            .join(desk_tables.owner_change, _CHANGE.conversation_id == _CONVERSATION.id)
            .outerjoin(
                tables.session,
                and_(
                    _SESSION.channel == _CONVERSATION.channel,
                    _SESSION.shopper_id == _CONVERSATION.shopper_id,
                ),
            )
            .where(
                _CHANGE.at >= since,
                _CONVERSATION.channel == self._channel,
                or_(_SESSION.epoch.is_(None), _SESSION.epoch < _CONVERSATION.epoch),
                or_(_SESSION.lease_until.is_(None), _SESSION.lease_until <= now),
            )
            .distinct()
            .limit(limit)
        )
        async with reading(self._engine).connect() as connection:
            return list((await connection.execute(statement)).scalars())

    async def claim(self, conversation: Conversation) -> Owner | None:
        """The right to tell of the present owner: whom WeCom was told of last, the bot at first.

        None when it knows, or somebody else is telling it now.
        """
        now = self._clock.now()
        async with self._engine.begin() as connection:
            statement = insert_into(connection, tables.session).values(
                channel=self._channel,
                shopper_id=conversation.shopper_id,
                epoch=0,
                owner=Owner.BOT.value,
                lease_until=now + self._lease,
            )
            claimed = await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["channel", "shopper_id"],
                    set_={"lease_until": now + self._lease},
                    where=and_(
                        _SESSION.epoch < conversation.epoch,
                        or_(_SESSION.lease_until.is_(None), _SESSION.lease_until <= now),
                    ),
                ).returning(_SESSION.owner)
            )
            owner = claimed.scalar_one_or_none()
        return Owner(owner) if owner is not None else None

    async def done(self, conversation: Conversation) -> None:
        """WeCom knows who owned ``conversation`` in that epoch, whoever may be telling it now."""
        known = {
            "epoch": conversation.epoch,
            "owner": conversation.owner.value,
            "lease_until": None,
        }
        async with self._engine.begin() as connection:
            statement = insert_into(connection, tables.session).values(
                channel=self._channel, shopper_id=conversation.shopper_id, **known
            )
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["channel", "shopper_id"],
                    set_=known,
                    where=_SESSION.epoch < conversation.epoch,
                )
            )

    async def later(self, conversation: Conversation, wait: timedelta) -> None:
        """It could not be told now: somebody tries again after ``wait``."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.session)
                .where(
                    _SESSION.channel == self._channel,
                    _SESSION.shopper_id == conversation.shopper_id,
                )
                .values(lease_until=self._clock.now() + wait)
            )
