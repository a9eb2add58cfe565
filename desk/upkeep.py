"""The desk's scheduled work: offers that end, agents who are gone, promises, places, snoozes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from desk import duties, levels, line, offers, ownership, presence
from desk.door import Door
from desk.errors import ConversationMoved
from desk.events import PlaceChanged
from desk.line_words import as_json
from desk.model import QueuePlace
from desk.pace import Pace
from desk.presence import kinds
from desk.rules import Assignment
from desk.work import Work

log = structlog.get_logger()

_AT_ONCE = 200
# So many conversations in a row are looked after without a rest.
_WITHOUT_REST = 5

Search = Callable[[Work, int], Awaitable[list[str]]]
Step = Callable[[Work, str], Awaitable[object]]
# What is looked for, and what is done about each conversation that is found.
_STEPS: tuple[tuple[Search, Step], ...] = (
    (offers.expired, offers.expire),
    (presence.abandoned, offers.take_back),
    (levels.snoozed_until_now, levels.wake),
    (levels.to_check, levels.check),
)


class Upkeep(Door):
    """Steps that any replica may take at any time; each is small, and harmless when repeated.

    Every conversation is touched in a transaction of its own that looks again: two replicas that
    take the same step at once do it once.
    """

    async def claim_duty(self, name: str, worker: str, lease: timedelta) -> bool:
        """Make ``worker`` the one who does ``name`` until ``lease`` ends; whether it is."""
        async with self._transaction() as work:
            return await duties.claim(work, name, worker, lease)

    async def give_up_duty(self, name: str, worker: str) -> None:
        """Let somebody else do ``name`` at once."""
        async with self._transaction() as work:
            await duties.give_up(work, name, worker)

    async def keep_order(self) -> int:
        """Do what is due now; how much that was.

        Offers that were not taken go back to the head of the line, what agents hold who have been
        gone for the grace period returns with its place, snoozes end, broken promises are noted
        and those in danger get their remedy, who was told a time that is over hears a new one,
        and waiting conversations are offered to agents.
        """
        async with self._reading() as work:
            due = [(step, await search(work, _AT_ONCE)) for search, step in _STEPS]
            broken = await line.broken_promises(work, _AT_ONCE)
            # Who is there is looked at once for all whom a new time is told.
            people = await kinds(work) if broken else []
            somebody_waits = await offers.somebody_waits(work)
        done = 0
        for step, ids in due:
            done += await self._each(ids, step)

        async def promise_anew(work: Work, conversation_id: str) -> None:
            await line.promise_anew(work, conversation_id, people)

        done += await self._each(broken, promise_anew)
        if done or somebody_waits:
            done += await self.route()
        return done

    async def route(self) -> int:
        """Waiting conversations are offered or given to agents; how many were."""
        how = self._rules.queue.assignment
        if how is Assignment.MANUAL:
            return 0
        async with self._reading() as work:
            found = await offers.find_matches(work)
        if not found:
            return 0
        if how is Assignment.OFFER:
            async with self._transaction() as work:
                return await offers.offer(work, found)
        given = 0
        for match in found:
            try:
                async with self._transaction() as work:
                    await ownership.give(work, match.conversation, match.agent_id)
            except ConversationMoved:
                continue
            given += 1
        return given

    async def measure(self) -> None:
        """Look anew at handling times and arrivals, from which waits are estimated."""
        async with self._reading() as work:
            self._measured = await line.measure(work)

    async def tell_places(self, told: dict[str, object]) -> None:
        """Announce the places and waits that are not in ``told``, and keep it up to date.

        Who keeps a place without watching is called when it is nearly their turn.
        """
        async with self._reading() as work:
            places = await line.all_places(work)
        waiting = {conversation.id for conversation, _ in places}
        for gone in told.keys() - waiting:
            del told[gone]
        near: list[tuple[str, QueuePlace]] = []
        pace = line.pace()
        for number, (conversation, place) in enumerate(places, start=1):
            if number % line.IN_ONE_GO == 0:
                await pace.rest()
            seen = as_json(place)
            if told.get(conversation.id) != seen:
                told[conversation.id] = seen
                self._tell(PlaceChanged(conversation, place))
            callback = conversation.callback
            is_near = place.opens_at is None and (place.position == 1 or conversation.is_offered)
            if callback is not None and callback.called_at is None and is_near:
                near.append((conversation.id, place))
        for conversation_id, place in near:
            async with self._transaction() as work:
                await line.call(work, conversation_id, place)

    async def _each(self, ids: Sequence[str], step: Step) -> int:
        done, pace = 0, Pace(_WITHOUT_REST)
        for conversation_id in ids:
            try:
                async with self._transaction() as work:
                    await step(work, conversation_id)
            except ConversationMoved:
                # Somebody was faster; what they did is what counts now.
                continue
            except Exception as error:
                # One conversation that cannot be looked after must not keep the others waiting.
                name = getattr(step, "__name__", repr(step))
                log.error(
                    "desk.upkeep.failed", conversation=conversation_id, step=name, exc_info=error
                )
                continue
            finally:
                await pace.rest()
            done += 1
        return done
