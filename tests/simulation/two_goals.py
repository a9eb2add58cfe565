"""Goals of two requests in one message: each about an order of its own."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from connectors.backends.embedded.document import CustomerPart, OrderPart
from tests.simulation.goal import Draw, Goal, Task, Twist
from tests.simulation.market import Market


def draw_two(
    market: Market,
    random: Random,
    customer: CustomerPart,
    order: OrderPart,
    writes: dict[Task, Draw],
    others: dict[Task, Draw],
) -> Goal | None:
    """One of ``writes`` upon ``order``, and one of ``writes`` or ``others`` upon another order."""
    first = _drawn(market, random, customer, order, writes[random.choice(list(writes))])
    rest = [one for one in market.orders_of(customer.id) if one is not order]
    if first is None or not rest:
        return None
    tasks = [task for task in (*writes, *others) if task is not first.task]
    draw = {**writes, **others}[random.choice(tasks)]
    second = _drawn(market, random, customer, random.choice(rest), draw)
    if second is None or set(first.expected) & set(second.expected):
        return None
    if second.part:
        # What the new part must hold is looked up under the order of the goal itself.
        first, second = second, first
    if second.part:
        return None
    return replace(
        first,
        task=Task.TWO,
        opening=first.task.value,
        also=second,
        expected={**first.expected, **second.expected},
    )


def _drawn(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart, draw: Draw
) -> Goal | None:
    """A goal without a change of mind and without a wish at the confirmation."""
    goal = draw(market, random, customer, order)
    if goal is None or goal.wishes or goal.twist is not Twist.NONE:
        return None
    return goal
