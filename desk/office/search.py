"""Finds words in transcripts: SQLite's FTS5 or PostgreSQL's text search over our own terms.

Messages enter the index a moment after they were stored, so that no turn waits for it; whoever
indexes follows ``updated_at`` and notes for each conversation how far it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, or_, select, text, update

from desk import tables as desk_tables
from desk.model import Conversation, Message, Owner
from desk.office import tables
from desk.office.model import Hit
from desk.office.terms import Phrase, index_terms, query_phrases
from desk.rows import CONVERSATION, MESSAGE, conversation_from, labelled, message_from
from desk.work import Transaction, Work

_INDEXED = tables.indexed.c
_PROGRESS = tables.progress.c
_NAME = "search"
# Deeds of one moment may commit in another order: look back so far each time.
_OVERLAP = timedelta(minutes=1)
_BATCH = 500
_MATCHES = 1000
_WITH_CUSTOMER = select(desk_tables.message, CONVERSATION.customer).join(
    desk_tables.conversation, CONVERSATION.id == MESSAGE.conversation_id
)
_OWNERS = [owner.value for owner in Owner]


class Search:
    """The index over all transcripts."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def find(self, query: str, limit: int) -> list[Hit]:
        """Conversations in which every word of ``query`` stands in one message, newest first.

        Words count by their beginning, Chinese characters as they follow each other; upper case,
        full width and traditional characters make no difference.
        """
        phrases = query_phrases(query)
        if not phrases:
            return []
        async with self._reading() as work:
            found = await _matches(work, phrases)
            newest: dict[str, int] = {}
            hits: dict[str, int] = {}
            for conversation_id, seq in found:
                newest.setdefault(conversation_id, seq)
                hits[conversation_id] = hits.get(conversation_id, 0) + 1
            wanted = list(newest.items())[:limit]
            rows = await _load(work, wanted)
        return [
            Hit(*rows[conversation_id], hits[conversation_id])
            for conversation_id, _ in wanted
            if conversation_id in rows
        ]

    async def index(self, limit: int = 200) -> int:
        """Bring up to ``limit`` conversations into the index; how many had something new."""
        async with self._transaction() as work:
            await work.insert_unless_there(
                tables.progress, {"name": _NAME, "at": work.now - timedelta(days=36500)}
            )
            found = await work.connection.execute(
                select(_PROGRESS.at).where(_PROGRESS.name == _NAME)
            )
            since = found.scalar_one() - _OVERLAP
            behind = await work.connection.execute(
                select(CONVERSATION.id, CONVERSATION.updated_at)
                .outerjoin(tables.indexed, _INDEXED.conversation_id == CONVERSATION.id)
                .where(
                    CONVERSATION.owner.in_(_OWNERS),
                    CONVERSATION.updated_at >= since,
                    or_(_INDEXED.seq.is_(None), _INDEXED.seq < CONVERSATION.last_seq),
                )
                .order_by(CONVERSATION.updated_at)
                .limit(limit)
            )
            rows = behind.all()
        for row in rows:
            while await self._index_some(row.id):
                pass
        if rows:
            async with self._transaction() as work:
                await work.connection.execute(
                    update(tables.progress)
                    .where(_PROGRESS.name == _NAME, _PROGRESS.at < rows[-1].updated_at)
                    .values(at=rows[-1].updated_at)
                )
        return len(rows)

    async def _index_some(self, conversation_id: str) -> bool:
        """Index the next messages of a conversation; whether there may be more."""
        async with self._transaction() as work:
            await work.insert_unless_there(
                tables.indexed, {"conversation_id": conversation_id, "seq": 0}
            )
            found = await work.connection.execute(
                select(_INDEXED.seq)
                .where(_INDEXED.conversation_id == conversation_id)
                .with_for_update()
            )
            done = found.scalar_one()
            fresh = await work.connection.execute(
                _WITH_CUSTOMER.where(MESSAGE.conversation_id == conversation_id, MESSAGE.seq > done)
                .order_by(MESSAGE.seq)
                .limit(_BATCH)
            )
            rows = list(fresh.mappings())
            if not rows:
                return False
            await _insert(work, [_indexed_row(row, row is rows[-1]) for row in rows])
            await work.connection.execute(
                update(tables.indexed)
                .where(_INDEXED.conversation_id == conversation_id)
                .values(seq=rows[-1]["seq"])
            )
            return len(rows) == _BATCH


def _indexed_row(row: RowMapping, is_newest: bool) -> dict[str, Any]:
    content = message_from(row).content
    said = [content.text, *(attachment.name for attachment in content.attachments)]
    card = content.card or {}
    said += [
        str(card[name]) for name in ("number", "order_number", "tracking_number") if card.get(name)
    ]
    # The customer's name finds the conversation, by its newest message.
    if is_newest and row["customer"]:
        said.append(str(row["customer"].get("name") or ""))
    return {
        "conversation_id": row["conversation_id"],
        "seq": row["seq"],
        "at": row["created_at"],
        "terms": index_terms("\n".join(said)),
    }


async def index_anew(work: Work, before: Message) -> None:
    """Find a message that was rewritten by what stands in it now, not by what stood ``before``."""
    found_by: dict[str, Any] = {"conversation_id": before.conversation_id, "seq": before.seq}
    # Whoever indexes the conversation waits for us here, or we for them.
    await work.insert_unless_there(
        tables.indexed, {"conversation_id": before.conversation_id, "seq": 0}
    )
    indexed = await work.connection.execute(
        select(_INDEXED.seq)
        .where(_INDEXED.conversation_id == before.conversation_id)
        .with_for_update()
    )
    if indexed.scalar_one() < before.seq:
        return
    statement = "DELETE FROM search_message WHERE conversation_id = :conversation_id AND seq = :seq"
    if work.connection.dialect.name != "postgresql":
        # SQLite's index finds it by its words alone.
        statement += " AND search_message MATCH :query"
        found_by["query"] = " ".join(map(_fts5, query_phrases(before.content.text)))
    await work.connection.execute(text(statement), found_by)
    rewritten = await work.connection.execute(
        _WITH_CUSTOMER.where(MESSAGE.id == before.id).add_columns(
            (MESSAGE.seq == CONVERSATION.last_seq).label("is_newest")
        )
    )
    row = rewritten.mappings().one()
    await _insert(work, [_indexed_row(row, bool(row["is_newest"]))])


async def _insert(work: Work, rows: list[dict[str, Any]]) -> None:
    if work.connection.dialect.name == "postgresql":
        statement = text(
            "INSERT INTO search_message (conversation_id, seq, at, terms) VALUES"
            " (:conversation_id, :seq, :at, CAST(:terms AS tsvector)) ON CONFLICT DO NOTHING"
        )
        values = [{**row, "terms": _vector(row["terms"])} for row in rows]
    else:
        statement = text(
            "INSERT INTO search_message (conversation_id, seq, terms) VALUES"
            " (:conversation_id, :seq, :terms)"
        )
        values = [
            {
                "conversation_id": row["conversation_id"],
                "seq": row["seq"],
                "terms": " ".join(row["terms"]),
            }
            for row in rows
        ]
    await work.connection.execute(statement, values)


async def _matches(work: Work, phrases: Sequence[Phrase]) -> list[tuple[str, int]]:
    if work.connection.dialect.name == "postgresql":
        statement = text(
            "SELECT conversation_id, seq FROM search_message"
            " WHERE terms @@ CAST(:query AS tsquery) ORDER BY at DESC, seq DESC LIMIT :most"
        )
        query = " & ".join(_postgresql(phrase) for phrase in phrases)
    else:
        statement = text(
            "SELECT conversation_id, seq FROM search_message"
            " WHERE search_message MATCH :query ORDER BY rowid DESC LIMIT :most"
        )
        query = " ".join(_fts5(phrase) for phrase in phrases)
    found = await work.connection.execute(statement, {"query": query, "most": _MATCHES})
    return [(row.conversation_id, int(row.seq)) for row in found]


def _fts5(phrase: Phrase) -> str:
    # Terms hold letters and digits only, so nothing in them can end the quotation.
    return f'"{" ".join(phrase.terms)}"{" *" if phrase.prefix else ""}'


def _postgresql(phrase: Phrase) -> str:
    follow = " <-> ".join(f"'{term}'{':*' if phrase.prefix else ''}" for term in phrase.terms)
    return f"({follow})"


# PostgreSQL knows no position beyond this one.
_LAST_POSITION = 16383


def _vector(terms: list[str]) -> str:
    return " ".join(
        f"'{term}':{min(position, _LAST_POSITION)}" for position, term in enumerate(terms, start=1)
    )


async def _load(
    work: Work, wanted: list[tuple[str, int]]
) -> dict[str, tuple[Conversation, Message]]:
    if not wanted:
        return {}
    found = await work.connection.execute(
        select(
            *labelled(desk_tables.conversation, "conversation_"),
            *labelled(desk_tables.message, "message_"),
        )
        .join(desk_tables.message, MESSAGE.conversation_id == CONVERSATION.id)
        # One by one: SQLite looks nothing up in an index for pairs in a list.
        .where(
            or_(
                *(
                    and_(MESSAGE.conversation_id == conversation_id, MESSAGE.seq == seq)
                    for conversation_id, seq in wanted
                )
            )
        )
    )
    return {
        row["conversation_id"]: (
            conversation_from(row, "conversation_"),
            message_from(row, "message_"),
        )
        for row in found.mappings()
    }
