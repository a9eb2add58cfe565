"""The line of waiting shoppers: joining it, one's place and wait, what was promised about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update

from desk import line_words, tables, transcript
from desk.errors import BadContact, ConversationMoved
from desk.events import Annotated, QueueChanged
from desk.held import HeldConversation, hold
from desk.line_wishes import number_to_call
from desk.model import (
    Author,
    Callback,
    Conversation,
    Handoff,
    InLine,
    Move,
    Owner,
    QueuePlace,
    WaitRange,
)
from desk.pace import Pace
from desk.presence import kinds
from desk.routing import Kind, Lane, lane_of, may_serve
from desk.rows import CONVERSATION, callback_from
from desk.rules import QueueRules
from desk.waiting import Measured, told_minutes, wait_range
from desk.work import Work

_PROMISE = tables.promise.c
_CHANGE = tables.owner_change.c
# Built once, like those of desk/held.py; both are answered by the index of the queue.
_AHEAD = (
    select(CONVERSATION.skill, CONVERSATION.language, func.count())
    .where(
        CONVERSATION.owner == bindparam("owner"),
        CONVERSATION.place_at <= bindparam("place_at"),
        or_(CONVERSATION.place_at < bindparam("place_at"), CONVERSATION.id < bindparam("of")),
        CONVERSATION.id != bindparam("of"),
    )
    .group_by(CONVERSATION.skill, CONVERSATION.language)
)
_LINE = (
    select(
        CONVERSATION.id,
        CONVERSATION.channel,
        CONVERSATION.shopper_id,
        CONVERSATION.skill,
        CONVERSATION.language,
        CONVERSATION.callback,
        CONVERSATION.offered_to,
    )
    .where(CONVERSATION.owner == bindparam("owner"))
    .order_by(CONVERSATION.place_at, CONVERSATION.id)
)
# So many measured conversations weigh as much as what the operator assumes.
_TRUST_AFTER = 10
# Of those who could come to work in the morning, at least so many do.
_MORNING_SHARE = 0.5
# So many of the line are looked at in one piece, and so many pieces without a rest.
IN_ONE_GO = 20
_WITHOUT_REST = 5


async def join(
    work: Work,
    held: HeldConversation,
    move: Move,
    *,
    handoff: Handoff | None = None,
    note: str | None = None,
    by_id: str | None = None,
) -> None:
    """Let a conversation wait, and tell the shopper the place and how long it will take."""
    held.move(move, handoff=handoff, note=note, by_id=by_id)
    again = move is Move.RETURN
    place = await place_of(work, held.conversation)
    zone = work.rules.hours.zone
    words = line_words.joined(place, held.conversation.language, zone, again=again)
    held.append(Author.SYSTEM, words)
    await _promise(work, held.conversation, place, number=1)


async def keep_place(work: Work, conversation_id: str, contact: str | None) -> QueuePlace:
    """(see Desk.keep_place)"""
    held = await hold(work, conversation_id)
    if held.conversation.owner is not Owner.QUEUE:
        raise ConversationMoved(held.conversation)
    number = number_to_call(contact) if contact else None
    if contact and number is None:
        raise BadContact
    wish = held.conversation.callback or Callback(work.now)
    if number is not None:
        # Whoever was called and waits again may want another call.
        wish = replace(wish, contact=number, made_at=None, made_by=None)
    held.update(callback=wish)
    place = await place_of(work, held.conversation)
    held.append(Author.SYSTEM, line_words.place_kept(place, held.conversation.language))
    await held.save()
    work.events.append(QueueChanged())
    if number is not None:
        work.events.append(Annotated(conversation_id))
    return place


async def place_of(
    work: Work, conversation: Conversation, people: Sequence[Kind] | None = None
) -> QueuePlace:
    """The place and the wait of one waiting conversation, stored or about to be.

    ``people``: who is there, if the caller knows.
    """
    place_at = conversation.place_at
    if place_at is None:
        raise ConversationMoved(conversation)
    found = await work.connection.execute(
        _AHEAD, {"place_at": place_at, "of": conversation.id, "owner": Owner.QUEUE.value}
    )
    lanes = Counter({(skill, language): count for skill, language, count in found.all()})
    people = await kinds(work) if people is None else people
    return _Estimator(work, people).place(conversation, lanes)


async def place_in_line(work: Work, conversation_id: str) -> QueuePlace | None:
    """(see Desk.place)"""
    conversation = await transcript.conversation(work.connection, conversation_id)
    if conversation.owner is not Owner.QUEUE:
        return None
    return await place_of(work, conversation)


async def all_places(work: Work) -> list[tuple[InLine, QueuePlace]]:
    """Everybody who waits, in order, with place and wait."""
    estimator = _Estimator(work, await kinds(work))
    lanes: Counter[Lane] = Counter()
    places = []
    found = await work.connection.execute(_LINE, {"owner": Owner.QUEUE.value})
    look = pace()
    while rows := found.fetchmany(IN_ONE_GO):
        # A long line must not keep everybody else's messages waiting.
        await look.rest()
        for row in rows:
            one = InLine(
                row.id,
                row.channel,
                row.shopper_id,
                row.skill,
                row.language,
                callback_from(row.callback) if row.callback else None,
                row.offered_to is not None,
            )
            places.append((one, estimator.place(one, lanes)))
            lanes[lane_of(one)] += 1
    return places


def pace() -> Pace:
    """How a long line is gone through, ``IN_ONE_GO`` by ``IN_ONE_GO``."""
    return Pace(_WITHOUT_REST)


async def line_now(work: Work) -> tuple[int, datetime | None]:
    """(see Desk.line_now)"""
    found = await work.connection.execute(
        select(func.count(), func.min(CONVERSATION.queued_at)).where(
            CONVERSATION.owner == Owner.QUEUE.value
        )
    )
    count, since = found.one()
    return count, since


class _Estimator:
    """Estimates waits from who is there now and what was measured lately."""

    def __init__(self, work: Work, people: Sequence[Kind]) -> None:
        self._now = work.now
        self._rules: QueueRules = work.rules.queue
        self._hours = work.rules.hours
        self._measured = work.measured
        self._opens_at = self._opening()
        self._servers: dict[Lane, frozenset[Kind]] = {}
        is_open = self._opens_at is None
        self._there = frozenset(one for one in people if one.is_there or not is_open)

    def place(self, conversation: Conversation | InLine, ahead: Mapping[Lane, int]) -> QueuePlace:
        """The place of a conversation that has those in ``ahead`` before it, by lane."""
        return QueuePlace(
            position=sum(ahead.values()) + 1,
            wait=self._wait(conversation, ahead),
            opens_at=self._opens_at,
            calls_back=conversation.callback is not None,
            contact=conversation.callback.hint if conversation.callback else None,
        )

    def _wait(
        self, conversation: Conversation | InLine, ahead: Mapping[Lane, int]
    ) -> WaitRange | None:
        mine = self._servers_of(lane_of(conversation))
        rivals, shared = 0, set(mine)
        for lane, count in ahead.items():
            theirs = self._servers_of(lane)
            if theirs & mine:
                rivals += count
                shared |= theirs
        slots = _slots(mine)
        if self._opens_at is not None:
            # Who will be there in the morning is not known yet.
            slots = max(1, int(slots * _MORNING_SHARE)) if slots else 0
            return wait_range(
                rivals, slots=slots, shared_slots=slots, free=0, measured=self._measured
            )
        return wait_range(
            rivals,
            slots=slots,
            shared_slots=_slots(shared),
            free=sum(one.free for one in mine),
            measured=self._measured,
        )

    def _opening(self) -> datetime | None:
        if self._hours.is_open(self._now):
            return None
        return self._hours.next_opening(self._now)

    def _servers_of(self, lane: Lane) -> frozenset[Kind]:
        known = self._servers.get(lane)
        if known is None:
            known = frozenset(one for one in self._there if may_serve(one, lane))
            # A skill that nobody has now is served by anybody in the end.
            known = known or self._there
            self._servers[lane] = known
        return known


def _slots(people: Iterable[Kind]) -> int:
    return sum(one.slots for one in people)


async def _promise(
    work: Work, conversation: Conversation, place: QueuePlace, *, number: int
) -> None:
    """Store what was said, so that whether it comes true can be counted."""
    if place.wait is None:
        return
    low, high = (timedelta(minutes=minutes) for minutes in told_minutes(place.wait))
    hours = work.rules.hours
    due_at = hours.after(place.opens_at or work.now, high)
    if due_at is None:
        return
    await work.connection.execute(
        insert(tables.promise).values(
            id=uuid4().hex,
            conversation_id=conversation.id,
            epoch=conversation.epoch,
            number=number,
            made_at=work.now,
            position=place.position,
            low_s=low.total_seconds(),
            high_s=high.total_seconds(),
            due_at=due_at,
        )
    )


async def broken_promises(work: Work, limit: int) -> list[str]:
    """Waiting conversations that were told a time which is over, the longest over first.

    Whoever does not wait any more has no open promise: it is settled as they leave the line.
    """
    found = await work.connection.execute(
        select(_PROMISE.conversation_id)
        .where(_PROMISE.outcome.is_(None), _PROMISE.due_at < work.now)
        .order_by(_PROMISE.due_at)
        .limit(limit)
    )
    return list(dict.fromkeys(found.scalars()))


async def promise_anew(work: Work, conversation_id: str, people: Sequence[Kind]) -> None:
    """Admit a broken promise and say how long it takes now, but not all the time.

    ``people``: who is there.
    """
    held = await hold(work, conversation_id)
    if held.conversation.owner is not Owner.QUEUE:
        return
    found = await work.connection.execute(
        update(tables.promise)
        .where(
            _PROMISE.conversation_id == conversation_id,
            _PROMISE.outcome.is_(None),
            _PROMISE.due_at < work.now,
        )
        .values(outcome="broken", settled_at=work.now)
        .returning(_PROMISE.number)
    )
    numbers = list(found.scalars())
    if not numbers:
        return
    place = await place_of(work, held.conversation, people)
    if place.wait is not None:
        # Whoever waits is not told every minute that it is going to be another one.
        patience = work.rules.queue.tell_every
        place = replace(place, wait=WaitRange(place.wait.low, max(place.wait.high, patience)))
    zone = work.rules.hours.zone
    held.append(Author.SYSTEM, line_words.later(place, held.conversation.language, zone))
    await _promise(work, held.conversation, place, number=max(numbers) + 1)
    await held.save()


async def call(work: Work, conversation_id: str, place: QueuePlace) -> None:
    """Tell whoever kept the place that their turn is near, once."""
    held = await hold(work, conversation_id)
    callback = held.conversation.callback
    if held.conversation.owner is not Owner.QUEUE or callback is None or callback.called_at:
        return
    held.update(callback=replace(callback, called_at=work.now))
    held.append(Author.SYSTEM, line_words.called(place, held.conversation.language))
    await held.save()


async def measure(work: Work) -> Measured:
    """Handling times and arrivals of late; few of them are mixed with what the rules assume."""
    rules = work.rules.queue
    since = work.now - rules.measured_over
    handled = and_(
        _CHANGE.before == Owner.AGENT.value,
        _CHANGE.move.in_([Move.CLOSE.value, Move.HAND_BACK.value]),
    )
    overtakes = and_(_CHANGE.before == Owner.QUEUE.value, _CHANGE.priority > 0)
    found = await work.connection.execute(
        select(
            func.sum(case((handled, 1), else_=0)),
            func.sum(case((handled, _CHANGE.lasted_s), else_=0.0)),
            func.sum(case((_CHANGE.move == Move.HAND_OFF.value, 1), else_=0)),
            func.sum(case((overtakes, 1), else_=0)),
        ).where(_CHANGE.at > since)
    )
    count, seconds, arrivals, urgent = (number or 0 for number in found.one())
    assumed = rules.assumed_handling.total_seconds() * _TRUST_AFTER
    handling = (seconds + assumed) / (count + _TRUST_AFTER)
    hours = rules.measured_over / timedelta(hours=1)
    return Measured(timedelta(seconds=handling), arrivals / hours, urgent / hours)


async def promises_kept(work: Work, since: datetime, until: datetime) -> dict[str, int]:
    """(see Desk.promises_kept)"""
    found = await work.connection.execute(
        select(func.coalesce(_PROMISE.outcome, "open"), func.count())
        .where(_PROMISE.made_at >= since, _PROMISE.made_at < until, _PROMISE.number == 1)
        .group_by(_PROMISE.outcome)
    )
    return dict(found.tuples().all())
