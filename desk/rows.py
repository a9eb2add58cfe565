"""Between the rows of the tables and the values of the model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table

from desk import tables
from desk.model import (
    Agent,
    Author,
    Conversation,
    Handoff,
    HandoffReason,
    Message,
    Owner,
    Role,
    TurnState,
)
from kernel.content import from_builtins, to_builtins

CONVERSATION = tables.conversation.c
MESSAGE = tables.message.c


def labelled(table: Table, prefix: str) -> list[Any]:
    """The columns of ``table`` under names that cannot meet those of another table."""
    return [column.label(f"{prefix}{column.name}") for column in table.c]


def conversation_from(row: RowMapping, prefix: str = "") -> Conversation:
    """The conversation in ``row``."""
    return Conversation(
        id=row[f"{prefix}id"],
        channel=row[f"{prefix}channel"],
        shopper_id=row[f"{prefix}shopper_id"],
        owner=Owner(row[f"{prefix}owner"]),
        agent_id=row[f"{prefix}agent_id"],
        epoch=row[f"{prefix}epoch"],
        language=row[f"{prefix}language"],
        priority=row[f"{prefix}priority"],
        customer=row[f"{prefix}customer"],
        last_seq=row[f"{prefix}last_seq"],
        created_at=row[f"{prefix}created_at"],
        updated_at=row[f"{prefix}updated_at"],
        queued_at=row[f"{prefix}queued_at"],
        handoff=_handoff_from(row[f"{prefix}handoff"]),
    )


def handoff_to(handoff: Handoff | None) -> dict[str, Any] | None:
    """``handoff`` as JSON."""
    if handoff is None:
        return None
    return {
        "reason": handoff.reason.value,
        "summary": handoff.summary,
        "at": handoff.at.isoformat(),
    }


def _handoff_from(data: dict[str, Any] | None) -> Handoff | None:
    if data is None:
        return None
    return Handoff(
        reason=HandoffReason(data["reason"]),
        summary=data["summary"],
        at=datetime.fromisoformat(data["at"]),
    )


def message_from(row: RowMapping, prefix: str = "") -> Message:
    """The message in ``row``."""
    turn_state = row[f"{prefix}turn_state"]
    return Message(
        id=row[f"{prefix}id"],
        conversation_id=row[f"{prefix}conversation_id"],
        seq=row[f"{prefix}seq"],
        author=Author(row[f"{prefix}author"]),
        agent_id=row[f"{prefix}agent_id"],
        content=from_builtins(row[f"{prefix}content"]),
        created_at=row[f"{prefix}created_at"],
        external_id=row[f"{prefix}external_id"],
        in_reply_to=row[f"{prefix}in_reply_to"],
        epoch=row[f"{prefix}epoch"],
        turn_state=TurnState(turn_state) if turn_state else None,
    )


def message_to(message: Message) -> dict[str, Any]:
    """The row of a new ``message``."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "author": message.author.value,
        "agent_id": message.agent_id,
        "content": to_builtins(message.content),
        "created_at": message.created_at,
        "external_id": message.external_id,
        "in_reply_to": message.in_reply_to,
        "epoch": message.epoch,
        "turn_state": message.turn_state.value if message.turn_state else None,
        "turn_attempts": 0,
    }


def agent_from(row: RowMapping) -> Agent:
    """The agent in ``row``."""
    return Agent(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
    )
