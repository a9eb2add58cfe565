"""When the gate itself gives a conversation to people, and what it adds to every handoff."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
_GROUP_KEPT = timedelta(minutes=10)
_GROUPS_KEPT = 5000


@dataclass(frozen=True)
class HandoffLimits:
    """How often within ``within`` the assistant may come to nothing, before people take over.

    For customers of the queue's ``vip_groups`` once is enough.
    """

    slow_turns: int = 2
    failed_turns: int = 2
    within: timedelta = timedelta(minutes=30)


class Handoffs:
    """Counts the assistant's failures in a conversation; asked only when there was one."""

    def __init__(
        self, desk: Desk, clock: Clock, limits: HandoffLimits, group_of: GroupOf | None = None
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._limits = limits
        self._group_of = group_of
        # Asked for with every message of a verified customer: once in a while is enough.
        self._groups: dict[str, tuple[str, datetime]] = {}

    async def after(self, trouble: Notice, conversation: Conversation) -> Handoff | None:
        """The handoff that this ``trouble`` calls for, if it was once too often."""
        limits = self._limits
        most = limits.slow_turns if trouble is Notice.TURN_TOO_SLOW else limits.failed_turns
        customer = conversation.customer
        group = await self._group(customer)
        if group in self._desk.rules.queue.vip_groups:
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
            "next_step": {"step": "answer_last", "order": None, "verb": None},
            "language": conversation.language,
            "group": group,
        }
        return Handoff(_REASONS[trouble], summary, self._clock.now())

    async def with_group(self, customer: dict[str, Any] | None) -> dict[str, Any] | None:
        """``customer`` with the group that decides how soon they get a person; None for nobody."""
        group = await self._group(customer) if self._desk.rules.queue.vip_groups else None
        return {**customer, "group": group} if customer is not None and group else customer

    async def complete(self, handoff: Handoff, customer: dict[str, Any] | None) -> Handoff:
        """``handoff`` with the group of the customer, which decides on promises and priority."""
        group = await self._group(customer)
        return replace(handoff, summary={**handoff.summary, "group": group}) if group else handoff

    async def _group(self, customer: dict[str, Any] | None) -> str | None:
        if customer is None or self._group_of is None:
            return None
        if customer.get("group"):
            return str(customer["group"])
        customer_id, now = str(customer["id"]), self._clock.now()
        group, until = self._groups.get(customer_id, (None, now))
        if group is not None and now < until:
            return group
        try:
            group = await self._group_of(customer_id)
        except ConnectorError as error:
            # A person comes all the same, only without the customer's privileges.
            log.warning("handoff.group.unknown", error=type(error).__name__)
            return None
        self._groups.pop(customer_id, None)
        self._groups[customer_id] = (group, now + _GROUP_KEPT)
        if len(self._groups) > _GROUPS_KEPT:
            self._groups.pop(next(iter(self._groups)))
        return group
