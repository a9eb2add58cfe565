"""Notes that agents write for each other in a conversation, and whom they call by name."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import func, insert, select, update

from desk import tables as desk_tables
from desk import transcript
from desk.agents import find_agent
from desk.errors import BadIncoming
from desk.events import Annotated
from desk.office import tables
from desk.office.model import Note
from desk.work import Transaction, Work

LONGEST_NOTE = 4000
MOST_MENTIONS = 20

_NOTE = tables.note.c
_MENTION = tables.mention.c


class Notes:
    """What the shopper never sees."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def add(
        self, conversation_id: str, agent_id: str, text: str, mentions: tuple[str, ...] = ()
    ) -> Note:
        """Write a note; ``mentions`` are ids of agents, who find it among their mentions.

        Raises NoSuchConversation, NoSuchAgent, BadIncoming when it is empty or too long.
        """
        text = text.strip()
        if not text or len(text) > LONGEST_NOTE or len(mentions) > MOST_MENTIONS:
            raise BadIncoming("a note is empty or too long")
        async with self._transaction() as work:
            conversation = await transcript.conversation(work.connection, conversation_id)
            for mentioned in mentions:
                await find_agent(work.connection, mentioned)
            called = tuple(dict.fromkeys(mentions))
            note = Note(
                uuid4().hex,
                conversation.id,
                conversation.last_seq,
                agent_id,
                text,
                called,
                work.now,
            )
            await _insert(work, note)
            work.events.append(Annotated(conversation.id, note))
        return note

    async def of(self, conversation_id: str) -> list[Note]:
        """The notes of a conversation, in the order in which they stand among its messages."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(tables.note)
                .where(_NOTE.conversation_id == conversation_id)
                .order_by(_NOTE.seq, _NOTE.at, _NOTE.id)
            )
            rows = list(found.mappings())
            called = await work.connection.execute(
                select(_MENTION.note_id, _MENTION.agent_id)
                .where(_MENTION.conversation_id == conversation_id)
                .order_by(_MENTION.agent_id)
            )
            mentions: dict[str, list[str]] = {}
            for note_id, agent_id in called:
                mentions.setdefault(note_id, []).append(agent_id)
        return [Note(**row, mentions=tuple(mentions.get(row["id"], ()))) for row in rows]

    async def unseen(self, agent_id: str) -> int:
        """How many notes that call this agent they have not looked at yet."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(func.count()).where(
                    _MENTION.agent_id == agent_id, _MENTION.seen_at.is_(None)
                )
            )
            return int(found.scalar_one())

    async def seen(self, agent_id: str, conversation_id: str) -> None:
        """This agent has looked at the conversation's notes."""
        async with self._transaction() as work:
            await work.connection.execute(
                update(tables.mention)
                .where(
                    _MENTION.agent_id == agent_id,
                    _MENTION.conversation_id == conversation_id,
                    _MENTION.seen_at.is_(None),
                )
                .values(seen_at=work.now)
            )

    async def colleagues_named(self, text: str) -> list[str]:
        """The ids of agents whose name or login stands after an @ in ``text``."""
        if "@" not in text:
            return []
        agent = desk_tables.agent.c
        async with self._reading() as work:
            found = await work.connection.execute(select(agent.id, agent.name, agent.login))
            folded = text.casefold()
            return [
                one.id
                for one in found
                if f"@{one.name.casefold()}" in folded or f"@{one.login}" in folded
            ]


async def _insert(work: Work, note: Note) -> None:
    await work.connection.execute(
        insert(tables.note).values(
            id=note.id,
            conversation_id=note.conversation_id,
            seq=note.seq,
            agent_id=note.agent_id,
            text=note.text,
            at=note.at,
        )
    )
    if note.mentions:
        await work.connection.execute(
            insert(tables.mention),
            [
                {
                    "note_id": note.id,
                    "agent_id": agent_id,
                    "conversation_id": note.conversation_id,
                    "at": note.at,
                }
                for agent_id in note.mentions
            ],
        )
