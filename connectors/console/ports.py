"""What the console needs of the rest of Kefu; the assembly brings it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from desk.model import Conversation
from desk.rule_fields import RuleForms, RulesPart
from desk.rulebook import DaysThatDiffer
from kernel.content import Attachment


class Outbox(Protocol):
    """What the console needs of the gate: that what agents say goes out at once."""

    def wake_outbox(self) -> None:
        """See to what waits to be sent."""


class LoginLimiter(Protocol):
    """Says whether an address may try to log in; the desk itself limits by login."""

    async def take(self, key: str) -> float:
        """Count one try of ``key``: 0.0 if it is allowed, else the seconds until one is."""


class PictureRefused(Exception):
    """A picture that is not kept; ``code`` says why."""

    def __init__(self, code: str, **more: int) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


class Pictures(Protocol):
    """Where pictures lie that agents send; a shopper may see those of their own conversation."""

    @property
    def max_bytes(self) -> int:
        """No picture is larger."""

    async def save(self, conversation: Conversation, name: str, data: bytes) -> Attachment:
        """Check and keep a picture; raises PictureRefused."""

    async def find(self, conversation: Conversation, picture_id: str) -> Attachment | None:
        """A picture of this conversation."""


class Signs(Protocol):
    """How a shopper sees what an agent is doing, on channels that can show it."""

    async def typing(self, conversation: Conversation, *, on: bool) -> None:
        """Whoever has the conversation is writing, or stopped."""

    async def read(self, conversation: Conversation, seq: int) -> None:
        """Whoever has the conversation has read up to ``seq``."""


class RulesRefused(Exception):
    """Rules that cannot be followed: a sentence that names the place, in both languages."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.why = {"zh": chinese, "en": english}


class RulesText(Protocol):
    """The desk's rules as supervisors write them."""

    def at_first(self) -> str:
        """What holds until somebody saves something else."""

    def text_of(self, content: Mapping[str, Any]) -> str:
        """A saved version as text."""

    def check(self, text: str) -> dict[str, Any]:
        """The rules in ``text``; raises RulesRefused."""

    def with_days(self, text: str, calendar: str, differ: DaysThatDiffer) -> str:
        """``text`` with days that differ from ``calendar``'s week.

        Hours are like "09:00-12:00", in the calendar's time zone. Raises as ``check`` does.
        """

    def calendars(self, content: Mapping[str, Any]) -> list[str]:
        """The names of the calendars in checked rules."""

    def forms(self, content: Mapping[str, Any]) -> RuleForms:
        """Checked rules as forms, those that hold without being named too."""

    def with_values(
        self, text: str, part: RulesPart, values: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """``text`` with other ``values``, by name, for rules of a part, and the rules in it.

        Raises as ``check`` does.
        """


class OrderDeeds(Protocol):
    """What can be done to a customer's order; raises the connectors' errors, Refused among them."""

    async def verbs(self, customer_id: str, order_number: str) -> list[dict[str, Any]]:
        """What can be done: ``[{verb, reasons, lines: [{id, name, options, units}], refusal}]``.

        Some have ``fields`` ``[{name, value, choices, optional, kind, of}]`` to fill in: ``kind``
        ``text``, ``long``, ``date``, ``number``, or ``many`` (ids of ``choices``, between commas);
        ``of`` the reason they belong to, None if any. Choices are ``{id, title}`` or
        ``{id, tender, hint, balance}``; one with reasons in ``of`` is for these alone. Some lines
        have ``variants`` ``[{id, title}]`` of which one takes the place of ``variant``; of a line
        that ``stays`` units say how many are left as they are, at ``most`` so many; of a ``whole``
        one all are taken or none.
        """

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        verb: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """What would happen: ``{draft, expires_at, rows, tenders, …}``; nothing has yet.

        As far as they apply: ``total`` that goes back; ``sum`` ``{before, after}`` of the order;
        ``charge``; ``balances`` of gift cards before and after; ``change`` of an address;
        ``back``: how goods come back, ``{way, at, days, to, freight, send_by}``; ``goes_to``, where
        others go instead; ``slot``; ``notes`` that are made; ``parcels`` and what leaves
        ``first``; ``left_alone`` parcels with the refusal; ``answer_by``, ``resolve_by``;
        ``coupon``; ``told``: why, in the words that the shopper will read.
        ``details`` are the values of the verb's fields, or a variant for each line.
        Raises ValueError for a verb or a reason that does not exist.
        """

    async def commit(
        self, customer_id: str, verb: str, draft_id: str, agent_id: str
    ) -> dict[str, Any]:
        """Make it happen, once: ``{order, numbers}``. Raises ValueError for no such verb."""
