"""Sees to watched parcels: subscribes them, asks about them, and lets those at rest go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.backends.carriers.reports import CarrierReport
from connectors.backends.shop import Shop
from connectors.watching.port import Answer, Manner, Outcome, Tracker, Way
from connectors.watching.watches import Watch, Watches, WatchState
from kernel.clock import Clock
from kernel.errors import BackendUnavailable, ConnectorError, NotFound

log = structlog.get_logger()

_PAGE = 500
_PHONE_DIGITS = 4
# Everything that was ever refused is looked at again once a day: the number may be right by then.
_A_DAY = timedelta(days=1)
Take = Callable[[CarrierReport], Awaitable[None]]


@dataclass(frozen=True)
class Pace:
    """How fast parcels are seen to.

    Of one carrier ``at_once`` parcels are asked about together. After a failure a parcel waits
    ``first_wait``, twice as long after every other, ``longest_wait`` at most; so does a carrier of
    which nobody answered, so that it costs the others nothing. A parcel is watched for
    ``longest`` and subscribed anew ``subscriptions`` times at most.
    """

    at_once: int = 10
    first_wait: timedelta = timedelta(minutes=1)
    longest_wait: timedelta = timedelta(hours=6)
    longest: timedelta = timedelta(days=60)
    subscriptions: int = 5
    look_every: timedelta = timedelta(minutes=1)

    def wait_after(self, failures: int) -> timedelta:
        """How long to wait after ``failures`` (from 1) in a row."""
        doublings: int = 2 ** min(failures - 1, 20)
        return min(self.first_wait * doublings, self.longest_wait)


class Watcher:
    """One of these runs in every replica; each parcel is taken by one of them."""

    def __init__(
        self, shop: Shop, tracker: Tracker, watches: Watches, clock: Clock, take: Take, pace: Pace
    ) -> None:
        """``take`` writes down what a tracker says; raises ConnectorError."""
        self._shop = shop
        self._tracker = tracker
        self._watches = watches
        self._clock = clock
        self._take = take
        self._pace = pace
        self._next_look: datetime | None = None
        self._wake = asyncio.Event()
        # Carriers of which nobody answers: how often in a row, and until when they are left alone.
        self._silent: dict[str, tuple[int, datetime]] = {}

    def wake(self) -> None:
        """A parcel has left: do not wait for the next look."""
        self._next_look = None
        self._wake.set()

    async def run(self, every: float = 5.0) -> None:
        """See to parcels until cancelled; ``every``: seconds between two looks at what is due."""
        while True:
            self._wake.clear()
            try:
                await self.look()
                while await self.see_to_due():
                    pass
            except (BackendUnavailable, SQLAlchemyError, OSError) as error:
                log.warning("watching.unavailable", error=str(error))
            except Exception as error:
                log.error("watching.failed", exc_info=error)
            try:
                async with asyncio.timeout(every):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Watch every parcel that is under way, if it is time to look for new ones."""
        now = self._clock.now()
        if self._next_look is not None and now < self._next_look:
            return
        self._next_look = now + self._pace.look_every
        after, since = "", now - self._pace.longest
        while page := await self._shop.carriers.under_way(since, after, _PAGE):
            ours = [one for one in page if self._tracker.manner_of(one.carrier) is not None]
            await self._watches.add(ours)
            after = page[-1].tracking_number

    async def see_to_due(self) -> int:
        """See to some parcels of every carrier that has any due; how many there were."""
        now = self._clock.now()
        carriers = [one for one in await self._watches.due() if not self._is_left_alone(one, now)]
        return sum(await asyncio.gather(*(self._see_to(carrier) for carrier in carriers)))

    async def ended(self, tracking_number: str) -> None:
        """The tracker tells nothing more of a parcel by itself: it is subscribed anew, later."""
        watch = await self._watches.find(tracking_number)
        if watch is None:
            return
        manner = self._tracker.manner_of(watch.carrier)
        state, wait = WatchState.NEW, manner.every if manner else _A_DAY
        if watch.subscriptions >= self._pace.subscriptions:
            log.warning("watching.given_up", carrier=watch.carrier)
            state, wait = WatchState.GIVEN_UP, _A_DAY
        next_at = self._clock.now() + wait
        await self._watches.settle(tracking_number, state=state.value, next_at=next_at)

    def _is_left_alone(self, carrier: str, now: datetime) -> bool:
        known = self._silent.get(carrier)
        return known is not None and now < known[1]

    async def _see_to(self, carrier: str) -> int:
        manner = self._tracker.manner_of(carrier)
        hold = manner.every if manner else _A_DAY
        taken = await self._watches.take(carrier, self._pace.at_once, hold)
        if manner is None:
            # The carrier was taken out of the settings.
            for watch in taken:
                await self._watches.forget(watch.tracking_number)
            return len(taken)
        outcomes = await asyncio.gather(*(self._see_to_one(watch, manner) for watch in taken))
        now = self._clock.now()
        if Outcome.ACCOUNT in outcomes or (outcomes and set(outcomes) == {Outcome.LATER}):
            failures = self._silent.get(carrier, (0, now))[0] + 1
            self._silent[carrier] = (failures, now + self._pace.wait_after(failures))
            log.warning("watching.carrier.left_alone", carrier=carrier, failures=failures)
        else:
            self._silent.pop(carrier, None)
        return len(taken)

    async def _see_to_one(self, watch: Watch, manner: Manner) -> Outcome | None:
        """Subscribe or ask; None if nobody had to be asked."""
        number = watch.tracking_number
        try:
            shipment = await self._shop.carriers.track(number)
            is_old = self._clock.now() - watch.announced_at > self._pace.longest
            if is_old or not shipment.is_under_way:
                await self._watches.forget(number)
                return None
            if watch.state in (WatchState.SUBSCRIBED, WatchState.GIVEN_UP):
                await self._watches.settle(number, next_at=self._clock.now() + _A_DAY)
                return None
            phone = await self._phone_of(watch) if manner.wants_phone else ""
        except NotFound:
            await self._watches.forget(number)
            return None
        except BackendUnavailable as error:
            # Nobody was asked, so nothing forbids to do it soon.
            log.warning("watching.shop.unavailable", error=str(error))
            await self._watches.settle(number, next_at=self._clock.now() + self._pace.first_wait)
            return None
        subscribes = manner.way is Way.PUSH and watch.state is not WatchState.ASKED
        call = self._tracker.subscribe if subscribes else self._tracker.ask
        answer = await call(watch.carrier, number, phone)
        if answer.report is not None:
            await self._write_down(watch, answer.report)
        await self._settle(watch, manner, answer, subscribes=subscribes)
        return answer.outcome

    async def _write_down(self, watch: Watch, report: CarrierReport) -> None:
        try:
            await self._take(report)
        except ConnectorError as error:
            # A tracker tells the whole way every time: what is lost now comes with its next answer.
            log.warning("watching.not_written", carrier=watch.carrier, error=type(error).__name__)

    async def _settle(
        self, watch: Watch, manner: Manner, answer: Answer, *, subscribes: bool
    ) -> None:
        """Note when to see to it next: asking is never sooner than the carrier allows."""
        now, pace = self._clock.now(), self._pace
        least = timedelta(0) if subscribes else manner.every
        state, wait, failures = WatchState.ASKED, manner.every, 0
        match answer.outcome:
            case Outcome.DONE if subscribes:
                state, wait = WatchState.SUBSCRIBED, _A_DAY
            case Outcome.DONE | Outcome.NOTHING_YET:
                pass
            case Outcome.NO_PUSH:
                wait = timedelta(0)
            case Outcome.REFUSED:
                log.warning("watching.refused", carrier=watch.carrier, code=answer.code)
                state, wait = WatchState.REFUSED, _A_DAY
            case Outcome.LATER | Outcome.ACCOUNT:
                failures = watch.failures + 1
                state, wait = watch.state, pace.wait_after(failures)
                if answer.outcome is Outcome.ACCOUNT:
                    log.error("watching.account.refused", code=answer.code)
        await self._watches.settle(
            watch.tracking_number,
            state=state.value,
            next_at=now + max(wait, least),
            failures=failures,
            subscriptions=watch.subscriptions + (state is WatchState.SUBSCRIBED),
            code=answer.code,
        )

    async def _phone_of(self, watch: Watch) -> str:
        order = await self._shop.orders.get(watch.order_number)
        digits = "".join(filter(str.isdigit, order.address.phone))
        return digits[-_PHONE_DIGITS:]
