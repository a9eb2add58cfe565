"""Tags on conversations, and conversations put aside for a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select

from desk import transcript
from desk.errors import BadIncoming
from desk.events import Annotated
from desk.held import hold
from desk.model import Owner
from desk.office import tables
from desk.ownership import demand_holder
from desk.work import Transaction, Work

LONGEST_TAG = 40
MOST_TAGS = 20
LONGEST_SNOOZE = timedelta(days=90)

_TAG = tables.tag.c
_SNOOZE = tables.snooze.c


_TAGS_OF = (
    select(_TAG.conversation_id, _TAG.tag)
    .where(_TAG.conversation_id.in_(bindparam("of", expanding=True)))
    .order_by(_TAG.tag)
)


class Labels:
    """What agents put on conversations to find them, or not to see them, again."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def set_tags(self, conversation_id: str, agent_id: str, tags: list[str]) -> list[str]:
        """Make these the conversation's tags; returns them in order.

        Raises BadIncoming when one is empty or too long, or there are too many.
        """
        wanted = sorted({" ".join(one.split()).casefold() for one in tags})
        unfit = [one for one in wanted if not one or len(one) > LONGEST_TAG]
        if unfit or len(wanted) > MOST_TAGS:
            raise BadIncoming("a tag is empty or too long")
        async with self._transaction() as work:
            await transcript.conversation(work.connection, conversation_id)
            await work.connection.execute(
                delete(tables.tag).where(
                    _TAG.conversation_id == conversation_id, _TAG.tag.not_in(wanted)
                )
            )
            for one in wanted:
                await work.insert_unless_there(
                    tables.tag,
                    {
                        "conversation_id": conversation_id,
                        "tag": one,
                        "agent_id": agent_id,
                        "at": work.now,
                    },
                )
            work.events.append(Annotated(conversation_id))
        return wanted

    async def tags_of(self, conversation_ids: Collection[str]) -> dict[str, list[str]]:
        """The tags of these conversations in order; who has none is missing."""
        async with self._reading() as work:
            return await tags_of(work, conversation_ids)

    async def known_tags(self, limit: int = 200) -> list[str]:
        """The tags in use, the most used first."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(_TAG.tag)
                .group_by(_TAG.tag)
                .order_by(func.count().desc(), _TAG.tag)
                .limit(limit)
            )
            return list(found.scalars())

    async def snooze(self, conversation_id: str, agent_id: str, until: datetime) -> None:
        """Put this agent's conversation aside until then, or until the shopper writes.

        Raises ConversationMoved when it is not theirs, BadIncoming when ``until`` is not ahead.
        """
        async with self._transaction() as work:
            if not work.now < until <= work.now + LONGEST_SNOOZE:
                raise BadIncoming("a snooze ends in the future")
            held = await hold(work, conversation_id)
            demand_holder(held, agent_id)
            await work.connection.execute(
                delete(tables.snooze).where(_SNOOZE.conversation_id == conversation_id)
            )
            held.snooze(until)
            await held.save()
            await work.connection.execute(
                insert(tables.snooze).values(
                    conversation_id=conversation_id,
                    agent_id=agent_id,
                    seq=held.conversation.last_seq,
                    until=until,
                )
            )
            work.events.append(Annotated(conversation_id))

    async def wake(self, conversation_id: str) -> None:
        """End a snooze at once; nothing happens where there is none."""
        async with self._transaction() as work:
            held = await hold(work, conversation_id)
            gone = await work.connection.execute(
                delete(tables.snooze).where(_SNOOZE.conversation_id == conversation_id)
            )
            if gone.rowcount:
                held.snooze(None)
                await held.save()
                work.events.append(Annotated(conversation_id))


async def tags_of(work: Work, conversation_ids: Collection[str]) -> dict[str, list[str]]:
    """(see Labels.tags_of)"""
    tags: dict[str, list[str]] = {}
    if conversation_ids:
        found = await work.connection.execute(_TAGS_OF, {"of": list(conversation_ids)})
        for conversation_id, tag in found:
            tags.setdefault(conversation_id, []).append(tag)
    return tags


def is_asleep(
    *, owner: Owner, until: datetime, seq: int, last_shopper_seq: int, now: datetime
) -> bool:
    """Whether a snooze still holds: an agent has it, it is not over, the shopper is silent."""
    return owner is Owner.AGENT and now < until and last_shopper_seq <= seq
