"""The shop that simulated shoppers buy in: the demo shop, without customers who have few orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from connectors.backends.embedded.demo import KNOWN_CUSTOMERS, make_demo_shop
from connectors.backends.embedded.document import (
    CustomerPart,
    LinePart,
    OrderPart,
    ProductPart,
    ShopFile,
    VariantPart,
)
from connectors.backends.orders.model import OrderStatus

_BUSY_CUSTOMERS = 16
# Nothing can be done any more to what was bought so long ago.
_OLD = timedelta(days=60)


def make_market(now: datetime) -> ShopFile:
    """The known customers and those with the most orders; small enough to be read after each talk.

    ``now`` is aware; every date of the shop is relative to it.
    """
    shop = make_demo_shop(now)
    busy = Counter(order.customer for order in shop.orders).most_common(_BUSY_CUSTOMERS)
    known = shop_of(shop, {*KNOWN_CUSTOMERS, *(customer for customer, _ in busy)})
    return _with_twins(known, now)


def _with_twins(shop: ShopFile, now: datetime) -> ShopFile:
    """``shop`` in which old orders have what recent ones have, in another variant.

    Otherwise hardly anybody bought the same thing twice.
    """
    products = {one.id: one for one in shop.products}
    old = [
        one
        for one in shop.orders
        if one.status is OrderStatus.COMPLETED and now - one.placed_at > _OLD
    ]
    become: dict[str, OrderPart] = {}
    for order in shop.orders:
        theirs = [one for one in old if one.customer == order.customer if one.number not in become]
        if not theirs or now - order.placed_at > _OLD:
            continue
        line = order.lines[0]
        others = [
            one
            for one in products[line.product].variants
            if one.id != line.variant and one.price == line.unit_price and one.stock > line.quantity
        ]
        if others:
            twin, first = theirs[0], theirs[0].lines[0]
            first = msgspec.structs.replace(
                first,
                product=line.product,
                variant=others[0].id,
                sku=others[0].sku,
                name=line.name,
                category=line.category,
                options=others[0].options,
            )
            become[twin.number] = msgspec.structs.replace(twin, lines=(first, *twin.lines[1:]))
    orders = tuple(become.get(one.number, one) for one in shop.orders)
    return msgspec.structs.replace(shop, orders=orders)


def shop_of(shop: ShopFile, customers: Collection[str]) -> ShopFile:
    """``shop`` as if it had these customers alone, with the whole catalogue."""
    return msgspec.structs.replace(
        shop,
        customers=tuple(one for one in shop.customers if one.id in customers),
        orders=tuple(one for one in shop.orders if one.customer in customers),
        coupons=tuple(one for one in shop.coupons if one.customer in (*customers, None)),
        tickets=tuple(one for one in shop.tickets if one.customer in customers),
        feedback=tuple(one for one in shop.feedback if one.customer in customers),
    )


@dataclass(frozen=True)
class Market:
    """``shop`` as it stands before every talk, with the look-ups that goals need."""

    shop: ShopFile
    now: datetime

    @cached_property
    def customers(self) -> dict[str, CustomerPart]:
        """Everybody by id."""
        return {one.id: one for one in self.shop.customers}

    @cached_property
    def products(self) -> dict[str, ProductPart]:
        """The catalogue by product id."""
        return {one.id: one for one in self.shop.products}

    @cached_property
    def _orders(self) -> dict[str, list[OrderPart]]:
        found: dict[str, list[OrderPart]] = {}
        for order in sorted(self.shop.orders, key=lambda one: one.placed_at, reverse=True):
            found.setdefault(order.customer, []).append(order)
        return found

    def orders_of(self, customer: str) -> list[OrderPart]:
        """A customer's orders, newest first."""
        return self._orders.get(customer, [])

    def elsewhere(self, order: OrderPart, line: LinePart) -> set[str]:
        """Which variants of a line's product the customer's other orders have."""
        return {
            one.variant
            for other in self.orders_of(order.customer)
            if other is not order and other.status is not OrderStatus.CANCELLED
            for one in other.lines
            if one.product == line.product
        }

    def variant(self, line: LinePart) -> VariantPart:
        """The variant that a line is of, as the catalogue has it now."""
        product = self.products[line.product]
        return next(one for one in product.variants if one.id == line.variant)
