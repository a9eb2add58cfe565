"""The lists that agents look through: conversations with their newest message, in one read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from desk import tables as desk_tables
from desk.calls import STILL_OPEN, WANTED
from desk.model import Author, Owner
from desk.office import tables
from desk.office.labels import is_asleep, tags_of
from desk.office.model import Entry, Shelf, Snooze
from desk.rows import CONVERSATION, MESSAGE, conversation_from, labelled, message_from
from desk.work import Transaction, Work
from kernel.database import UtcDateTime

_SNOOZE = tables.snooze.c
_READ = tables.read.c
_TAG = tables.tag.c
_MENTION = tables.mention.c
OPEN = (Owner.BOT, Owner.QUEUE, Owner.AGENT)

Cursor = tuple[datetime, str]


@dataclass(frozen=True)
class Wanted:
    """What narrows a list down; everything None is everything."""

    channel: str | None = None
    language: str | None = None
    agent_id: str | None = None
    tag: str | None = None


class Inbox:
    """Reads lists for one agent; the newest activity comes first."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def shelf(
        self,
        agent_id: str,
        shelf: Shelf,
        limit: int,
        *,
        before: Cursor | None = None,
        wanted: Wanted | None = None,
    ) -> list[Entry]:
        """The first ``limit`` conversations of a list, after the one at ``before``.

        A cursor is ``(updated_at, id)`` of the last conversation seen.
        """
        async with self._reading() as work:
            query = _narrowed(_shelf(shelf), wanted or Wanted())
            if before is not None:
                at, conversation_id = before
                same = and_(CONVERSATION.updated_at == at, CONVERSATION.id > conversation_id)
                query = query.where(or_(CONVERSATION.updated_at < at, same))
            return await _read(work, query.limit(limit), agent_id)

    async def own(self, agent_id: str, limit: int) -> tuple[list[Entry], list[Entry]]:
        """The shelves MINE and SNOOZED in one read, of the newest ``limit`` that an agent holds."""
        async with self._reading() as work:
            entries = await _read(work, _OWN.limit(limit), agent_id)
        awake = [entry for entry in entries if entry.snooze is None]
        return awake, [entry for entry in entries if entry.snooze is not None]

    async def these(self, agent_id: str, conversation_ids: list[str]) -> dict[str, Entry]:
        """These conversations as lines of a list, by id."""
        if not conversation_ids:
            return {}
        async with self._reading() as work:
            query = _ENTRIES.where(CONVERSATION.id.in_(conversation_ids))
            return {entry.conversation.id: entry for entry in await _read(work, query, agent_id)}


# Pages fetch their lists all the time: what is asked is put together once. Whose lists they are,
# and when, is said with each question (``_read``).
_ME: BindParameter[str] = bindparam("me")
_NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
# Of the newest messages all but a few are said by somebody: it is found within a step or two.
_SAID = desk_tables.message.alias()
_LAST_SAID = (
    select(_SAID.c.seq)
    .where(_SAID.c.conversation_id == CONVERSATION.id, _SAID.c.author != Author.SYSTEM.value)
    .order_by(_SAID.c.seq.desc())
    .limit(1)
    .correlate(desk_tables.conversation)
    .scalar_subquery()
)
_ENTRIES = (
    select(
        *labelled(desk_tables.conversation, "conversation_"),
        *labelled(desk_tables.message, "message_"),
        *labelled(tables.snooze, "snooze_"),
        func.coalesce(_READ.seq, 0).label("read_seq"),
        STILL_OPEN.label("call_open"),
    )
    .select_from(desk_tables.conversation)
    .outerjoin(
        desk_tables.message,
        and_(MESSAGE.conversation_id == CONVERSATION.id, MESSAGE.seq == _LAST_SAID),
    )
    .outerjoin(tables.snooze, _SNOOZE.conversation_id == CONVERSATION.id)
    .outerjoin(
        tables.read,
        and_(_READ.conversation_id == CONVERSATION.id, _READ.reader == _ME),
    )
)
_NEWEST_FIRST = (CONVERSATION.updated_at.desc(), CONVERSATION.id)
_OWN = _ENTRIES.where(
    CONVERSATION.owner == Owner.AGENT.value, CONVERSATION.agent_id == _ME
).order_by(*_NEWEST_FIRST)


@cache
def _shelf(shelf: Shelf) -> Select[Any]:
    return _ENTRIES.where(_on_shelf(shelf)).order_by(*_NEWEST_FIRST)


def _on_shelf(shelf: Shelf) -> Any:
    held = CONVERSATION.owner == Owner.AGENT.value
    asleep = and_(
        _SNOOZE.until.is_not(None),
        _SNOOZE.until > _NOW,
        CONVERSATION.last_shopper_seq <= _SNOOZE.seq,
    )
    match shelf:
        case Shelf.MINE:
            awake = or_(
                _SNOOZE.until.is_(None),
                _SNOOZE.until <= _NOW,
                CONVERSATION.last_shopper_seq > _SNOOZE.seq,
            )
            return and_(held, CONVERSATION.agent_id == _ME, awake)
        case Shelf.OTHERS:
            return and_(held, CONVERSATION.agent_id != _ME)
        case Shelf.SNOOZED:
            return and_(held, CONVERSATION.agent_id == _ME, asleep)
        case Shelf.CLOSED:
            return CONVERSATION.owner == Owner.CLOSED.value
        case Shelf.MENTIONS:
            return CONVERSATION.id.in_(
                select(_MENTION.conversation_id).where(_MENTION.agent_id == _ME)
            )
        case Shelf.CALLS:
            return CONVERSATION.id.in_(WANTED)
        case Shelf.ALL:
            return CONVERSATION.owner.in_([owner.value for owner in OPEN])


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.channel is not None:
        query = query.where(CONVERSATION.channel == wanted.channel)
    if wanted.language is not None:
        query = query.where(CONVERSATION.language == wanted.language)
    if wanted.agent_id is not None:
        query = query.where(CONVERSATION.agent_id == wanted.agent_id)
    if wanted.tag is not None:
        query = query.where(
            exists().where(_TAG.conversation_id == CONVERSATION.id, _TAG.tag == wanted.tag)
        )
    return query


async def _read(work: Work, query: Select[Any], agent_id: str) -> list[Entry]:
    found = await work.connection.execute(query, {"me": agent_id, "now": work.now})
    rows = list(found.mappings())
    tags = await tags_of(work, [row["conversation_id"] for row in rows])
    return [_entry(row, tags, work.now) for row in rows]


def _entry(row: RowMapping, tags: dict[str, list[str]], now: datetime) -> Entry:
    conversation = conversation_from(row, "conversation_")
    last_shopper_seq = row["conversation_last_shopper_seq"]
    snooze = None
    if row["snooze_until"] is not None and is_asleep(
        owner=conversation.owner,
        until=row["snooze_until"],
        seq=row["snooze_seq"],
        last_shopper_seq=last_shopper_seq,
        now=now,
    ):
        snooze = Snooze(row["snooze_until"], row["snooze_agent_id"], row["snooze_seq"])
    return Entry(
        conversation=conversation,
        last=message_from(row, "message_") if row["message_id"] else None,
        last_shopper_seq=last_shopper_seq,
        tags=tuple(tags.get(conversation.id, ())),
        snooze=snooze,
        read_seq=row["read_seq"],
        call_open=row["call_open"],
    )
