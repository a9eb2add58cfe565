"""The place that an open callback has for one answer, before WeChat stops waiting for it."""

from __future__ import annotations

import asyncio

from connectors.channels.rendering import Capabilities, Part, TextPart

# An answer that is begun may be written a moment after the time for it is over.
_GRACE_SECONDS = 2.0


class Slot:
    """An open callback; see connectors.channels.handing_over.PassiveSlot."""

    def __init__(self, via: str, can: Capabilities) -> None:
        self.via = via
        self.can = can
        self._taken = False
        self._closed = False
        self._part: asyncio.Future[TextPart | None] = asyncio.Future()
        self._written: asyncio.Future[bool] = asyncio.Future()

    def take(self) -> bool:
        if self._taken or self._closed:
            return False
        self._taken = True
        return True

    def say(self, text: str) -> bool:
        """Write something that is no message of the conversation, if the slot is free."""
        if not self.take():
            return False
        self._part.set_result(TextPart(text))
        return True

    async def write(self, part: Part) -> bool:
        if self._closed or not isinstance(part, TextPart):
            return False
        self._part.set_result(part)
        return await self._written

    def give_up(self) -> None:
        if not self._part.done():
            self._part.set_result(None)

    async def wait(self, seconds: float) -> TextPart | None:
        """What is to be written, None if nothing comes in time."""
        done, _ = await asyncio.wait([self._part], timeout=seconds)
        if not done and self._taken:
            done, _ = await asyncio.wait([self._part], timeout=_GRACE_SECONDS)
        self._closed = True
        if done:
            return self._part.result()
        return None

    def close(self, *, written: bool) -> None:
        self._closed = True
        if not self._written.done():
            self._written.set_result(written)
