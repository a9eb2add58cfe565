"""Samples cases for a second look, and keeps what supervisors found in them."""

from __future__ import annotations

from random import Random
from uuid import uuid4

from sqlalchemy import delete, exists, insert, select

from desk import tables as desk_tables
from desk.agents import find_agent
from desk.errors import BadIncoming, NotAllowed
from desk.model import Role
from desk.office.audit import note_deed
from desk.office.model import Deed
from desk.reports import tables
from desk.reports.model import Sample, Score
from desk.rows import CONVERSATION, conversation_from, labelled
from desk.work import Transaction, Work

CRITERIA = ("greeting", "understanding", "correctness", "tone", "ownership", "closing")
MOST = 2
LONGEST_COMMENT = 2000
_CONSIDERED = 5000

_CASE = tables.case.c
_QUALITY = tables.quality.c


class Quality:
    """A sample depends on its seed alone, so that two who look at it see the same cases."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def sample(
        self, by_id: str, first: str, last: str, size: int, seed: int, agent_id: str | None = None
    ) -> list[Sample]:
        """``size`` cases of people from these days that ``by_id`` has not scored yet."""
        query = select(_CASE.conversation_id, _CASE.epoch).where(
            _CASE.day >= first,
            _CASE.day <= last,
            _CASE.agent_id.is_not(None) if agent_id is None else _CASE.agent_id == agent_id,
            ~exists().where(
                _QUALITY.conversation_id == _CASE.conversation_id,
                _QUALITY.epoch == _CASE.epoch,
                _QUALITY.by_id == by_id,
            ),
        )
        async with self._reading() as work:
            found = await work.connection.execute(
                query.order_by(_CASE.day.desc(), _CASE.conversation_id).limit(_CONSIDERED)
            )
            all_of_them = [(row.conversation_id, row.epoch) for row in found]
            chosen = Random(seed).sample(all_of_them, min(size, len(all_of_them)))  # noqa: S311
            return [await _sample(work, *one) for one in chosen]

    async def score(
        self, by_id: str, conversation_id: str, epoch: int, marks: dict[str, int], comment: str
    ) -> Score:
        """Keep a score sheet, in place of an earlier one by the same supervisor.

        Raises NotAllowed for whoever is no supervisor, BadIncoming for a sheet that is not
        complete or a case that does not exist.
        """
        if set(marks) != set(CRITERIA) or not all(0 <= mark <= MOST for mark in marks.values()):
            raise BadIncoming("a score sheet has a mark for every criterion")
        if len(comment) > LONGEST_COMMENT:
            raise BadIncoming("a comment is too long")
        async with self._transaction() as work:
            if (await find_agent(work.connection, by_id)).role is not Role.SUPERVISOR:
                raise NotAllowed("supervisors score")
            found = await work.connection.execute(
                select(_CASE.agent_id).where(
                    _CASE.conversation_id == conversation_id, _CASE.epoch == epoch
                )
            )
            row = found.first()
            if row is None:
                raise BadIncoming("there is no such case")
            score = Score(
                id=uuid4().hex,
                conversation_id=conversation_id,
                epoch=epoch,
                agent_id=row.agent_id,
                by_id=by_id,
                marks=marks,
                comment=comment.strip(),
                at=work.now,
            )
            await work.connection.execute(
                delete(tables.quality).where(
                    _QUALITY.conversation_id == conversation_id,
                    _QUALITY.epoch == epoch,
                    _QUALITY.by_id == by_id,
                )
            )
            await work.connection.execute(insert(tables.quality).values(**vars(score)))
            points = sum(marks.values())
            await note_deed(work, by_id, Deed.SCORED, conversation_id, points=points)
        return score

    async def scores(self, limit: int, agent_id: str | None = None) -> list[Score]:
        """The newest score sheets."""
        query = select(tables.quality).order_by(_QUALITY.at.desc(), _QUALITY.id.desc()).limit(limit)
        if agent_id is not None:
            query = query.where(_QUALITY.agent_id == agent_id)
        async with self._reading() as work:
            found = await work.connection.execute(query)
            return [Score(**row) for row in found.mappings()]


async def _sample(work: Work, conversation_id: str, epoch: int) -> Sample:
    found = await work.connection.execute(
        select(
            *labelled(desk_tables.conversation, "conversation_"),
            _CASE.epoch,
            _CASE.closed_at,
            _CASE.agent_id,
            _CASE.outcome,
            _CASE.score,
        )
        .join(tables.case, _CASE.conversation_id == CONVERSATION.id)
        .where(CONVERSATION.id == conversation_id, _CASE.epoch == epoch)
    )
    row = found.mappings().one()
    return Sample(
        conversation=conversation_from(row, "conversation_"),
        epoch=row["epoch"],
        closed_at=row["closed_at"],
        agent_id=row["agent_id"],
        outcome=row["outcome"],
        score=row["score"],
    )
