"""How soon messages are answered at present, as the last ones and those that wait tell."""

from __future__ import annotations

import time
from collections import deque

_REMEMBERED = 8
# One slow back end says nothing about the next message, two slow answers in a row of eight do.
_LATE_ALLOWED = 1
# Before anything is answered, so many may hope to be answered soon.
_UNPROVEN = 4


class AnswerTimes:
    """What was lately taken to answer; times are of this process alone, in seconds."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque(maxlen=_REMEMBERED)
        self._began: dict[str, float] = {}

    def begin(self, key: str) -> None:
        """Something waits for its answer from now on; ``key`` names it until the end."""
        self._began[key] = time.monotonic()

    def end(self, key: str) -> None:
        """It is answered, or will not be."""
        self._taken.append(time.monotonic() - self._began.pop(key))

    def keeps(self, seconds: float, hoping: int) -> bool:
        """Whether what comes now is likely to be answered within ``seconds``.

        ``hoping``: so many others count on it; they may not have begun to wait here.
        """
        now = time.monotonic()
        waiting = [now - began for began in self._began.values()]
        if not self._taken and max(hoping, len(waiting)) >= _UNPROVEN:
            return False
        return sum(one > seconds for one in (*self._taken, *waiting)) <= _LATE_ALLOWED
