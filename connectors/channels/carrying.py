"""Carries news by a platform's message template where no ordinary message may be spent on it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog

from connectors.channels.consents import Consent
from connectors.channels.handing_over import Handover, Outcome
from desk.model import Begun, Conversation, Delivery
from desk.news.words import told_in
from desk.service import Desk
from kernel.clock import Clock
from kernel.content import Content

log = structlog.get_logger()

_TEMPLATE = "template:"
_ATTEMPTS = 5


class Templates(Protocol):
    """A platform's message templates, as far as an account has some for news."""

    async def may_carry(self, shopper_id: str, kinds: Sequence[str]) -> bool:
        """Whether news of all ``kinds`` can be carried to a shopper now."""

    async def carry(
        self, conversation: Conversation, content: Content, key: str, *, again: bool
    ) -> Handover | None:
        """Carry the newest news in ``content``; None if there is no template or no consent.

        ``key`` is the same whenever it is the same message, ``again``: it may have arrived before.
        """

    async def consents_of(self, shopper_id: str) -> Sequence[tuple[tuple[str, ...], Consent]]:
        """What a shopper has said of the account's templates, with the kinds of news of each."""


class Carrying:
    """News goes out by a template where ``reserve`` messages or fewer are left for answers.

    What cannot be carried by one is left to be handed over as usual; what a platform refuses is
    parked until the shopper writes.
    """

    def __init__(
        self,
        desk: Desk,
        templates: Templates,
        clock: Clock,
        reserve: int,
        first_wait: timedelta = timedelta(seconds=2),
    ) -> None:
        """``first_wait`` is the wait before the second attempt; it doubles with every other one."""
        self._first_wait = first_wait
        self._desk = desk
        self._templates = templates
        self._clock = clock
        self._reserve = reserve

    async def run(self, todo: list[Delivery]) -> list[Delivery]:
        """What is left of ``todo``, all of one conversation, to be handed over as usual."""
        while todo and (news := told_in(todo[0].message.content)):
            first = todo[0]
            again = first.via.startswith(_TEMPLATE) and first.begun_at is not None
            if not again:
                # What has been begun another way is seen to its end that way.
                if first.begun_at is not None or not await self._is_wanted(first, news):
                    return todo
                via = f"{_TEMPLATE}{secrets.token_hex(8)}"
                if await self._desk.begin(todo, 1, via=via, spend=False) is not Begun.YES:
                    return []
            content = first.message.content
            handover = await self._templates.carry(
                first.conversation, content, first.id, again=again
            )
            outcome = handover.outcome if handover else Outcome.REFUSED
            code = handover.code if handover else ""
            # A consent is good for one message: refused now, it was used up by the first attempt.
            if outcome is Outcome.SENT or (again and outcome is Outcome.REFUSED and code):
                if len(news) > 1:
                    # A template says the newest and how many there are: all follow when they come.
                    await self._desk.park(todo[:1])
                else:
                    await self._desk.delivered(first.id)
                todo = todo[1:]
                continue
            if outcome in (Outcome.AGAIN, Outcome.UNCERTAIN) and first.attempt < _ATTEMPTS:
                retry_at = self._clock.now() + self._first_wait * 2**first.attempt
                uncertain = again or outcome is Outcome.UNCERTAIN
                await self._desk.failed(first.id, retry_at, code, uncertain=uncertain)
                return []
            log.info("carrying.refused", conversation=first.conversation.id, code=code)
            # What is left is for answers: it waits for the shopper, and goes first then.
            await self._desk.park(todo[:1], code=code)
            todo = todo[1:]
        return todo

    async def _is_wanted(self, delivery: Delivery, news: list[dict[str, Any]]) -> bool:
        """Whether no ordinary message can be spared, and a template can carry the newest news.

        Never for who has come since it was said.
        """
        reach = await self._desk.reach(delivery.conversation.id)
        if reach is None:
            return False
        said_at = delivery.message.created_at
        if any(one.since > said_at for one in reach.allowances):
            return False
        left = reach.left_at(self._clock.now())
        if left is None or left > self._reserve:
            return False
        shopper_id = delivery.conversation.shopper_id
        return await self._templates.may_carry(shopper_id, [news[-1]["kind"]])
