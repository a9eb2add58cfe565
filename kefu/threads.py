"""How the threads of the program share one interpreter."""

from __future__ import annotations

import sys

# Python's own is five milliseconds. A transaction of SQLite goes to its thread and back for every
# statement, and while the assistant computes each of these ways would wait so long for its turn.
_TURN_SECONDS = 0.0005


def share_interpreter() -> None:
    """Let no thread that computes keep the others waiting for long."""
    sys.setswitchinterval(_TURN_SECONDS)
