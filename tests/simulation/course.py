"""How a talk of a simulated shopper went."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field


@dataclass
class Course:
    """How a talk went: what was sent, what came back, whether people were asked for."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)
    """What the shopper sent, what the bot said, which slot it asked for."""
    messages: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)
    """Cards: type and order number."""
    told: set[str] = field(default_factory=set)
    """Responses that were given."""
    objections: list[str] = field(default_factory=list)
    """What summaries had wrong."""
    handed_off: str | None = None
    gave_up: bool = False

    def has_answered(self, shown: Set[tuple[str, str]], told: Set[str]) -> bool:
        """Whether one of these cards or one of these responses was given."""
        return bool(shown & set(self.shown) or told & self.told)
