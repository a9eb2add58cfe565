"""When the gate itself gives a conversation to people, and what it adds to every handoff."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from desk.model import Author, Conversation, Handoff, HandoffReason
from desk.service import Desk
from kefu.notices import Notice, response_of
from kernel.clock import Clock
from kernel.errors import ConnectorError

log = structlog.get_logger()

# Groups of customers, as the shop calls them, by customer id.
GroupOf = Callable[[str], Awaitable[str]]

_REASONS = {
    Notice.TURN_TOO_SLOW: HandoffReason.BOT_TIMEOUT,
    Notice.TURN_FAILED: HandoffReason.BOT_ERROR,
}
_LOOK_BACK = 20


@dataclass(frozen=True)
class HandoffLimits:
    """How often within ``within`` the assistant may come to nothing, before people take over.

    For customers of ``vip_groups`` once is enough.
    """

    slow_turns: int = 2
    failed_turns: int = 2
    within: timedelta = timedelta(minutes=30)
    vip_groups: frozenset[str] = frozenset()


class Handoffs:
    """Counts the assistant's failures in a conversation; asked only when there was one."""

    def __init__(
        self, desk: Desk, clock: Clock, limits: HandoffLimits, group_of: GroupOf | None = None
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._limits = limits
        self._group_of = group_of

    async def after(self, trouble: Notice, conversation: Conversation) -> Handoff | None:
        """The handoff that this ``trouble`` calls for, if it was once too often."""
        limits = self._limits
        most = limits.slow_turns if trouble is Notice.TURN_TOO_SLOW else limits.failed_turns
        customer = conversation.customer
        group = await self._group(customer)
        if group in limits.vip_groups:
            most = 1
        since = self._clock.now() - limits.within
        recent = await self._desk.messages_before(conversation.id, None, _LOOK_BACK)
        name = response_of(trouble)
        before = [
            message
            for message in recent
            if message.author is Author.BOT
            and message.content.response == name
            and message.created_at > since
        ]
        if len(before) + 1 < most:
            return None
        said = [one.content.text for one in recent if one.author is Author.SHOPPER]
        summary: dict[str, Any] = {
            "customer": customer,
            "requests": [],
            "orders": [],
            "tried": [{"action": "assistant", "outcome": trouble.value}] * (len(before) + 1),
            "last_words": said[-1] if said else None,
            "language": conversation.language,
            "group": group,
        }
        return Handoff(_REASONS[trouble], summary, self._clock.now())

    async def complete(self, handoff: Handoff, customer: dict[str, Any] | None) -> Handoff:
        """``handoff`` with the group of the customer, which decides on promises and priority."""
        group = await self._group(customer)
        return replace(handoff, summary={**handoff.summary, "group": group}) if group else handoff

    async def _group(self, customer: dict[str, Any] | None) -> str | None:
        if customer is None or self._group_of is None:
            return None
        try:
            return await self._group_of(str(customer["id"]))
        except ConnectorError as error:
            # A person comes all the same, only without the customer's privileges.
            log.warning("handoff.group.unknown", error=type(error).__name__)
            return None
