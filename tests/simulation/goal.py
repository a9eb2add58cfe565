"""What a simulated shopper wants: a task over the shop's data, and the state it must end in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

from connectors.backends.embedded.document import (
    CustomerPart,
    LinePart,
    OrderPart,
    StoredAddressPart,
    VariantPart,
)
from connectors.backends.shop import Shop
from tests.simulation import oracle
from tests.simulation.market import Market
from tests.simulation.oracle import Units

Carry = Callable[[Shop], Awaitable[object]]


class Task(StrEnum):
    """What shoppers come for."""

    ORDER_STATUS = "order_status"
    TRACK = "track"
    CANCEL = "cancel"
    CANCEL_ALL = "cancel_all"
    RETURN = "return"
    EXCHANGE = "exchange"
    CHANGE_ADDRESS = "change_address"
    CHANGE_ADDRESSES = "change_addresses"
    """All orders of which nothing was sent go elsewhere."""
    REFUND_STATUS = "refund_status"
    REFUND = "refund"
    DAMAGED = "damaged"
    MODIFY = "modify"
    MODIFY_TERMS = "modify_terms"
    """Delivered at another time, or paid with something else."""
    INVOICE = "invoice"
    PRICE_CLAIM = "price_claim"
    COUPONS = "coupons"
    PAYMENT = "payment"
    TWO = "two"
    """Two requests in one message, about two orders."""
    AS_IN_OTHER = "as_in_other"
    """Another variant, named as the one in another order."""


class Twist(StrEnum):
    """A change of mind on the way."""

    NONE = "none"
    OTHER_ORDER = "other_order"
    """Begins with another order and corrects it."""
    OTHER_GOODS = "other_goods"
    """Names more goods at first, and fewer at the confirmation."""
    OTHER_VARIANT = "other_variant"
    """Wants a line in another variant at first."""
    WITHDRAWN = "withdrawn"
    """Says no at the confirmation."""


@dataclass(frozen=True)
class Change:
    """What a line of an unsent order becomes: ``units`` of ``variant``, none of it where it goes.

    ``taken`` and ``given`` are the units that leave it and come into it.
    """

    variant: VariantPart
    taken: int
    given: int


@dataclass(frozen=True)
class Goal:
    """One shopper's wish. ``units`` are the goods it is about; empty where it is about none.

    ``values`` has the wished answer by slot, ``wishes`` what is said at the confirmation,
    ``targets`` the variant that a line becomes, ``address`` where the order goes. ``expected`` is
    the change of the shop's export by path, ``*`` for a number that the shop gives; ``part`` what
    the new part under the first of these paths must hold. ``shown`` are the cards that tell the
    answer: type and order number; ``told`` are the responses of which one is the answer.
    ``carry`` has the shop itself do what is wished, without any words: what the shop is then like
    is what it must be like after the talk. ``opening`` is the key of the words that begin it.
    ``changes`` is what lines of an unsent order become, ``amount`` the money that moves in minor
    units, ``written`` what the summary must say in these very words.
    ``also`` is what else is asked for in the same message, ``like`` the lines that become what
    another order has.
    ``first_order``, ``first_units`` and ``first_targets`` are what is said before the change of
    mind.
    """

    task: Task
    intents: frozenset[str]
    customer: CustomerPart
    order: OrderPart
    among: Sequence[LinePart] = ()
    units: Units = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    wishes: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, VariantPart] = field(default_factory=dict)
    address: StoredAddressPart | None = None
    twist: Twist = Twist.NONE
    first_order: OrderPart | None = None
    first_units: Units = field(default_factory=dict)
    first_targets: Mapping[str, VariantPart] = field(default_factory=dict)
    expected: Mapping[str, list[Any]] = field(default_factory=dict)
    part: Mapping[str, Any] = field(default_factory=dict)
    shown: frozenset[tuple[str, str]] = frozenset()
    told: frozenset[str] = frozenset()
    carry: Carry | None = None
    opening: str = ""
    changes: Mapping[str, Change] = field(default_factory=dict)
    amount: int | None = None
    written: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset()
    also: Goal | None = None
    like: frozenset[str] = frozenset()

    @property
    def flows(self) -> frozenset[str]:
        """The flows that serve it: those called like its intents, and those that these call."""
        return self.intents | self.calls

    @property
    def is_question(self) -> bool:
        """Whether it is reached by being told something."""
        return bool(self.shown or self.told)

    @property
    def names_goods(self) -> bool:
        """Whether only a part of the order is meant, so that its goods must be named."""
        return bool(self.units) and not oracle.same_lines(self.units, oracle.units_of(self.among))


Draw = Callable[[Market, Random, CustomerPart, OrderPart], Goal | None]
"""Makes a goal of an order of a customer; None where the order is not fit for it."""


def draw_twist(random: Random, *, more: bool) -> Twist:
    """A change of mind, or none; ``more``: more goods than are wanted can be named first."""
    drawn = random.random()
    if drawn < 0.07:
        return Twist.WITHDRAWN
    return Twist.OTHER_GOODS if more and drawn < 0.3 else Twist.NONE


def some_units(random: Random, lines: Sequence[LinePart]) -> dict[str, int]:
    """Units of some of ``lines``, often all units of one."""
    chosen = random.sample(list(lines), random.randint(1, max(1, len(lines) - 1)))
    units = {}
    for line in lines:
        if line in chosen:
            most = line.quantity - line.cancelled
            units[line.id] = random.randint(1, most) if random.random() < 0.3 else most
    return units


def one_line_more(random: Random, lines: Sequence[LinePart], units: Units) -> dict[str, int]:
    """``units`` and all of one more line."""
    others = [line for line in lines if line.id not in units]
    added = random.choice(others)
    return {**units, added.id: added.quantity - added.cancelled}
