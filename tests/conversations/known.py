"""What the language side is told of a shop before a message to it is read."""

from __future__ import annotations

from dataclasses import dataclass

from bot.nlu.catalogue import Catalogue
from bot.nlu.surroundings import surroundings


@dataclass(frozen=True)
class Known:
    """How the orders of a shop are numbered, and what it sells."""

    order_numbers: str | None
    catalogue: Catalogue

    @classmethod
    def now(cls) -> Known:
        """What is known at present."""
        around = surroundings()
        return cls(around.order_number_pattern, around.catalogue)

    def tell(self) -> None:
        """Let it be known from the next message on."""
        around = surroundings()
        around.order_number_pattern = self.order_numbers
        around.catalogue = self.catalogue
