"""Finds how colleagues answered the same before: in cases whose shopper was content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select, text

from desk import tables as desk_tables
from desk.model import Author
from desk.office.terms import index_terms
from desk.reports import tables as report_tables
from desk.reports.model import Outcome
from desk.rows import MESSAGE, message_from
from desk.work import Transaction, Work

_CASE = report_tables.case.c
_MATCHES = 80
_MOST_TERMS = 24
_GOOD_SCORE = 4
# Replies that would fit anything help with nothing.
_SHORTEST_REPLY = 12


@dataclass(frozen=True)
class Precedent:
    """What an agent answered to something similar, and where."""

    conversation_id: str
    seq: int
    asked: str
    answered: str


class Similar:
    """Ranks by BM25 (SQLite) or PostgreSQL's text rank over the same index as the search."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def find(self, question: str, besides: str, limit: int) -> list[Precedent]:
        """The best ``limit`` precedents for ``question`` outside the conversation ``besides``.

        A case counts if its shopper said that it is solved, or gave it four points or more.
        """
        terms = list(dict.fromkeys(index_terms(question)))[:_MOST_TERMS]
        # A pair of characters says more than one alone.
        terms = [term for term in terms if len(term) > 1]
        if not terms:
            return []
        async with self._reading() as work:
            found: list[Precedent] = []
            for conversation_id, seq in await _ranked(work, terms):
                if conversation_id == besides or len(found) == limit:
                    continue
                precedent = await _precedent(work, conversation_id, seq)
                if precedent and all(one.answered != precedent.answered for one in found):
                    found.append(precedent)
            return found


async def _ranked(work: Work, terms: Sequence[str]) -> list[tuple[str, int]]:
    if work.connection.dialect.name == "postgresql":
        statement = text(
            "SELECT conversation_id, seq FROM search_message, CAST(:query AS tsquery) AS query"
            " WHERE terms @@ query ORDER BY ts_rank(terms, query) DESC, at DESC LIMIT :most"
        )
        query = " | ".join(f"'{term}'" for term in terms)
    else:
        statement = text(
            "SELECT conversation_id, seq FROM search_message WHERE search_message MATCH :query"
            " ORDER BY bm25(search_message), rowid DESC LIMIT :most"
        )
        query = " OR ".join(f'"{term}"' for term in terms)
    found = await work.connection.execute(statement, {"query": query, "most": _MATCHES})
    return [(row.conversation_id, int(row.seq)) for row in found]


async def _precedent(work: Work, conversation_id: str, seq: int) -> Precedent | None:
    content = exists().where(
        _CASE.conversation_id == conversation_id,
        or_(_CASE.outcome == Outcome.CONFIRMED.value, _CASE.score >= _GOOD_SCORE),
        # Only the case in which it was said: it closed with a later epoch.
        _CASE.epoch > MESSAGE.epoch,
    )
    found = await work.connection.execute(
        select(desk_tables.message)
        .where(
            MESSAGE.conversation_id == conversation_id,
            or_(
                and_(MESSAGE.seq == seq, MESSAGE.author == Author.SHOPPER.value, content),
                and_(MESSAGE.seq > seq, MESSAGE.seq <= seq + 4),
            ),
        )
        .order_by(MESSAGE.seq)
    )
    messages = [message_from(row) for row in found.mappings()]
    if not messages or messages[0].seq != seq:
        return None
    for message in messages[1:]:
        answer = message.content.text
        if message.author is Author.AGENT and len(answer) >= _SHORTEST_REPLY:
            return Precedent(conversation_id, message.seq, messages[0].content.text, answer)
    return None
