"""Whether other orders of the same request wait, and only the present one is given up."""

from __future__ import annotations

import re

from actions.base import Turn
from actions.choosing_mentions import fold

_ALL = re.compile(r"都|全|所有|\b(?:all|everything|both|any of)\b")


def others_wait(turn: Turn) -> bool:
    """Whether another order is to be served after this one, here or in what called this flow."""
    return any(
        values.get("orders_left") or values.get("next_orders")
        for values in (turn.frame.values, turn.frame.beneath)
    )


def gives_up_this_one(turn: Turn) -> bool:
    """Whether the message gives up the order in hand, and says nothing of those that wait."""
    intent = (turn.tracker.latest_message or {}).get("intent") or {}
    stops = intent.get("name") == "stop" and not turn.pressed
    return stops and others_wait(turn) and not _ALL.search(fold(turn.text))
