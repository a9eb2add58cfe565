"""How a talk of a simulated shopper went."""

from __future__ import annotations

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
    confirmed: bool = False
    handed_off: str | None = None
    gave_up: bool = False
