"""The verbs of parcels under way: carriers are asked to bring them back, or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.backends.carriers.intercepting import order_refusal
from connectors.backends.carriers.model import InterceptKind
from connectors.backends.drafts.model import Actor
from connectors.backends.orders.addressing import refusal_for
from connectors.backends.orders.model import Address, Order
from connectors.backends.orders.port import access_order
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kefu.order_forms import Filled, address_fields, address_from, offered, previewed
from kernel.errors import NotFound, Refused

_VERBS = {InterceptKind.BRING_BACK: "intercept", InterceptKind.REDIRECT: "redirect"}


class InterceptDeed:
    """(see kefu.order_forms.Deed) One kind of request; a redirection has an address."""

    def __init__(self, shop: Shop, kind: InterceptKind, rules: ShopRules) -> None:
        self._shop = shop
        self._kind = kind
        self._rules = rules

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        refusal = order_refusal(order)
        elsewhere = self._kind is InterceptKind.REDIRECT
        return offered(
            _VERBS[self._kind], refusal, fields=address_fields(order.address) if elsewhere else []
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        address = None
        if self._kind is InterceptKind.REDIRECT:
            address = await self._elsewhere(customer_id, filled.order_number, filled.details)
        draft = await self._shop.intercepts.prepare_intercept(
            customer_id, filled.order_number, self._kind, address
        )
        return previewed(
            draft,
            rows=[{"name": {"zh": one, "en": one}} for one in draft.parcels],
            change=draft.address and {"before": "", "after": draft.address.one_line()},
            left_alone=[
                {"name": one, "refusal": refusal.value} for one, refusal in draft.unreachable
            ],
            answer_by=draft.answer_by.isoformat(),
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        asked = await self._shop.intercepts.commit_intercept(customer_id, draft_id, by)
        if not asked:
            raise NotFound("parcel")
        return asked[0].order_number, [one.number for one in asked]

    async def _elsewhere(
        self, customer_id: str, order_number: str, details: Mapping[str, str]
    ) -> Address:
        """Where to; raises Refused with an ``AddressRefusal`` where no carrier could go."""
        order = await access_order(self._shop.orders, customer_id, order_number)
        address = address_from(details)
        refusal = refusal_for(order.address, address, self._rules.addressing, of_order=True)
        if refusal is not None:
            raise Refused(refusal)
        return address
