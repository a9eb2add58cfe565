"""What waits to be sent to shoppers: strictly in order within a conversation, at least once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update

from desk import tables
from desk.model import Delivery, Lease
from desk.rows import conversation_from, labelled, message_from
from desk.work import Work

_DELIVERY = tables.delivery.c
_EARLIER = tables.delivery.alias("earlier")
# At most so many messages of one conversation are claimed at once.
LONGEST_RUN = 20

_MESSAGE = tables.message.c
_CONVERSATION = tables.conversation.c
# Statements that run in every turn are built once: building costs more than SQLite takes to run.
# The first unsent message of a conversation guards the rest: whoever claims it owns the run.
_HEADS = (
    select(_DELIVERY.conversation_id, _DELIVERY.due_at)
    .where(
        _DELIVERY.state == "due",
        _DELIVERY.due_at <= bindparam("now"),
        or_(_DELIVERY.lease_until.is_(None), _DELIVERY.lease_until <= bindparam("now")),
        ~(
            select(_EARLIER.c.id)
            .where(
                _EARLIER.c.conversation_id == _DELIVERY.conversation_id,
                _EARLIER.c.state == "due",
                _EARLIER.c.seq < _DELIVERY.seq,
            )
            .exists()
        ),
    )
    .order_by(_DELIVERY.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
# Asked by a reader first: mostly nothing is due, and a writer would keep all others waiting.
_ANY = (
    select(_DELIVERY.id)
    .where(
        _DELIVERY.state == "due",
        _DELIVERY.due_at <= bindparam("now"),
        or_(_DELIVERY.lease_until.is_(None), _DELIVERY.lease_until <= bindparam("now")),
    )
    .limit(1)
)
_RUN = (
    select(
        _DELIVERY.id,
        _DELIVERY.attempt,
        _DELIVERY.lease_until,
        _DELIVERY.begun_at,
        _DELIVERY.via,
        _DELIVERY.parts,
        *labelled(tables.message, "message_"),
        *labelled(tables.conversation, "conversation_"),
    )
    .join(tables.message, _MESSAGE.id == _DELIVERY.message_id)
    .join(tables.conversation, _CONVERSATION.id == _DELIVERY.conversation_id)
    .where(_DELIVERY.conversation_id == bindparam("conversation_id"), _DELIVERY.state == "due")
    .order_by(_DELIVERY.seq)
    .limit(bindparam("at_most"))
)
_CLAIM = update(tables.delivery).where(_DELIVERY.id.in_(bindparam("ids", expanding=True)))
_OURS = (
    _DELIVERY.id.in_(bindparam("ids", expanding=True)),
    _DELIVERY.state == "due",
    _DELIVERY.lease_until == bindparam("held_until"),
)


def _earlier(state: str) -> ColumnElement[bool]:
    of_conversation = _EARLIER.c.conversation_id == bindparam("of")
    before = _EARLIER.c.seq < bindparam("first_seq")
    return select(_EARLIER.c.id).where(of_conversation, _EARLIER.c.state == state, before).exists()


_BEGUN = update(tables.delivery).where(*_OURS, ~_earlier("due"), ~_earlier("parked"))
_PUT_AWAY = update(tables.delivery).where(*_OURS)
_DELIVERED = _CLAIM.where(_DELIVERY.state == "due").values(
    state="delivered", lease_worker=None, lease_until=None, error=None, begun_at=None
)


async def is_due(work: Work) -> bool:
    """Whether anything may be there for ``due``."""
    return (await work.connection.execute(_ANY, {"now": work.now})).first() is not None


async def due(work: Work, limit: int, lease: Lease) -> list[Delivery]:
    """(see Desk.due)"""
    heads = await work.connection.execute(_HEADS, {"now": work.now, "at_most": limit})
    held_until = work.now + lease.duration
    deliveries: list[Delivery] = []
    for head in heads.all():
        if len(deliveries) < limit:
            wanted = min(LONGEST_RUN, limit - len(deliveries))
            deliveries += await _run_of(work, head.conversation_id, wanted, held_until)
    if deliveries:
        await work.connection.execute(
            _CLAIM,
            {
                "ids": [delivery.id for delivery in deliveries],
                "lease_worker": lease.worker,
                "lease_until": held_until,
            },
        )
    return deliveries


async def _run_of(
    work: Work, conversation_id: str, limit: int, held_until: datetime
) -> list[Delivery]:
    """The head of a conversation and what may go along with it, in the order of the conversation.

    Behind a head that has come back, somebody may have in hand what follows it: it stays there, and
    what was begun without the head is no message of the same run.
    """
    found = await work.connection.execute(
        _RUN, {"conversation_id": conversation_id, "at_most": limit}
    )
    run: list[Delivery] = []
    for row in found.mappings():
        is_held = row["lease_until"] is not None and row["lease_until"] > work.now
        if run and (is_held or (row["begun_at"] is not None and row["via"] != run[0].via)):
            break
        run.append(
            Delivery(
                id=row["id"],
                conversation=conversation_from(row, "conversation_"),
                message=message_from(row, "message_"),
                attempt=row["attempt"],
                held_until=held_until,
                begun_at=row["begun_at"],
                via=row["via"] or "",
                parts=row["parts"],
            )
        )
    return run


async def begun(work: Work, run: Sequence[Delivery], count: int, via: str) -> bool:
    """Note that the first ``count`` of ``run`` are handed over now, unless it is not their turn.

    Then the run is anybody's, what was parked before it is due again, and the answer is False.
    """
    result = await work.connection.execute(
        _BEGUN,
        {
            **_as_held(run[:count]),
            "of": run[0].conversation.id,
            "first_seq": run[0].message.seq,
            "begun_at": work.now,
            "via": via,
        },
    )
    if result.rowcount == count:
        return True
    await let_go(work, run)
    await unpark(work, run[0].conversation.id)
    return False


def _as_held(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    ids = [one.id for one in deliveries]
    return {"ids": ids, "held_until": deliveries[0].held_until}


async def delivered(work: Work, delivery_ids: Sequence[str]) -> None:
    """(see Desk.delivered)"""
    await work.connection.execute(_DELIVERED, {"ids": delivery_ids})


async def progressed(work: Work, delivery_id: str, parts: int) -> None:
    """The shopper has the first ``parts`` parts of this one; the rest is still to come."""
    await work.connection.execute(
        update(tables.delivery)
        .where(_DELIVERY.id == delivery_id, _DELIVERY.state == "due")
        .values(parts=parts, begun_at=None, via=None)
    )


async def park(work: Work, deliveries: Sequence[Delivery], error: str) -> None:
    """Keep ``deliveries`` until the shopper gives a reason to speak again."""
    nobodys = {"lease_worker": None, "lease_until": None, "begun_at": None, "via": None}
    await work.connection.execute(
        _PUT_AWAY, {**_as_held(deliveries), **nobodys, "state": "parked", "error": error}
    )


async def let_go(
    work: Work, deliveries: Sequence[Delivery], due_at: datetime | None = None
) -> None:
    """Whoever was given ``deliveries`` leaves them to whoever comes next, at ``due_at`` or now."""
    nobodys = {"lease_worker": None, "lease_until": None, "due_at": due_at or work.now}
    await work.connection.execute(_PUT_AWAY, {**_as_held(deliveries), **nobodys})


async def unpark(work: Work, conversation_id: str) -> bool:
    """What was parked in a conversation is due again; whether there was anything."""
    result = await work.connection.execute(
        update(tables.delivery)
        .where(_DELIVERY.conversation_id == conversation_id, _DELIVERY.state == "parked")
        .values(state="due", due_at=work.now, attempt=0, error=None)
    )
    return bool(result.rowcount)


async def parked(work: Work, conversation_id: str) -> int:
    """How many messages of a conversation are parked."""
    found = await work.connection.execute(
        select(func.count())
        .select_from(tables.delivery)
        .where(_DELIVERY.conversation_id == conversation_id, _DELIVERY.state == "parked")
    )
    return int(found.scalar_one())


async def is_sending(work: Work, conversation_id: str) -> bool:
    """(see Desk.is_sending)"""
    found = await work.connection.execute(
        select(_DELIVERY.id)
        .where(_DELIVERY.conversation_id == conversation_id, _DELIVERY.state == "due")
        .limit(1)
    )
    return found.first() is not None


async def came_to_nothing(work: Work, conversation_id: str, via: str) -> bool:
    """(see Desk.came_to_nothing)"""
    result = await work.connection.execute(
        update(tables.delivery)
        .where(
            _DELIVERY.conversation_id == conversation_id,
            _DELIVERY.via == via,
            _DELIVERY.state.in_(("due", "delivered")),
        )
        .values(
            state="due",
            due_at=work.now,
            attempt=0,
            parts=0,
            begun_at=None,
            via=None,
            lease_worker=None,
            lease_until=None,
        )
    )
    return bool(result.rowcount)


async def bounced(work: Work, delivery_id: str) -> str | None:
    """Park what was handed over along with ``delivery_id``: it did not arrive after all.

    It gets other ids: under the old ones the platform would take it for what it has had already.
    Returns the conversation's id; None when there is no such delivery, or it is still to be sent.
    """
    found = await work.connection.execute(
        select(_DELIVERY.conversation_id, _DELIVERY.via).where(
            _DELIVERY.id == delivery_id, _DELIVERY.state == "delivered"
        )
    )
    row = found.first()
    if row is None:
        return None
    along = _DELIVERY.id == delivery_id
    if row.via:
        along = and_(_DELIVERY.conversation_id == row.conversation_id, _DELIVERY.via == row.via)
    group = await work.connection.execute(
        select(_DELIVERY.id).where(along, _DELIVERY.state == "delivered")
    )
    for known in list(group.scalars()):
        await work.connection.execute(
            update(tables.delivery)
            .where(_DELIVERY.id == known)
            .values(id=uuid4().hex, state="parked", parts=0, via=None)
        )
    return str(row.conversation_id)


async def failed(
    work: Work, delivery_id: str, retry_at: datetime | None, error: str, *, uncertain: bool
) -> None:
    """(see Desk.failed)"""
    known = {} if uncertain else {"begun_at": None}
    found = await work.connection.execute(
        update(tables.delivery)
        .where(_DELIVERY.id == delivery_id, _DELIVERY.state == "due")
        .values(
            state="failed" if retry_at is None else "due",
            due_at=retry_at or work.now,
            attempt=_DELIVERY.attempt + 1,
            error=error,
            **known,
        )
        .returning(_DELIVERY.conversation_id, _DELIVERY.lease_worker)
    )
    row = found.first()
    if row is None:
        return
    # The rest of the run was claimed along with it and must not wait for the lease to end.
    await work.connection.execute(
        update(tables.delivery)
        .where(
            _DELIVERY.conversation_id == row.conversation_id,
            _DELIVERY.state == "due",
            _DELIVERY.lease_worker == row.lease_worker,
        )
        .values(lease_worker=None, lease_until=None)
    )


async def send_again(work: Work, conversation_id: str) -> None:
    """(see Desk.send_again)"""
    await work.connection.execute(
        update(tables.delivery)
        .where(_DELIVERY.conversation_id == conversation_id, _DELIVERY.state == "failed")
        .values(state="due", lease_worker=None, lease_until=None)
    )
    # What somebody is sending this moment stays in their hands.
    await work.connection.execute(
        update(tables.delivery)
        .where(_DELIVERY.conversation_id == conversation_id, _DELIVERY.state == "due")
        .values(due_at=work.now, attempt=0)
    )
