"""How the rest of Kefu asks for orders, and the only way to a shopper's order."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.orders.model import Order
from kernel.errors import NotFound


class Orders(Protocol):
    """The shop's orders. Every method may raise BackendUnavailable."""

    async def get(self, number: str) -> Order:
        """The order of this number, whoever's it is; raises NotFound.

        For the desk and for checks of our own; an action uses ``access_order``.
        """

    async def find_of(self, customer_id: str, number: str) -> Order | None:
        """This customer's order of this number, or None.

        Takes as long for somebody else's order as for a number that does not exist. Case and
        surrounding space of ``number`` do not matter.
        """

    async def find_by_parcel(self, customer_id: str, tracking_number: str) -> Order | None:
        """This customer's order that a parcel of this number belongs to, or None."""

    async def latest_of(self, customer_id: str, limit: int = 5) -> tuple[Order, ...]:
        """This customer's orders, newest first, at most ``limit``."""

    async def of_product(self, customer_id: str, words: str, limit: int = 5) -> tuple[Order, ...]:
        """This customer's orders with a product that ``words`` describe, best match first.

        ``words`` may be of either language; equally good matches come newest first.
        """


async def access_order(orders: Orders, customer_id: str, number: str) -> Order:
    """The order, if it is this customer's: a stranger's order looks like no order.

    Raises NotFound alike, and in the same time, for an order of somebody else and for none.
    """
    order = await orders.find_of(customer_id, number)
    if order is None:
        raise NotFound("order")
    return order
