"""Promises for which the desk has no remedy left, so that a supervisor must decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from desk import tables
from desk.model import Conversation
from desk.rows import CONVERSATION, conversation_from, labelled
from desk.sla.clocks import SlaEvent
from desk.sla.policies import Metric, Remedy
from desk.work import Transaction

# What nobody has looked at for so long is history: reports count it.
KEPT = timedelta(days=7)

_EVENT = tables.sla_event.c
_SEEN = tables.alarm_seen.c


@dataclass(frozen=True)
class Alarm:
    """A promise in ``conversation``, as it is now, that supervisors were called for at ``at``.

    ``due_at`` is None where the clock stood still.
    """

    id: str
    conversation: Conversation
    metric: Metric
    policy: str
    at: datetime
    due_at: datetime | None


def is_alarm(event: SlaEvent) -> bool:
    """Whether supervisors are told of ``event``."""
    return event.remedy is Remedy.TELL_SUPERVISOR


class Alarms:
    """The event is stored with the promise; here is who has seen it."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def unseen(self, supervisor_id: str, limit: int) -> list[Alarm]:
        """What this supervisor has not seen yet of the last seven days, the newest first."""
        query = (
            select(
                *labelled(tables.conversation, "conversation_"),
                _EVENT.id,
                _EVENT.metric,
                _EVENT.policy,
                _EVENT.at,
                _EVENT.due_at,
            )
            .join(tables.sla_event, _EVENT.conversation_id == CONVERSATION.id)
            .where(
                _EVENT.remedy == Remedy.TELL_SUPERVISOR.value,
                ~exists().where(_SEEN.event_id == _EVENT.id, _SEEN.agent_id == supervisor_id),
            )
            .order_by(_EVENT.at.desc(), _EVENT.id)
            .limit(limit)
        )
        async with self._reading() as work:
            found = await work.connection.execute(query.where(_EVENT.at > work.now - KEPT))
            return [
                Alarm(
                    id=row["id"],
                    conversation=conversation_from(row, "conversation_"),
                    metric=Metric(row["metric"]),
                    policy=row["policy"],
                    at=row["at"],
                    due_at=row["due_at"],
                )
                for row in found.mappings()
            ]

    async def seen(self, supervisor_id: str, alarm_ids: Sequence[str]) -> None:
        """This supervisor knows of these alarms; ids that are none are passed over."""
        async with self._transaction() as work:
            found = await work.connection.execute(
                select(_EVENT.id).where(
                    _EVENT.id.in_(alarm_ids), _EVENT.remedy == Remedy.TELL_SUPERVISOR.value
                )
            )
            for event_id in found.scalars().all():
                values = {"event_id": event_id, "agent_id": supervisor_id, "at": work.now}
                await work.insert_unless_there(tables.alarm_seen, values)
