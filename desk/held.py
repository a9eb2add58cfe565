"""A conversation held by one transaction: the only place where messages join and owners change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, Select, bindparam, case, exists, insert, select, update

from desk import tables
from desk.errors import ConversationMoved, NoSuchConversation
from desk.events import MessageAppended, OwnerChanged, QueueChanged, SlaChanged
from desk.identifiers import is_storable
from desk.model import (
    FIRST_EPOCH,
    PRIORITY_OF,
    TRANSITIONS,
    Author,
    Conversation,
    Delivery,
    Handoff,
    Lease,
    Message,
    Move,
    Owner,
    PendingTurn,
    TurnState,
)
from desk.notices import notice
from desk.rows import (
    CONVERSATION,
    MESSAGE,
    conversation_from,
    handoff_to,
    message_to,
    service_to,
    sla_event_to,
)
from desk.sla.clocks import Occasion, Progress, SlaEvent, next_check, promise, risk_from
from desk.sla.policies import Circumstances, Escalation, Remedy
from desk.work import Work
from kernel.content import Content

# Moods in a handoff's summary for which nobody should wait long.
_PRESSING_MOODS = frozenset({"hurried", "frustrated"})
# Statements of every turn are built once: building one costs more than SQLite takes to run it.
_SAVE = update(tables.conversation).where(
    CONVERSATION.id == bindparam("held_id"), CONVERSATION.epoch == bindparam("held_epoch")
)
_ADD_MESSAGES = insert(tables.message)
_ADD_DELIVERIES = insert(tables.delivery)
_ADD_SLA_EVENTS = insert(tables.sla_event)
_DELIVERY = tables.delivery.c
_UNSENT = select(
    exists().where(_DELIVERY.conversation_id == bindparam("of"), _DELIVERY.state == "due")
)
_PROMISE = tables.promise.c
_BY_ID = select(tables.conversation).where(CONVERSATION.id == bindparam("id")).with_for_update()
_BY_SHOPPER = (
    select(tables.conversation)
    .where(
        CONVERSATION.channel == bindparam("channel"),
        CONVERSATION.shopper_id == bindparam("shopper_id"),
    )
    .with_for_update()
)


class HeldConversation:
    """Collects what a deed does to one conversation; ``save`` writes it, all or nothing.

    The row is locked from ``hold`` to the end of the transaction, so numbers and epochs given out
    here cannot be given out anywhere else.
    """

    def __init__(self, work: Work, row: RowMapping) -> None:
        self._work = work
        self._at_first = conversation_from(row)
        self._last_shopper_seq: int = row["last_shopper_seq"]
        self._appended: list[Message] = []
        self._changes: list[dict[str, Any]] = []
        self._sla_events: list[SlaEvent] = []
        self._begun: Message | None = None
        self._sender: Lease | None = None
        self._is_checked = False
        self.deliveries: list[Delivery] = []
        self.conversation = self._at_first
        self.lease_token: str | None = row["lease_token"]
        self.lease_worker: str | None = row["lease_worker"]
        self.lease_until: datetime | None = row["lease_until"]

    @property
    def appended(self) -> list[Message]:
        """The messages that joined in this transaction."""
        return list(self._appended)

    @property
    def is_leased(self) -> bool:
        """Whether somebody is running a turn of this conversation now."""
        return self.lease_until is not None and self.lease_until > self._work.now

    def append(
        self,
        author: Author,
        content: Content,
        *,
        agent_id: str | None = None,
        external_id: str | None = None,
        in_reply_to: str | None = None,
        created_at: datetime | None = None,
        is_answered: bool = False,
    ) -> Message:
        """Add a message under the next number and the present epoch.

        What a shopper says is the bot's to answer while the bot owns the conversation, else it
        is for a person, unless ``is_answered``: then nobody owes it an answer. What anybody else
        says is put into the outbox.
        """
        turn_state = None
        if author is Author.SHOPPER:
            with_bot = self.conversation.owner is Owner.BOT
            turn_state = TurnState.PENDING if with_bot else TurnState.FOR_PERSON
            if is_answered:
                turn_state = TurnState.ANSWERED
        message = Message(
            id=uuid4().hex,
            conversation_id=self.conversation.id,
            seq=self.conversation.last_seq + 1,
            author=author,
            agent_id=agent_id,
            content=content,
            created_at=created_at or self._work.now,
            external_id=external_id,
            in_reply_to=in_reply_to,
            epoch=self.conversation.epoch,
            turn_state=turn_state,
        )
        self._appended.append(message)
        self.update(last_seq=message.seq)
        if author is Author.SHOPPER and not is_answered:
            self._last_shopper_seq = message.seq
            if self.conversation.snoozed_until is not None:
                self.update(snoozed_until=None)
            self._follow(Occasion.SHOPPER_WROTE)
        elif author is Author.AGENT:
            self._follow(Occasion.PERSON_REPLIED)
        return message

    def begin_turn(self, message: Message, attempt: int, lease: Lease) -> PendingTurn:
        """Lease the turn of ``message``: nobody else answers in this conversation meanwhile.

        What was said earlier keeps its own count of attempts; one that joins now gets it here.
        """
        self._begun = message
        self.lease_token = uuid4().hex
        self.lease_worker = lease.worker
        self.lease_until = self._work.now + lease.duration
        return PendingTurn(self.conversation, message, self.lease_token, attempt)

    def end_turn(self) -> None:
        """Whoever wants may answer next."""
        self.lease_token = self.lease_worker = self.lease_until = None

    def send_by(self, sender: Lease) -> None:
        """Leave what joins in this transaction to ``sender`` to send; see ``deliveries``."""
        self._sender = sender

    def has_shopper_words_after(self, message: Message) -> bool:
        """Whether the shopper has written anything since ``message``."""
        return self._last_shopper_seq > message.seq

    def update(self, **fields: Any) -> None:
        """Set fields of the conversation that are nobody's decision but the caller's."""
        self.conversation = replace(self.conversation, **fields)

    def move(
        self,
        move: Move,
        *,
        agent_id: str | None = None,
        agent_name: str = "",
        handoff: Handoff | None = None,
        note: str | None = None,
        by_id: str | None = None,
    ) -> None:
        """Change the owner along the table of transitions and tell the shopper.

        Raises ConversationMoved when the table knows no such step. ``note`` is for people at the
        desk; the shopper never sees it. Whoever ran a turn has lost the right to answer. Who joins
        the queue is told by ``desk.line``, which knows the place.
        """
        before = self.conversation
        after = TRANSITIONS[before.owner].get(move)
        if after is None:
            raise ConversationMoved(before)
        now = self._work.now
        self.update(
            owner=after,
            agent_id=agent_id if after is Owner.AGENT else None,
            epoch=before.epoch + 1,
            owner_since=now,
            queued_at=now if after is Owner.QUEUE else None,
            handoff=(handoff or before.handoff) if _with_people(after) else None,
            offer=None,
            passed_by=(),
            snoozed_until=None,
        )
        if before.owner is Owner.AGENT:
            self.update(last_agent_id=before.agent_id, last_agent_at=now)
        if not _with_people(before.owner) and _with_people(after):
            self._come_to_people()
        elif _with_people(before.owner) and not _with_people(after):
            # What goes on in another conversation is not solved here.
            solved = before.owner is Owner.AGENT and move is not Move.MERGE
            self._leave_people(Occasion.ENDED if solved else Occasion.LEFT)
        self.end_turn()
        lasted = now - (before.owner_since or before.created_at)
        call = before.callback if self.conversation.callback is None else None
        if call is not None and call.contact is None:
            call = None
        self._changes.append(
            {
                "conversation_id": before.id,
                "epoch": before.epoch + 1,
                "move": move.value,
                "before": before.owner.value,
                "after": after.value,
                "agent_id": agent_id or before.agent_id,
                "note": note,
                "at": now,
                "by_id": by_id,
                "lasted_s": max(0.0, lasted.total_seconds()),
                "skill": self.conversation.skill or before.skill,
                "priority": before.priority,
                "call_asked_at": call.at if call else None,
                "call_made_at": call.made_at if call else None,
                "call_contact": call.contact if call else None,
                "call_made_by": call.made_by if call else None,
            }
        )
        if (content := notice(move, before.language, agent_name)) is not None:
            self.append(Author.SYSTEM, content)

    def _come_to_people(self) -> None:
        """Everything that people need to find their way: urgency, skill, place and promises."""
        rules, handoff = self._work.rules.queue, self.conversation.handoff
        summary = handoff.summary if handoff else {}
        group = summary.get("group")
        priority = PRIORITY_OF.get(handoff.reason, 0) if handoff else 0
        if summary.get("mood") in _PRESSING_MOODS:
            priority = max(priority, rules.mood_priority)
        if group in rules.vip_groups:
            priority += rules.vip_priority
        self.update(
            skill=rules.skill_for(summary),
            group=group if isinstance(group, str) else None,
            weight=rules.weights.get(self.conversation.channel, 1),
            place_at=self._work.now,
            agreed=None,
        )
        self.prioritise(min(priority, rules.highest_priority))
        policy = self._work.rules.sla.policy_for(_circumstances(self.conversation))
        if policy is not None:
            self.update(sla=promise(policy))
            self._follow(Occasion.HANDED_OFF)

    def _leave_people(self, occasion: Occasion) -> None:
        self._follow(occasion)
        self.update(
            sla=None, place_at=None, priority=0, skill=None, group=None, weight=1, callback=None
        )

    def prioritise(self, priority: int) -> None:
        """Set the priority; the place in the queue moves by what a level of it is worth."""
        before = self.conversation
        if before.place_at is not None:
            gained = (priority - before.priority) * self._work.rules.queue.ageing
            self.update(place_at=before.place_at - gained)
        self.update(priority=priority)

    def snooze(self, until: datetime | None) -> None:
        """Put the conversation aside until a moment, or take it up again (None)."""
        self.update(snoozed_until=until)
        self._follow(Occasion.SNOOZED if until else Occasion.WOKEN)

    def escalate(self, escalations: Sequence[Escalation]) -> list[Remedy]:
        """Note what is broken or in danger; the remedies that are due now."""
        progress = self._progress()
        if progress is None:
            return []
        remedies = progress.escalate(escalations)
        self._keep(progress)
        self._is_checked = True
        return remedies

    def _follow(self, occasion: Occasion) -> None:
        progress = self._progress()
        if progress is not None:
            progress.follow(occasion)
            self._keep(progress)

    def _progress(self) -> Progress | None:
        applied = self.conversation.sla
        if applied is None:
            return None
        return Progress(applied, self._work.rules.calendar(applied.calendar), self._work.now)

    def _keep(self, progress: Progress) -> None:
        self.update(sla=progress.applied)
        self._sla_events += progress.events

    async def save(self) -> None:
        """Write everything that was done; afterwards the events of this work tell of it."""
        connection = self._work.connection
        self.update(updated_at=self._work.now)
        now, before = self.conversation, self._at_first
        result = await connection.execute(
            _SAVE,
            {
                "held_id": now.id,
                "held_epoch": before.epoch,
                "owner": now.owner.value,
                "agent_id": now.agent_id,
                "epoch": now.epoch,
                "language": now.language,
                "priority": now.priority,
                "customer": now.customer,
                "customer_id": str(now.customer["id"]) if now.customer else None,
                "last_seq": now.last_seq,
                "last_shopper_seq": self._last_shopper_seq,
                "updated_at": now.updated_at,
                "queued_at": now.queued_at,
                "handoff": handoff_to(now.handoff),
                "lease_token": self.lease_token,
                "lease_worker": self.lease_worker,
                "lease_until": self.lease_until,
                **self._service_changes(),
            },
        )
        if result.rowcount != 1:
            raise ConversationMoved(before)
        if self._appended:
            rows = [message_to(message, int(message is self._begun)) for message in self._appended]
            await connection.execute(_ADD_MESSAGES, rows)
        outgoing = [message for message in self._appended if message.author is not Author.SHOPPER]
        if outgoing:
            await self._put_into_outbox(outgoing)
        if self._changes:
            await connection.execute(insert(tables.owner_change), self._changes)
            await self._give_pending_to_people()
            if before.owner is Owner.QUEUE:
                await self._settle_promises()
        if self._sla_events:
            rows = [sla_event_to(event, self._concerned()) for event in self._sla_events]
            await connection.execute(_ADD_SLA_EVENTS, rows)
        self._tell()

    def _service_changes(self) -> dict[str, Any]:
        """The columns of people's service, if any is not as it was: a bot's turn has none."""
        now, before = self.conversation, self._at_first
        columns = service_to(now)
        # After a look at the clocks the next one is due later, even if they are as they were.
        if columns == service_to(before) and not self._is_checked:
            return {}
        rules, applied = self._work.rules, now.sla
        check_at = risk_at = None
        if applied is not None:
            calendar = rules.calendar(applied.calendar)
            check_at = next_check(applied, calendar, rules.sla.escalations)
            risk_at = risk_from(applied, calendar, rules.sla.danger_from)
        return {**columns, "sla_check_at": check_at, "sla_risk_at": risk_at}

    def _concerned(self) -> Conversation:
        """The conversation as it was for whom this step may have ended it."""
        now, before = self.conversation, self._at_first
        agent_id, skill = now.agent_id or before.agent_id, now.skill or before.skill
        return replace(now, agent_id=agent_id, skill=skill)

    async def _put_into_outbox(self, outgoing: Sequence[Message]) -> None:
        connection, now = self._work.connection, self._work.now
        lease = self._sender
        if lease is not None:
            earlier = await connection.execute(_UNSENT, {"of": self.conversation.id})
            lease = None if earlier.scalar_one() else lease
        rows: list[dict[str, Any]] = [
            {
                "id": uuid4().hex,
                "conversation_id": message.conversation_id,
                "message_id": message.id,
                "seq": message.seq,
                "state": "due",
                "attempt": 0,
                "due_at": now,
                "lease_worker": lease.worker if lease else None,
                "lease_until": now + lease.duration if lease else None,
            }
            for message in outgoing
        ]
        await connection.execute(_ADD_DELIVERIES, rows)
        if lease is not None:
            self.deliveries = [
                Delivery(row["id"], self.conversation, message, 0, row["lease_until"])
                for row, message in zip(rows, outgoing, strict=True)
            ]

    async def _give_pending_to_people(self) -> None:
        if self.conversation.owner is Owner.BOT:
            return
        await self._work.connection.execute(
            update(tables.message)
            .where(
                MESSAGE.conversation_id == self.conversation.id,
                MESSAGE.turn_state == TurnState.PENDING.value,
            )
            .values(turn_state=TurnState.FOR_PERSON.value)
        )

    async def _settle_promises(self) -> None:
        """What was said about the wait has come true or not; who left never knew."""
        now = self._work.now
        left = self.conversation.owner is not Owner.AGENT
        in_time = case((_PROMISE.due_at >= now, "kept"), else_="broken")
        await self._work.connection.execute(
            update(tables.promise)
            .where(_PROMISE.conversation_id == self.conversation.id, _PROMISE.outcome.is_(None))
            .values(outcome="left" if left else in_time, settled_at=now)
        )

    def _tell(self) -> None:
        events = self._work.events
        events += [MessageAppended(self.conversation, message) for message in self._appended]
        if self._changes:
            events.append(OwnerChanged(self.conversation, self._at_first.owner))
            if Owner.QUEUE in (self._at_first.owner, self.conversation.owner):
                events.append(QueueChanged())
        events += [SlaChanged(self.conversation, event) for event in self._sla_events]


def _with_people(owner: Owner) -> bool:
    return owner in (Owner.QUEUE, Owner.AGENT)


def _circumstances(one: Conversation) -> Circumstances:
    return Circumstances(one.channel, one.priority, one.skill, one.group)


async def hold(work: Work, conversation_id: str) -> HeldConversation:
    """Lock a conversation until the end of the transaction; raises NoSuchConversation."""
    if not is_storable(conversation_id):
        raise NoSuchConversation
    return HeldConversation(work, await _locked(work, _BY_ID, id=conversation_id))


async def hold_or_create(
    work: Work, channel: str, shopper_id: str, language: str | None
) -> HeldConversation:
    """Lock the conversation of a shopper on a channel; the first call creates it."""
    whose = {"channel": channel, "shopper_id": shopper_id}
    try:
        return HeldConversation(work, await _locked(work, _BY_SHOPPER, **whose))
    except NoSuchConversation:
        # Two first messages may arrive at once: one of them creates, both go on with that one.
        await work.insert_unless_there(
            tables.conversation, _new_conversation(work, channel, shopper_id, language)
        )
        return HeldConversation(work, await _locked(work, _BY_SHOPPER, **whose))


async def _locked(work: Work, statement: Select[Any], **which: str) -> RowMapping:
    found = await work.connection.execute(statement, which)
    row = found.mappings().first()
    if row is None:
        raise NoSuchConversation
    return row


def _new_conversation(
    work: Work, channel: str, shopper_id: str, language: str | None
) -> dict[str, Any]:
    return {
        "id": uuid4().hex,
        "channel": channel,
        "shopper_id": shopper_id,
        "owner": Owner.BOT.value,
        "epoch": FIRST_EPOCH,
        "language": language,
        "priority": 0,
        "last_seq": 0,
        "last_shopper_seq": 0,
        "weight": 1,
        "owner_since": work.now,
        "created_at": work.now,
        "updated_at": work.now,
    }
