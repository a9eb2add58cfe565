"""The desk's door for the queue: places and promises, offers, presence, clocks, rules."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from desk import levels, line, offers, ownership, presence, rules_history
from desk.door import Door
from desk.model import (
    AgentState,
    ClockReading,
    Conversation,
    InLine,
    Presence,
    QueuePlace,
)
from desk.rules_history import RulesVersion


class Queueing(Door):
    """Who waits, who is there, who is asked, and what was promised."""

    # -- the shopper's side ---------------------------------------------------------------------

    async def place(self, conversation_id: str) -> QueuePlace | None:
        """The place of a waiting shopper and the range of their wait; None if they do not wait.

        Raises NoSuchConversation.
        """
        async with self._reading() as work:
            return await line.place_in_line(work, conversation_id)

    async def places(self) -> list[tuple[InLine, QueuePlace]]:
        """Everybody who waits, in the order in which they will be served."""
        async with self._reading() as work:
            return await line.all_places(work)

    async def line_now(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the one who has waited longest does."""
        async with self._reading() as work:
            return await line.line_now(work)

    async def leave_queue(self, conversation_id: str) -> Conversation:
        """Queue → bot, because the shopper does not want to wait. Raises ConversationMoved."""
        async with self._transaction() as work:
            return await ownership.leave_queue(work, conversation_id)

    async def keep_place(self, conversation_id: str, contact: str | None = None) -> QueuePlace:
        """Keep the shopper's place without them watching: they are told when their turn is near.

        ``contact`` is the number to call them at, as they wrote it; without one an earlier one
        stays. Raises ConversationMoved when they do not wait (any more), BadContact.
        """
        async with self._transaction() as work:
            return await line.keep_place(work, conversation_id, contact)

    async def promises_kept(self, since: datetime, until: datetime) -> dict[str, int]:
        """How the first promises about a wait, made in a time, came out.

        Keys: ``kept``, ``broken``, ``left`` (the shopper did not wait for it), ``open``.
        """
        async with self._reading() as work:
            return await line.promises_kept(work, since, until)

    # -- agents ---------------------------------------------------------------------------------

    async def connected(self, agent_id: str) -> None:
        """An agent's console is open: they are there, and online unless they said otherwise.

        Raises NoSuchAgent.
        """
        async with self._transaction() as work:
            await presence.connected(work, agent_id)

    async def beat(self, agent_ids: Collection[str]) -> None:
        """These agents' consoles are still open; say so well within ``rules.queue.grace``."""
        if agent_ids:
            async with self._transaction() as work:
                await presence.beat(work, agent_ids)

    async def set_presence(self, agent_id: str, state: AgentState) -> None:
        """An agent comes, pauses (keeps what they hold) or goes (everything returns to the queue).

        Raises NoSuchAgent.
        """
        async with self._transaction() as work:
            await presence.set_state(work, agent_id, state)

    async def presences(self) -> list[Presence]:
        """Everybody at the desk by name: whether they are there, and how much they hold."""
        async with self._reading() as work:
            return await presence.presences(work)

    async def presence_of(self, agent_id: str) -> Presence | None:
        """How one agent is there and how much they hold; None if there is no such agent."""
        async with self._reading() as work:
            return await presence.presence_of(work, agent_id)

    async def decline(self, conversation_id: str, agent_id: str) -> None:
        """Let an offer pass; ConversationMoved if it is not this agent's (any more).

        To accept an offer, ``take`` it.
        """
        async with self._transaction() as work:
            await offers.decline(work, conversation_id, agent_id)

    async def offers_to(self, agent_id: str) -> list[Conversation]:
        """The conversations held out to an agent now."""
        async with self._reading() as work:
            return await offers.held_out_to(work, agent_id)

    async def assign(self, conversation_id: str, agent_id: str, by_id: str) -> Conversation:
        """Queue, bot or an agent → ``agent_id``, as ``by_id`` decides.

        A supervisor may assign everything, an agent what they hold. Raises NotAllowed,
        ConversationMoved, NoSuchAgent.
        """
        async with self._transaction() as work:
            return await ownership.assign(work, conversation_id, agent_id, by_id)

    async def pass_on(
        self, conversation_id: str, by_id: str, *, skill: str | None = None, note: str = ""
    ) -> Conversation:
        """Agent → queue, at the place it had, for somebody else (with ``skill``).

        The agent who holds it or a supervisor may. Raises NotAllowed, ConversationMoved.
        """
        async with self._transaction() as work:
            return await ownership.pass_on(work, conversation_id, by_id, skill, note)

    # -- promises -------------------------------------------------------------------------------

    def clocks(self, conversation: Conversation) -> list[ClockReading]:
        """The promises of a conversation as they are at this moment; no database is asked."""
        return levels.readings(conversation, self._rules, self._clock.now())

    async def in_danger(self, limit: int) -> list[Conversation]:
        """The conversations of which a promise is in danger or broken, the longest first."""
        async with self._reading() as work:
            return await levels.in_danger(work, limit)

    # -- rules ----------------------------------------------------------------------------------

    async def save_rules(self, content: dict[str, Any], agent_id: str, note: str = "") -> int:
        """Store a version of the rules; every replica goes by it soon. Validate it before."""
        async with self._transaction() as work:
            return await rules_history.save(work, content, agent_id, note or None)

    async def rules_history(self, limit: int = 50) -> list[RulesVersion]:
        """The versions of the rules that were saved at the desk, newest first."""
        async with self._reading() as work:
            return await rules_history.history(work, limit)
