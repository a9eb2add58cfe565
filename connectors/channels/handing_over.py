"""Hands a conversation's messages to a platform that counts: in order, folded, never too many."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from connectors.channels.card_words import Language
from connectors.channels.rendering import Capabilities, Outgoing, Part, compose, within
from desk.model import Begun, Conversation, Delivery
from desk.reach import Reach, ReachState
from desk.service import Desk
from kernel.clock import Clock
from kernel.errors import BackendUnavailable

log = structlog.get_logger()

_LONGEST_WAIT = timedelta(minutes=10)
# A platform that tells whole seconds may count otherwise than we do what lasts longer than this.
_LASTS_LONG = timedelta(seconds=0.5)
_UNTIL_ALL_IS_SAID = timedelta(seconds=1)
_WAY_OF_PASSIVE_SECONDS = 0.3
_ATTEMPTS = 12
_API, _PASSIVE = "api:", "passive:"
_TIGHT = "tight:"


class Outcome(StrEnum):
    """How an attempt to hand a message over ended."""

    SENT = "sent"
    AGAIN = "again"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    NO_SUCH_KIND = "no_such_kind"
    BROKEN = "broken"


@dataclass(frozen=True)
class Handover:
    """``code`` is the platform's own; ``state`` says why nobody may write, with REFUSED."""

    outcome: Outcome
    code: str = ""
    state: ReachState = ReachState.OPEN
    wait: timedelta | None = None


class Transport(Protocol):
    """What a platform offers for sending."""

    @property
    def can(self) -> Capabilities:
        """What it shows; may shrink when the platform refuses a kind of message."""

    @property
    def can_send(self) -> bool:
        """Whether the account may send by itself, not only answer callbacks."""

    @property
    def has_keys(self) -> bool:
        """Whether the platform takes what comes again under the same key for the same message."""

    async def send(self, shopper_id: str, part: Part, key: str) -> Handover:
        """Hand one message over; ``key`` is the same whenever it is the same message."""

    async def was_sent(self, shopper_id: str, part: Part, since: datetime) -> bool | None:
        """Whether the platform has had ``part`` since then; None if it cannot be asked.

        Raises BackendUnavailable: to be asked again later.
        """

    async def announce(self, conversation: Conversation, key: str) -> None:
        """Tell the shopper in another way, where there is one, that an answer waits for them."""


Carry = Callable[[list[Delivery]], Awaitable[list[Delivery]]]


class PassiveSlot(Protocol):
    """An open callback of the shopper that an answer may be written into."""

    @property
    def via(self) -> str:
        """The callback's own id."""

    @property
    def can(self) -> Capabilities:
        """What may be written there."""

    def take(self) -> bool:
        """Claim the slot: False if it has closed or somebody has claimed it."""

    async def write(self, part: Part) -> bool:
        """Write ``part`` into the open callback; False if nobody reads any more."""

    def give_up(self) -> None:
        """Nothing will be written after all."""


class HandingOver:
    """Settles runs of deliveries with the desk; see kefu.sending.RunChannel."""

    def __init__(
        self,
        desk: Desk,
        transport: Transport,
        clock: Clock,
        *,
        retry_window: timedelta = timedelta(seconds=7),
        first_wait: timedelta = timedelta(seconds=2),
        taken_within: timedelta = timedelta(0),
        chance: random.Random | None = None,
        carrying: Carry | None = None,
    ) -> None:
        """``carrying`` is given every run first, and leaves what is to be handed over as usual.

        ``retry_window``: after so long a platform no longer repeats a callback.

        ``first_wait`` is the wait before the second attempt; it doubles with every other one.
        ``taken_within``: so long after it was sent, a message whose answer was lost may still be
        taken by the platform; only then does its saying that it has none mean that none will come.
        """
        self._carrying = carrying
        self._first_wait = first_wait
        self._taken_within = taken_within
        self._desk = desk
        self._transport = transport
        self._clock = clock
        self._retry_window = retry_window
        self._chance = chance or random.Random()  # noqa: S311 jitter, not a secret

    async def run(self, deliveries: Sequence[Delivery], slot: PassiveSlot | None = None) -> None:
        """Send, park or postpone every one of ``deliveries``, all of one conversation."""
        todo = list(deliveries)
        if self._carrying is not None:
            todo = await self._carrying(todo)
        if todo and todo[0].begun_at is not None:
            todo = await self._unfinished(todo)
        # What is said in parts is cut as the platform's own messages are: it goes on like that.
        if todo and slot is not None and not todo[0].parts and slot.take():
            todo = await self._write_into(slot, todo)
        if todo and not self._transport.can_send:
            await self._park(todo, ReachState.OPEN, "")
            return
        while todo:
            todo = await self._send_first(todo)

    async def _send_first(self, todo: list[Delivery]) -> list[Delivery]:
        """Send one message; what is left of ``todo`` to go on with."""
        conversation, first = todo[0].conversation, todo[0]
        reach = await self._desk.reach(conversation.id) or Reach()
        paid = first.via.startswith(_API) and first.begun_at is None and first.attempt > 0
        paid = paid and reach.is_newest_paid
        left = reach.left_at(self._clock.now())
        left = _ATTEMPTS if left is None else left + paid
        messages, tight = self._within(todo, left)
        if not messages:
            await self._park(todo, ReachState.OPEN, "", for_quota=True)
            return []
        message = messages[0]
        if left == 1 and not paid and await self._desk.owes_answer(conversation.id):
            # The last one there is goes out when everything is said that it has to carry.
            await self._desk.give_back(todo, self._clock.now() + _UNTIL_ALL_IS_SAID)
            return []
        via = f"{_API}{_TIGHT if tight else ''}{secrets.token_hex(8)}"
        began = self._clock.now()
        begun = await self._desk.begin(todo, len(message.touched), via=via, spend=not paid)
        if begun is Begun.YES:
            return await self._hand_over(todo, message, via, began)
        if begun is Begun.NOTHING_LEFT:
            await self._park(todo, ReachState.OPEN, "", for_quota=True)
        return []

    async def _hand_over(
        self, todo: list[Delivery], message: Outgoing, via: str, began: datetime
    ) -> list[Delivery]:
        """Send ``message``, begun by the way ``via``; what is left of ``todo`` to go on with."""
        conversation, first = todo[0].conversation, todo[0]
        touched = [todo[index].id for index in message.touched]
        key = f"{first.id}-{first.parts}"
        handover = await self._transport.send(conversation.shopper_id, message.part, key)
        if self._clock.now() - began > _LASTS_LONG:
            await self._desk.lasted(conversation.id)
        match handover.outcome:
            case Outcome.SENT:
                return await self._settle(todo, message)
            case Outcome.NO_SUCH_KIND:
                # The transport can do less now; the message it did not take is not counted.
                return _as_paid(todo, via)
            case Outcome.REFUSED:
                log.info("handing_over.refused", conversation=conversation.id, code=handover.code)
                await self._park(todo, handover.state, handover.code)
            case Outcome.BROKEN:
                log.error("handing_over.given_up", conversation=conversation.id, code=handover.code)
                for delivery_id in touched:
                    await self._desk.failed(delivery_id, None, handover.code)
                return [one for one in todo if one.id not in touched]
            case Outcome.AGAIN | Outcome.UNCERTAIN:
                # What may have arrived once stays uncertain, however the next attempt ends.
                uncertain = handover.outcome is Outcome.UNCERTAIN or first.begun_at is not None
                retry_at = self._retry_at(first, handover)
                if retry_at is None:
                    log.error(
                        "handing_over.given_up", conversation=conversation.id, code=handover.code
                    )
                await self._desk.failed(first.id, retry_at, handover.code, uncertain=uncertain)
        return []

    async def _settle(self, todo: list[Delivery], message: Outgoing) -> list[Delivery]:
        partly = message.partly
        await self._desk.delivered(
            *(todo[index].id for index in message.complete),
            partly=(todo[partly[0]].id, partly[1]) if partly else None,
        )
        rest = [one for index, one in enumerate(todo) if index not in message.complete]
        if partly:
            rest[0] = replace(rest[0], parts=partly[1], via="", begun_at=None)
        return rest

    async def _write_into(self, slot: PassiveSlot, todo: list[Delivery]) -> list[Delivery]:
        conversation = todo[0].conversation
        messages = compose(
            [one.message.content for one in todo],
            slot.can,
            _language(conversation),
            said=todo[0].parts,
        )
        message = messages[0]
        via = f"{_PASSIVE}{slot.via}"
        # Cut differently than the platform's own messages would be: all or nothing.
        if message.partly:
            slot.give_up()
            return todo
        begun = await self._desk.begin(todo, len(message.touched), via=via, spend=False)
        if begun is not Begun.YES:
            slot.give_up()
            return []
        if not await slot.write(message.part):
            await self._desk.came_to_nothing(conversation.id, via)
            return []
        rest = await self._settle(todo, message)
        # It goes another way than what follows it, which must not overtake it.
        await asyncio.sleep(_WAY_OF_PASSIVE_SECONDS)
        return rest

    async def _unfinished(self, todo: list[Delivery]) -> list[Delivery]:
        """Find out what became of the message that was on its way when its sender vanished."""
        first = todo[0]
        begun_at = first.begun_at
        if begun_at is None:
            return todo
        group = [one for one in todo if one.via == first.via and one.begun_at is not None]
        if first.via.startswith(_PASSIVE):
            repeated_until = begun_at + self._retry_window
            if self._clock.now() < repeated_until:
                # If the platform did not get it, it repeats the callback, and we hear of it.
                await self._desk.failed(first.id, repeated_until, "passive reply", uncertain=True)
                return []
            await self._desk.delivered(*(one.id for one in group))
            return todo[len(group) :]
        tight = first.via.removeprefix(_API).startswith(_TIGHT)
        contents = [one.message.content for one in group]
        message = compose(
            contents,
            self._transport.can,
            _language(first.conversation),
            said=first.parts,
            tight=tight,
        )[0]
        try:
            was_sent = await self._transport.was_sent(
                first.conversation.shopper_id, message.part, begun_at
            )
        except BackendUnavailable as error:
            retry_at = self._retry_at(first, Handover(Outcome.UNCERTAIN))
            await self._desk.failed(first.id, retry_at, str(error), uncertain=True)
            return []
        log.info("handing_over.uncertain", conversation=first.conversation.id, was_sent=was_sent)
        may_come_until = begun_at + self._taken_within
        if was_sent is False and self._clock.now() < may_come_until:
            soon = self._retry_at(first, Handover(Outcome.UNCERTAIN)) or may_come_until
            retry_at = min(soon, may_come_until)
            await self._desk.failed(first.id, retry_at, "not taken yet", uncertain=True)
            return []
        if was_sent is None and self._transport.has_keys:
            # The very same message again: with more in it, the platform would drop what is new.
            return await self._hand_over(todo, message, first.via, begun_at)
        if was_sent:
            await self._desk.lasted(first.conversation.id)
            return await self._settle(todo, message)
        return _as_paid(todo, first.via)

    def _within(self, todo: list[Delivery], left: int) -> tuple[list[Outgoing], bool]:
        return within(
            [one.message.content for one in todo],
            self._transport.can,
            _language(todo[0].conversation),
            said=todo[0].parts,
            at_most=left,
        )

    async def _park(
        self, todo: list[Delivery], state: ReachState, code: str, *, for_quota: bool = False
    ) -> None:
        conversation = todo[0].conversation
        parked = await self._desk.park(todo, state=state, code=code, for_quota=for_quota)
        if parked and state in (ReachState.OPEN, ReachState.QUOTA_USED, ReachState.WINDOW_CLOSED):
            await self._transport.announce(conversation, todo[0].id)

    def _retry_at(self, delivery: Delivery, handover: Handover) -> datetime | None:
        if delivery.attempt + 1 >= _ATTEMPTS:
            return None
        wait = handover.wait or min(self._first_wait * 2**delivery.attempt, _LONGEST_WAIT)
        # Not all at the same moment after an outage.
        return self._clock.now() + wait * self._chance.uniform(0.75, 1.25)


def _language(conversation: Conversation) -> Language:
    return "en" if conversation.language == "en" else "zh"


def _as_paid(todo: list[Delivery], via: str) -> list[Delivery]:
    return [
        replace(one, via=via, begun_at=None, attempt=max(1, one.attempt)) if index == 0 else one
        for index, one in enumerate(todo)
    ]
