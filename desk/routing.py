"""Who serves a waiting shopper: skill, language, free capacity; last agent, least loaded, idle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from desk.model import AgentState, Conversation, Presence
from desk.rules import QueueRules

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# What a conversation asks of an agent: skill and language.
Lane = tuple[str | None, str | None]


class Asking(Protocol):
    """A conversation that waits, in full or not."""

    @property
    def skill(self) -> str | None:
        """What an agent must be able to do for it."""

    @property
    def language(self) -> str | None:
        """What an agent must speak."""


def lane_of(conversation: Asking) -> Lane:
    """What ``conversation`` asks of an agent."""
    return conversation.skill, conversation.language


class Able(Protocol):
    """Who can do something: an agent, or all agents who can do the same."""

    @property
    def skills(self) -> frozenset[str]:
        """What they can do; everything if empty."""

    @property
    def languages(self) -> frozenset[str]:
        """What they speak; everything if empty."""


@dataclass(frozen=True)
class Kind:
    """All agents of the same skills and languages who are there, or are not.

    ``slots`` are the conversations they can hold together, ``free`` those that they do not.
    """

    skills: frozenset[str]
    languages: frozenset[str]
    is_there: bool
    slots: int
    free: int


def may_serve(able: Able, lane: Lane) -> bool:
    """Whether an agent has the skill and the language; one without any has them all."""
    skill, language = lane
    return (skill is None or not able.skills or skill in able.skills) and (
        language is None or not able.languages or language in able.languages
    )


def is_there(presence: Presence) -> bool:
    """Whether an agent takes conversations now."""
    return presence.state is AgentState.ONLINE and presence.connected


def eligible(
    presences: Iterable[Presence], conversation: Conversation, rules: QueueRules, now: datetime
) -> list[Presence]:
    """The agents who may get ``conversation`` now, but for their capacity.

    Who has waited for ``overflow`` is served by anybody: a foreign skill is better than none.
    """
    there = [presence for presence in presences if is_there(presence)]
    waited = now - (conversation.queued_at or now)
    if waited >= rules.overflow:
        return there
    return [presence for presence in there if may_serve(presence.agent, lane_of(conversation))]


@dataclass
class Match:
    """A waiting conversation and who is asked to take it."""

    conversation: Conversation
    agent_id: str


def matches(
    waiting: Sequence[Conversation], presences: Sequence[Presence], rules: QueueRules, now: datetime
) -> list[Match]:
    """Who gets whom, in the order of the line; the load given away here counts for the next."""
    loads = {presence.agent.id: presence.load for presence in presences}
    given: list[Match] = []
    for conversation in waiting:
        free = [
            presence
            for presence in eligible(presences, conversation, rules, now)
            if loads[presence.agent.id] + conversation.weight <= presence.capacity
        ]
        if not free:
            continue
        best = min(free, key=lambda one: _preference(one, conversation, loads, rules, now))
        loads[best.agent.id] += conversation.weight
        given.append(Match(conversation, best.agent.id))
    return given


def _preference(
    presence: Presence,
    conversation: Conversation,
    loads: dict[str, int],
    rules: QueueRules,
    now: datetime,
) -> tuple[bool, bool, float, datetime, str]:
    agent_id = presence.agent.id
    last_at = conversation.last_agent_at
    knows = conversation.last_agent_id == agent_id and (
        last_at is not None and now - last_at <= rules.last_agent_within
    )
    return (
        agent_id in conversation.passed_by,
        not knows,
        loads[agent_id] / presence.capacity,
        presence.busy_at or _LONG_AGO,
        agent_id,
    )
