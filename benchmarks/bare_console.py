"""The console as benchmarks serve it: its doors, without what they do not ask."""

from __future__ import annotations

from typing import Any

from desk.model import Conversation
from kernel.content import Attachment


class Nothing:
    """The parts of the console that this benchmark does not ask."""

    max_bytes = 0

    def wake_outbox(self) -> None:
        """Nothing is sent here."""

    async def save(self, _conversation: Conversation, _name: str, _data: bytes) -> Attachment:
        """Nothing is uploaded here: who does is told so by the error."""
        raise NotImplementedError

    async def find(self, _conversation: Conversation, _picture_id: str) -> Attachment | None:
        """Nothing was uploaded here."""
        return None


async def no_facts(_conversation: Conversation) -> dict[str, Any]:
    """Nobody is known, and nothing was bought."""
    return {"customer": None, "orders": []}
