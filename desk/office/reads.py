"""How far a transcript has been read, by the shopper and by each agent."""

from __future__ import annotations

from sqlalchemy import select, update

from desk.office import tables
from desk.work import Transaction

_READ = tables.read.c


class Reads:
    """Numbers that only rise."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def reached(self, conversation_id: str, reader: str, seq: int) -> bool:
        """An agent (its id) or Reader.SHOPPER has read up to ``seq``; whether that is new."""
        async with self._transaction() as work:
            added = await work.insert_unless_there(
                tables.read, {"conversation_id": conversation_id, "reader": reader, "seq": seq}
            )
            if added:
                return True
            raised = await work.connection.execute(
                update(tables.read)
                .where(
                    _READ.conversation_id == conversation_id,
                    _READ.reader == reader,
                    _READ.seq < seq,
                )
                .values(seq=seq)
            )
            return raised.rowcount == 1

    async def of(self, conversation_id: str) -> dict[str, int]:
        """The last number that each reader has read."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(_READ.reader, _READ.seq).where(_READ.conversation_id == conversation_id)
            )
            return {row.reader: row.seq for row in found}
