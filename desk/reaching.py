"""Keeps the ledgers of what platforms let us send, and moves deliveries by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select, update

from desk import outbox, tables
from desk.model import Begun, Delivery
from desk.reach import Allowance, Reach, ReachState
from desk.work import Work

_REACH = tables.reach.c


async def open_allowance(work: Work, conversation_id: str, allowance: Allowance) -> None:
    """The shopper did something that lets us speak; what was parked for want of it is due."""
    reach = await _locked(work, conversation_id) or Reach()
    await _save(work, conversation_id, reach.opened(allowance))
    await outbox.unpark(work, conversation_id)


async def begin(work: Work, run: Sequence[Delivery], count: int, via: str, *, spend: bool) -> Begun:
    """(see Desk.begin)"""
    conversation_id, after = run[0].conversation.id, None
    if spend:
        reach = await _locked(work, conversation_id)
        after = reach.spending(work.now) if reach else None
        if after is None:
            return Begun.NOTHING_LEFT
    if not await outbox.begun(work, run, count, via):
        return Begun.NOT_NEXT
    if after is not None:
        await _save(work, conversation_id, after)
    return Begun.YES


async def lasted(work: Work, conversation_id: str) -> None:
    """(see Desk.lasted)"""
    reach = await _locked(work, conversation_id)
    if reach is not None and reach.spent:
        await _save(work, conversation_id, reach.lasting(work.now))


async def may_go(work: Work, conversation_id: str) -> bool:
    """Whether a message may go out, by the ledger, which nobody changes until this work ends."""
    reach = await _locked(work, conversation_id)
    return reach is not None and reach.left_at(work.now) != 0


async def park(work: Work, deliveries: Sequence[Delivery], state: ReachState, code: str) -> None:
    """(see Desk.park)"""
    if state is not ReachState.OPEN:
        await change(work, deliveries[0].conversation.id, state, code)
    await outbox.park(work, deliveries, code or state.value)


async def change(work: Work, conversation_id: str, state: ReachState, code: str) -> None:
    """(see Desk.reach_changed)"""
    reach = await _locked(work, conversation_id) or Reach()
    await _save(work, conversation_id, reach.refused(state, code))


async def find(work: Work, conversation_id: str) -> Reach | None:
    """(see Desk.reach)"""
    found = await work.connection.execute(
        select(tables.reach).where(_REACH.conversation_id == conversation_id)
    )
    row = found.mappings().first()
    if row is None:
        return None
    return _reach_from(row, await outbox.parked(work, conversation_id))


async def _locked(work: Work, conversation_id: str) -> Reach | None:
    found = await work.connection.execute(
        select(tables.reach).where(_REACH.conversation_id == conversation_id).with_for_update()
    )
    row = found.mappings().first()
    return _reach_from(row, 0) if row else None


async def _save(work: Work, conversation_id: str, reach: Reach) -> None:
    values = {
        "state": reach.state.value,
        "code": reach.code,
        "allowances": [_allowance_to(one) for one in reach.allowances],
        "spent": [moment.isoformat() for moment in reach.spent],
        "updated_at": work.now,
    }
    result = await work.connection.execute(
        update(tables.reach).where(_REACH.conversation_id == conversation_id).values(values)
    )
    if not result.rowcount:
        await work.insert_unless_there(tables.reach, {"conversation_id": conversation_id, **values})


def _reach_from(row: RowMapping, parked: int) -> Reach:
    return Reach(
        state=ReachState(row["state"]),
        code=row["code"],
        allowances=tuple(_allowance_from(one) for one in row["allowances"]),
        spent=tuple(datetime.fromisoformat(moment) for moment in row["spent"]),
        parked=parked,
    )


def _allowance_to(allowance: Allowance) -> dict[str, Any]:
    return {
        "kind": allowance.kind,
        "left": allowance.left,
        "since": allowance.since.isoformat(),
        "until": allowance.until.isoformat(),
    }


def _allowance_from(data: dict[str, Any]) -> Allowance:
    return Allowance(
        kind=data["kind"],
        left=data["left"],
        since=datetime.fromisoformat(data["since"]),
        until=datetime.fromisoformat(data["until"]),
    )
