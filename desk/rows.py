"""Between the rows of the tables and the values of the model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, Table

from desk import tables
from desk.model import (
    Agent,
    Agreement,
    Author,
    Callback,
    Conversation,
    Handoff,
    HandoffReason,
    Message,
    Offer,
    Owner,
    Role,
    Told,
    TurnState,
)
from desk.sla.clocks import SlaEvent, applied_from, applied_to
from kernel.content import from_builtins, to_builtins

CONVERSATION = tables.conversation.c
MESSAGE = tables.message.c


def labelled(table: Table, prefix: str) -> list[Any]:
    """The columns of ``table`` under names that cannot meet those of another table."""
    return [column.label(f"{prefix}{column.name}") for column in table.c]


def conversation_from(row: RowMapping, prefix: str = "") -> Conversation:
    """The conversation in ``row``."""
    offered_to, agreed = row[f"{prefix}offered_to"], row[f"{prefix}agreed"]
    callback, told = row[f"{prefix}callback"], row[f"{prefix}told"]
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
        owner_since=row[f"{prefix}owner_since"],
        place_at=row[f"{prefix}place_at"],
        skill=row[f"{prefix}skill"],
        group=row[f"{prefix}customer_group"],
        weight=row[f"{prefix}weight"],
        offer=Offer(offered_to, row[f"{prefix}offer_until"]) if offered_to else None,
        passed_by=tuple(row[f"{prefix}passed_by"] or ()),
        last_agent_id=row[f"{prefix}last_agent_id"],
        last_agent_at=row[f"{prefix}last_agent_at"],
        callback=callback_from(callback) if callback else None,
        snoozed_until=row[f"{prefix}snoozed_until"],
        sla=applied_from(row[f"{prefix}sla"]),
        agreed=_agreement_from(agreed) if agreed else None,
        told=Told(told["seq"], datetime.fromisoformat(told["at"]), told["facts"]) if told else None,
    )


def service_to(one: Conversation) -> dict[str, Any]:
    """The columns of ``one`` that only people's service changes: who waits, for whom, how long."""
    offer = one.offer
    return {
        "owner_since": one.owner_since,
        "place_at": one.place_at,
        "skill": one.skill,
        "customer_group": one.group,
        "weight": one.weight,
        "offered_to": offer.agent_id if offer else None,
        "offer_until": offer.until if offer else None,
        "passed_by": list(one.passed_by) or None,
        "last_agent_id": one.last_agent_id,
        "last_agent_at": one.last_agent_at,
        "callback": one.callback
        and {
            "at": one.callback.at.isoformat(),
            "contact": one.callback.contact,
            "called_at": one.callback.called_at and one.callback.called_at.isoformat(),
            "made_at": one.callback.made_at and one.callback.made_at.isoformat(),
            "made_by": one.callback.made_by,
        },
        "snoozed_until": one.snoozed_until,
        "sla": applied_to(one.sla),
        "agreed": one.agreed
        and {
            "text": one.agreed.text,
            "agent_id": one.agreed.agent_id,
            "at": one.agreed.at.isoformat(),
            "facts": one.agreed.facts,
        },
        "told": one.told
        and {"seq": one.told.seq, "at": one.told.at.isoformat(), "facts": one.told.facts},
    }


def callback_from(data: Mapping[str, Any]) -> Callback:
    """The wish to be called that is stored as ``data``."""
    called_at, made_at = data["called_at"], data.get("made_at")
    return Callback(
        at=datetime.fromisoformat(data["at"]),
        contact=data["contact"],
        called_at=datetime.fromisoformat(called_at) if called_at else None,
        made_at=datetime.fromisoformat(made_at) if made_at else None,
        made_by=data.get("made_by"),
    )


def _agreement_from(data: dict[str, Any]) -> Agreement:
    at = datetime.fromisoformat(data["at"])
    return Agreement(data["text"], data["agent_id"], at, data["facts"])


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


def message_to(message: Message, attempts: int = 0) -> dict[str, Any]:
    """The row of a new ``message``; ``attempts``: turns that were begun to answer it."""
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
        "turn_attempts": attempts,
    }


def sla_event_to(event: SlaEvent, of: Conversation) -> dict[str, Any]:
    """The row of something that became of a promise of the conversation ``of``."""
    return {
        "id": uuid4().hex,
        "conversation_id": of.id,
        "kind": event.kind.value,
        "metric": event.metric.value,
        "policy": event.policy,
        "at": event.at,
        "target_s": event.target.total_seconds(),
        "spent_s": event.spent.total_seconds(),
        "due_at": event.due_at,
        "remedy": event.remedy.value if event.remedy else None,
        "agent_id": of.agent_id,
        "channel": of.channel,
        "skill": of.skill,
    }


def agent_from(row: RowMapping) -> Agent:
    """The agent in ``row``."""
    return Agent(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        skills=frozenset(row["skills"] or ()),
        languages=frozenset(row["languages"] or ()),
        capacity=row["capacity"],
    )
