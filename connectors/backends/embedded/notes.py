"""Notes at the embedded shop's orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.orders.model import NoteKind, OrderNote


async def notes_of(connection: AsyncConnection, order_number: str) -> tuple[OrderNote, ...]:
    """What is noted at the order, newest first."""
    notes = tables.order_notes
    rows = await connection.execute(
        select(notes)
        .where(notes.c.order_number == order_number)
        .order_by(notes.c.at.desc(), notes.c.id.desc())
    )
    return tuple(
        OrderNote(
            row["id"], NoteKind(row["kind"]), row["text"], row["at"], row["actor"], row["due_at"]
        )
        for row in rows.mappings()
    )


async def add_note(
    connection: AsyncConnection,
    order_number: str,
    kind: NoteKind,
    text: str,
    *,
    now: datetime,
    by: Actor,
    due_at: datetime | None,
) -> OrderNote:
    """Note something at an order that is locked; ``due_at``: until when it is seen to."""
    before = await notes_of(connection, order_number)
    note = OrderNote(f"{order_number}-N{len(before) + 1}", kind, text, now, by.name, due_at)
    await connection.execute(
        insert(tables.order_notes).values(
            id=note.id,
            order_number=order_number,
            kind=note.kind.value,
            text=note.text,
            at=note.at,
            actor=note.actor,
            due_at=note.due_at,
        )
    )
    return note
