"""Goals about orders and goods whose end state the rules of the shop give by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from connectors.backends.embedded.document import (
    CustomerPart,
    LinePart,
    OrderPart,
    VariantPart,
)
from connectors.backends.orders.cancelling import CancelReason
from connectors.backends.orders.model import OrderStatus
from connectors.backends.shop import Shop
from tests.simulation import oracle
from tests.simulation.goal import Draw, Goal, Task, Twist, draw_twist, one_line_more, some_units
from tests.simulation.goods_goals import GOODS_DRAWS
from tests.simulation.market import Market
from tests.simulation.service_goals import SERVICE_DRAWS
from tests.simulation.two_goals import draw_two

_ON_THE_WAY = (OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED)
_REASONS_BACK = (
    "no_longer_wanted", "no_longer_wanted", "wrong_size", "faulty", "not_as_described",
    "missing_parts", "damaged", "wrong_item",
)  # fmt: skip
_REASONS_CANCELLED = (
    "no_longer_needed", "ordered_by_mistake", "found_cheaper", "takes_too_long", "wrong_details",
    "other",
)  # fmt: skip
# One order in sixty has a price that has fallen since.
_TRIES = 4000


def draw_goal(market: Market, random: Random, task: Task) -> Goal:
    """A goal of ``task`` that the shop's rules allow."""
    for _ in range(_TRIES):
        customer = random.choice(market.shop.customers)
        orders = market.orders_of(customer.id)
        if not orders:
            continue
        goal = _DRAWS[task](market, random, customer, random.choice(orders))
        if goal is not None:
            return goal
    raise LookupError(f"the shop has nothing for {task}")


def _other(
    market: Market, random: Random, order: OrderPart, fits: Callable[[OrderPart], bool]
) -> OrderPart | None:
    others = [one for one in market.orders_of(order.customer) if one is not order and fits(one)]
    return random.choice(others) if others and random.random() < 0.15 else None


def _status(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    other = _other(market, random, order, lambda one: True)
    return Goal(
        Task.ORDER_STATUS,
        frozenset({"order_status"}),
        customer,
        order,
        twist=Twist.OTHER_ORDER if other else Twist.NONE,
        first_order=other,
        # Of an order that is sent, where its parcel is tells as much.
        shown=frozenset({("order", order.number), ("shipment", order.number)}),
    )


def _track(market: Market, random: Random, customer: CustomerPart, order: OrderPart) -> Goal | None:
    def fits(one: OrderPart) -> bool:
        parcels = [parcel for sent in one.fulfilments for parcel in sent.parcels]
        return one.status in _ON_THE_WAY and len(parcels) == 1

    if not fits(order):
        return None
    other = _other(market, random, order, fits)
    return Goal(
        Task.TRACK,
        frozenset({"track_shipment"}),
        customer,
        order,
        twist=Twist.OTHER_ORDER if other else Twist.NONE,
        first_order=other,
        shown=frozenset({("shipment", order.number)}),
    )


def draw_cancellation(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    def fits(one: OrderPart) -> bool:
        return oracle.may_be_cancelled(one, oracle.unsent(one), market.now)

    if not fits(order):
        return None
    left = oracle.unsent(order)
    among = [line for line in order.lines if line.id in left]
    # Of an order that is sent in part, what is left is named by its goods.
    apart = len(left) < len(order.lines) or (len(left) > 1 and random.random() < 0.4)
    units = some_units(random, among) if apart else dict(left)
    other = None if apart else _other(market, random, order, fits)
    twist = draw_twist(random, more=apart and len(among) > len(units))
    twist = Twist.OTHER_ORDER if other else twist
    expected = oracle.expected_cancellation(market, customer, order, units)
    return Goal(
        Task.CANCEL,
        frozenset({"cancel_order"}),
        customer,
        order,
        among,
        units,
        {"cancel_reason": random.choice(_REASONS_CANCELLED)},
        twist=twist,
        first_order=other,
        first_units=one_line_more(random, among, units) if twist is Twist.OTHER_GOODS else {},
        expected={} if twist is Twist.WITHDRAWN else expected,
    )


def _cancel_all(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    """All orders of which nothing was sent; two at least, and the rules allow each of them."""
    unsent = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PREPARING)
    orders = [one for one in market.orders_of(customer.id) if one.status in unsent]
    may_go = [oracle.may_be_cancelled(one, oracle.unsent(one), market.now) for one in orders]
    if len(orders) < 2 or not all(may_go):
        return None
    reason = random.choice(_REASONS_CANCELLED)

    async def carry(shop: Shop) -> None:
        for one in orders:
            draft = await shop.cancellations.prepare_cancellation(
                customer.id, one.number, [], CancelReason(reason)
            )
            await shop.cancellations.commit_cancellation(customer.id, draft.id)

    return Goal(
        Task.CANCEL_ALL,
        frozenset({"cancel_order"}),
        customer,
        orders[0],
        values={"cancel_reason": reason},
        twist=draw_twist(random, more=False),
        carry=carry,
        written=tuple(one.number for one in orders),
        calls=frozenset({"cancel_orders"}),
    )


def draw_return(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    reason = random.choice(_REASONS_BACK)

    def fits(one: OrderPart) -> bool:
        return any(oracle.may_come_back(one, line, reason, market.now) for line in one.lines)

    if not fits(order) or not oracle.is_trusted(market, customer.id) or order.price_claims:
        return None
    among = [one for one in order.lines if oracle.may_come_back(order, one, reason, market.now)]
    whole = len(among) == len(order.lines) and random.random() < 0.4
    units = oracle.units_of(among) if whole else some_units(random, among)
    twist = draw_twist(random, more=not whole and len(among) > len(units))
    pick_up = order.address.country in ("中国", "China")
    wishes: dict[str, str] = {}
    if random.random() < 0.15:
        wishes["refund_to"] = "gift_card"
    if pick_up and random.random() < 0.15:
        wishes["handover"] = "drop_off"
    expected, part = oracle.expected_return(
        order,
        units,
        reason,
        wishes.get("handover", "pick_up" if pick_up else "drop_off"),
        wishes.get("refund_to", "original"),
    )
    withdrawn = twist is Twist.WITHDRAWN
    return Goal(
        Task.RETURN,
        frozenset({"return_request"}),
        customer,
        order,
        among,
        units,
        {"reason": reason, "unsealed": "sealed"},
        {} if withdrawn else wishes,
        twist=twist,
        first_units=one_line_more(random, among, units) if twist is Twist.OTHER_GOODS else {},
        expected={} if withdrawn else expected,
        part={} if withdrawn else part,
    )


def _exchange(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    among = [
        one
        for one in order.lines
        if oracle.may_come_back(order, one, "wrong_size", market.now, exchange=True)
    ]
    wanted = {line.id: _other_variants(market, line) for line in among}
    lines = [line for line in among if wanted[line.id]]
    # Goods that only a fault would bring back are offered as well: they must not be meant.
    among = [one for one in order.lines if oracle.may_come_back(order, one, "faulty", market.now)]
    if not lines or not oracle.is_trusted(market, customer.id):
        return None
    chosen = random.sample(lines, min(len(lines), random.choice((1, 2, 2))))
    lines = [line for line in order.lines if line in chosen]
    targets = {line.id: random.choice(wanted[line.id]) for line in lines}
    if len({target.id for target in targets.values()}) < len(targets):
        return None
    units = oracle.units_of(lines)
    pick_up = order.address.country in ("中国", "China")
    handover = "pick_up" if pick_up else "drop_off"
    expected, part = oracle.expected_exchange(order, units, targets, handover)
    twist = draw_twist(random, more=False)
    withdrawn = twist is Twist.WITHDRAWN
    first = dict(targets)
    others = [one for one in wanted[lines[0].id] if one not in targets.values()]
    if twist is Twist.NONE and others and random.random() < 0.15:
        twist = Twist.OTHER_VARIANT
        first[lines[0].id] = random.choice(others)
    return Goal(
        Task.EXCHANGE,
        frozenset({"exchange_request"}),
        customer,
        order,
        among,
        units,
        {"handover": handover},
        targets=targets,
        twist=twist,
        first_targets=first,
        expected={} if withdrawn else expected,
        part={} if withdrawn else part,
    )


def _other_variants(market: Market, line: LinePart) -> list[VariantPart]:
    """Variants of the same product that are there and cost what was paid."""
    units = line.quantity - line.cancelled
    return [
        one
        for one in market.products[line.product].variants
        if one.id != line.variant
        and one.stock >= units
        and one.price == line.unit_price
        and not line.discount
    ]


def _address(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    if order.status not in (OrderStatus.PAID, OrderStatus.PREPARING) or order.fulfilments:
        return None
    others = [
        one
        for one in customer.addresses
        if one.address.country == order.address.country and one.address != order.address
    ]
    if not others:
        return None
    address = random.choice(others)
    twist = draw_twist(random, more=False)
    expected = oracle.expected_address(order, address.address)
    return Goal(
        Task.CHANGE_ADDRESS,
        frozenset({"change_address"}),
        customer,
        order,
        address=address,
        twist=twist,
        expected={} if twist is Twist.WITHDRAWN else expected,
    )


def _addresses(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    """All orders of which nothing was sent; two at least, and all of them go elsewhere now."""
    unsent = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PREPARING)
    orders = [one for one in market.orders_of(customer.id) if one.status in unsent]
    goal = _address(market, random, customer, order)
    address = goal.address if goal is not None else None
    if goal is None or address is None or len(orders) < 2:
        return None
    if any(
        one.address == address.address or one.address.country != address.address.country
        for one in orders
    ):
        return None
    expected = [oracle.expected_address(one, address.address) for one in orders]
    together = {path: value for one in expected for path, value in one.items()}
    return replace(
        goal,
        task=Task.CHANGE_ADDRESSES,
        expected={} if goal.twist is Twist.WITHDRAWN else together,
        written=tuple(one.number for one in orders),
        calls=frozenset({"change_addresses"}),
    )


def _refund(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    if not order.refunds:
        return None
    other = _other(market, random, order, lambda one: bool(one.refunds))
    return Goal(
        Task.REFUND_STATUS,
        frozenset({"refund_status"}),
        customer,
        order,
        twist=Twist.OTHER_ORDER if other else Twist.NONE,
        first_order=other,
        shown=frozenset({("refund", order.number)}),
    )


def _money_back(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    """Money for an order: before it is sent it is cancelled, afterwards its goods come back."""
    unsent = order.status in (OrderStatus.PAID, OrderStatus.PREPARING)
    goal = (draw_cancellation if unsent else draw_return)(market, random, customer, order)
    # What of an unsent order's goods is not wanted is said of a cancellation, not of a refund.
    if goal is None or (unsent and goal.names_goods) or goal.twist is Twist.OTHER_ORDER:
        return None
    arrived = order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
    if not (unsent or arrived):
        return None
    return replace(
        goal,
        task=Task.REFUND,
        intents=frozenset({"refund_request"}),
        calls=goal.intents,
        values={**goal.values, "wish": "send_back", "refund_wanted": "begin"},
    )


def _two(market: Market, random: Random, customer: CustomerPart, order: OrderPart) -> Goal | None:
    writes: dict[Task, Draw] = {
        Task.CANCEL: draw_cancellation,
        Task.RETURN: draw_return,
        Task.CHANGE_ADDRESS: _address,
    }
    asks: dict[Task, Draw] = {
        Task.TRACK: _track,
        Task.ORDER_STATUS: _status,
        Task.REFUND_STATUS: _refund,
    }
    return draw_two(market, random, customer, order, writes, asks)


def _as_in_other(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    """A line becomes what another order has of the same product, where that is one variant."""
    sent = order.status in (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
    draw = _exchange if sent else GOODS_DRAWS[Task.MODIFY]
    goal = draw(market, random, customer, order)
    if goal is None or goal.twist is not Twist.NONE:
        return None
    become = {key: one.id for key, one in goal.targets.items()}
    become |= {key: one.variant.id for key, one in goal.changes.items()}
    like = frozenset(
        line.id
        for line in order.lines
        if line.id in become and line.variant != become[line.id]
        if market.elsewhere(order, line) == {become[line.id]}
    )
    opening = "exchange" if sent else "modify"
    return replace(goal, task=Task.AS_IN_OTHER, opening=opening, like=like) if like else None


_DRAWS: dict[Task, Draw] = {
    Task.ORDER_STATUS: _status,
    Task.TRACK: _track,
    Task.CANCEL: draw_cancellation,
    Task.CANCEL_ALL: _cancel_all,
    Task.RETURN: draw_return,
    Task.EXCHANGE: _exchange,
    Task.CHANGE_ADDRESS: _address,
    Task.CHANGE_ADDRESSES: _addresses,
    Task.REFUND_STATUS: _refund,
    Task.REFUND: _money_back,
    **GOODS_DRAWS,
    **SERVICE_DRAWS,
    Task.TWO: _two,
    Task.AS_IN_OTHER: _as_in_other,
}
