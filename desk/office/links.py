"""Conversations of one shopper that agents have put together."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, union, update

from desk import tables as desk_tables
from desk.agents import find_agent
from desk.errors import AlreadyTaken, BadIncoming
from desk.events import Annotated
from desk.held import hold
from desk.model import Conversation, Move, Owner
from desk.office import tables
from desk.office.audit import note_deed
from desk.office.model import Deed
from desk.ownership import demand_holder
from desk.rows import CONVERSATION, conversation_from
from desk.work import Transaction, Work

_LINK = tables.link.c
_OPEN = [Owner.BOT.value, Owner.QUEUE.value, Owner.AGENT.value]


class Links:
    """Merging: the agent goes on in one conversation, the other one closes and stays readable."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def merge(self, into_id: str, other_id: str, agent_id: str) -> Conversation:
        """Close ``other_id`` and read it together with ``into_id`` from now on.

        The shopper is told, in the closed one, that we go on in the other. Raises ConversationMoved
        when ``into_id`` is not this agent's, AlreadyTaken when a colleague has the other one.
        """
        if into_id == other_id:
            raise BadIncoming("a conversation cannot be merged with itself")
        async with self._transaction() as work:
            # Always in one order, so that two who merge crosswise do not wait for each other.
            held = {one: await hold(work, one) for one in sorted((into_id, other_id))}
            demand_holder(held[into_id], agent_id)
            other = held[other_id].conversation
            if other.agent_id not in (None, agent_id):
                raise AlreadyTaken(other, await find_agent(work.connection, str(other.agent_id)))
            if other.owner is not Owner.CLOSED:
                held[other_id].move(Move.MERGE, agent_id=agent_id)
                await held[other_id].save()
            await self._link(work, into_id, other_id, agent_id)
            await note_deed(work, agent_id, Deed.MERGED, into_id, other=other_id)
            work.events.append(Annotated(into_id))
            return held[into_id].conversation

    async def _link(self, work: Work, into_id: str, other_id: str, agent_id: str) -> None:
        # Links are never longer than one: what was merged into the other one moves along.
        await work.connection.execute(delete(tables.link).where(_LINK.conversation_id == into_id))
        await work.connection.execute(
            update(tables.link).where(_LINK.into_id == other_id).values(into_id=into_id)
        )
        values = {"into_id": into_id, "agent_id": agent_id, "at": work.now}
        changed = await work.connection.execute(
            update(tables.link).where(_LINK.conversation_id == other_id).values(**values)
        )
        if changed.rowcount == 0:
            await work.connection.execute(
                insert(tables.link).values(conversation_id=other_id, **values)
            )

    async def merged_with(self, conversation_id: str) -> list[Conversation]:
        """The other conversations that were put together with this one, latest activity first."""
        async with self._reading() as work:
            own = select(_LINK.into_id).where(_LINK.conversation_id == conversation_id)
            # Whatever became part of this one, or of what this one became part of, and that itself.
            parts = await work.connection.execute(
                union(
                    select(_LINK.conversation_id).where(_LINK.into_id == conversation_id),
                    select(_LINK.conversation_id).where(_LINK.into_id.in_(own)),
                    own,
                )
            )
            others = set(parts.scalars()) - {conversation_id}
            if not others:
                return []
            found = await work.connection.execute(
                select(desk_tables.conversation)
                .where(CONVERSATION.id.in_(others))
                .order_by(CONVERSATION.updated_at.desc(), CONVERSATION.id)
            )
            return [conversation_from(row) for row in found.mappings()]

    async def of_same_customer(self, conversation: Conversation) -> list[Conversation]:
        """Open conversations of the same verified customer, which could be merged."""
        if conversation.customer is None:
            return []
        customer_id = str(conversation.customer["id"])
        async with self._reading() as work:
            found = await work.connection.execute(
                select(desk_tables.conversation).where(
                    CONVERSATION.owner.in_(_OPEN),
                    CONVERSATION.id != conversation.id,
                    CONVERSATION.customer_id == customer_id,
                )
            )
            return [conversation_from(row) for row in found.mappings()]
