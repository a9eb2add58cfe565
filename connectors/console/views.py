"""What the console's pages get to see of conversations, as JSON."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from connectors.console.reaching import reach_view
from desk.alarms import Alarm
from desk.model import Agent, Author, Call, Conversation, Message, Presence, QueueEntry
from desk.office.model import Canned, Entry, Note
from desk.service import Desk
from kernel.content import to_builtins

_PREVIEW_CHARACTERS = 140
# So many of the line are in the overview, and what happens to them is told to every page.
HEAD_OF_LINE = 100


class Views:
    """Draws the desk's values for agents; remembers agents' names, which do not change."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._names: dict[str, str] = {}

    def agent(self, agent: Agent) -> dict[str, Any]:
        """An agent, as their colleagues see them."""
        return {"id": agent.id, "name": agent.name, "role": agent.role.value}

    async def conversation(self, conversation: Conversation) -> dict[str, Any]:
        """A conversation without its messages."""
        handoff = conversation.handoff
        return {
            **await self.line(conversation),
            "created_at": conversation.created_at.isoformat(),
            "queued_at": conversation.queued_at.isoformat() if conversation.queued_at else None,
            "clocks": self.clocks(conversation),
            "handoff": handoff
            and {
                "reason": handoff.reason.value,
                "summary": handoff.summary,
                "at": handoff.at.isoformat(),
            },
        }

    async def line(self, conversation: Conversation, call_open: bool = False) -> dict[str, Any]:
        """A conversation as lists show it: of the handoff the reason, no clocks but ``due``.

        ``call_open``: a number was left earlier, and nobody has called it yet.
        """
        callback = conversation.callback
        handoff = conversation.handoff
        return {
            "id": conversation.id,
            "channel": conversation.channel,
            "shopper": conversation.shopper_id,
            "owner": conversation.owner.value,
            "agent": await self.agent_of(conversation.agent_id),
            "epoch": conversation.epoch,
            "language": conversation.language,
            "priority": conversation.priority,
            "calls_back": call_open or (callback is not None and callback.is_due),
            "customer": conversation.customer,
            "last_seq": conversation.last_seq,
            "updated_at": conversation.updated_at.isoformat(),
            "handoff": handoff and {"reason": handoff.reason.value, "at": handoff.at.isoformat()},
        }

    async def reach(self, conversation: Conversation) -> dict[str, Any] | None:
        """What the shopper's platform lets us send them now; None where no platform counts."""
        return reach_view(await self._desk.reach(conversation.id), self._desk.now())

    async def message(self, message: Message) -> dict[str, Any]:
        """A message with who said it; ``client_id`` lets an agent's page recognise its own."""
        content = to_builtins(message.content)
        content.pop("response", None)
        return {
            "id": message.id,
            "seq": message.seq,
            "author": message.author.value,
            "agent": await self.agent_of(message.agent_id),
            "at": message.created_at.isoformat(),
            "client_id": message.external_id if message.author is Author.AGENT else None,
            **content,
        }

    def clocks(self, conversation: Conversation) -> list[dict[str, Any]]:
        """The promises of a conversation as they stand now."""
        return [
            {
                "metric": clock.metric,
                "policy": clock.policy,
                "due_at": clock.due_at.isoformat() if clock.due_at else None,
                "running": clock.running,
                "at_risk": clock.at_risk,
                "breached": clock.breached,
            }
            for clock in self._desk.clocks(conversation)
        ]

    def due(self, conversation: Conversation) -> str | None:
        """When the next promise of a conversation is due, if a clock is running."""
        clocks = conversation.sla.clocks if conversation.sla else ()
        soonest = min((clock.due_at for clock in clocks if clock.due_at), default=None)
        return soonest.isoformat() if soonest else None

    def presence(self, presence: Presence) -> dict[str, Any]:
        """How an agent is there, and how much they hold."""
        return {
            "agent": self.agent(presence.agent),
            "state": presence.state.value,
            "connected": presence.connected,
            "since": presence.changed_at and presence.changed_at.isoformat(),
            "missed_offers": presence.missed_offers,
            "load": presence.load,
            "capacity": presence.capacity,
        }

    async def alarm(self, alarm: Alarm) -> dict[str, Any]:
        """A promise that a supervisor is called for."""
        return {
            "id": alarm.id,
            "conversation": await self.line(alarm.conversation),
            "metric": alarm.metric.value,
            "policy": alarm.policy,
            "at": alarm.at.isoformat(),
            "due_at": alarm.due_at and alarm.due_at.isoformat(),
        }

    async def queue(self, waiting: Sequence[QueueEntry]) -> list[dict[str, Any]]:
        """Lines of the queue, with their tags."""
        ids = [one.conversation.id for one in waiting]
        tags, calls = await self._desk.labels.tags_of(ids), await self._desk.calls.open_in(ids)
        return [
            await self._waiting(one, tags.get(one.conversation.id, ()), calls) for one in waiting
        ]

    async def _waiting(
        self, waits: QueueEntry, tags: Sequence[str], calls: Collection[str]
    ) -> dict[str, Any]:
        """One line of the queue; ``place`` orders them."""
        at = waits.conversation.place_at or waits.waiting_since
        call_open = waits.conversation.id in calls
        return {
            "conversation": await self.line(waits.conversation, call_open),
            "place": f"{at:%Y-%m-%dT%H:%M:%S.%f}~{waits.conversation.id}",
            "due": self.due(waits.conversation),
            "waiting_since": waits.waiting_since.isoformat(),
            "last": self._preview(waits.last_message),
            "tags": list(tags),
            "unread": False,
        }

    async def entry(self, entry: Entry) -> dict[str, Any]:
        """One line of a list of conversations."""
        return {
            "conversation": await self.line(entry.conversation, entry.call_open),
            "last": self._preview(entry.last),
            "tags": list(entry.tags),
            "unread": entry.read_seq < entry.last_shopper_seq,
            "due": self.due(entry.conversation),
            "snoozed_until": entry.snooze and entry.snooze.until.isoformat(),
        }

    async def note(self, note: Note) -> dict[str, Any]:
        """A note between colleagues; it stands after message ``seq``."""
        return {
            "id": note.id,
            "seq": note.seq,
            "agent": await self.agent_of(note.agent_id),
            "text": note.text,
            "mentions": [await self.agent_of(one) for one in note.mentions],
            "at": note.at.isoformat(),
        }

    async def call(self, call: Call) -> dict[str, Any]:
        """A number that was left to be called, and what became of it."""
        return {
            "contact": call.contact,
            "at": call.asked_at.isoformat(),
            "made_at": call.made_at and call.made_at.isoformat(),
            "made_by": await self.agent_of(call.made_by),
            "withdrawn_at": call.withdrawn_at and call.withdrawn_at.isoformat(),
        }

    def canned(self, canned: Canned) -> dict[str, Any]:
        """A prepared reply in both languages."""
        return {
            "id": canned.id,
            "shortcut": canned.shortcut,
            "title": canned.title,
            "zh": canned.zh,
            "en": canned.en,
            "shared": canned.agent_id is None,
        }

    def _preview(self, message: Message | None) -> dict[str, Any] | None:
        if message is None:
            return None
        content = message.content
        return {
            "author": message.author.value,
            "text": content.text[:_PREVIEW_CHARACTERS],
            "picture": bool(content.image or content.attachments),
            "at": message.created_at.isoformat(),
        }

    async def agent_of(self, agent_id: str | None) -> dict[str, str] | None:
        """Whoever has this id, if anybody."""
        if agent_id is None:
            return None
        if agent_id not in self._names:
            self._names[agent_id] = (await self._desk.agent(agent_id)).name
        return {"id": agent_id, "name": self._names[agent_id]}
