"""Changing where an order goes, or a customer's default address: who may, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.orders.countries import is_same_country
from connectors.backends.orders.model import Address, Order, OrderStatus
from connectors.backends.rules import AddressRules


class AddressRefusal(StrEnum):
    """Why an address is not changed; every member has a response of its own."""

    ORDER_CANCELLED = "order_cancelled"
    SHIPPED = "shipped"
    PARTLY_SHIPPED = "partly_shipped"
    DELIVERED = "delivered"
    BEING_PACKED = "being_packed"
    OTHER_COUNTRY = "other_country"
    INCOMPLETE = "incomplete"
    SAME_ADDRESS = "same_address"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"


@dataclass(frozen=True)
class AddressDraft:
    """A change that is ready to be confirmed; ``order_number`` is None for the default address."""

    id: str
    customer_id: str
    order_number: str | None
    before: Address | None
    after: Address
    expires_at: datetime


@dataclass(frozen=True)
class AddressChange:
    """An address that was changed; ``order_number`` is None for the default address."""

    order_number: str | None
    before: Address | None
    after: Address
    at: datetime


class AddressChanges(Protocol):
    """Addresses of orders and of customers. Every method may raise BackendUnavailable.

    A stranger's order looks like none: NotFound.
    """

    async def refusal(self, customer_id: str, order_number: str) -> AddressRefusal | None:
        """Why the order's address cannot be changed, whatever the new one; raises NotFound."""

    async def prepare_address(
        self, customer_id: str, order_number: str | None, address: Address
    ) -> AddressDraft:
        """What would change; without an ``order_number``, the customer's default address.

        Raises NotFound, or Refused whose ``code`` is an ``AddressRefusal``.
        """

    async def commit_address(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> AddressChange:
        """Change it, after checking everything again; a repeat gives the first result.

        A default address that is not in the address book is put there. Raises NotFound for a draft
        that is not this customer's, and Refused as ``prepare_address`` does.
        """


_FINISHED = {
    OrderStatus.CANCELLED: AddressRefusal.ORDER_CANCELLED,
    OrderStatus.SHIPPED: AddressRefusal.SHIPPED,
    OrderStatus.PARTLY_SHIPPED: AddressRefusal.PARTLY_SHIPPED,
    OrderStatus.DELIVERED: AddressRefusal.DELIVERED,
    OrderStatus.COMPLETED: AddressRefusal.DELIVERED,
}


def order_refusal(order: Order, rules: AddressRules) -> AddressRefusal | None:
    """Why the address of ``order`` cannot be changed, whatever the new one."""
    if order.status in _FINISHED:
        return _FINISHED[order.status]
    if order.status is OrderStatus.PREPARING and not rules.while_packing:
        return AddressRefusal.BEING_PACKED
    return None


def refusal_for(
    before: Address | None, after: Address, rules: AddressRules, *, of_order: bool
) -> AddressRefusal | None:
    """Why ``after`` cannot take the place of ``before``; an order does not change its country."""
    if not all(part.strip() for part in (after.name, after.phone, after.city, after.street)):
        return AddressRefusal.INCOMPLETE
    if after == before:
        return AddressRefusal.SAME_ADDRESS
    abroad = before is not None and not is_same_country(after.country, before.country)
    if of_order and abroad and rules.same_country_only:
        return AddressRefusal.OTHER_COUNTRY
    return None
