"""Long work in small pieces, so that nobody else in the process waits for the whole of it."""

from __future__ import annotations

import asyncio

# Seconds.
_LONGEST_REST = 0.02


class Pace:
    """After the first pieces of work every piece is followed by a rest that is as long as it was.

    So however much there is to do, half of the event loop's time is everybody else's.
    """

    def __init__(self, at_once: int) -> None:
        """``at_once``: so many pieces are few enough to be done without a rest."""
        self._at_once = at_once
        self._now = asyncio.get_running_loop().time
        self._began = self._now()

    async def rest(self) -> None:
        """A piece is done: let others have their turn before the next one."""
        spent = self._now() - self._began
        self._at_once -= 1
        await asyncio.sleep(min(spent, _LONGEST_REST) if self._at_once < 0 else 0)
        self._began = self._now()
