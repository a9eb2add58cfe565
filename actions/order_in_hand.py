"""The order that an action has just read, handed to the next action of the same turn.

A turn about an order first finds out which one is meant and then speaks of it. Both need the order,
and reading it is the dearest part of such a turn; to a shop that is asked over HTTP even more so.
"""

from __future__ import annotations

from contextvars import ContextVar

from connectors.backends.orders.model import Order

# A turn is one task, which has a context of its own: nothing outlives it, no other turn sees it.
_in_hand: ContextVar[Order | None] = ContextVar("order_in_hand", default=None)


def hand_on(order: Order) -> None:
    """Let the next action of this turn have ``order``, and no later one."""
    _in_hand.set(order)


def take() -> Order | None:
    """The order that the action before handed on; None where it did not, or runs elsewhere."""
    order = _in_hand.get()
    _in_hand.set(None)
    return order
